#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cosfuse {

inline constexpr size_t kMaxNameLength = 255;

/// What a name of the mount stands for: one component of a key. Names and components are the same but for two cases
/// (docs/SEMANTICS.md, "Names"):
///
///   component            name               when
///   X                    X%file             an object X beside a prefix X/, which has taken the name X
///   X%file, X%%file, …   X%%file, X%%%file  always, so that the first form stays free
///
/// The mapping is reversible. A component that can be no name is hidden: never shown, never changed.
struct NameMeaning {
  std::string component;
  bool beside_directory = false;  ///< The object beside a prefix of the same name.

  friend bool operator==(const NameMeaning&, const NameMeaning&) = default;
};

/// Nothing where no component can have this name (`.`, `X%file%file`, …). Does not check the length.
std::optional<NameMeaning> ParseName(std::string_view name);

/// The name of a component; nothing where it must stay hidden: empty, `.`, `..`, with NUL, too long.
std::optional<std::string> NameOfComponent(std::string_view component);

/// Cut off there, the text would end inside a character of UTF-8, which not every store takes.
inline bool CutsCharacter(std::string_view text, size_t length) {
  return length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80;
}

/// The name of an object whose component is taken by a prefix.
std::optional<std::string> NameBesideDirectory(std::string_view component);

}  // namespace cosfuse
