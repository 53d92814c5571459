#include "tests/cli/cli_fixture.h"

namespace cosfuse::testing {
namespace {

TEST_F(BadInputTest, UsageErrorsExitWithTwo) {
  const std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> table = {
      {{"mount", mountpoint_, "--tll", "3"}, {"unknown option --tll", "Did you mean --ttl?"}},
      {{"mount", mountpoint_, "--nonsense"}, {"unknown option --nonsense", "cosfuse mount --help"}},
      {{"mount", mountpoint_, "--ttl"}, {"--ttl lacks its value", "cosfuse mount --help"}},
      {{"mount", mountpoint_, "--ttl", "soon"}, {"--ttl \"soon\" is not seconds"}},
      {{"mount", mountpoint_, "--part-size", "1"}, {"--part-size \"1\" is out of range", "5M to 5G"}},
      {{"mount", mountpoint_, "--io-timeout", "0"}, {"--io-timeout \"0\" is out of range", "from 1 to a day"}},
      {{"mount", mountpoint_, "--exclusive-create", "a,,b"},
       {"--exclusive-create \"a,,b\" has an empty pattern", "all, or none"}},
      {{"mount", mountpoint_, "--exclusive-create", "d/x"}, {"--exclusive-create \"d/x\" has a pattern with a '/'"}},
      {{"mount", mountpoint_, "--umask", "0", "--file-mode", "600", "--dir-mode", "700"}, {"--umask", "Leave it out"}},
      {{"mount", mountpoint_, "--anonymous", "--api-key-file", "/k"}, {"--anonymous and --api-key-file contradict"}},
      {{"mount", mountpoint_, "--profile-name", "n", "--api-key-file", "/k"}, {"--profile-name and --api-key-file"}},
      {{"mount", "one-bucket", mountpoint_, "--bucket", "two-bucket"}, {"given twice", "Leave one of them out"}},
      {{"mount", "a-bucket", mountpoint_, "third"}, {"unexpected argument third"}},
      {{"run", "--mount", mountpoint_}, {"no program given", "cosfuse run --mount"}},
      {{"token", "--anonymous"}, {"--anonymous", "Leave it out"}},
      {{"mount"}, {"no mountpoint given", "cosfuse mount"}},
      {{"unmont", mountpoint_}, {"unknown command unmont", "Did you mean unmount?"}},
      {{}, {"no command given"}}};
  for (const auto& [arguments, says] : table) ExpectRefusal(Cosfuse(arguments), 2, says);
}

TEST_F(BadInputTest, TheSameInTheEnvironmentNamesTheVariable) {
  const std::vector<std::pair<Environment, std::string>> table = {
      {{{"COSFUSE_TTL", "soon"}}, "COSFUSE_TTL \"soon\" is not seconds"},
      {{{"COSFUSE_ACCESS", "rw"}}, "COSFUSE_ACCESS \"rw\" is unknown. Write one of: auto, read-write"},
      {{{"COSFUSE_MEMORY", "1M"}}, "COSFUSE_MEMORY \"1M\" is out of range"},
      {{{"COSFUSE_DRAIN_TIMEOUT", "1000000"}}, "COSFUSE_DRAIN_TIMEOUT \"1000000\" is out of range"},
      {{{"COSFUSE_TERMINATION_GRACE", "x"}}, "COSFUSE_TERMINATION_GRACE \"x\" is not seconds"},
      {{{"COSFUSE_TEST_RETRY_BASE", "11"}}, "COSFUSE_TEST_RETRY_BASE \"11\" is out of range"},
      {{{"COSFUSE_TEST_RETRY_BASE", "0"}}, "COSFUSE_TEST_RETRY_BASE \"0\" is out of range"},
      {{{"COSFUSE_LOG_LEVEL", "loud"}}, "COSFUSE_LOG_LEVEL \"loud\" is unknown"},
      {{{"TRUSTED_PROFILE_ID", "my-profile"}}, "TRUSTED_PROFILE_ID \"my-profile\" is not the id"},
      {{{"TRUSTED_PROFILE_CRN", "Profile-1"}}, "TRUSTED_PROFILE_CRN \"Profile-1\" is not a CRN"},
      {{{"COSFUSE_API_KEY_FILE", "/key"}}, "TRUSTED_PROFILE_ID and COSFUSE_API_KEY_FILE contradict each other"},
      {{{"COS_ENDPOINT", "ftp://store.example"}}, "COS_ENDPOINT \"ftp://store.example\" is not usable"},
      {{{"COS_ENDPOINT", ""}}, "no COS endpoint given. Set COS_ENDPOINT"},
      {{{"COS_BUCKET", ""}}, "no bucket given. Set COS_BUCKET"},
      {{{"TRUSTED_PROFILE_ID", ""}}, "no trusted profile given. Set TRUSTED_PROFILE_ID"}};
  for (const auto& [environment, says] : table) ExpectRefusal(Mount({}, environment), 2, {"cosfuse: " + says});
}

}  // namespace
}  // namespace cosfuse::testing
