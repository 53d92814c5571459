#include <linux/falloc.h>

#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

class LseekTest : public FileSystemTest {
 protected:
  /// Nothing where lseek says ENXIO.
  std::optional<ByteCount> Seek(HandleId handle, SeekTarget target, ByteCount offset) {
    const auto found = fs().Seek({}, handle, target, offset);
    EXPECT_TRUE(found.has_value());
    return found.value_or(std::nullopt);
  }
};

TEST_F(LseekTest, StoredBytesAreDataAndTheEndIsAHole) {
  PutForeign("f", "0123456789");
  const HandleId handle = mount_->MustOpen("f", O_RDONLY);
  TakeRequests();
  EXPECT_EQ(Seek(handle, SeekTarget::kData, 0), 0U);
  EXPECT_EQ(Seek(handle, SeekTarget::kData, 9), 9U);
  EXPECT_EQ(Seek(handle, SeekTarget::kHole, 0), 10U);
  EXPECT_EQ(Seek(handle, SeekTarget::kData, 10), std::nullopt);
  EXPECT_EQ(Seek(handle, SeekTarget::kHole, 10), std::nullopt);
  EXPECT_EQ(Seek(handle, SeekTarget::kHole, 11), std::nullopt);
  EXPECT_EQ(TakeRequests(), "");
  EXPECT_TRUE(mount_->Close(handle).has_value());
}

TEST_F(LseekTest, HolesAreFoundBetweenWhatIsStoredAndWhatIsWritten) {
  PutForeign("f", std::string(3 * kMiB, 'x'));
  const HandleId handle = mount_->MustOpen("f", O_RDWR);
  TakeRequests();
  EXPECT_TRUE(fs().Allocate({}, handle, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, {kMiB, kMiB}).has_value());
  EXPECT_TRUE(mount_->Write(handle, 4 * kMiB, "written").has_value());
  EXPECT_EQ(Seek(handle, SeekTarget::kHole, 0), kMiB);
  EXPECT_EQ(Seek(handle, SeekTarget::kData, kMiB), 2 * kMiB);
  EXPECT_EQ(Seek(handle, SeekTarget::kHole, 2 * kMiB), 3 * kMiB);
  EXPECT_EQ(Seek(handle, SeekTarget::kData, 3 * kMiB), 4 * kMiB);
  EXPECT_EQ(Seek(handle, SeekTarget::kHole, 4 * kMiB), 4 * kMiB + 7);
  EXPECT_EQ(TakeRequests(), "");
  EXPECT_TRUE(mount_->Close(handle).has_value());
}

TEST_F(LseekTest, ExtendedFileEndsInAHole) {
  const HandleId handle = mount_->MustCreate("f", O_RDWR);
  EXPECT_TRUE(fs().Allocate({}, handle, 0, {0, 1000}).has_value());
  EXPECT_EQ(Seek(handle, SeekTarget::kData, 0), std::nullopt);
  EXPECT_EQ(Seek(handle, SeekTarget::kHole, 0), 0U);
  EXPECT_EQ(Seek(handle, SeekTarget::kHole, 999), 999U);
  EXPECT_TRUE(mount_->Close(handle).has_value());
}

TEST_F(LseekTest, UnknownHandleIsRefused) {
  EXPECT_EQ(CodeOf(fs().Seek({}, HandleId{12345}, SeekTarget::kData, 0)), ErrorCode::kBadHandle);
}

}  // namespace
}  // namespace cosfuse
