#include "fs/names.h"

namespace cosfuse {
namespace {

constexpr std::string_view kWord = "file";

/// The number of '%' right before a final "file"; 0 where the text does not end so.
size_t CountMarks(std::string_view text) {
  if (!text.ends_with(kWord)) return 0;
  text.remove_suffix(kWord.size());
  const size_t last = text.find_last_not_of('%');
  return text.size() - (last == std::string_view::npos ? 0 : last + 1);
}

std::string_view WithoutMarks(std::string_view text, size_t marks) {
  text.remove_suffix(kWord.size() + marks);
  return text;
}

bool CanBeAName(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && text.find('\0') == std::string_view::npos &&
         text.find('/') == std::string_view::npos;
}

}  // namespace

std::optional<NameMeaning> ParseName(std::string_view name) {
  if (!CanBeAName(name)) return std::nullopt;
  const size_t marks = CountMarks(name);
  if (marks == 0) return NameMeaning{std::string(name)};
  const std::string_view stem = WithoutMarks(name, marks);
  if (marks > 1) return NameMeaning{std::string(stem) + std::string(marks - 1, '%') + std::string(kWord)};
  auto meaning = ParseName(stem);
  if (!meaning || meaning->beside_directory) return std::nullopt;
  meaning->beside_directory = true;
  return meaning;
}

std::optional<std::string> NameOfComponent(std::string_view component) {
  if (!CanBeAName(component)) return std::nullopt;
  std::string name(component);
  if (const size_t marks = CountMarks(component); marks > 0) {
    name = std::string(WithoutMarks(component, marks)) + std::string(marks + 1, '%') + std::string(kWord);
  }
  if (name.size() > kMaxNameLength) return std::nullopt;
  return name;
}

std::optional<std::string> NameBesideDirectory(std::string_view component) {
  auto name = NameOfComponent(component);
  // After a final '%' the mark would read as the escape of another component.
  if (!name || name->ends_with('%')) return std::nullopt;
  *name += "%file";
  if (name->size() > kMaxNameLength) return std::nullopt;
  return name;
}

}  // namespace cosfuse
