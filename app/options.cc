#include "app/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

namespace cosfuse {
namespace {

/// An option that takes a value: how it is written, and the variable that stands for it. Empty: there is none.
struct ValueOption {
  Given GivenOptions::* member;
  std::string_view flag;
  std::string_view variable;
  std::string_view value;
  std::string_view help;
};

/// Common to mount, run and token.
/// Who we are, whom we trust, what is logged: every command that talks to IAM.
constexpr auto kIdentityOptions = std::to_array<ValueOption>({
    {&GivenOptions::profile_id, "--profile-id", "TRUSTED_PROFILE_ID", "ID", "the trusted profile, by id"},
    {&GivenOptions::profile_name, "--profile-name", "TRUSTED_PROFILE_NAME", "NAME", "the same, by name"},
    {&GivenOptions::profile_crn, "--profile-crn", "TRUSTED_PROFILE_CRN", "CRN", "the same, by CRN"},
    {&GivenOptions::token_file, "--token-file", "CR_TOKEN_FILE_PATH", "PATH",
     "the projected service-account token (/var/run/secrets/tokens/service-account-token, ...)"},
    {&GivenOptions::api_key_file, "--api-key-file", "COSFUSE_API_KEY_FILE", "PATH",
     "an API key, not a trusted profile"},
    {&GivenOptions::iam_endpoint, "--iam-endpoint", "IBM_AUTH_ENDPOINT", "URL", "default https://iam.cloud.ibm.com"},
    {&GivenOptions::ca_file, "--ca-file", "COSFUSE_CA_FILE", "PATH", "trust these certificates, not the system's"},
    {&GivenOptions::log_level, "--log-level", "COSFUSE_LOG_LEVEL", "LEVEL", "debug, info (default), warning, error"},
    {&GivenOptions::log_format, "--log-format", "", "FORMAT", "auto (text on a terminal), text, json"},
});
/// Commands that mount have these as well.
constexpr auto kMountOptions = std::to_array<ValueOption>({
    {&GivenOptions::endpoint, "--endpoint", "COS_ENDPOINT", "URL",
     "the COS endpoint of the bucket's location; https if no scheme"},
    {&GivenOptions::bucket, "--bucket", "COS_BUCKET", "BUCKET[:PREFIX]", "the bucket, or a part of it"},
    {&GivenOptions::access, "--access", "COSFUSE_ACCESS", "MODE", "auto (default), read-write, read-only, write-only"},
    {&GivenOptions::ttl, "--ttl", "COSFUSE_TTL", "SECONDS", "how long attributes and names count as fresh (1)"},
    {&GivenOptions::uid, "--uid", "", "N", "owner of objects without one (default: this process's)"},
    {&GivenOptions::gid, "--gid", "", "N", "group of objects without one"},
    {&GivenOptions::umask, "--umask", "", "OCTAL", "taken from the permissions of objects without any (022)"},
    {&GivenOptions::file_mode, "--file-mode", "", "OCTAL", "permissions of objects without any"},
    {&GivenOptions::directory_mode, "--dir-mode", "", "OCTAL", "permissions of directories without any"},
    {&GivenOptions::capacity, "--capacity", "", "SIZE", "what df shows (1P)"},
    {&GivenOptions::exclusive_create, "--exclusive-create", "", "PATTERNS",
     "names whose O_EXCL is decided in the bucket at once: patterns, all, none (*.lock,*.lck,*.pid,lock,LOCK)"},
    {&GivenOptions::cache_directory, "--cache-dir", "COSFUSE_CACHE_DIR", "DIR",
     "staged bytes, and what is known of the store (/var/lib/cosfuse/...)"},
    {&GivenOptions::cache_size, "--cache-size", "COSFUSE_CACHE_SIZE", "SIZE",
     "disk to use there (90 % of what is free at the start, and of --ephemeral-storage)"},
    {&GivenOptions::ephemeral_storage, "--ephemeral-storage", "COSFUSE_EPHEMERAL_STORAGE", "SIZE",
     "the pod's limit, where the cache directory counts against it: beyond it a pod is evicted"},
    {&GivenOptions::memory, "--memory", "COSFUSE_MEMORY", "SIZE",
     "memory to use (a quarter of the cgroup's limit, 96M to 1G)"},
    {&GivenOptions::durability, "--durability", "COSFUSE_DURABILITY", "WHEN",
     "close returns when the bytes are in the bucket (close, default), or on the local disk (journal)"},
    {&GivenOptions::fsync_durability, "--fsync", "", "WHEN", "the same for fsync: bucket (default), journal"},
    {&GivenOptions::journal_sync, "--journal-sync", "", "WHEN",
     "closes are synced to the local disk: each (default), or together within so many seconds (0.1)"},
    {&GivenOptions::max_delay, "--max-delay", "COSFUSE_MAX_DELAY", "SECONDS",
     "from such a close to its upload, at most (5)"},
    {&GivenOptions::barrier, "--barrier", "", "PATTERNS",
     "files that get to the bucket after all that were closed before them, like _SUCCESS,*.done (none)"},
    {&GivenOptions::on_conflict, "--on-conflict", "COSFUSE_ON_CONFLICT", "WHAT",
     "what was written here when another program has changed the object: keep (beside it, default), fail, overwrite"},
    {&GivenOptions::conflict_prefix, "--conflict-prefix", "", "KEY",
     "where in the bucket that goes, before the object's key (beside the object)"},
    {&GivenOptions::conflict_base, "--conflict-base", "", "SIZE",
     "objects up to this size are fetched when they are changed, so that it is whole (8M)"},
    {&GivenOptions::part_size, "--part-size", "", "SIZE", "part of a multipart upload (20M)"},
    {&GivenOptions::drain_timeout, "--drain-timeout", "COSFUSE_DRAIN_TIMEOUT", "SECONDS",
     "for uploads after SIGTERM (25, or COSFUSE_TERMINATION_GRACE less 10)"},
    {&GivenOptions::termination_grace, "", "COSFUSE_TERMINATION_GRACE", "SECONDS", ""},
    {&GivenOptions::io_timeout, "--io-timeout", "", "SECONDS", "an operation without progress fails then (60)"},
    // For tests alone, and so in no help.
    {&GivenOptions::retry_base, "", "COSFUSE_TEST_RETRY_BASE", "SECONDS", ""},
    {&GivenOptions::pid_file, "--pid-file", "", "PATH", "write the process id here once mounted"},
});
constexpr ValueOption kRunMountpoint = {&GivenOptions::mountpoint, "--mount", "", "MOUNTPOINT", "where to mount"};
constexpr ValueOption kWaitTimeout = {&GivenOptions::timeout, "--timeout", "", "SECONDS", "give up then (60)"};

void AddValueOption(CLI::App& command, const ValueOption& option, GivenOptions& given) {
  if (option.flag.empty()) return;
  std::string help(option.help);
  if (!option.variable.empty()) help += " [" + std::string(option.variable) + "]";
  const auto take = [&given, &option](const std::string& text) {
    given.*option.member = GivenValue{text, std::string(option.flag)};
  };
  command.add_option_function<std::string>(std::string(option.flag), take, help)
      ->type_name(std::string(option.value))
      ->take_last();
}

CLI::App& AddCommand(CLI::App& program, const std::string& name, const std::string& what, CommandName command,
                     GivenOptions& given) {
  CLI::App& added = *program.add_subcommand(name, what);
  added.allow_extras();
  added.callback([&given, command] { given.command = command; });
  return added;
}

void AddIdentityOptions(CLI::App& command, GivenOptions& given) {
  for (const ValueOption& option : kIdentityOptions) AddValueOption(command, option, given);
  command.add_flag("--anonymous", given.anonymous, "no token: a public bucket, read-only unless --access says more");
  command.add_flag("--allow-http", given.allow_http, "plain http to a host that is not loopback");
}

void AddMountOptions(CLI::App& command, GivenOptions& given) {
  for (const ValueOption& option : kMountOptions) AddValueOption(command, option, given);
  AddIdentityOptions(command, given);
  command.add_flag_callback("--allow-other", [&given] { given.allow_other = true; }, "for all users (default of root)");
  command.add_flag_callback("--no-allow-other", [&given] { given.allow_other = false; }, "for this user alone");
}

/// Newer versions of CLI11 take neither spaces nor colons in a name: what may stand before it is in the help.
void AddPositionals(CLI::App& command, const std::string& name, const std::string& help, GivenOptions& given) {
  command.add_option(name, given.positionals, help)->type_name("")->expected(0, -1);
}

size_t MostPositionals(CommandName command) {
  switch (command) {
    case CommandName::kRecover: return 3;
    case CommandName::kMount: return 2;
    case CommandName::kUnmount:
    case CommandName::kDoctor:
    case CommandName::kWait: return 1;
    case CommandName::kRun:
    case CommandName::kToken:
    case CommandName::kShowText: return 0;
  }
  return 0;
}

/// One of the options of a mount, for a command that has few of them.
void AddMountOption(CLI::App& command, Given GivenOptions::* member, GivenOptions& given) {
  AddValueOption(command, *std::ranges::find(kMountOptions, member, &ValueOption::member), given);
}

void DeclareCommands(CLI::App& program, GivenOptions& given) {
  program.set_version_flag("--version", std::string("cosfuse ") + COSFUSE_VERSION);
  program.allow_extras();
  CLI::App& mount = AddCommand(program, "mount", "mount a bucket", CommandName::kMount, given);
  AddPositionals(mount, "MOUNTPOINT", "where to mount; before it BUCKET[:PREFIX], if not by --bucket", given);
  AddMountOptions(mount, given);
  mount.add_flag("--background", given.background, "return once the mount works");

  CLI::App& run = AddCommand(program, "run", "mount, run a program, unmount", CommandName::kRun, given);
  AddValueOption(run, kRunMountpoint, given);
  AddMountOptions(run, given);
  run.footer("-- PROGRAM ARGUMENTS\nReturns the program's exit status, or 3 where that is 0 and bytes stayed behind.");

  CLI::App& unmount = AddCommand(program, "unmount", "end a mount, all bytes sent", CommandName::kUnmount, given);
  AddPositionals(unmount, "MOUNTPOINT", "where it is mounted", given);
  unmount.add_flag("--force,--lazy", given.force, "detach although files are open");

  CLI::App& wait = AddCommand(program, "wait", "return once a mount works", CommandName::kWait, given);
  AddPositionals(wait, "MOUNTPOINT", "where it is mounted", given);
  AddValueOption(wait, kWaitTimeout, given);

  CLI::App& token = AddCommand(program, "token", "who am I: account, profile, expiry", CommandName::kToken, given);
  AddIdentityOptions(token, given);
  token.add_flag("--header", given.header, "print \"Authorization: Bearer ...\", for curl -H @file");

  CLI::App& recover = AddCommand(program, "recover", "files that were written and never closed when a mount was killed",
                                 CommandName::kRecover, given);
  AddPositionals(recover, "ACTION", "list; export ENTRY FILE; upload ENTRY; discard ENTRY", given);
  AddMountOption(recover, &GivenOptions::cache_directory, given);
  AddIdentityOptions(recover, given);
  recover.footer(
      "list shows what waits, export writes one of them to a file (- for standard output), upload stores it under its\n"
      "name (beside it, if another program has changed the object since), discard removes it for good. Without\n"
      "--cache-dir all directories below /var/lib/cosfuse are looked at.");

  CLI::App& doctor = AddCommand(program, "doctor", "which keys of a bucket a mount does not show, and why",
                                CommandName::kDoctor, given);
  AddPositionals(doctor, "BUCKET", "BUCKET[:PREFIX], if not by --bucket", given);
  AddMountOption(doctor, &GivenOptions::endpoint, given);
  AddMountOption(doctor, &GivenOptions::bucket, given);
  AddIdentityOptions(doctor, given);
  doctor.footer(
      "A line for each: the reason (empty-component, dot-component, long-component, nul-byte, directory-bytes,\n"
      "beside-directory), and the key as in a URL. Changes nothing. Returns 0 where there are none, 4 where there "
      "are.");
}

std::string HelpCommand(const CLI::App& command) {
  return command.get_parent() == nullptr ? "cosfuse --help" : "cosfuse " + command.get_name() + " --help";
}

/// Words that no option took: an unknown option, an unknown command or one positional too many.
Result<> CheckLeftOver(const CLI::App& command) {
  const std::vector<std::string> left = command.remaining();
  if (left.empty()) return {};
  const auto unknown = std::ranges::find_if(left, [](const std::string& word) { return word.starts_with('-'); });
  const bool is_option = unknown != left.end();
  // "--ttll=3" is about "--ttll".
  const std::string word = is_option ? unknown->substr(0, unknown->find('=')) : left.front();
  std::vector<std::string> names;
  if (is_option) {
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  } else {
    for (const CLI::App* child : command.get_subcommands(nullptr)) names.push_back(child->get_name());
  }
  const bool is_command = !is_option && command.get_parent() == nullptr;
  const std::string kind = is_option ? "unknown option " : is_command ? "unknown command " : "unexpected argument ";
  const std::string nearest = NearestName(word, names);
  const std::string hint = nearest.empty() ? "" : "Did you mean " + nearest + "? ";
  return Complain(kind + word, hint + HelpCommand(command) + " lists what there is");
}

std::string OneLine(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
  return text;
}

/// The options of which one says who we are.
constexpr std::array kIdentities = {&GivenOptions::profile_id, &GivenOptions::profile_name, &GivenOptions::profile_crn,
                                    &GivenOptions::api_key_file};

void FillFromEnvironment(const EnvironmentLookup& environment, GivenOptions& given) {
  const bool identity_given =
      given.anonymous || std::ranges::any_of(kIdentities, [&](auto member) { return (given.*member).has_value(); });
  const auto fill = [&](const ValueOption& option) {
    const bool hidden = identity_given && std::ranges::find(kIdentities, option.member) != kIdentities.end();
    if (option.variable.empty() || given.*option.member || hidden) return;
    const std::optional<std::string> value = environment(option.variable);
    if (value && !value->empty()) given.*option.member = GivenValue{*value, std::string(option.variable)};
  };
  std::ranges::for_each(kIdentityOptions, fill);
  std::ranges::for_each(kMountOptions, fill);
}

const CLI::App& ChosenCommand(const CLI::App& program) {
  const std::vector<CLI::App*> chosen = program.get_subcommands();
  return chosen.empty() ? program : *chosen.front();
}

}  // namespace

std::unexpected<Error> Complain(const std::string& cause, const std::string& remedy) {
  return Fail(ErrorCode::kInvalidArgument, cause + ". " + remedy + ".");
}

Result<GivenOptions> ParseArguments(std::span<const std::string> arguments, const EnvironmentLookup& environment) {
  GivenOptions given;
  CLI::App program("A bucket of IBM Cloud Object Storage as a directory.", "cosfuse");
  DeclareCommands(program, given);

  std::vector<std::string> words(arguments.begin(), arguments.end());
  if (!words.empty() && words.front() == "run") {
    // What stands after "--" belongs to the program, whatever it looks like.
    const auto separator = std::ranges::find(words, "--");
    if (separator != words.end()) given.program.assign(separator + 1, words.end());
    words.erase(separator, words.end());
  }
  std::ranges::reverse(words);  // CLI11 takes a vector from its end.
  try {
    program.parse(words);
  } catch (const CLI::CallForVersion& version) {
    given.text = std::string(version.what()) + "\n";
    return given;
  } catch (const CLI::CallForHelp&) {
    given.text = program.help();
    given.command = CommandName::kShowText;
    return given;
  } catch (const CLI::ArgumentMismatch& error) {
    // "--ttl: 1 required SECONDS missing", which is no sentence.
    const std::string option = std::string(error.what()).substr(0, std::string_view(error.what()).find(':'));
    return Complain(option + " lacks its value", HelpCommand(ChosenCommand(program)) + " shows what it takes");
  } catch (const CLI::ParseError& error) {
    return Complain(OneLine(error.what()), HelpCommand(ChosenCommand(program)) + " lists what there is");
  }
  const CLI::App& command = ChosenCommand(program);
  RETURN_IF_ERROR(CheckLeftOver(program));
  RETURN_IF_ERROR(CheckLeftOver(command));
  if (&command == &program) return Complain("no command given", "cosfuse --help lists them");
  const size_t most = MostPositionals(given.command);
  if (given.positionals.size() > most) {
    return Complain("unexpected argument " + given.positionals[most], HelpCommand(command) + " lists what there is");
  }
  FillFromEnvironment(environment, given);
  return given;
}

}  // namespace cosfuse
