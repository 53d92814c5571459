#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

using std::chrono::seconds;

class ReadTest : public FileSystemTest {
 protected:
  /// A second has passed since anything happened.
  WallTime Later() {
    clock_.Advance(seconds(1));
    return clock_.WallNow();
  }
};

TEST_F(ReadTest, FirstReadAfterAChangeMovesTheAccessTimeWithoutARequest) {
  PutForeign("f", "content");
  const HandleId handle = mount_->MustOpen("f", O_RDONLY);
  const FileAttributes before = mount_->Stat("f");
  const WallTime first = Later();
  TakeRequests();
  EXPECT_EQ(*mount_->Read(handle), "content");
  EXPECT_EQ(fs().GetAttributes({}, mount_->Node("f"))->attributes.access_time, first);
  Later();
  EXPECT_EQ(*mount_->Read(handle), "content");
  EXPECT_TRUE(mount_->Close(handle));
  const FileAttributes after = mount_->Stat("f");
  EXPECT_EQ(after.access_time, first) << "one move until the next change";
  EXPECT_EQ(after.modification_time, before.modification_time);
  EXPECT_EQ(after.change_time, before.change_time);
  EXPECT_EQ(Metadata("f").count("atime"), 0U);
}

TEST_F(ReadTest, AccessTimeThatAReadHasMovedStaysWhileTheVersionDoes) {
  PutForeign("f", "content");
  const WallTime read_at = Later();
  mount_->MustRead("f");
  ExpireAll();
  EXPECT_EQ(mount_->Stat("f").access_time, read_at);
}

TEST_F(ReadTest, ReaderMayAskToLeaveNoTrace) {
  PutForeign("f", "content");
  const FileAttributes before = mount_->Stat("f");
  Later();
  const HandleId handle = mount_->MustOpen("f", O_RDONLY | O_NOATIME);
  EXPECT_EQ(*mount_->Read(handle), "content");
  EXPECT_EQ(mount_->Stat("f").access_time, before.access_time);
  EXPECT_TRUE(mount_->Close(handle));
}

TEST_F(ReadTest, FollowingALinkMovesItsAccessTime) {
  ASSERT_TRUE(fs().MakeSymbolicLink({}, mount_->caller, NodeId::kRoot, "l", "target"));
  const WallTime read_at = Later();
  EXPECT_EQ(*fs().ReadLink({}, mount_->Node("l")), "target");
  EXPECT_EQ(mount_->Stat("l").access_time, read_at);
}

TEST_F(ReadTest, ListingADirectoryMovesItsAccessTimeUntilOneIsSet) {
  PutForeign("d/x", "content");
  const NodeId directory = mount_->Node("d");
  const WallTime read_at = Later();
  EXPECT_EQ(mount_->Names(directory).size(), 1U);
  EXPECT_EQ(mount_->Stat("d").access_time, read_at);
  ExpireAll();
  EXPECT_EQ(mount_->Stat("d").access_time, read_at);
  const WallTime set{seconds(100)};
  ASSERT_TRUE(fs().SetAttributes({}, mount_->caller, directory, std::nullopt, {.access_time = set}));
  EXPECT_EQ(mount_->Stat("d").access_time, set);
}

}  // namespace
}  // namespace cosfuse
