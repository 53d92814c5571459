#pragma once

#include <string_view>

#include "base/error.h"
#include "cos/object_store.h"
#include "cos/operation.h"
#include "cos/xml_responses.h"
#include "http/transport.h"

namespace cosfuse {

/// What the meaning of a refusal depends on beside status and code.
struct RequestKind {
  StoreOperation operation = StoreOperation::kHead;
  bool if_match = false;     ///< The request names the version that it expects.
  bool create_only = false;  ///< The request expects no object.
  /// The request expects no change after a time, and nothing that a 304 could mean otherwise.
  bool must_be_unmodified = false;
  bool source_must_differ = false;  ///< A copy's only condition is that the source is not a certain version.

  static RequestKind Of(StoreOperation operation) { return {.operation = operation}; }
  static RequestKind Of(StoreOperation operation, const Conditions& conditions) {
    return {.operation = operation,
            .if_match = !conditions.if_match.empty(),
            .create_only = conditions.create_only,
            .must_be_unmodified = conditions.if_unmodified_since && conditions.if_none_match.empty()};
  }
  static RequestKind Of(StoreOperation operation, const CopySource& source) {
    return {.operation = operation,
            .if_match = !source.if_match.empty(),
            .source_must_differ = source.if_match.empty() && !source.if_none_match.empty()};
  }
};

/// The table: what an answer that is not a success means. `service_code` is the `<Code>` of its body, empty where it
/// has none (HEAD has no body); a code that is known counts more than the status. Status 200 stands for an `<Error>`
/// inside an answer that began as a success. Pure.
ErrorCode DecideErrorCode(const RequestKind& kind, int status, std::string_view service_code);

/// The error of an answer: its meaning and, for people, what was asked for (`key`), what the service says, its code
/// and the ids of the request. `now` is for a Retry-After that is a date. Pure.
Error ErrorFromAnswer(const RequestKind& kind, std::string_view key, const HttpResponseHead& head,
                      std::string_view body, WallTime now);

/// The error of one key inside a multi-delete that succeeded as a whole. Pure.
Error ErrorFromKey(const KeyError& failure);

}  // namespace cosfuse
