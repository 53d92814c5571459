#include "app/options.h"

#include <gtest/gtest.h>

#include <array>
#include <map>

namespace cosfuse {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

Result<GivenOptions> Parse(const std::vector<std::string>& arguments, const Variables& variables = {}) {
  return ParseArguments(arguments, [&variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

std::string ErrorOf(const std::vector<std::string>& arguments) {
  const auto given = Parse(arguments);
  return given ? "no error" : given.error().message();
}

TEST(ParseArguments, TakesBucketAndMountpointAsPositionals) {
  const auto given = Parse({"mount", "b:p", "/mnt", "--ttl", "3"});
  ASSERT_TRUE(given) << given.error().message();
  EXPECT_EQ(given->command, CommandName::kMount);
  EXPECT_EQ(given->positionals, (std::vector<std::string>{"b:p", "/mnt"}));
  EXPECT_EQ(given->ttl->text, "3");
  EXPECT_EQ(given->ttl->source, "--ttl");
}

TEST(ParseArguments, AcceptsAnEqualsSignAndTheLastOfRepeatedFlags) {
  const auto given = Parse({"mount", "/mnt", "--ttl=3", "--ttl=4"});
  ASSERT_TRUE(given) << given.error().message();
  EXPECT_EQ(given->ttl->text, "4");
}

TEST(ParseArguments, EveryVariableOfThePodIsRead) {
  const Variables pod = {{"COS_ENDPOINT", "e"},
                         {"COS_BUCKET", "b"},
                         {"TRUSTED_PROFILE_ID", "i"},
                         {"TRUSTED_PROFILE_NAME", "n"},
                         {"TRUSTED_PROFILE_CRN", "c"},
                         {"CR_TOKEN_FILE_PATH", "t"},
                         {"COSFUSE_API_KEY_FILE", "k"},
                         {"IBM_AUTH_ENDPOINT", "a"},
                         {"COSFUSE_CA_FILE", "f"},
                         {"COSFUSE_ACCESS", "r"},
                         {"COSFUSE_TTL", "1"},
                         {"COSFUSE_CACHE_DIR", "d"},
                         {"COSFUSE_CACHE_SIZE", "s"},
                         {"COSFUSE_EPHEMERAL_STORAGE", "e"},
                         {"COSFUSE_MEMORY", "m"},
                         {"COSFUSE_DRAIN_TIMEOUT", "2"},
                         {"COSFUSE_LOG_LEVEL", "l"},
                         {"COSFUSE_TERMINATION_GRACE", "g"},
                         {"COSFUSE_TEST_RETRY_BASE", "h"},
                         {"COS_OBJECT", "x"},
                         {"IBM_SERVICE_INSTANCE_ID", "y"}};
  const auto given = Parse({"mount", "/mnt"}, pod);
  ASSERT_TRUE(given) << given.error().message();
  const std::map<std::string, Given GivenOptions::*> members = {
      {"COS_ENDPOINT", &GivenOptions::endpoint},
      {"COS_BUCKET", &GivenOptions::bucket},
      {"TRUSTED_PROFILE_ID", &GivenOptions::profile_id},
      {"TRUSTED_PROFILE_NAME", &GivenOptions::profile_name},
      {"TRUSTED_PROFILE_CRN", &GivenOptions::profile_crn},
      {"CR_TOKEN_FILE_PATH", &GivenOptions::token_file},
      {"COSFUSE_API_KEY_FILE", &GivenOptions::api_key_file},
      {"IBM_AUTH_ENDPOINT", &GivenOptions::iam_endpoint},
      {"COSFUSE_CA_FILE", &GivenOptions::ca_file},
      {"COSFUSE_ACCESS", &GivenOptions::access},
      {"COSFUSE_TTL", &GivenOptions::ttl},
      {"COSFUSE_CACHE_DIR", &GivenOptions::cache_directory},
      {"COSFUSE_CACHE_SIZE", &GivenOptions::cache_size},
      {"COSFUSE_EPHEMERAL_STORAGE", &GivenOptions::ephemeral_storage},
      {"COSFUSE_MEMORY", &GivenOptions::memory},
      {"COSFUSE_DRAIN_TIMEOUT", &GivenOptions::drain_timeout},
      {"COSFUSE_LOG_LEVEL", &GivenOptions::log_level},
      {"COSFUSE_TERMINATION_GRACE", &GivenOptions::termination_grace},
      {"COSFUSE_TEST_RETRY_BASE", &GivenOptions::retry_base}};
  for (const auto& [name, member] : members) {
    const Given& value = (*given).*member;
    ASSERT_TRUE(value) << name;
    EXPECT_EQ(value->text, pod.find(name)->second);
    EXPECT_EQ(value->source, name);
  }
}

TEST(ParseArguments, AFlagWinsOverItsVariable) {
  const auto given = Parse({"mount", "/mnt", "--ttl", "3"}, {{"COSFUSE_TTL", "9"}});
  ASSERT_TRUE(given);
  EXPECT_EQ(given->ttl->text, "3");
}

TEST(ParseArguments, AnEmptyVariableCountsAsNotSet) {
  const auto given = Parse({"mount", "/mnt"}, {{"COSFUSE_TTL", ""}});
  ASSERT_TRUE(given);
  EXPECT_FALSE(given->ttl);
}

TEST(ParseArguments, AnIdentityGivenByFlagHidesTheVariablesOfAll) {
  const Variables variables = {{"TRUSTED_PROFILE_ID", "Profile-1"}, {"COSFUSE_API_KEY_FILE", "/key"}};
  const auto profile = Parse({"mount", "/mnt", "--profile-name", "n"}, variables);
  ASSERT_TRUE(profile);
  EXPECT_FALSE(profile->profile_id || profile->api_key_file);
  EXPECT_EQ(profile->profile_name->text, "n");
  const auto key = Parse({"mount", "/mnt", "--api-key-file", "k"}, variables);
  ASSERT_TRUE(key);
  EXPECT_FALSE(key->profile_id);
  EXPECT_EQ(key->api_key_file->text, "k");
  const auto nobody = Parse({"mount", "/mnt", "--anonymous"}, variables);
  ASSERT_TRUE(nobody);
  EXPECT_TRUE(nobody->anonymous);
  EXPECT_FALSE(nobody->profile_id || nobody->api_key_file);
}

TEST(ParseArguments, WhatStandsAfterTheDashesBelongsToTheProgram) {
  const auto given = Parse({"run", "--mount", "/mnt", "--", "tar", "--help", "--", "-x"});
  ASSERT_TRUE(given) << given.error().message();
  EXPECT_EQ(given->command, CommandName::kRun);
  EXPECT_EQ(given->mountpoint->text, "/mnt");
  EXPECT_EQ(given->program, (std::vector<std::string>{"tar", "--help", "--", "-x"}));
}

TEST(ParseArguments, HelpAndVersionAreTextToShow) {
  EXPECT_NE(Parse({"--help"})->text.find("mount"), std::string::npos);
  EXPECT_NE(Parse({"mount", "--help"})->text.find("COS_ENDPOINT"), std::string::npos);
  EXPECT_TRUE(Parse({"--version"})->text.starts_with("cosfuse "));
  EXPECT_EQ(Parse({"mount", "--help"})->command, CommandName::kShowText);
}

TEST(ParseArguments, ComplaintsAreOneLineWithCauseAndRemedy) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> table = {
      {{}, "no command given. cosfuse --help lists them."},
      {{"mout"}, "unknown command mout. Did you mean mount? cosfuse --help lists what there is."},
      {{"mount", "/mnt", "--tll", "3"},
       "unknown option --tll. Did you mean --ttl? cosfuse mount --help lists what there is."},
      {{"mount", "/mnt", "--acess=auto"},
       "unknown option --acess. Did you mean --access? cosfuse mount --help lists what there is."},
      {{"mount", "/mnt", "--zzzzzzzz"}, "unknown option --zzzzzzzz. cosfuse mount --help lists what there is."},
      {{"run", "--mount", "/mnt", "--background", "--", "true"},
       "unknown option --background. cosfuse run --help lists what there is."},
      {{"run", "/mnt", "--", "true"}, "unexpected argument /mnt. cosfuse run --help lists what there is."},
      {{"unmount", "/a", "/b"}, "unexpected argument /b. cosfuse unmount --help lists what there is."},
  };
  for (const auto& [arguments, message] : table) EXPECT_EQ(ErrorOf(arguments), message);
}

TEST(ParseArguments, AnOptionWithoutItsValueIsAComplaint) {
  const std::string message = ErrorOf({"mount", "/mnt", "--ttl"});
  EXPECT_NE(message.find("--ttl"), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(NearestName, PrefersTheClosestAndGivesUpBeyondAThird) {
  const std::array<std::string, 3> names = {"--ttl", "--umask", "--uid"};
  EXPECT_EQ(NearestName("--umsk", names), "--umask");
  EXPECT_EQ(NearestName("--uidd", names), "--uid");
  EXPECT_EQ(NearestName("--endpoint", names), "");
}

}  // namespace
}  // namespace cosfuse
