#pragma once

#include <sys/stat.h>

#include <functional>
#include <map>
#include <string>

#include "tests/posix/arguments.h"
#include "tests/posix/calls.h"

namespace cosfuse::testing {

/// What a word of the scripts does, and says.
using Step = std::function<std::string(Calls&, const Arguments&)>;
using Vocabulary = std::map<std::string, Step, std::less<>>;

/// What makes a state, and who asks: `file P [MODE [UID [GID]]]`, `dir`, …, `as WHO`, `umask MODE`.
void AddStates(Vocabulary& words);
/// Calls that make, move, remove and read names.
void AddNameCalls(Vocabulary& words);
/// Calls on the attributes of a path.
void AddAttributeCalls(Vocabulary& words);
/// open, and what goes through the descriptor that was opened last.
void AddDescriptorCalls(Vocabulary& words);
/// Locks of the descriptor that was opened last, and other processes that hold some. No call waits for one.
void AddLockCalls(Vocabulary& words);

/// "0", or the errno's name.
std::string Said(long result);
/// What the call returned, or the errno's name.
std::string SaidNumber(long result);

/// bind(2) of a socket.
std::string Bind(const char* path);
/// utimensat(2) of argument 0 to the two times after it.
std::string SetTimes(const Arguments& arguments, int flags);
/// The fields named from argument `first` on, or what the call failed with.
std::string Show(int result, const struct stat& status, const Arguments& arguments, size_t first);

}  // namespace cosfuse::testing
