#include "app/memory_budget.h"

#include <algorithm>
#include <vector>

#include "app/parse_values.h"
#include "base/encoding.h"

namespace cosfuse {
namespace {

constexpr std::string_view kRoot = "/sys/fs/cgroup";

bool HasController(std::string_view controllers, std::string_view wanted) {
  while (!controllers.empty()) {
    const size_t comma = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, comma) == wanted) return true;
    controllers.remove_prefix(std::min(comma + 1, controllers.size()));
  }
  return false;
}

/// `base` + group + `file`, for the group and each of its ancestors.
void AppendAncestors(std::string_view base, std::string_view group, std::string_view file,
                     std::vector<std::string>& out) {
  while (true) {
    while (group.ends_with('/')) group.remove_suffix(1);
    out.push_back(std::string(base) + std::string(group) + "/" + std::string(file));
    if (group.empty()) return;
    group = group.substr(0, group.rfind('/'));
  }
}

}  // namespace

std::optional<ByteCount> ParseCgroupLimit(std::string_view text) {
  const std::optional<uint64_t> limit = ParseNumber(TrimWhitespace(text));
  // Version 1 says "no limit" by the largest multiple of the page size below 2^63.
  constexpr ByteCount kUnlimited = ByteCount{1} << 62;
  if (!limit || *limit >= kUnlimited) return std::nullopt;
  return limit;
}

std::vector<std::string> CgroupLimitFiles(std::string_view proc_self_cgroup) {
  std::vector<std::string> files;
  // Each line: hierarchy:controllers:path. Source: cgroups(7), "/proc/[pid]/cgroup".
  while (!proc_self_cgroup.empty()) {
    const size_t end = std::min(proc_self_cgroup.find('\n'), proc_self_cgroup.size());
    const std::string_view line = proc_self_cgroup.substr(0, end);
    proc_self_cgroup.remove_prefix(std::min(end + 1, proc_self_cgroup.size()));
    const size_t first = line.find(':');
    const size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view group = line.substr(second + 1);
    if (line.starts_with("0:") && controllers.empty()) AppendAncestors(kRoot, group, "memory.max", files);
    if (HasController(controllers, "memory")) {
      AppendAncestors(std::string(kRoot) + "/memory", group, "memory.limit_in_bytes", files);
    }
  }
  return files;
}

ByteCount DecideMemoryBudget(std::optional<ByteCount> limit) {
  constexpr ByteCount kLeast = 96 * kMiB;
  constexpr ByteCount kMost = kGiB;
  if (!limit) return kMost;
  return std::clamp(*limit / 4, kLeast, kMost);
}

size_t PromisedFiles(ByteCount memory_budget) {
  constexpr ByteCount kEach = 10 * kKiB;  // Of memory, measured over ten thousand: node, content, upload, journal.
  return static_cast<size_t>(memory_budget / 4 / kEach);
}

std::optional<ByteCount> ReadCgroupLimit(Disk& disk) {
  const Result<std::string> groups = disk.ReadSmallFile("/proc/self/cgroup", 64 * kKiB);
  if (!groups) return std::nullopt;
  std::optional<ByteCount> lowest;
  for (const std::string& file : CgroupLimitFiles(*groups)) {
    const Result<std::string> text = disk.ReadSmallFile(file, 4 * kKiB);
    const std::optional<ByteCount> limit = text ? ParseCgroupLimit(*text) : std::nullopt;
    if (limit && (!lowest || *limit < *lowest)) lowest = limit;
  }
  return lowest;
}

}  // namespace cosfuse
