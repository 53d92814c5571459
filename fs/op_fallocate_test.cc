#include <linux/falloc.h>

#include <chrono>

#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

constexpr int kPunch = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

class FallocateTest : public FileSystemTest {
 protected:
  Result<> Allocate(HandleId handle, int mode, ByteCount offset, ByteCount length) {
    return fs().Allocate({}, handle, mode, {offset, length});
  }
};

TEST_F(FallocateTest, ModesChangeContentAndSizeAsOnALocalDisk) {
  const struct {
    int mode;
    ByteCount offset;
    ByteCount length;
    std::string after;
  } rows[] = {{0, 2, 3, "0123456789"},
              {0, 8, 4, std::string("0123456789\0\0", 12)},
              {0, 12, 2, std::string("0123456789\0\0\0\0", 14)},
              {FALLOC_FL_KEEP_SIZE, 8, 100, "0123456789"},
              {kPunch, 2, 3, std::string("01\0\0\0", 5) + "56789"},
              {kPunch, 8, 100, std::string("01234567\0\0", 10)},
              {kPunch, 10, 5, "0123456789"},
              {FALLOC_FL_ZERO_RANGE, 2, 3, std::string("01\0\0\0", 5) + "56789"},
              {FALLOC_FL_ZERO_RANGE, 8, 4, std::string("01234567\0\0\0\0", 12)},
              {FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 8, 4, std::string("01234567\0\0", 10)}};
  for (const auto& row : rows) {
    SCOPED_TRACE(testing::Message() << row.mode << " at " << row.offset);
    PutForeign("f", "0123456789");
    Mount();
    const HandleId handle = mount_->MustOpen("f", O_RDWR);
    EXPECT_TRUE(Allocate(handle, row.mode, row.offset, row.length).has_value());
    EXPECT_EQ(mount_->Stat("f").size, row.after.size());
    EXPECT_EQ(mount_->Read(handle), row.after);
    EXPECT_TRUE(mount_->Close(handle).has_value());
    EXPECT_EQ(Content("f"), row.after);
  }
}

TEST_F(FallocateTest, NothingIsAskedOfTheStoreAndOneUploadCarriesIt) {
  PutForeign("f", std::string(2 * kMiB, 'x'));
  const HandleId handle = mount_->MustOpen("f", O_WRONLY);
  TakeRequests();
  EXPECT_TRUE(Allocate(handle, kPunch, 0, 2 * kMiB).has_value());
  EXPECT_TRUE(Allocate(handle, 0, 0, 3 * kMiB).has_value());
  EXPECT_EQ(TakeRequests(), "");
  EXPECT_EQ(mount_->disk().used(), 0U);
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(TakeRequests(), "PutObject") << "none of the old bytes is left to be fetched";
  EXPECT_EQ(Content("f"), std::string(3 * kMiB, '\0'));
}

TEST_F(FallocateTest, WhatChangesNothingLeavesTimesAndObjectAlone) {
  PutForeign("f", "0123456789");
  const HandleId handle = mount_->MustOpen("f", O_RDWR);
  const FileAttributes before = mount_->Stat("f");
  clock_.Advance(std::chrono::seconds(10));
  TakeRequests();
  EXPECT_TRUE(Allocate(handle, 0, 0, 10).has_value());
  EXPECT_TRUE(Allocate(handle, FALLOC_FL_KEEP_SIZE, 0, 1000).has_value());
  EXPECT_TRUE(Allocate(handle, kPunch, 10, 1000).has_value());
  EXPECT_EQ(mount_->Stat("f").modification_time, before.modification_time);
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(TakeRequests(), "");
}

TEST_F(FallocateTest, ChangeMovesTheTimes) {
  PutForeign("f", "0123456789");
  const HandleId handle = mount_->MustOpen("f", O_RDWR);
  clock_.Advance(std::chrono::seconds(10));
  EXPECT_TRUE(Allocate(handle, kPunch, 0, 1).has_value());
  EXPECT_EQ(mount_->Stat("f").modification_time, clock_.WallNow());
  EXPECT_EQ(mount_->Stat("f").change_time, clock_.WallNow());
  EXPECT_TRUE(mount_->Close(handle).has_value());
}

TEST_F(FallocateTest, Pitfall2_NoRoomIsNoSpaceAndNothingHasChanged) {
  PutForeign("f", "0123456789");
  const HandleId handle = mount_->MustOpen("f", O_RDWR);
  const FileAttributes before = mount_->Stat("f");
  mount_->disk().SetCapacity(0);
  EXPECT_EQ(CodeOf(Allocate(handle, 0, 0, 100)), ErrorCode::kNoSpace);
  const FileAttributes after = mount_->Stat("f");
  EXPECT_EQ(after.size, 10U);
  EXPECT_EQ(after.modification_time, before.modification_time);
  TakeRequests();
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(TakeRequests(), "");
}

TEST_F(FallocateTest, RefusesWhatCannotBe) {
  PutForeign("f", "0123456789");
  const HandleId reader = mount_->MustOpen("f", O_RDONLY);
  EXPECT_EQ(CodeOf(Allocate(reader, 0, 0, 100)), ErrorCode::kBadHandle);
  const HandleId writer = mount_->MustOpen("f", O_RDWR);
  for (const int mode : {FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE, FALLOC_FL_UNSHARE_RANGE,
                         FALLOC_FL_PUNCH_HOLE, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE, 0x4000}) {
    EXPECT_EQ(CodeOf(Allocate(writer, mode, 0, 5)), ErrorCode::kUnsupported) << mode;
  }
  EXPECT_EQ(CodeOf(Allocate(writer, 0, 0, 0)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(Allocate(writer, 0, 0, 11 * kTiB)), ErrorCode::kTooLarge);
  EXPECT_EQ(CodeOf(Allocate(writer, FALLOC_FL_ZERO_RANGE, 11 * kTiB, 1)), ErrorCode::kTooLarge);
  fs().SetPhase(MountPhase::kReadOnly);
  EXPECT_EQ(CodeOf(Allocate(writer, kPunch, 0, 5)), ErrorCode::kReadOnly);
  EXPECT_EQ(mount_->Read(writer), "0123456789");
  EXPECT_TRUE(mount_->Close(writer).has_value());
  EXPECT_TRUE(mount_->Close(reader).has_value());
}

}  // namespace
}  // namespace cosfuse
