#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <iostream>

#include "base/clock.h"
#include "base/random.h"
#include "emulator/emulator.h"
#include "emulator/iam/signing_key_file.h"

namespace {

using namespace cosfuse;  // NOLINT(google-build-using-namespace): the program's own.

/// The signals that end the program; blocked everywhere, waited for in main.
sigset_t EndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

/// Each connection is a descriptor.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int Run(const emulator::EmulatorOptions& options) {
  const sigset_t signals = EndSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  RaiseDescriptorLimit();
  SystemClock clock;
  SystemRandom random;
  auto key =
      options.signing_key.empty() ? emulator::RsaKey::Generate() : emulator::ReadOrMakeSigningKey(options.signing_key);
  auto running = key ? emulator::Emulator::Start(options, *std::move(key), clock, random)
                     : Result<std::unique_ptr<emulator::Emulator>>(Fail(key.error()));
  if (!running) {
    std::cerr << "cosfuse-emulator: " << running.error().message() << ".\n";
    return 1;
  }
  const emulator::ReadyFacts facts = (*running)->facts();
  if (!options.ready_file.empty()) {
    const auto written = emulator::WriteReadyFile(options.ready_file, facts);
    if (!written) {
      std::cerr << "cosfuse-emulator: " << written.error().message() << ".\n";
      return 1;
    }
  }
  std::cout << "cosfuse-emulator: IAM and COS at " << facts.endpoint << '\n' << std::flush;
  int received = 0;
  sigwait(&signals, &received);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const emulator::CommandLine line = emulator::ParseCommandLine(argc, argv);
  if (!line.options) {
    (line.exit_code == 0 ? std::cout : std::cerr) << line.message;
    return line.exit_code;
  }
  return Run(*line.options);
}
