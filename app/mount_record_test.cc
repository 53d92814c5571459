#include "app/mount_record.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "app/stable_hash.h"

namespace cosfuse {
namespace {

class MountRecordTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "/run/cosfuse is root's";
  }
  void TearDown() override { std::filesystem::remove("/run/cosfuse/" + StableHash().Add(mountpoint_).Hex()); }

  const std::string mountpoint_ = "/cosfuse-test/" + std::to_string(getpid());
};

TEST_F(MountRecordTest, TellsWhoRunsAndHowItEnded) {
  EXPECT_FALSE(MountRecordReader::Open(mountpoint_));
  auto record = MountRecord::Create(mountpoint_);
  ASSERT_TRUE(record) << record.error().message();
  const auto reader = MountRecordReader::Open(mountpoint_);
  ASSERT_TRUE(reader);
  EXPECT_TRUE(reader->daemon_running());
  EXPECT_EQ(reader->daemon(), getpid());
  EXPECT_EQ(reader->clean(), std::nullopt);
  record->NoteOutcome(false);
  EXPECT_EQ(reader->clean(), false);
  record->NoteOutcome(true);
  EXPECT_EQ(reader->clean(), true);
  {
    const MountRecord ended = *std::move(record);
  }
  EXPECT_FALSE(reader->daemon_running());
}

TEST_F(MountRecordTest, RefusesASecondDaemonUntilTheFirstHasEnded) {
  {
    const auto first = MountRecord::Create(mountpoint_);
    ASSERT_TRUE(first);
    const auto second = MountRecord::Create(mountpoint_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), ErrorCode::kBusy);
  }
  EXPECT_TRUE(MountRecord::Create(mountpoint_));
}

}  // namespace
}  // namespace cosfuse
