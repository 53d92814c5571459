#include "fs/name_patterns.h"

#include <fnmatch.h>

#include <algorithm>

namespace cosfuse {

namespace {

std::vector<std::string> SplitAtCommas(std::string_view text) {
  std::vector<std::string> patterns;
  for (;;) {
    const size_t comma = text.find(',');
    patterns.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return patterns;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

Result<NamePatterns> NamePatterns::Parse(std::string_view text) {
  if (text == "none") return NamePatterns(std::vector<std::string>());
  if (text == "all") return NamePatterns({"*"});
  std::vector<std::string> patterns = SplitAtCommas(text);
  for (const std::string& pattern : patterns) {
    if (pattern.empty()) return Fail(ErrorCode::kInvalidArgument, "has an empty pattern");
    if (pattern.find('/') != std::string::npos) {
      return Fail(ErrorCode::kInvalidArgument, "has a pattern with a '/', which no name has");
    }
    if (pattern == "all" || pattern == "none") {
      return Fail(ErrorCode::kInvalidArgument, "says '" + pattern + "' beside patterns");
    }
  }
  return NamePatterns(std::move(patterns));
}

bool NamePatterns::Match(std::string_view name) const {
  const std::string terminated(name);
  return std::ranges::any_of(
      patterns_, [&](const std::string& pattern) { return fnmatch(pattern.c_str(), terminated.c_str(), 0) == 0; });
}

}  // namespace cosfuse
