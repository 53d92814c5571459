#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace cosfuse {

/// A set of names, given by patterns as a shell's. A plain value; pure.
class NamePatterns {
 public:
  /// No name.
  NamePatterns() = default;

  /// `all`, `none`, or patterns as the shell's (`*`, `?`, `[…]`) with commas between them. Errors: kInvalidArgument: an
  /// empty pattern, one with a '/', which no name has, or `all` and `none` among others.
  static Result<NamePatterns> Parse(std::string_view text);

  bool Match(std::string_view name) const;

  friend bool operator==(const NamePatterns&, const NamePatterns&) = default;

 private:
  explicit NamePatterns(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}

  std::vector<std::string> patterns_;
};

}  // namespace cosfuse
