#include "tests/posix/calls.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "tests/posix/vocabulary.h"

namespace cosfuse::testing {
namespace {

const Vocabulary& AllWords() {
  static const Vocabulary kWords = [] {
    Vocabulary words;
    AddStates(words);
    AddNameCalls(words);
    AddAttributeCalls(words);
    AddDescriptorCalls(words);
    return words;
  }();
  return kWords;
}

}  // namespace

std::string Said(long result) { return result < 0 ? strerrorname_np(errno) : "0"; }

std::string SaidNumber(long result) { return result < 0 ? strerrorname_np(errno) : std::to_string(result); }

Calls::~Calls() {
  for (const pid_t child : started_) {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
}

std::string Calls::Run(const std::vector<std::string>& words) {
  const auto step = words.empty() ? AllWords().end() : AllWords().find(words[0]);
  if (step == AllWords().end()) return "no such step: " + (words.empty() ? "" : words[0]);
  return step->second(*this, Arguments(words));
}

int Calls::fd() const {
  if (descriptors_.empty()) _exit(kBadScript);
  return descriptors_.back().get();
}

std::string Calls::Keep(int opened) {
  if (opened < 0) return Said(opened);
  descriptors_.emplace_back(opened);
  return "0";
}

std::string Calls::CloseLast() {
  if (descriptors_.empty()) _exit(kBadScript);
  const int closed = close(descriptors_.back().Release());
  descriptors_.pop_back();
  return Said(closed);
}

std::string Calls::Start(const std::string& path) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return Said(-1);
  const FileDescriptor from_child(ends[0]);
  FileDescriptor to_parent(ends[1]);
  const pid_t child = fork();
  if (child == 0) {
    execl(path.c_str(), path.c_str(), "infinity", nullptr);
    const int error = errno;
    const bool told = write(to_parent.get(), &error, sizeof(error)) == sizeof(error);
    _exit(told ? 1 : 2);
  }
  if (child < 0) return Said(-1);
  started_.push_back(child);
  to_parent = FileDescriptor();
  int error = 0;  // The program has taken the pipe's other end with it when it runs.
  if (read(from_child.get(), &error, sizeof(error)) <= 0) return "0";
  errno = error;
  return Said(-1);
}

}  // namespace cosfuse::testing
