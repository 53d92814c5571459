#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace cosfuse {

/// The names by which programs exclude each other: an exclusive create of one is decided in the store at once, so that
/// of all mounts exactly one wins; of any other name it is decided when the file is closed. A plain value; pure.
class ExclusiveNames {
 public:
  /// What programs usually call their locks.
  static constexpr std::string_view kDefault = "*.lock,*.lck,*.pid,lock,LOCK";

  ExclusiveNames() : ExclusiveNames(Split(kDefault)) {}

  /// `all`, `none`, or patterns as the shell's (`*`, `?`, `[…]`) with commas between them. Errors: kInvalidArgument: an
  /// empty pattern, one with a '/', which no name has, or `all` and `none` among others.
  static Result<ExclusiveNames> Parse(std::string_view text);

  bool Match(std::string_view name) const;

  friend bool operator==(const ExclusiveNames&, const ExclusiveNames&) = default;

 private:
  explicit ExclusiveNames(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}
  static std::vector<std::string> Split(std::string_view text);

  std::vector<std::string> patterns_;
};

}  // namespace cosfuse
