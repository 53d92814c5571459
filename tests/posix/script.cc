#include "tests/posix/script.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/file_descriptor.h"
#include "tests/posix/calls.h"

namespace cosfuse::testing {
namespace {

/// As @N and %N in script.h; each of them in the word.
std::string Expand(std::string_view word) {
  std::string expanded;
  for (size_t i = 0; i < word.size();) {
    size_t end = i + 1;
    while (end < word.size() && word[end] >= '0' && word[end] <= '9') ++end;
    const bool repeats = (word[i] == '@' || word[i] == '%') && end > i + 1;
    if (!repeats) {
      expanded += word[i++];
      continue;
    }
    const size_t most = expanded.size() + std::stoul(std::string(word.substr(i + 1, end - i - 1)));
    while (expanded.size() < most) expanded += word[i] == '@' ? "x" : "./";
    i = end;
  }
  return expanded;
}

std::vector<std::string> WordsOf(std::string_view step) {
  std::vector<std::string> words;
  while (!step.empty()) {
    const size_t end = step.find(' ');
    const std::string_view word = step.substr(0, end);
    if (word == "''") {
      words.emplace_back();
    } else if (!word.empty()) {
      words.push_back(Expand(word));
    }
    step = end == std::string_view::npos ? std::string_view() : step.substr(end + 1);
  }
  return words;
}

std::string ReadToEnd(const FileDescriptor& fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = read(fd.get(), buffer.data(), buffer.size());
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<size_t>(got));
  }
}

}  // namespace

std::string RunScript(std::string_view script) {
  Calls calls;
  std::string said;
  while (!script.empty()) {
    const size_t end = script.find("; ");
    const std::string answer = calls.Run(WordsOf(script.substr(0, end)));
    if (!answer.empty()) said += (said.empty() ? "" : " ") + answer;
    script = end == std::string_view::npos ? std::string_view() : script.substr(end + 2);
  }
  return said;
}

std::string RunInChild(const std::string& directory, std::string_view script) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return "no pipe";
  const FileDescriptor from_child(ends[0]);
  FileDescriptor to_parent(ends[1]);
  const pid_t child = fork();
  if (child == 0) {
    const std::string said = chdir(directory.c_str()) == 0 ? RunScript(script) : "no directory";
    const bool told = write(to_parent.get(), said.data(), said.size()) == static_cast<ssize_t>(said.size());
    _exit(told ? 0 : 1);
  }
  to_parent = FileDescriptor();
  std::string said = ReadToEnd(from_child);
  int status = -1;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) said += " (the child failed)";
  return said;
}

}  // namespace cosfuse::testing
