#include "http/response_head_parser.h"

#include <algorithm>
#include <string>

#include "base/encoding.h"

namespace cosfuse {

int ParseStatusLine(std::string_view line) {
  constexpr size_t kDigits = 3;
  if (!line.starts_with("HTTP/")) return 0;
  const size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return 0;
  line = line.substr(std::min(line.find_first_not_of(' ', blank), line.size()));
  if (line.size() < kDigits || (line.size() > kDigits && line[kDigits] != ' ')) return 0;
  int status = 0;
  for (const char c : line.substr(0, kDigits)) {
    if (c < '0' || c > '9') return 0;
    status = status * 10 + (c - '0');
  }
  return status;
}

Result<ResponseHeadParser::Step> ResponseHeadParser::Feed(std::string_view line) {
  if (complete_) return Step::kContinue;
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (head_.status == 0) {
    head_.status = ParseStatusLine(line);
    if (head_.status == 0) return Fail(ErrorCode::kUnavailable, "the answer does not begin with a status line");
    return Step::kContinue;
  }
  if (!line.empty()) {
    RETURN_IF_ERROR(FeedField(line));
    return Step::kContinue;
  }
  if (head_.status < 200) {
    head_ = {};
    return Step::kContinue;
  }
  complete_ = true;
  return Step::kComplete;
}

Result<> ResponseHeadParser::FeedField(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 || line.front() == ' ' || line.front() == '\t') {
    return Fail(ErrorCode::kUnavailable, "the answer has a header line that is no field");
  }
  head_.headers.Add(std::string(line.substr(0, colon)), std::string(TrimWhitespace(line.substr(colon + 1))));
  return {};
}

}  // namespace cosfuse
