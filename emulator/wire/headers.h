#pragma once

#include <map>
#include <string>
#include <string_view>

namespace cosfuse::emulator {

/// The header fields of a request, by lower-case name. A plain value.
class Headers {
 public:
  using Map = std::map<std::string, std::string, std::less<>>;

  /// A repeated name is joined with a comma, as S3 does for user metadata.
  void Add(std::string_view name, std::string_view value);

  /// Null where the request has no such field. `name` is in lower case.
  const std::string* Find(std::string_view name) const;
  /// Empty where the request has no such field.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const { return Find(name) != nullptr; }

  Map::const_iterator begin() const { return values_.begin(); }
  Map::const_iterator end() const { return values_.end(); }

 private:
  Map values_;
};

}  // namespace cosfuse::emulator
