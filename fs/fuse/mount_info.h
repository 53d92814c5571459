#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cosfuse {

/// One line of /proc/self/mountinfo.
/// Source: proc_pid_mountinfo(5).
struct MountEntry {
  std::string device;  ///< "major:minor".
  std::string path;    ///< Where it is mounted, unescaped.
  std::string type;
  std::string source;
};

/// Reads the text of a mountinfo file. Lines that make no sense are left out. Pure.
std::vector<MountEntry> ParseMountInfo(std::string_view text);
/// The uppermost mount exactly at `path`; nothing where none is. Pure.
std::optional<MountEntry> FindMount(const std::vector<MountEntry>& mounts, std::string_view path);
/// The uppermost mount at `path`, as the kernel has it now. Never asks the mounted file system.
std::optional<MountEntry> GetMount(const std::string& path);

}  // namespace cosfuse
