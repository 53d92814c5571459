#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "http/transport.h"

namespace cosfuse {

struct ExchangeContext;

/// What an answer of IAM other than 200 means, in one line with cause and remedy. `body` is IAM's JSON, or whatever a
/// gateway on the way wrote: it may be HTML, cut off or empty. `now` is this machine's clock. Pure.
Error ExplainIamError(const HttpResponseHead& head, std::string_view body, const ExchangeContext& context,
                      WallTime now);

/// The id by which IAM's support finds the request, from the head of any answer; empty where there is none. Pure.
std::string GetTransactionId(const HttpResponseHead& head);

}  // namespace cosfuse
