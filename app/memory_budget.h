#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_range.h"
#include "base/disk.h"

namespace cosfuse {

/// A cgroup's memory limit as its file says it: nothing for "max", for version 1's number that stands for no limit, and
/// for what is no number. Pure.
std::optional<ByteCount> ParseCgroupLimit(std::string_view text);

/// Where the limit of a process stands, from /proc/self/cgroup: candidates for memory.max (version 2) and
/// memory.limit_in_bytes (version 1), innermost group first. In a container with a namespace of its own the group is
/// "/", and the files lie at the root of the mount. Pure.
std::vector<std::string> CgroupLimitFiles(std::string_view proc_self_cgroup);

/// What a mount may use for blocks, uploads and listings: a quarter of the limit, at least 96 MiB, and 1 GiB where
/// there is no limit or a larger one: more has to be asked for by --memory. Pure.
ByteCount DecideMemoryBudget(std::optional<ByteCount> limit);

/// How many closed files may wait to be stored: those that take a quarter of the budget. Pure.
size_t PromisedFiles(ByteCount memory_budget);

/// The lowest limit of this process's cgroup and its ancestors; nothing where there is none.
std::optional<ByteCount> ReadCgroupLimit(Disk& disk);

}  // namespace cosfuse
