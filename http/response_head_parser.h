#pragma once

#include <string_view>

#include "base/error.h"
#include "http/transport.h"

namespace cosfuse {

/// Puts an answer's head together from the lines that libcurl hands over one by one. Interim answers (1xx) are dropped,
/// and so are trailers after the body. A state machine without IO; used by one thread.
class ResponseHeadParser {
 public:
  enum class Step {
    kContinue,  ///< More lines follow, or the line does not belong to the head.
    kComplete,  ///< This was the blank line after the final answer's head; reported once.
  };

  /// Takes one line with its line end. Errors: kUnavailable (neither a status line nor a field).
  Result<Step> Feed(std::string_view line);

  bool complete() const { return complete_; }
  const HttpResponseHead& head() const { return head_; }
  HttpResponseHead TakeHead() { return std::move(head_); }

 private:
  Result<> FeedField(std::string_view line);

  HttpResponseHead head_;
  bool complete_ = false;
};

/// The status of a status line ("HTTP/1.1 206 Partial Content"); 0 where it is none. Pure.
int ParseStatusLine(std::string_view line);

}  // namespace cosfuse
