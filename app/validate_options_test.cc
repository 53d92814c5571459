#include "app/validate_options.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>
#include <vector>

namespace cosfuse {
namespace {

const std::map<std::string, std::string, std::less<>> kPod = {
    {"COS_ENDPOINT", "https://s3.eu-de.cloud-object-storage.appdomain.cloud"},
    {"COS_BUCKET", "my-bucket"},
    {"TRUSTED_PROFILE_ID", "Profile-1"}};

Result<Command> Judge(const std::vector<std::string>& arguments,
                      const std::map<std::string, std::string, std::less<>>& added = {},
                      const std::vector<std::string>& removed = {}) {
  auto variables = kPod;
  for (const auto& [name, value] : added) variables[name] = value;
  for (const std::string& name : removed) variables.erase(name);
  const auto given = ParseArguments(arguments, [&variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
  if (!given) return Fail(given.error());
  return ValidateOptions(*given);
}

MountOptions Mount(std::vector<std::string> arguments = {},
                   const std::map<std::string, std::string, std::less<>>& added = {}) {
  arguments.insert(arguments.begin(), {"mount", "/mnt"});
  const auto command = Judge(arguments, added);
  EXPECT_TRUE(command) << command.error().message();
  return command ? std::get<MountCommand>(*command).options : MountOptions{};
}

TEST(ValidateOptions, APodsEnvironmentIsEnough) {
  const MountOptions options = Mount();
  EXPECT_EQ(options.mountpoint, "/mnt");
  EXPECT_EQ(options.bucket.endpoint, "https://s3.eu-de.cloud-object-storage.appdomain.cloud");
  EXPECT_EQ(options.bucket.bucket, "my-bucket");
  EXPECT_EQ(options.bucket.prefix, "");
  EXPECT_EQ(options.identity.profile_id, "Profile-1");
  EXPECT_EQ(options.identity.iam_endpoint, "https://iam.cloud.ibm.com");
  EXPECT_EQ(options.access, AccessRequest::kAuto);
  EXPECT_EQ(options.ttl, std::chrono::seconds(1));
  EXPECT_EQ(options.file_mode, 0644U);
  EXPECT_EQ(options.directory_mode, 0755U);
  EXPECT_EQ(options.drain_timeout, std::chrono::seconds(25));
  EXPECT_FALSE(options.memory);
  EXPECT_FALSE(options.cache_size);
  EXPECT_FALSE(options.ephemeral_storage);
  EXPECT_FALSE(options.allow_other);
}

TEST(ValidateOptions, PrefixesAreBroughtToOneForm) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"my-bucket", ""},          {"my-bucket:", ""},     {"my-bucket:/", ""},       {"my-bucket:a", "a/"},
      {"my-bucket:/a/b", "a/b/"}, {"my-bucket:a/", "a/"}, {"my-bucket:a:b", "a:b/"},
  };
  for (const auto& [text, prefix] : table) {
    const MountOptions options = Mount({"--bucket", text});
    EXPECT_EQ(options.bucket.bucket, "my-bucket");
    EXPECT_EQ(options.bucket.prefix, prefix) << text;
  }
}

TEST(ValidateOptions, EndpointsAreBroughtToOneForm) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"https://host.example/", "https://host.example"},  {"https://host.example:443", "https://host.example"},
      {"host.example", "https://host.example"},           {"https://HOST.example:8443//", "https://host.example:8443"},
      {"http://127.0.0.1:9000", "http://127.0.0.1:9000"}, {"http://localhost:9000", "http://localhost:9000"},
  };
  for (const auto& [text, endpoint] : table) EXPECT_EQ(Mount({"--endpoint", text}).bucket.endpoint, endpoint);
}

TEST(ValidateOptions, TheIamEndpointMayCarryItsPath) {
  EXPECT_EQ(Mount({"--iam-endpoint", "https://private.iam.cloud.ibm.com/identity/token"}).identity.iam_endpoint,
            "https://private.iam.cloud.ibm.com");
  EXPECT_EQ(Mount({}, {{"IBM_AUTH_ENDPOINT", "https://iam.test.cloud.ibm.com/"}}).identity.iam_endpoint,
            "https://iam.test.cloud.ibm.com");
}

TEST(ValidateOptions, AnApiKeyFileTakesTheProfilesPlace) {
  const IdentityOptions identity = Mount({"--api-key-file", "/keys/cos"}).identity;
  EXPECT_EQ(identity.api_key_file, "/keys/cos");
  EXPECT_EQ(identity.profile_id, "");
  const auto command = Judge({"mount", "/mnt"}, {{"COSFUSE_API_KEY_FILE", "/keys/cos"}}, {"TRUSTED_PROFILE_ID"});
  ASSERT_TRUE(command) << command.error().message();
  EXPECT_EQ(std::get<MountCommand>(*command).options.identity.api_key_file, "/keys/cos");
}

TEST(ValidateOptions, AnonymousReadsUnlessToldOtherwise) {
  EXPECT_TRUE(Mount({"--anonymous"}).identity.anonymous);
  EXPECT_EQ(Mount({"--anonymous"}).access, AccessRequest::kReadOnly);
  EXPECT_EQ(Mount({"--anonymous", "--access", "read-write"}).access, AccessRequest::kReadWrite);
}

TEST(ValidateOptions, PlainHttpToAForeignHostNeedsConsent) {
  EXPECT_EQ(Mount({"--endpoint", "http://host.example", "--allow-http"}).bucket.endpoint, "http://host.example");
}

TEST(ValidateOptions, TheDrainTakesTheGracePeriodLessTenSecondsUnlessTold) {
  EXPECT_EQ(Mount({}, {{"COSFUSE_TERMINATION_GRACE", "60"}}).drain_timeout, std::chrono::seconds(50));
  EXPECT_EQ(Mount({}, {{"COSFUSE_TERMINATION_GRACE", "5"}}).drain_timeout, std::chrono::seconds(1));
  EXPECT_EQ(Mount({"--drain-timeout", "7"}, {{"COSFUSE_TERMINATION_GRACE", "60"}}).drain_timeout,
            std::chrono::seconds(7));
}

TEST(ValidateOptions, OnlyATestShortensTheWaitBetweenTries) {
  EXPECT_EQ(Mount({}).retries.base, RetryPolicy().base);
  EXPECT_EQ(Mount({}, {{"COSFUSE_TEST_RETRY_BASE", "0.001"}}).retries.base, std::chrono::milliseconds(1));
  const auto help =
      ParseArguments(std::vector<std::string>{"mount", "--help"}, [](std::string_view) { return std::nullopt; });
  ASSERT_TRUE(help);
  EXPECT_EQ(help->text.find("COSFUSE_TEST"), std::string::npos);
}

TEST(ValidateOptions, TheUmaskShapesModesThatAreNotGiven) {
  EXPECT_EQ(Mount({"--umask", "027"}).file_mode, 0640U);
  EXPECT_EQ(Mount({"--umask", "027"}).directory_mode, 0750U);
  EXPECT_EQ(Mount({"--umask", "027", "--file-mode", "600"}).file_mode, 0600U);
}

TEST(ValidateOptions, ValuesArriveTyped) {
  const MountOptions options = Mount({"--memory",
                                      "512M",
                                      "--cache-size",
                                      "20G",
                                      "--ephemeral-storage",
                                      "30G",
                                      "--part-size",
                                      "8MiB",
                                      "--capacity",
                                      "10T",
                                      "--ttl",
                                      "0.25",
                                      "--uid",
                                      "7",
                                      "--gid",
                                      "8",
                                      "--no-allow-other",
                                      "--on-conflict",
                                      "overwrite",
                                      "--conflict-prefix",
                                      "lost/found",
                                      "--conflict-base",
                                      "1M",
                                      "--access",
                                      "write-only",
                                      "--exclusive-create",
                                      "*.mutex,only-one",
                                      "--log-level",
                                      "warning",
                                      "--log-format",
                                      "json"});
  EXPECT_EQ(options.memory, 512 * kMiB);
  EXPECT_EQ(options.cache_size, 20 * kGiB);
  EXPECT_EQ(options.ephemeral_storage, 30 * kGiB);
  EXPECT_EQ(options.part_size, 8 * kMiB);
  EXPECT_EQ(options.on_conflict, ConflictPolicy::kOverwrite);
  EXPECT_EQ(options.conflict_prefix, "lost/found/");
  EXPECT_EQ(options.conflict_base, kMiB);
  EXPECT_EQ(options.capacity, 10 * kTiB);
  EXPECT_EQ(options.ttl, std::chrono::milliseconds(250));
  EXPECT_EQ(options.uid, 7U);
  EXPECT_EQ(options.gid, 8U);
  EXPECT_EQ(options.allow_other, false);
  EXPECT_EQ(options.access, AccessRequest::kWriteOnly);
  EXPECT_EQ(options.exclusive_names, NamePatterns::Parse("*.mutex,only-one"));
  EXPECT_EQ(options.log.level, LogLevel::kWarning);
  EXPECT_EQ(options.log.format, LogFormat::kJson);
}

TEST(ValidateOptions, ClosesThatDoNotWaitHaveOptionsOfTheirOwn) {
  const auto options = Mount({"--durability", "journal", "--fsync", "journal", "--journal-sync", "0.1", "--max-delay",
                              "2", "--barrier", "_SUCCESS,*.done"});
  EXPECT_EQ(options.durability, Durability::kJournal);
  EXPECT_EQ(options.fsync_durability, Durability::kJournal);
  EXPECT_EQ(options.journal_sync, std::chrono::milliseconds(100));
  EXPECT_EQ(options.max_delay, std::chrono::seconds(2));
  EXPECT_EQ(options.barrier_names, NamePatterns::Parse("_SUCCESS,*.done"));
  EXPECT_EQ(Mount({"--durability", "journal", "--journal-sync", "each"}).journal_sync, Duration(0));
}

TEST(ValidateOptions, OptionsOfTheJournalWithoutItAreRefused) {
  for (const char* const option : {"--fsync=journal", "--journal-sync=each", "--max-delay=1", "--barrier=*.done"}) {
    const auto command = Judge({"mount", option, "bucket", "/mnt"});
    ASSERT_FALSE(command) << option;
    EXPECT_NE(command.error().message().find("--durability=journal"), std::string::npos) << command.error().message();
  }
}

TEST(ValidateOptions, ThePositionalBucketWinsOverTheVariable) {
  const auto command = Judge({"mount", "other-bucket:x", "/mnt"});
  ASSERT_TRUE(command);
  EXPECT_EQ(std::get<MountCommand>(*command).options.bucket.bucket, "other-bucket");
  EXPECT_EQ(std::get<MountCommand>(*command).options.bucket.prefix, "x/");
}

TEST(ValidateOptions, OtherCommandsAreTyped) {
  EXPECT_TRUE(std::get<UnmountCommand>(*Judge({"unmount", "/mnt", "--force"})).force);
  EXPECT_EQ(std::get<WaitCommand>(*Judge({"wait", "/mnt", "--timeout", "2.5"})).timeout,
            std::chrono::milliseconds(2500));
  EXPECT_EQ(std::get<RunCommand>(*Judge({"run", "--mount", "/mnt", "--", "true"})).program.front(), "true");
  EXPECT_TRUE(std::get<TokenCommand>(*Judge({"token", "--header"}, {}, {"COS_ENDPOINT", "COS_BUCKET"})).header);
  EXPECT_TRUE(std::get<MountCommand>(*Judge({"mount", "/mnt", "--background"})).background);
}

struct Complaint {
  std::vector<std::string> arguments;
  std::string cause;  ///< How the line begins.
};

TEST(ValidateOptions, EachComplaintIsOneLineWithCauseAndRemedy) {
  const std::vector<Complaint> table = {
      {{"mount"}, "no mountpoint given. Write: cosfuse mount"},
      {{"run", "--", "true"}, "no mountpoint given. Write: cosfuse run"},
      {{"run", "--mount", "/mnt"}, "no program given. "},
      {{"unmount"}, "no mountpoint given. "},
      {{"wait"}, "no mountpoint given. "},
      {{"wait", "/mnt", "--timeout", "x"}, "--timeout \"x\" is not seconds"},
      {{"mount", "a-bucket", "/mnt", "--bucket", "b-bucket"}, "the bucket is given twice"},
      {{"mount", "/mnt", "--bucket", "My_Bucket"}, "--bucket \"My_Bucket\" does not name a bucket"},
      {{"mount", "/mnt", "--bucket", ""}, "--bucket \"\" does not name a bucket"},
      {{"mount", "UP", "/mnt"}, "argument \"UP\" does not name a bucket"},
      {{"mount", "/mnt", "--bucket", "my-bucket:" + std::string(800, 'x')}, "--bucket "},
      {{"mount", "/mnt", "--endpoint", "https://h.example/my-bucket"},
       "--endpoint \"https://h.example/my-bucket\" has a path"},
      {{"mount", "/mnt", "--endpoint", "http://h.example"},
       "--endpoint \"http://h.example\" would send the token unencrypted"},
      {{"mount", "/mnt", "--iam-endpoint", "http://h.example"}, "--iam-endpoint \"http://h.example\" would send"},
      {{"mount", "/mnt", "--endpoint", "ftp://h.example"}, "--endpoint \"ftp://h.example\" is not usable"},
      {{"mount", "/mnt", "--profile-id", "my-profile"},
       "--profile-id \"my-profile\" is not the id of a trusted profile"},
      {{"mount", "/mnt", "--profile-crn", "Profile-1"}, "--profile-crn \"Profile-1\" is not a CRN"},
      {{"mount", "/mnt", "--profile-id", "Profile-1", "--profile-crn", "crn:v1:x::profile:Profile-2"},
       "--profile-id and --profile-crn name different profiles"},
      {{"mount", "/mnt", "--anonymous", "--profile-name", "n"},
       "--anonymous and --profile-name contradict each other. Give one of them."},
      {{"mount", "/mnt", "--anonymous", "--api-key-file", "/k"},
       "--anonymous and --api-key-file contradict each other"},
      {{"mount", "/mnt", "--profile-id", "Profile-1", "--api-key-file", "/k"},
       "--profile-id and --api-key-file contradict each other"},
      {{"token", "--anonymous"}, "--anonymous means that there is no token to show"},
      {{"mount", "/mnt", "--iam-endpoint", "https://iam.cloud.ibm.com/identity"},
       "--iam-endpoint \"https://iam.cloud.ibm.com/identity\" has a path. Write https://iam.cloud.ibm.com or "
       "https://private.iam.cloud.ibm.com."},
      {{"mount", "/mnt", "--access", "rw"}, "--access \"rw\" is unknown. Write one of: auto, read-write, read-only"},
      {{"mount", "/mnt", "--ttl", "-1"}, "--ttl \"-1\" is not seconds"},
      {{"mount", "/mnt", "--ttl", "nan"}, "--ttl \"nan\" is not seconds"},
      {{"mount", "/mnt", "--io-timeout", "0"}, "--io-timeout \"0\" is out of range"},
      {{"mount", "/mnt", "--drain-timeout", "1000000"}, "--drain-timeout \"1000000\" is out of range"},
      {{"mount", "/mnt", "--uid", "root"}, "--uid \"root\" is not a number"},
      {{"mount", "/mnt", "--gid", "4294967295"}, "--gid \"4294967295\" is out of range"},
      {{"mount", "/mnt", "--umask", "9"}, "--umask \"9\" is not octal"},
      {{"mount", "/mnt", "--file-mode", "7777"}, "--file-mode \"7777\" is not octal"},
      {{"mount", "/mnt", "--umask", "0", "--file-mode", "600", "--dir-mode", "700"}, "--umask has no effect"},
      {{"mount", "/mnt", "--cache-size", "1M"}, "--cache-size \"1M\" is out of range"},
      {{"mount", "/mnt", "--ephemeral-storage", "all"}, "--ephemeral-storage \"all\" is not a size"},
      {{"mount", "/mnt", "--memory", "1M"}, "--memory \"1M\" is out of range"},
      {{"mount", "/mnt", "--memory", "much"}, "--memory \"much\" is not a size"},
      {{"mount", "/mnt", "--on-conflict", "merge"}, "--on-conflict \"merge\""},
      {{"mount", "/mnt", "--conflict-prefix", "/lost"}, "--conflict-prefix \"/lost\" it is no directory"},
      {{"mount", "/mnt", "--conflict-prefix", "a//b"}, "--conflict-prefix \"a//b\" it is no directory"},
      {{"mount", "/mnt", "--conflict-base", "6G"}, "--conflict-base \"6G\" is out of range"},
      {{"mount", "/mnt", "--part-size", "1M"}, "--part-size \"1M\" is out of range"},
      {{"mount", "/mnt", "--part-size", "6G"}, "--part-size \"6G\" is out of range"},
      {{"mount", "/mnt", "--capacity", "0"}, "--capacity \"0\" is out of range"},
      {{"mount", "/mnt", "--exclusive-create", "*.lock,"},
       "--exclusive-create \"*.lock,\" has an empty pattern. Write"},
      {{"mount", "/mnt", "--exclusive-create", ""}, "--exclusive-create \"\" has an empty pattern"},
      {{"mount", "/mnt", "--exclusive-create", "locks/*"}, "--exclusive-create \"locks/*\" has a pattern with a '/'"},
      {{"mount", "/mnt", "--exclusive-create", "all,lock"},
       "--exclusive-create \"all,lock\" says 'all' beside patterns"},
      {{"mount", "/mnt", "--log-level", "loud"}, "--log-level \"loud\" is unknown"},
      {{"mount", "/mnt", "--log-format", "xml"}, "--log-format \"xml\" is unknown"},
  };
  for (const Complaint& complaint : table) {
    const auto command = Judge(complaint.arguments);
    ASSERT_FALSE(command) << complaint.cause;
    const std::string& message = command.error().message();
    EXPECT_EQ(command.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_TRUE(message.starts_with(complaint.cause)) << message;
    EXPECT_NE(message.find(". "), std::string::npos) << "no remedy: " << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_TRUE(message.ends_with('.')) << message;
  }
}

TEST(ValidateOptions, AComplaintNamesTheVariableThatWasSet) {
  const auto command = Judge({"mount", "/mnt"}, {{"COSFUSE_TTL", "soon"}});
  ASSERT_FALSE(command);
  EXPECT_TRUE(command.error().message().starts_with("COSFUSE_TTL \"soon\"")) << command.error().message();
}

TEST(ValidateOptions, TwoVariablesThatContradictEachOtherAreNamed) {
  const auto command = Judge({"mount", "/mnt"}, {{"COSFUSE_API_KEY_FILE", "/keys/cos"}});
  ASSERT_FALSE(command);
  EXPECT_TRUE(command.error().message().starts_with("TRUSTED_PROFILE_ID and COSFUSE_API_KEY_FILE contradict"))
      << command.error().message();
}

TEST(ValidateOptions, WhatIsMissingIsNamed) {
  const std::vector<std::pair<std::string, std::string>> table = {{"COS_ENDPOINT", "no COS endpoint given"},
                                                                  {"COS_BUCKET", "no bucket given"},
                                                                  {"TRUSTED_PROFILE_ID", "no trusted profile given"}};
  for (const auto& [variable, cause] : table) {
    const auto command = Judge({"mount", "/mnt"}, {}, {variable});
    ASSERT_FALSE(command);
    EXPECT_TRUE(command.error().message().starts_with(cause)) << command.error().message();
    EXPECT_NE(command.error().message().find(variable), std::string::npos) << command.error().message();
  }
}

TEST(ValidateOptions, AnIdAndTheCrnOfTheSameProfileAgree) {
  EXPECT_EQ(Mount({"--profile-id", "Profile-1", "--profile-crn", "crn:v1:x::profile:Profile-1"}).identity.profile_id,
            "Profile-1");
}

}  // namespace
}  // namespace cosfuse
