#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cosfuse::emulator {

/// The parameters of a query string or of a form, decoded.
class Query {
 public:
  /// Nothing on a broken percent sequence. `+` means a space, as in forms.
  static std::optional<Query> Parse(std::string_view encoded);

  /// Null where there is no such parameter; a parameter without `=` has an empty value.
  const std::string* Find(std::string_view name) const;
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const { return Find(name) != nullptr; }

  const std::vector<std::pair<std::string, std::string>>& parameters() const { return parameters_; }

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

/// A request's target in path style: /bucket/key?query.
struct Target {
  std::string path;    ///< Decoded, with its leading slash.
  std::string bucket;  ///< Empty for "/".
  std::string key;     ///< Empty for a bucket; may hold any byte, also slashes at either end.
  Query query;
};

/// Decodes a raw request target; takes the absolute form as well. Nothing on a broken percent sequence.
std::optional<Target> ParseTarget(std::string_view raw);

}  // namespace cosfuse::emulator
