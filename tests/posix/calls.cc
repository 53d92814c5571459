#include "tests/posix/calls.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
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
    AddLockCalls(words);
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

FileDescriptor Calls::Fork(const std::function<void(const FileDescriptor&)>& body) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  FileDescriptor from_child(ends[0]);
  const FileDescriptor to_parent(ends[1]);
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    body(to_parent);
    _exit(kBadScript);
  }
  if (child < 0) return {};
  started_.push_back(child);
  return from_child;
}

std::string Calls::RunInAnother(const std::vector<std::string>& words) {
  const FileDescriptor from_child = Fork([&words](const FileDescriptor& to_parent) {
    Calls calls;
    std::string said;
    std::vector<std::string> step;
    for (size_t i = 0; i <= words.size(); ++i) {
      if (i < words.size() && words[i] != "+") {
        step.push_back(words[i]);
        continue;
      }
      said += (said.empty() ? "" : ",") + calls.Run(step);
      step.clear();
    }
    if (write(to_parent.get(), said.data(), said.size()) != static_cast<ssize_t>(said.size())) return;
    for (;;) pause();
  });
  std::array<char, 256> said{};
  const ssize_t size = read(from_child.get(), said.data(), said.size());
  return size < 0 ? Said(size) : std::string(said.data(), static_cast<size_t>(size));
}

std::string Calls::Start(const std::string& path) {
  const FileDescriptor from_child = Fork([&path](const FileDescriptor& to_parent) {
    execl(path.c_str(), path.c_str(), "infinity", nullptr);
    const int error = errno;
    if (write(to_parent.get(), &error, sizeof(error)) != sizeof(error)) _exit(kBadScript);
  });
  int error = 0;  // A program that runs has closed the other end.
  if (read(from_child.get(), &error, sizeof(error)) <= 0) return "0";
  errno = error;
  return Said(-1);
}

}  // namespace cosfuse::testing
