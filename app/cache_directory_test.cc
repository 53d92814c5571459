#include "app/cache_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "app/mount_options.h"

namespace cosfuse {
namespace {

class CacheDirectoryTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(mkdtemp(parent_.data()), nullptr); }
  void TearDown() override { std::filesystem::remove_all(parent_); }

  MountOptions OptionsFor(const std::string& directory) {
    MountOptions options;
    options.cache_directory = directory;
    return options;
  }

  std::string parent_ = std::filesystem::temp_directory_path() / "cosfuse-test-XXXXXX";
};

TEST_F(CacheDirectoryTest, IsMadeForThisUserAloneWithWhatIsMissingAbove) {
  const auto taken = CacheDirectory::Take(OptionsFor(parent_ + "/a/b"));
  ASSERT_TRUE(taken) << taken.error().message();
  struct stat status{};
  ASSERT_EQ(stat((parent_ + "/a/b").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
  EXPECT_TRUE(taken->why_temporary().empty());
}

TEST_F(CacheDirectoryTest, Pitfall22_ASecondTakerIsRefusedAndToldWhoHasIt) {
  const auto first = CacheDirectory::Take(OptionsFor(parent_));
  ASSERT_TRUE(first);
  const auto second = CacheDirectory::Take(OptionsFor(parent_));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kBusy);
  EXPECT_NE(second.error().message().find("process " + std::to_string(getpid())), std::string::npos)
      << second.error().message();
}

TEST_F(CacheDirectoryTest, CanBeTakenAgainOnceLetGo) {
  {
    ASSERT_TRUE(CacheDirectory::Take(OptionsFor(parent_)));
  }
  EXPECT_TRUE(CacheDirectory::Take(OptionsFor(parent_)));
}

TEST_F(CacheDirectoryTest, ANamedOneThatCannotBeHadIsAnErrorAndNotReplaced) {
  const auto taken = CacheDirectory::Take(OptionsFor("/proc/no-such-place/cache"));
  EXPECT_FALSE(taken);
}

TEST(CacheDirectoryName, DiffersByEveryPartOfTheMountsIdentity) {
  const BucketOptions bucket{.endpoint = "https://e", .bucket = "b", .prefix = "p/"};
  const std::string name = CacheDirectoryName(bucket, "/mnt");
  EXPECT_TRUE(name.starts_with("b-"));
  EXPECT_EQ(name, CacheDirectoryName(bucket, "/mnt"));
  EXPECT_NE(name, CacheDirectoryName(bucket, "/mnt2"));
  EXPECT_NE(name, CacheDirectoryName({.endpoint = "https://f", .bucket = "b", .prefix = "p/"}, "/mnt"));
  EXPECT_NE(name, CacheDirectoryName({.endpoint = "https://e", .bucket = "b", .prefix = ""}, "/mnt"));
}

}  // namespace
}  // namespace cosfuse
