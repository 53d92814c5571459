#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"

namespace cosfuse::testing {

/// The vocabulary of the scripts (script.h): each step is one system call of this process, or makes one thing. It
/// changes the process's identity, so it is for a child.
class Calls {
 public:
  Calls() = default;
  ~Calls();
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;

  /// The first word names the call, the others are its arguments (vocabulary.h). Returns what it said; empty:
  /// done, by a step that makes a state.
  std::string Run(const std::vector<std::string>& words);

  /// The descriptor that was opened last. A script that has opened none ends the process.
  int fd() const;
  /// Keeps what open(2) returned, for the steps that follow.
  std::string Keep(int opened);
  std::string CloseLast();
  /// Runs steps, with "+" between them, in a process of their own that lives until the end of the script; what they
  /// said, with commas between.
  std::string RunInAnother(const std::vector<std::string>& words);
  /// Starts the program at `path`; it runs until the end of the script.
  std::string Start(const std::string& path);

 private:
  /// Runs `body` in a process that lives until the end of the script at most; what it writes can be read here.
  FileDescriptor Fork(const std::function<void(const FileDescriptor&)>& body);

  std::vector<FileDescriptor> descriptors_;
  std::vector<pid_t> started_;
};

}  // namespace cosfuse::testing
