#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace cosfuse {

/// A value as the user gave it, and where ("--ttl", "COSFUSE_TTL"), so that a complaint can name it.
struct GivenValue {
  std::string text;
  std::string source;
};
using Given = std::optional<GivenValue>;

enum class CommandName { kMount, kRun, kUnmount, kWait, kToken, kRecover, kDoctor, kShowText };

/// The command line and the environment, read but not judged: which options exist is decided here, what their values
/// may be in app/validate_options.h.
struct GivenOptions {
  CommandName command = CommandName::kShowText;
  std::string text;                      ///< kShowText: what to show.
  std::vector<std::string> positionals;  ///< mount: [BUCKET] MOUNTPOINT; unmount, wait: MOUNTPOINT;
  ///< recover: ACTION [ENTRY [FILE]]; doctor: [BUCKET].
  std::vector<std::string> program;  ///< run: what stands after "--".

  Given mountpoint;  ///< run: --mount.
  Given endpoint, bucket;
  Given profile_id, profile_name, profile_crn, token_file, api_key_file, iam_endpoint, ca_file;
  Given access, ttl, uid, gid, umask, file_mode, directory_mode, capacity, exclusive_create;
  Given cache_directory, cache_size, ephemeral_storage, memory, part_size, on_conflict, conflict_prefix, conflict_base;
  Given drain_timeout, termination_grace, io_timeout, pid_file;
  Given log_level, log_format;
  Given timeout;  ///< wait.
  /// The upper end of the first wait between two tries of a request. Tests set it (COSFUSE_TEST_RETRY_BASE) where a
  /// store fails on purpose; nobody else does, and there is no flag.
  Given retry_base;
  /// A close that returns when its bytes are safe on the local disk, and how long their upload may wait: built, and not
  /// offered yet (docs/adr/0007).
  Given durability, fsync_durability, journal_sync, max_delay, barrier;

  bool anonymous = false;
  bool allow_http = false;
  bool background = false;
  bool header = false;
  bool force = false;
  std::optional<bool> allow_other;
};

/// Looks one environment variable up.
using EnvironmentLookup = std::function<std::optional<std::string>(std::string_view name)>;

/// Reads a command line (without the program's name) and the environment. A flag wins over a variable; an empty
/// variable counts as not set; a flag that says who we are (--profile-id, --profile-name, --profile-crn,
/// --api-key-file,
/// --anonymous) hides the variables of all of them.
///
/// Errors: kInvalidArgument with one line "CAUSE. REMEDY" for what does not exist or lacks its value.
Result<GivenOptions> ParseArguments(std::span<const std::string> arguments, const EnvironmentLookup& environment);

/// What is wrong with a command line or the environment, as one line "CAUSE. REMEDY.": kInvalidArgument.
std::unexpected<Error> Complain(const std::string& cause, const std::string& remedy);

/// The one of `candidates` that is likely meant by `wrong`; empty where none is near. Pure.
std::string NearestName(std::string_view wrong, std::span<const std::string> candidates);

}  // namespace cosfuse
