#include "tests/support/subprocess.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>

#include "base/op_context.h"

namespace cosfuse::testing {
namespace {

std::vector<std::string> MergedEnvironment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!added.contains(text.substr(0, text.find('=')))) merged.push_back(text);
  }
  for (const auto& [name, value] : added) merged.emplace_back(name).append("=").append(value);
  return merged;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() : path_("/tmp/cosfuse-test-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) std::abort();
}

TemporaryDirectory::~TemporaryDirectory() {
  // A mount that a failed test left below is not entered: rm stops at the file system's border.
  RunCommand({"rm", "-rf", "--one-file-system", path_});
}

std::string TemporaryDirectory::MakeDirectory(const std::string& name) const {
  std::filesystem::create_directories(path_ + "/" + name);
  return path_ + "/" + name;
}

Subprocess::Subprocess(std::vector<std::string> argv, const std::map<std::string, std::string>& environment,
                       const std::string& stdout_path, const std::string& stderr_path) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND;
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, stdout_path.c_str(), kFlags, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, stderr_path.c_str(), kFlags, 0600);
  // A test thread may have signals blocked (base/thread.h); a program starts with none.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::vector<std::string> merged = MergedEnvironment(environment);
  const int error =
      posix_spawnp(&pid_, argv.front().c_str(), &actions, &attributes, Pointers(argv).data(), Pointers(merged).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    std::cerr << "cannot start " << argv.front() << "\n";
    std::abort();
  }
}

Subprocess::~Subprocess() {
  if (Poll()) return;
  kill(pid_, SIGKILL);
  Wait(std::chrono::seconds(10));
}

bool Subprocess::running() { return !Poll().has_value(); }

void Subprocess::Signal(int number) const {
  if (!status_) kill(pid_, number);
}

ExitStatus Subprocess::Wait(Duration timeout) {
  if (Eventually([this] { return Poll().has_value(); }, timeout)) return *Poll();
  kill(pid_, SIGKILL);
  Eventually([this] { return Poll().has_value(); });
  ExitStatus status = Poll().value_or(ExitStatus{});
  status.timed_out = true;
  return status;
}

std::optional<ExitStatus> Subprocess::Poll() {
  int status = 0;
  if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) {
    status_ = ExitStatus{.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                         .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0};
  }
  return status_;
}

CommandResult RunCommand(std::vector<std::string> argv, const std::map<std::string, std::string>& environment,
                         Duration timeout) {
  std::string directory = "/tmp/cosfuse-command-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) std::abort();
  CommandResult result;
  {
    Subprocess process(std::move(argv), environment, directory + "/out", directory + "/err");
    result.status = process.Wait(timeout);
  }
  result.output = ReadWholeFile(directory + "/out");
  result.errors = ReadWholeFile(directory + "/err");
  std::filesystem::remove_all(directory);
  return result;
}

CommandResult RunShell(const std::string& script, const std::string& directory, Duration timeout) {
  return RunCommand({"bash", "-e", "-c", "cd \"$0\"; " + script, directory}, {}, timeout);
}

std::string ReadWholeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

void WriteWholeFile(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  if (!file) std::cerr << "writing " << path << " failed\n";
}

std::string PatternBytes(size_t size, uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
    const uint64_t word = engine();
    for (size_t j = 0; j < sizeof(word) && i + j < size; ++j) bytes[i + j] = static_cast<char>(word >> (8 * j));
  }
  return bytes;
}

bool LongCampaign() { return std::getenv("COSFUSE_LONG") != nullptr; }

void PollPause() {
  SystemClock clock;
  (void)clock.Sleep(OpContext(), std::chrono::milliseconds(5));
}

}  // namespace cosfuse::testing
