#pragma once

#include <sys/stat.h>

#include <map>
#include <string>

namespace cosfuse::testing {

/// Everything in a directory, by path ("." is the directory itself). Never follows a link.
using Snapshot = std::map<std::string, struct stat>;

Snapshot TakeSnapshot(const std::string& directory);

/// What there is after an action, in words that mean the same on every file system: what each path is, which of the
/// former things it is, and whose times have moved. Times that a script has set stand there as
/// they are.
std::string Describe(const Snapshot& before, const Snapshot& after);

}  // namespace cosfuse::testing
