#include "fs/hidden_keys.h"

#include "fs/names.h"

namespace cosfuse {
namespace {

std::string_view LastComponent(std::string_view key) {
  const size_t slash = key.rfind('/');
  return slash == std::string_view::npos ? key : key.substr(slash + 1);
}

std::optional<WhyHidden> JudgeComponent(std::string_view component) {
  if (NameOfComponent(component)) return std::nullopt;
  if (component.empty()) return WhyHidden::kEmptyComponent;
  if (component == "." || component == "..") return WhyHidden::kDotComponent;
  return component.find('\0') != std::string_view::npos ? WhyHidden::kNulByte : WhyHidden::kLongComponent;
}

}  // namespace

std::string_view DescribeWhyHidden(WhyHidden why) {
  switch (why) {
    case WhyHidden::kEmptyComponent: return "empty-component";
    case WhyHidden::kDotComponent: return "dot-component";
    case WhyHidden::kLongComponent: return "long-component";
    case WhyHidden::kNulByte: return "nul-byte";
    case WhyHidden::kDirectoryBytes: return "directory-bytes";
    case WhyHidden::kBesideDirectory: return "beside-directory";
  }
  return "";
}

std::optional<WhyHidden> FindWhyHidden(std::string_view key_below, ByteCount size) {
  std::string_view rest = key_below;
  for (size_t slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
    if (const auto why = JudgeComponent(rest.substr(0, slash))) return why;
    rest.remove_prefix(slash + 1);
  }
  if (rest.empty()) return size > 0 ? std::optional(WhyHidden::kDirectoryBytes) : std::nullopt;
  return JudgeComponent(rest);
}

bool NeedsNameOfItsOwn(std::string_view key_below) {
  const std::string_view component = LastComponent(key_below);
  return NameOfComponent(component) && !NameBesideDirectory(component);
}

}  // namespace cosfuse
