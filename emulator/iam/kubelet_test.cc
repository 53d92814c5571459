#include "emulator/iam/kubelet.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "base/fake_clock.h"
#include "emulator/fake_emulator_bed.h"
#include "emulator/iam/jwt.h"

namespace cosfuse::emulator {
namespace {

namespace fs = std::filesystem;

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class KubeletTest : public testing::Test {
 protected:
  KubeletTest() {
    options_.directory = directory_.path() + "/tokens";
    options_.namespace_name = "ns";
    options_.service_account = "sa";
    options_.token_lifetime = std::chrono::seconds(600);
  }

  const TemporaryDirectory directory_;
  Kubelet::Options options_;
  FakeClock clock_;
};

TEST_F(KubeletTest, WritesATokenThatIamAccepts) {
  Kubelet kubelet(options_, TestKey(), clock_);
  ASSERT_TRUE(kubelet.Rotate());
  const auto claims = ReadServiceAccountToken(ReadAll(kubelet.token_file()), TestKey());
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->namespace_name, "ns");
  EXPECT_EQ(claims->service_account, "sa");
  EXPECT_EQ(claims->audience, std::vector<std::string>{"iam"});
  EXPECT_EQ(claims->expires_at - claims->issued_at, 600);
}

TEST_F(KubeletTest, LaysTheDirectoryOutAsKubeletDoes) {
  Kubelet kubelet(options_, TestKey(), clock_);
  ASSERT_TRUE(kubelet.Rotate());
  EXPECT_EQ(fs::read_symlink(kubelet.token_file()), "..data/service-account-token");
  EXPECT_TRUE(fs::is_symlink(options_.directory / "..data"));
  EXPECT_TRUE(fs::read_symlink(options_.directory / "..data").string().starts_with(".."));
  struct stat status{};
  ASSERT_EQ(stat(kubelet.token_file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0644U);
}

TEST_F(KubeletTest, RotationSwapsTheLinkAndRemovesTheOldData) {
  Kubelet kubelet(options_, TestKey(), clock_);
  ASSERT_TRUE(kubelet.Rotate());
  const std::string before = ReadAll(kubelet.token_file());
  const fs::path old_data = fs::read_symlink(options_.directory / "..data");
  clock_.AdvanceWall(std::chrono::seconds(480));
  ASSERT_TRUE(kubelet.Rotate());
  EXPECT_NE(ReadAll(kubelet.token_file()), before);
  EXPECT_NE(fs::read_symlink(options_.directory / "..data"), old_data);
  EXPECT_FALSE(fs::exists(options_.directory / old_data));
  EXPECT_EQ(std::distance(fs::directory_iterator(options_.directory), {}), 3);
}

TEST_F(KubeletTest, TakesOverADirectoryOfAnEarlierRun) {
  {
    Kubelet first(options_, TestKey(), clock_);
    ASSERT_TRUE(first.Rotate());
  }
  clock_.AdvanceWall(std::chrono::seconds(1));
  Kubelet second(options_, TestKey(), clock_);
  ASSERT_TRUE(second.Rotate());
  EXPECT_TRUE(ReadServiceAccountToken(ReadAll(second.token_file()), TestKey()));
  EXPECT_EQ(std::distance(fs::directory_iterator(options_.directory), {}), 3);
}

TEST_F(KubeletTest, RenewsInTheBackgroundAndEndsAtOnce) {
  Kubelet kubelet(options_, TestKey(), clock_);
  kubelet.Start();  // The fake clock's sleeps end at once.
  while (!fs::exists(kubelet.token_file())) {
  }
  EXPECT_GE(clock_.slept(), std::chrono::seconds(480));
}

TEST_F(KubeletTest, SaysThatItCannotWrite) {
  options_.directory = "/proc/no-such-place";
  Kubelet kubelet(options_, TestKey(), clock_);
  EXPECT_EQ(kubelet.Rotate().error().code(), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace cosfuse::emulator
