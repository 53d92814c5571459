#include <linux/falloc.h>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

TEST_F(MountTest, BeyondTheLargestObjectIsTooLarge) {
  FileDescriptor fd = MustOpen(Path("f"), O_CREAT | O_RDWR);
  MustWrite(fd, "content");
  constexpr off_t kBeyond = off_t{10} * 1000 * 1000 * 1000 * 1000 + 4096;
  EXPECT_EQ(ErrnoOf(pwrite(fd.get(), "x", 1, kBeyond)), EFBIG);
  EXPECT_EQ(ErrnoOf(ftruncate(fd.get(), kBeyond)), EFBIG);
  EXPECT_EQ(ErrnoOf(fallocate(fd.get(), 0, kBeyond, 1)), EFBIG);
  EXPECT_EQ(ErrnoOf(fallocate(fd.get(), FALLOC_FL_ZERO_RANGE, kBeyond, 1)), EFBIG);
  EXPECT_EQ(MustStat(Path("f")).st_size, 7);
  EXPECT_EQ(CloseStatus(fd), 0);
  EXPECT_EQ(emulator_.FetchObject("f").body, "content");
}

TEST_F(MountTest, BucketBeyondItsQuotaIsSaidByCloseAndTheBytesStayUntilThereIsRoom) {
  emulator_.Post("bucket?bucket=" + emulator_.bucket() + "&quota-bytes=1000");
  FileDescriptor fd = MustOpen(Path("f"), O_CREAT | O_RDWR);
  MustWrite(fd, std::string(2000, 'x'));
  EXPECT_EQ(ErrnoOf(fsync(fd.get())), EDQUOT);
  EXPECT_EQ(emulator_.FetchObject("f").status, 404);
  emulator_.Post("bucket?bucket=" + emulator_.bucket() + "&quota-bytes=0");
  EXPECT_EQ(CloseStatus(fd), 0);
  EXPECT_EQ(emulator_.FetchObject("f").body, std::string(2000, 'x'));
}

TEST(ReadOnlyMount, EveryChangeIsReadOnly) {
  const EmulatorProcess emulator;
  emulator.PutObject("f", "content");
  const MountProcess mount(emulator, {"--access", "read-only"});
  const std::string path = mount.Path("f");
  EXPECT_EQ(ErrnoOf(open(path.c_str(), O_RDWR)), EROFS);
  EXPECT_EQ(ErrnoOf(open(mount.Path("new").c_str(), O_CREAT | O_WRONLY, 0644)), EROFS);
  EXPECT_EQ(ErrnoOf(truncate(path.c_str(), 0)), EROFS);
  EXPECT_EQ(ErrnoOf(chmod(path.c_str(), 0600)), EROFS);
  EXPECT_EQ(ErrnoOf(unlink(path.c_str())), EROFS);
  EXPECT_EQ(ErrnoOf(mkdir(mount.Path("d").c_str(), 0755)), EROFS);
  EXPECT_EQ(ErrnoOf(rename(path.c_str(), mount.Path("g").c_str())), EROFS);
  EXPECT_EQ(ReadWholeFile(path), "content");
}

}  // namespace
}  // namespace cosfuse::testing
