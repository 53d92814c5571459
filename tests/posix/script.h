#pragma once

#include <string>
#include <string_view>

namespace cosfuse::testing {

/// Runs a script in the working directory and returns what each of its steps said, separated by spaces: "0", the name
/// of the errno, or what the call returned. Steps are separated by "; ", words by spaces; `file`, `dir` and the like,
/// which make a state, say nothing unless they fail.
///
/// In a path, @N stands for N letters and %N for N bytes of "./" (N even); '' is the empty one.
///
/// It may change the identity, the umask and the working directory of the process: then run it in a child (RunInChild).
std::string RunScript(std::string_view script);

/// Runs `script` by a child in `directory`. Errors of the child itself are its answer.
std::string RunInChild(const std::string& directory, std::string_view script);

}  // namespace cosfuse::testing
