#include "fs/fuse/mount_info.h"

#include <charconv>
#include <fstream>
#include <sstream>

namespace cosfuse {
namespace {

/// mountinfo writes blank, tab, newline and backslash as `\` and three octal digits.
std::string Unescape(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    if (text[i] == '\\' && i + 3 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 4, code, 8).ptr == text.data() + i + 4) {
      result.push_back(static_cast<char>(code));
      i += 3;
    } else {
      result.push_back(text[i]);
    }
  }
  return result;
}

std::vector<std::string_view> SplitFields(std::string_view line) {
  std::vector<std::string_view> fields;
  while (!line.empty()) {
    const size_t blank = std::min(line.find(' '), line.size());
    fields.push_back(line.substr(0, blank));
    line.remove_prefix(std::min(blank + 1, line.size()));
  }
  return fields;
}

/// `36 35 98:0 /root /path options optional… - type source super-options`
std::optional<MountEntry> ParseLine(std::string_view line) {
  const std::vector<std::string_view> fields = SplitFields(line);
  size_t separator = 6;
  while (separator < fields.size() && fields[separator] != "-") ++separator;
  if (separator + 2 >= fields.size()) return std::nullopt;
  return MountEntry{.device = std::string(fields[2]),
                    .path = Unescape(fields[4]),
                    .type = Unescape(fields[separator + 1]),
                    .source = Unescape(fields[separator + 2])};
}

}  // namespace

std::vector<MountEntry> ParseMountInfo(std::string_view text) {
  std::vector<MountEntry> mounts;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (auto entry = ParseLine(text.substr(0, end))) mounts.push_back(std::move(*entry));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return mounts;
}

std::optional<MountEntry> FindMount(const std::vector<MountEntry>& mounts, std::string_view path) {
  // Later lines are mounted above earlier ones.
  for (auto mount = mounts.rbegin(); mount != mounts.rend(); ++mount) {
    if (mount->path == path) return *mount;
  }
  return std::nullopt;
}

std::optional<MountEntry> GetMount(const std::string& path) {
  const std::ifstream file("/proc/self/mountinfo");
  std::ostringstream text;
  text << file.rdbuf();
  return FindMount(ParseMountInfo(text.str()), path);
}

}  // namespace cosfuse
