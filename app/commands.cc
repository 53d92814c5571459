#include "app/commands.h"

#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>

#include "app/explain.h"
#include "app/options.h"
#include "app/validate_options.h"

namespace cosfuse {
namespace {

std::optional<std::string> GetEnvironment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

struct CommandRunner {
  int operator()(const MountCommand& command) const { return RunMountCommand(command); }
  int operator()(const RunCommand& command) const { return RunRunCommand(command); }
  int operator()(const UnmountCommand& command) const { return RunUnmountCommand(command); }
  int operator()(const WaitCommand& command) const { return RunWaitCommand(command); }
  int operator()(const TokenCommand& command) const { return RunTokenCommand(command); }
  int operator()(const RecoverCommand& command) const { return RunRecoverCommand(command); }
  int operator()(const DoctorCommand& command) const { return RunDoctorCommand(command); }
  int operator()(const ShowTextCommand& command) const {
    std::cout << command.text << std::flush;
    return std::cout ? kExitOk : kExitFailed;
  }
};

Result<Command> ReadCommand(const std::vector<std::string>& arguments) {
  ASSIGN_OR_RETURN(const GivenOptions given, ParseArguments(arguments, GetEnvironment));
  return ValidateOptions(given);
}

}  // namespace

int PrintFailure(std::string_view cause_and_remedy, ExitCode code) {
  // One write, so that the line stays whole beside what other processes print.
  std::cerr << "cosfuse: " + AsOneSentence(cause_and_remedy) + "\n" << std::flush;
  return code;
}

int RunCommandLine(const std::vector<std::string>& arguments) {
  try {
    const Result<Command> command = ReadCommand(arguments);
    if (!command) return PrintFailure(command.error().message(), kExitUsage);
    return std::visit(CommandRunner(), *command);
  } catch (const std::exception& exception) {
    return PrintFailure("unexpected failure (" + std::string(exception.what()) + "). Report it as a defect");
  }
}

}  // namespace cosfuse
