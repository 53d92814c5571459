#include "app/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "app/child_process.h"
#include "fs/fuse/mount_point.h"

namespace cosfuse {
namespace {

/// A program whose mount is lost gets so long after SIGTERM.
constexpr Duration kLostMountGrace = std::chrono::seconds(10);

/// One line for a person; the supervisor has no log of its own.
int FailWith(const char* what) {
  std::fprintf(stderr, "cosfuse: %s: %s.\n", what, std::strerror(errno));
  return kExitFailure;
}

/// The tiny process that stays when everything else may die. Single-threaded: a loop over signals, the daemon's
/// messages and one timer.
class Supervisor {
 public:
  Supervisor(const SupervisorOptions& options, FileDescriptor signals, FileDescriptor link, FileDescriptor outcome,
             pid_t daemon, const sigset_t& mask)
      : options_(options),
        program_mask_(mask),
        signals_(std::move(signals)),
        link_(std::move(link)),
        outcome_(std::move(outcome)),
        daemon_(daemon) {}

  /// Returns the command's exit code when daemon and program have ended and nothing is mounted any more.
  int Run() {
    while (daemon_ > 0 || program_ > 0) {
      WaitForEvents();
      HandleSignals();
      HandleMessages();
      EndDaemonAfterProgram();
      EndProgramAfterDaemon();
    }
    DetachDeadMounts(options_.mountpoint);
    if (WIFSIGNALED(daemon_status_)) {
      std::fprintf(stderr, "cosfuse: the daemon was killed by signal %d (%s). What was not closed is lost.\n",
                   WTERMSIG(daemon_status_), strsignal(WTERMSIG(daemon_status_)));
    }
    const int code = CombineExitCodes(program_status_, daemon_status_);
    if (!ready_) ReportOutcome(code);
    return code;
  }

 private:
  void WaitForEvents() {
    pollfd entries[] = {{.fd = signals_.get(), .events = POLLIN, .revents = 0},
                        {.fd = link_.get(), .events = POLLIN, .revents = 0}};  // poll leaves out a descriptor of -1.
    int timeout = -1;
    if (const auto next = NextTimer()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - clock_.Now()).count();
      timeout = static_cast<int>(std::max<int64_t>(left, 0));
    }
    poll(entries, 2, timeout);
  }

  std::optional<MonotonicTime> NextTimer() const {
    if (program_ > 0 && daemon_ended_) return *daemon_ended_ + kLostMountGrace;
    if (daemon_ > 0 && program_ended_ && !daemon_told_) return *program_ended_ + options_.orphan_grace;
    return std::nullopt;
  }

  void HandleSignals() {
    signalfd_siginfo info;
    while (read(signals_.get(), &info, sizeof(info)) == sizeof(info)) {
      const int signal_number = static_cast<int>(info.ssi_signo);
      if (signal_number == SIGCHLD) {
        Reap();
        continue;
      }
      if ((signal_number == SIGTERM || signal_number == SIGINT) && !terminated_) {
        terminated_ = true;
        SendMessage(link_, {.kind = SupervisorMessage::Kind::kTermination, .time = clock_.Now(), .text = {}});
      }
      if (program_ <= 0) {
        if (daemon_ > 0) kill(daemon_, signal_number);
      } else if (info.ssi_code != SI_KERNEL) {  // The terminal has sent it to the program itself.
        kill(program_, signal_number);
      }
    }
  }

  void Reap() {
    int status = 0;
    for (pid_t child = waitpid(-1, &status, WNOHANG); child > 0; child = waitpid(-1, &status, WNOHANG)) {
      if (child == daemon_) {
        HandleMessages();  // What it said last.
        daemon_ = 0;
        daemon_status_ = status;
        daemon_ended_ = clock_.Now();
      } else if (child == program_) {
        program_ = 0;
        program_status_ = status;
        program_ended_ = clock_.Now();
      }
    }
  }

  void HandleMessages() {
    while (link_.valid()) {
      const auto message = ReceiveMessage(link_, Duration(0));
      if (!message) {
        if (message.error().code() != ErrorCode::kTimedOut) link_.Close();
        return;
      }
      if (message->kind == SupervisorMessage::Kind::kReady) BecomeReady();
      if (message->kind == SupervisorMessage::Kind::kUnmount) {
        SendMessage(link_, {.kind = SupervisorMessage::Kind::kUnmounted, .time = {}, .text = Unmount()});
      }
    }
  }

  void BecomeReady() {
    ready_ = true;
    ReportOutcome(0);
    if (options_.background) DetachStandardStreams();
    if (options_.program.empty() || terminated_) return;
    program_ = StartProgram(options_.program, program_mask_);
    if (program_ > 0) return;
    FailWith("cannot start the program");
    program_status_ = kExitFailure << 8;
    program_ended_ = clock_.Now();
  }

  /// What went wrong; empty when nothing is mounted any more, or the program is to keep what is there.
  std::string Unmount() const {
    if (program_ > 0) return {};
    const auto mount = GetMount(options_.mountpoint);
    if (!mount || mount->type != kFileSystemType) return {};
    const auto unmounted = UnmountSurely(options_.mountpoint);
    return unmounted ? std::string() : unmounted.error().message();
  }

  void EndDaemonAfterProgram() {
    if (daemon_ <= 0 || !program_ended_ || daemon_told_) return;
    if (clock_.Now() < *program_ended_ + options_.orphan_grace && HasOtherChildren({daemon_})) return;
    daemon_told_ = true;
    kill(daemon_, SIGTERM);
  }

  void EndProgramAfterDaemon() {
    if (program_ <= 0 || !daemon_ended_) return;
    if (!program_told_) {
      program_told_ = true;
      kill(program_, SIGTERM);
    }
    if (clock_.Now() >= *daemon_ended_ + kLostMountGrace) kill(program_, SIGKILL);
  }

  /// For the process that waits for a mount in the background.
  void ReportOutcome(int code) {
    const auto byte = static_cast<unsigned char>(code);
    if (outcome_.valid() && write(outcome_.get(), &byte, 1) != 1) FailWith("cannot report that the mount works");
    outcome_.Close();
  }

  const SupervisorOptions& options_;
  const sigset_t program_mask_;
  const FileDescriptor signals_;
  const SystemClock clock_;
  FileDescriptor link_;
  FileDescriptor outcome_;

  pid_t daemon_;       ///< 0 once it has ended.
  pid_t program_ = 0;  ///< 0 before it starts and once it has ended.
  int daemon_status_ = 0;
  std::optional<int> program_status_;
  std::optional<MonotonicTime> daemon_ended_;
  std::optional<MonotonicTime> program_ended_;
  bool ready_ = false;
  bool terminated_ = false;
  bool daemon_told_ = false;
  bool program_told_ = false;
};

/// What follows in the daemon's process; does not return.
[[noreturn]] void RunDaemon(const SupervisorOptions& options, pid_t supervisor, FileDescriptor link, sigset_t mask,
                            const std::function<int(SupervisorLink&)>& daemon_main) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != supervisor) std::exit(kExitFailure);  // It died before that took effect.
  const sigset_t forwarded = ForwardedSignals();
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  sigprocmask(SIG_BLOCK, &forwarded, nullptr);
  SupervisorLink daemon_link(std::move(link), options.background);
  std::exit(daemon_main(daemon_link));
}

int Supervise(const SupervisorOptions& options, FileDescriptor outcome,
              const std::function<int(SupervisorLink&)>& daemon_main) {
  sigset_t watched = ForwardedSignals();
  sigaddset(&watched, SIGCHLD);
  sigset_t mask;
  sigprocmask(SIG_BLOCK, &watched, &mask);
  FileDescriptor signals(signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
  int sockets[2];
  if (!signals.valid() || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) {
    return FailWith("cannot start the supervisor");
  }
  FileDescriptor own(sockets[0]);
  FileDescriptor daemons(sockets[1]);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t supervisor = getpid();
  const pid_t daemon = fork();
  if (daemon < 0) return FailWith("cannot start the daemon");
  if (daemon == 0) {
    signals.Close();
    own.Close();
    outcome.Close();
    RunDaemon(options, supervisor, std::move(daemons), mask, daemon_main);
  }
  daemons.Close();
  return Supervisor(options, std::move(signals), std::move(own), std::move(outcome), daemon, mask).Run();
}

/// The process that was called with `--background`: returns the outcome.
int AwaitOutcome(const FileDescriptor& outcome) {
  unsigned char code = 0;
  ssize_t size = 0;
  do {
    size = read(outcome.get(), &code, 1);
  } while (size < 0 && errno == EINTR);
  return size == 1 ? code : kExitFailure;
}

}  // namespace

int RunSupervised(const SupervisorOptions& options, const std::function<int(SupervisorLink&)>& daemon_main) {
  if (!options.background) return Supervise(options, FileDescriptor(), daemon_main);
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) return FailWith("cannot go to the background");
  FileDescriptor outcome(pipe_ends[0]);
  FileDescriptor report(pipe_ends[1]);
  const pid_t background = fork();
  if (background < 0) return FailWith("cannot go to the background");
  if (background == 0) {
    outcome.Close();
    setsid();
    return Supervise(options, std::move(report), daemon_main);
  }
  report.Close();
  return AwaitOutcome(outcome);
}

}  // namespace cosfuse
