#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "http/transport.h"

namespace cosfuse {

struct ExchangeContext;

/// What an answer of IAM other than 200 means, in one line with cause and remedy. `body` is IAM's JSON, or whatever a
/// gateway on the way wrote. Pure.
Error ExplainIamError(const HttpResponseHead& head, std::string_view body, const ExchangeContext& context,
                      WallTime now);

}  // namespace cosfuse
