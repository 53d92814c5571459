#include "fs/extended_attributes.h"

#include <optional>
#include <utility>

#include "base/encoding.h"

namespace cosfuse {
namespace {

std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

/// Reads the tokens of the field, one after the other.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : rest_(text) {}

  /// Takes the character if it comes next.
  bool Take(char wanted) {
    rest_ = TrimWhitespace(rest_);
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Takes a text in quotes, which are not part of it.
  std::optional<std::string> TakeQuoted() {
    if (!Take('"')) return std::nullopt;
    std::string text;
    for (size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return text;
      }
      if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
      text += rest_[i];
    }
    return std::nullopt;
  }

 private:
  std::string_view rest_;
};

}  // namespace

AttributeNamespace NamespaceOf(std::string_view name) {
  if (name.starts_with("user.")) return AttributeNamespace::kUser;
  if (name.starts_with("trusted.")) return AttributeNamespace::kTrusted;
  if (name.starts_with("security.")) return AttributeNamespace::kSecurity;
  return AttributeNamespace::kUnsupported;
}

Result<ExtendedAttributes> WithAttribute(const ExtendedAttributes& present, std::string_view name,
                                         std::string_view value, ExtendedAttributeMode mode) {
  const bool there = present.contains(name);
  if (there && mode == ExtendedAttributeMode::kCreateOnly) {
    return Fail(ErrorCode::kAlreadyExists, std::string(name) + ": the attribute exists");
  }
  if (!there && mode == ExtendedAttributeMode::kReplaceOnly) {
    return Fail(ErrorCode::kNoAttribute, std::string(name) + ": no such attribute");
  }
  ExtendedAttributes changed = present;
  changed.insert_or_assign(std::string(name), std::string(value));
  return changed;
}

Result<ExtendedAttributes> WithoutAttribute(const ExtendedAttributes& present, std::string_view name) {
  ExtendedAttributes changed = present;
  const auto found = changed.find(name);
  if (found == changed.end()) return Fail(ErrorCode::kNoAttribute, std::string(name) + ": no such attribute");
  changed.erase(found);
  return changed;
}

std::vector<std::string> VisibleNames(const ExtendedAttributes& present, bool for_root) {
  std::vector<std::string> names;
  for (const auto& [name, value] : present) {
    const AttributeNamespace space = NamespaceOf(name);
    if (space == AttributeNamespace::kUser || (space == AttributeNamespace::kTrusted && for_root)) {
      names.push_back(name);
    }
  }
  return names;
}

std::string FormatExtendedAttributes(const ExtendedAttributes& attributes) {
  std::string text;
  for (const auto& [name, value] : attributes) {
    text += (text.empty() ? "{" : ",") + Quote(name) + ":" + Quote(Base64Encode(AsBytes(value)));
  }
  return PercentEncode(text + "}");
}

ExtendedAttributes ParseExtendedAttributes(std::string_view field) {
  ExtendedAttributes attributes;
  const std::string text = PercentDecode(field).value_or(std::string(field));
  FieldReader reader(text);
  if (!reader.Take('{')) return attributes;
  do {
    auto name = reader.TakeQuoted();
    if (!name || !reader.Take(':')) return attributes;
    const auto encoded = reader.TakeQuoted();
    if (!encoded) return attributes;
    auto value = Base64Decode(*encoded);
    if (!name->empty() && value) attributes.insert_or_assign(*std::move(name), *std::move(value));
  } while (reader.Take(','));
  return attributes;
}

}  // namespace cosfuse
