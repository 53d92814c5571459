#include "app/validate_options.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "app/parse_values.h"
#include "auth/iam_exchange.h"
#include "http/url.h"

namespace cosfuse {
namespace {

std::unexpected<Error> ComplainAbout(const GivenValue& value, const std::string& cause, const std::string& remedy) {
  return Complain(value.source + " \"" + value.text + "\" " + cause, remedy);
}

/// What an option may hold: a parsed form and a range of it.
template <typename T>
Result<> Take(const Given& given, std::optional<T> (*parse)(std::string_view), T least, T most,
              const std::string& allowed, T& out) {
  if (!given) return {};
  const std::optional<T> value = parse(given->text);
  if (!value) return ComplainAbout(*given, "is not " + allowed, "Write " + allowed);
  if (*value < least || *value > most) return ComplainAbout(*given, "is out of range", "Write " + allowed);
  out = *value;
  return {};
}

template <typename T, size_t N>
Result<> TakeWord(const Given& given, const std::array<std::pair<std::string_view, T>, N>& words, T& out) {
  if (!given) return {};
  std::string list;
  for (const auto& [word, value] : words) {
    if (given->text == word) {
      out = value;
      return {};
    }
    list += (list.empty() ? "" : ", ") + std::string(word);
  }
  return ComplainAbout(*given, "is unknown", "Write one of: " + list);
}

Result<std::string> TakeMountpoint(const Given& given, const std::string& how) {
  if (!given || given->text.empty()) return Complain("no mountpoint given", "Write: " + how);
  return given->text;
}

/// A base URL as the rest of the program wants it: scheme and host, and nothing behind. `instead` ends what is said of
/// one with a path: "Write https://HOST" + `instead`.
Result<std::string> TakeEndpoint(const GivenValue& given, bool allow_http, const std::string& instead) {
  // IBM's documents show endpoints without a scheme as well; the service speaks https alone.
  const bool has_scheme = given.text.find("://") != std::string::npos;
  const std::string text = has_scheme ? given.text : "https://" + given.text;
  const Result<Url> url = ParseUrl(text);
  if (!url) return ComplainAbout(given, "is not usable (" + url.error().message() + ")", "Write https://HOST");
  std::string base = url->Origin();
  if (url->path.find_first_not_of('/') != std::string::npos) {
    return ComplainAbout(given, "has a path", "Write " + base + instead);
  }
  if (!IsTransportAllowed(*url, allow_http)) {
    return ComplainAbout(given, "would send the token unencrypted", "Write https://, or add --allow-http");
  }
  return base;
}

Result<std::string> TakeIamEndpoint(const Given& given, bool allow_http) {
  if (!given) return std::string(kDefaultIamEndpoint);
  GivenValue base = *given;
  // IBM's SDKs take the whole path as well.
  while (base.text.ends_with('/')) base.text.pop_back();
  constexpr std::string_view kPath = "/identity/token";
  if (base.text.ends_with(kPath)) base.text.resize(base.text.size() - kPath.size());
  return TakeEndpoint(base, allow_http, " or " + std::string(kPrivateIamEndpoint));
}

/// Who we are can be said in one way only.
Result<> CheckOneIdentity(const GivenOptions& given) {
  const Given profile = given.profile_id     ? given.profile_id
                        : given.profile_name ? given.profile_name
                                             : given.profile_crn;
  const auto contradiction = [](const std::string& one, const std::string& other) {
    return Complain(one + " and " + other + " contradict each other", "Give one of them");
  };
  if (given.anonymous) {
    for (const Given* other : {&profile, &given.api_key_file}) {
      if (*other) return contradiction("--anonymous", (*other)->source);
    }
    return {};
  }
  if (profile && given.api_key_file) return contradiction(profile->source, given.api_key_file->source);
  if (!profile && !given.api_key_file) {
    return Complain("no trusted profile given",
                    "Set TRUSTED_PROFILE_ID, or --profile-id (ibmcloud iam trusted-profiles lists them); outside of a "
                    "cluster --api-key-file, for a public bucket --anonymous");
  }
  return {};
}

Result<IdentityOptions> ValidateIdentity(const GivenOptions& given) {
  RETURN_IF_ERROR(CheckOneIdentity(given));
  IdentityOptions identity;
  const auto text = [](const Given& value) { return value ? value->text : std::string(); };
  identity.profile_id = text(given.profile_id);
  identity.profile_name = text(given.profile_name);
  identity.profile_crn = text(given.profile_crn);
  identity.token_file = text(given.token_file);
  identity.ca_file = text(given.ca_file);
  identity.api_key_file = text(given.api_key_file);
  identity.anonymous = given.anonymous;
  identity.allow_http = given.allow_http;
  if (given.profile_id && !identity.profile_id.starts_with("Profile-")) {
    return ComplainAbout(*given.profile_id, "is not the id of a trusted profile",
                         "An id begins with \"Profile-\"; a name goes to --profile-name, a CRN to --profile-crn");
  }
  if (given.profile_crn && !identity.profile_crn.starts_with("crn:")) {
    return ComplainAbout(*given.profile_crn, "is not a CRN", "Write crn:v1:…:profile:Profile-…, or use --profile-id");
  }
  if (given.profile_crn && given.profile_id && !identity.profile_crn.ends_with(":" + identity.profile_id)) {
    return Complain(given.profile_id->source + " and " + given.profile_crn->source + " name different profiles",
                    "Give one of them");
  }
  ASSIGN_OR_RETURN(identity.iam_endpoint, TakeIamEndpoint(given.iam_endpoint, given.allow_http));
  return identity;
}

Result<BucketOptions> ValidateBucket(const GivenOptions& given, const Given& bucket) {
  if (!given.endpoint) {
    return Complain("no COS endpoint given",
                    "Set COS_ENDPOINT, or --endpoint https://s3.REGION.cloud-object-storage.appdomain.cloud");
  }
  if (!bucket) return Complain("no bucket given", "Set COS_BUCKET, or --bucket BUCKET[:PREFIX]");
  BucketOptions options;
  ASSIGN_OR_RETURN(options.endpoint,
                   TakeEndpoint(*given.endpoint, given.allow_http, " and give the bucket by --bucket or COS_BUCKET"));
  BucketAndPrefix parts = SplitBucket(bucket->text);
  if (!IsBucketName(parts.bucket)) {
    return ComplainAbout(*bucket, "does not name a bucket",
                         "Write BUCKET or BUCKET:PREFIX; a bucket has 3 to 63 lower-case letters, digits, '-' "
                         "and '.', begins and ends with a letter or digit, and has no two dots in a row");
  }
  // A key has 1024 bytes at most, and below a prefix there has to be room for names.
  constexpr size_t kLongestPrefix = 768;
  if (parts.prefix.size() > kLongestPrefix) {
    return ComplainAbout(*bucket, "has a prefix of more than 768 bytes", "Mount a shorter prefix");
  }
  options.bucket = std::move(parts.bucket);
  options.prefix = std::move(parts.prefix);
  return options;
}

Result<LogOptions> ValidateLog(const GivenOptions& given) {
  static constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLevels = {{{"debug", LogLevel::kDebug},
                                                                                    {"info", LogLevel::kInfo},
                                                                                    {"warning", LogLevel::kWarning},
                                                                                    {"error", LogLevel::kError}}};
  static constexpr std::array<std::pair<std::string_view, LogFormat>, 3> kFormats = {
      {{"auto", LogFormat::kAuto}, {"text", LogFormat::kText}, {"json", LogFormat::kJson}}};
  LogOptions log;
  RETURN_IF_ERROR(TakeWord(given.log_level, kLevels, log.level));
  RETURN_IF_ERROR(TakeWord(given.log_format, kFormats, log.format));
  return log;
}

Result<> ValidateModes(const GivenOptions& given, MountOptions& options) {
  const std::string octal = "octal permissions, 0 to 777";
  mode_t umask = 022;
  RETURN_IF_ERROR(Take<mode_t>(given.umask, ParsePermissions, 0, 0777, octal, umask));
  if (given.umask && given.file_mode && given.directory_mode) {
    return Complain("--umask has no effect beside --file-mode and --dir-mode", "Leave it out");
  }
  options.file_mode = 0666 & ~umask;
  options.directory_mode = 0777 & ~umask;
  RETURN_IF_ERROR(Take<mode_t>(given.file_mode, ParsePermissions, 0, 0777, octal, options.file_mode));
  return Take<mode_t>(given.directory_mode, ParsePermissions, 0, 0777, octal, options.directory_mode);
}

Result<std::optional<uint32_t>> TakeUserNumber(const Given& given) {
  if (!given) return std::nullopt;
  uint64_t number = 0;
  // The largest value means "no user" to the kernel.
  constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max() - 1;
  RETURN_IF_ERROR(Take<uint64_t>(given, ParseNumber, 0, kMost, "a number, not a name", number));
  return static_cast<uint32_t>(number);
}

/// COSFUSE_TERMINATION_GRACE is the pod's terminationGracePeriodSeconds: ten seconds of it stay for everything else.
Result<> ValidateTimes(const GivenOptions& given, MountOptions& options) {
  using std::chrono::seconds;
  constexpr Duration kDay = seconds(24 * 3600);
  const std::string number = "seconds, fractions allowed";
  RETURN_IF_ERROR(Take<Duration>(given.ttl, ParseDuration, Duration(0), 365 * kDay, number, options.ttl));
  if (given.termination_grace) {
    Duration grace{0};
    RETURN_IF_ERROR(Take<Duration>(given.termination_grace, ParseDuration, Duration(0), kDay, number, grace));
    options.drain_timeout = std::max<Duration>(grace - seconds(10), seconds(1));
  }
  RETURN_IF_ERROR(Take<Duration>(given.drain_timeout, ParseDuration, Duration(0), kDay, "seconds, up to a day",
                                 options.drain_timeout));
  RETURN_IF_ERROR(Take<Duration>(given.retry_base, ParseDuration, std::chrono::microseconds(1), options.retries.cap,
                                 "seconds, up to 10", options.retries.base));
  return Take<Duration>(given.io_timeout, ParseDuration, seconds(1), kDay, "seconds, from 1 to a day",
                        options.io_timeout);
}

Result<> ValidateSizes(const GivenOptions& given, MountOptions& options) {
  RETURN_IF_ERROR(Take<ByteCount>(given.capacity, ParseSize, kMiB, ByteCount{1024} * 1024 * kTiB,
                                  "a size like 10T, 1M at least", options.capacity));
  // Limits of COS's multipart uploads: a part has 5 MB to 5 GB.
  RETURN_IF_ERROR(
      Take<ByteCount>(given.part_size, ParseSize, 5 * kMiB, 5 * kGiB, "a size from 5M to 5G", options.part_size));
  ByteCount cache_size = 0;
  RETURN_IF_ERROR(Take<ByteCount>(given.cache_size, ParseSize, 64 * kMiB, 1024 * kTiB, "a size like 10G, 64M at least",
                                  cache_size));
  if (given.cache_size) options.cache_size = cache_size;
  ByteCount ephemeral_storage = 0;
  RETURN_IF_ERROR(Take<ByteCount>(given.ephemeral_storage, ParseSize, 64 * kMiB, 1024 * kTiB,
                                  "a size like 10G, 64M at least", ephemeral_storage));
  if (given.ephemeral_storage) options.ephemeral_storage = ephemeral_storage;
  ByteCount memory = 0;
  RETURN_IF_ERROR(
      Take<ByteCount>(given.memory, ParseSize, 64 * kMiB, 1024 * kTiB, "a size like 512M, 64M at least", memory));
  if (given.memory) options.memory = memory;
  return {};
}

Result<> ValidatePatterns(const Given& given, std::string_view example, NamePatterns& names) {
  if (!given) return {};
  const Result<NamePatterns> parsed = NamePatterns::Parse(given->text);
  if (!parsed) {
    return ComplainAbout(*given, parsed.error().message(),
                         "Write patterns with commas between them, like " + std::string(example) + ", or all, or none");
  }
  names = *parsed;
  return {};
}

Result<> ValidateDurability(const GivenOptions& given, MountOptions& options) {
  static constexpr std::array<std::pair<std::string_view, Durability>, 2> kDurabilities = {
      {{"close", Durability::kClose}, {"journal", Durability::kJournal}}};
  static constexpr std::array<std::pair<std::string_view, Durability>, 2> kForFsync = {
      {{"bucket", Durability::kClose}, {"journal", Durability::kJournal}}};
  RETURN_IF_ERROR(TakeWord(given.durability, kDurabilities, options.durability));
  RETURN_IF_ERROR(TakeWord(given.fsync_durability, kForFsync, options.fsync_durability));
  if (given.journal_sync && given.journal_sync->text != "each") {
    RETURN_IF_ERROR(Take<Duration>(given.journal_sync, ParseDuration, std::chrono::milliseconds(1),
                                   std::chrono::minutes(1), "each, or seconds, up to 60", options.journal_sync));
  }
  RETURN_IF_ERROR(ValidatePatterns(given.barrier, "_SUCCESS,*.done", options.barrier_names));
  RETURN_IF_ERROR(Take<Duration>(given.max_delay, ParseDuration, Duration(0), std::chrono::hours(1),
                                 "seconds, up to an hour", options.max_delay));
  if (options.durability == Durability::kJournal) return {};
  for (const Given* const other : {&given.fsync_durability, &given.journal_sync, &given.barrier, &given.max_delay}) {
    if (*other) return ComplainAbout(**other, "it has no effect without --durability=journal", "Say that as well");
  }
  return {};
}

Result<> ValidateConflicts(const GivenOptions& given, MountOptions& options) {
  constexpr size_t kLongestPrefix = 256;  // It has to leave room for a key.
  static constexpr std::array<std::pair<std::string_view, ConflictPolicy>, 3> kPolicies = {
      {{"keep", ConflictPolicy::kKeep}, {"fail", ConflictPolicy::kFail}, {"overwrite", ConflictPolicy::kOverwrite}}};
  RETURN_IF_ERROR(TakeWord(given.on_conflict, kPolicies, options.on_conflict));
  RETURN_IF_ERROR(Take<ByteCount>(given.conflict_base, ParseSize, ByteCount{0}, 5 * kGiB,
                                  "a size like 8M, up to 5G, or 0", options.conflict_base));
  if (!given.conflict_prefix || given.conflict_prefix->text.empty()) return {};
  std::string prefix = given.conflict_prefix->text;
  if (!prefix.ends_with('/')) prefix += '/';
  if (prefix.starts_with('/') || prefix.find("//") != std::string::npos || prefix.size() > kLongestPrefix) {
    return ComplainAbout(*given.conflict_prefix, "it is no directory of the bucket of up to 256 bytes",
                         "Write it like conflicts/ or lost/found/, without a slash before it");
  }
  options.conflict_prefix = std::move(prefix);
  return {};
}

Result<MountOptions> ValidateMount(const GivenOptions& given, const Given& bucket) {
  static constexpr std::array<std::pair<std::string_view, AccessRequest>, 4> kAccess = {
      {{"auto", AccessRequest::kAuto},
       {"read-write", AccessRequest::kReadWrite},
       {"read-only", AccessRequest::kReadOnly},
       {"write-only", AccessRequest::kWriteOnly}}};
  MountOptions options;
  ASSIGN_OR_RETURN(options.bucket, ValidateBucket(given, bucket));
  ASSIGN_OR_RETURN(options.identity, ValidateIdentity(given));
  ASSIGN_OR_RETURN(options.log, ValidateLog(given));
  RETURN_IF_ERROR(TakeWord(given.access, kAccess, options.access));
  RETURN_IF_ERROR(ValidateDurability(given, options));
  RETURN_IF_ERROR(ValidateConflicts(given, options));
  // What is public is public to read: a change is better refused at its open than at its close.
  if (given.anonymous && options.access == AccessRequest::kAuto) options.access = AccessRequest::kReadOnly;
  RETURN_IF_ERROR(ValidateModes(given, options));
  RETURN_IF_ERROR(ValidateTimes(given, options));
  RETURN_IF_ERROR(ValidateSizes(given, options));
  RETURN_IF_ERROR(ValidatePatterns(given.exclusive_create, kUsualLockNames, options.exclusive_names));
  ASSIGN_OR_RETURN(options.uid, TakeUserNumber(given.uid));
  ASSIGN_OR_RETURN(options.gid, TakeUserNumber(given.gid));
  options.allow_other = given.allow_other;
  options.cache_directory = given.cache_directory ? given.cache_directory->text : "";
  options.pid_file = given.pid_file ? given.pid_file->text : "";
  return options;
}

Given Positional(const GivenOptions& given, size_t index) {
  if (index >= given.positionals.size()) return std::nullopt;
  return GivenValue{given.positionals[index], "argument"};
}

std::unexpected<Error> ComplainOfTwoBuckets() {
  return Complain("the bucket is given twice, as an argument and by --bucket", "Leave one of them out");
}

Result<Command> ValidateMountCommand(const GivenOptions& given) {
  MountCommand command;
  const size_t count = given.positionals.size();
  const Given mountpoint = count == 0 ? Given() : Positional(given, count - 1);
  if (count == 2 && given.bucket && given.bucket->source == "--bucket") return ComplainOfTwoBuckets();
  ASSIGN_OR_RETURN(const std::string path, TakeMountpoint(mountpoint, "cosfuse mount [BUCKET[:PREFIX]] MOUNTPOINT"));
  ASSIGN_OR_RETURN(command.options, ValidateMount(given, count == 2 ? Positional(given, 0) : given.bucket));
  command.options.mountpoint = path;
  command.background = given.background;
  return command;
}

Result<Command> ValidateRunCommand(const GivenOptions& given) {
  RunCommand command;
  const std::string how = "cosfuse run --mount MOUNTPOINT -- PROGRAM ARGUMENTS";
  ASSIGN_OR_RETURN(const std::string path, TakeMountpoint(given.mountpoint, how));
  if (given.program.empty()) return Complain("no program given", "Write: " + how);
  ASSIGN_OR_RETURN(command.options, ValidateMount(given, given.bucket));
  command.options.mountpoint = path;
  command.program = given.program;
  return command;
}

Result<Command> ValidateWaitCommand(const GivenOptions& given) {
  WaitCommand command;
  ASSIGN_OR_RETURN(command.mountpoint, TakeMountpoint(Positional(given, 0), "cosfuse wait MOUNTPOINT"));
  RETURN_IF_ERROR(Take<Duration>(given.timeout, ParseDuration, Duration(0), std::chrono::hours(24),
                                 "seconds, up to a day", command.timeout));
  return command;
}

Result<Command> ValidateTokenCommand(const GivenOptions& given) {
  if (given.anonymous) return Complain("--anonymous means that there is no token to show", "Leave it out");
  TokenCommand command;
  ASSIGN_OR_RETURN(command.identity, ValidateIdentity(given));
  ASSIGN_OR_RETURN(command.log, ValidateLog(given));
  command.header = given.header;
  return command;
}

Result<Command> ValidateRecoverCommand(const GivenOptions& given) {
  struct Form {
    std::string_view word;
    RecoverAction action;
    size_t arguments;
  };
  static constexpr std::array<Form, 4> kForms = {{{"list", RecoverAction::kList, 1},
                                                  {"export", RecoverAction::kExport, 3},
                                                  {"upload", RecoverAction::kUpload, 2},
                                                  {"discard", RecoverAction::kDiscard, 2}}};
  const std::string remedy = "Write: cosfuse recover list, export ENTRY FILE, upload ENTRY, or discard ENTRY";
  if (given.positionals.empty()) return Complain("recover lacks its action", remedy);
  const std::string& word = given.positionals.front();
  const auto* const form = std::ranges::find(kForms, word, &Form::word);
  if (form == kForms.end()) return Complain("recover does not know \"" + word + "\"", remedy);
  if (given.positionals.size() != form->arguments) {
    return Complain("recover " + word + " takes another number of arguments", remedy);
  }
  RecoverCommand command;
  command.action = form->action;
  if (form->arguments > 1) command.entry = given.positionals[1];
  if (form->arguments > 2) command.output = given.positionals[2];
  command.cache_directory = given.cache_directory ? given.cache_directory->text : "";
  ASSIGN_OR_RETURN(command.log, ValidateLog(given));
  // Most of it needs no store, and so nobody's name.
  if (const auto identity = ValidateIdentity(given)) {
    command.identity = *identity;
  } else {
    command.why_no_identity = identity.error().message();
  }
  return command;
}

Result<Command> ValidateDoctorCommand(const GivenOptions& given) {
  DoctorCommand command;
  if (!given.positionals.empty() && given.bucket && given.bucket->source == "--bucket") return ComplainOfTwoBuckets();
  const Given bucket = given.positionals.empty() ? given.bucket : Positional(given, 0);
  ASSIGN_OR_RETURN(command.bucket, ValidateBucket(given, bucket));
  ASSIGN_OR_RETURN(command.identity, ValidateIdentity(given));
  ASSIGN_OR_RETURN(command.log, ValidateLog(given));
  return command;
}

}  // namespace

Result<Command> ValidateOptions(const GivenOptions& given) {
  switch (given.command) {
    case CommandName::kMount: return ValidateMountCommand(given);
    case CommandName::kRun: return ValidateRunCommand(given);
    case CommandName::kWait: return ValidateWaitCommand(given);
    case CommandName::kToken: return ValidateTokenCommand(given);
    case CommandName::kRecover: return ValidateRecoverCommand(given);
    case CommandName::kDoctor: return ValidateDoctorCommand(given);
    case CommandName::kUnmount: {
      ASSIGN_OR_RETURN(std::string path, TakeMountpoint(Positional(given, 0), "cosfuse unmount MOUNTPOINT"));
      return UnmountCommand{.mountpoint = std::move(path), .force = given.force};
    }
    case CommandName::kShowText: return ShowTextCommand{given.text};
  }
  return Fail(ErrorCode::kInternal, "unknown command");
}

}  // namespace cosfuse
