#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

/// What random_calls.py prints for a directory.
std::string RandomCalls(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"python3", "-B", COSFUSE_RANDOM_CALLS});
  const CommandResult result = RunCommand(std::move(arguments), {}, std::chrono::seconds(120));
  EXPECT_EQ(result.status.code, 0) << result.errors;
  return result.output;
}

/// A directory for everybody, whatever this process's umask is.
std::string MakeOpenDirectory(const std::string& path) {
  EXPECT_EQ(mkdir(path.c_str(), 0777), 0) << path << ": errno " << errno;
  EXPECT_EQ(chmod(path.c_str(), 0777), 0) << path << ": errno " << errno;
  return path;
}

TEST_F(MountTest, RandomCallsOfSeveralUsersAreAnsweredAsInALocalDirectory) {
  const int seeds = LongCampaign() ? 40 : 4;
  const std::string calls = LongCampaign() ? "1000" : "300";
  const TemporaryDirectory local;
  // Links lead to the directory above as well, which here and there everybody may search and only root may change.
  const std::string reference = local.MakeDirectory("reference");
  ASSERT_EQ(chmod(reference.c_str(), 0755), 0);
  // It may have seen that there is no such directory a moment before this mount makes it.
  const MountProcess other(emulator_, {"--ttl", "0"});
  for (int i = 1; i <= seeds; ++i) {
    const std::string seed = std::to_string(i);
    const std::string here = MakeOpenDirectory(reference + "/" + seed);
    const std::string there = MakeOpenDirectory(Path(seed));
    ASSERT_EQ(RandomCalls({there, seed, calls}), RandomCalls({here, seed, calls})) << "seed " << seed;
    const std::string left = RandomCalls({here});
    ASSERT_EQ(RandomCalls({there}), left) << "seed " << seed;
    ASSERT_EQ(RandomCalls({other.Path(seed)}), left) << "seed " << seed << ", through another mount";
  }
}

}  // namespace
}  // namespace cosfuse::testing
