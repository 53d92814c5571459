#include <linux/falloc.h>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

std::string ReadAll(const FileDescriptor& fd) {
  std::string text(static_cast<size_t>(lseek(fd.get(), 0, SEEK_END)), '?');
  EXPECT_EQ(pread(fd.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  return text;
}

TEST_F(TrustingMountTest, HolePunchedIntoAnObjectIsSeenAtOnceFetchesNothingAndIsStored) {
  std::string content = PatternBytes(6 * kMiB, 1);
  emulator_.PutObject("f", content);
  FileDescriptor fd = MustOpen(Path("f"), O_RDWR);
  std::string seen(kMiB, '?');
  // The kernel has pages of what becomes a hole.
  ASSERT_EQ(pread(fd.get(), seen.data(), 4096, 2 * kMiB), 4096);
  emulator_.ResetCounters();
  ASSERT_EQ(fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, kMiB, 4 * kMiB), 0);
  content.replace(kMiB, 4 * kMiB, 4 * kMiB, '\0');
  ASSERT_EQ(pread(fd.get(), seen.data(), seen.size(), 2 * kMiB), static_cast<ssize_t>(kMiB));
  EXPECT_TRUE(seen == std::string(kMiB, '\0'));
  EXPECT_EQ(lseek(fd.get(), 0, SEEK_HOLE), static_cast<off_t>(kMiB));
  EXPECT_EQ(lseek(fd.get(), kMiB, SEEK_DATA), static_cast<off_t>(5 * kMiB));
  EXPECT_EQ(lseek(fd.get(), 5 * kMiB, SEEK_HOLE), static_cast<off_t>(6 * kMiB));
  EXPECT_EQ(ErrnoOf(lseek(fd.get(), 6 * kMiB, SEEK_DATA)), ENXIO);
  EXPECT_EQ(emulator_.RequestCounts().size(), 1U) << "no request but an exchange of tokens may be in it";
  EXPECT_EQ(CloseStatus(fd), 0);
  EXPECT_TRUE(emulator_.FetchObject("f").body == content);
  EXPECT_TRUE(ReadWholeFile(Path("f")) == content);
}

TEST_F(MountTest, AllocationExtendsWithZerosOrKeepsTheSize) {
  FileDescriptor fd = MustOpen(Path("f"), O_CREAT | O_RDWR);
  MustWrite(fd, "0123456789");
  ASSERT_EQ(fallocate(fd.get(), FALLOC_FL_KEEP_SIZE, 0, 1'000'000), 0);
  EXPECT_EQ(MustStat(Path("f")).st_size, 10);
  ASSERT_EQ(posix_fallocate(fd.get(), 5, 10), 0);
  EXPECT_EQ(ReadAll(fd), std::string("0123456789\0\0\0\0\0", 15));
  ASSERT_EQ(fallocate(fd.get(), FALLOC_FL_ZERO_RANGE, 8, 12), 0);
  EXPECT_EQ(ReadAll(fd), "01234567" + std::string(12, '\0'));
  ASSERT_EQ(fallocate(fd.get(), FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 0, 100), 0);
  EXPECT_EQ(ReadAll(fd), std::string(20, '\0'));
  for (const int mode : {FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE, FALLOC_FL_UNSHARE_RANGE}) {
    EXPECT_EQ(ErrnoOf(fallocate(fd.get(), mode, 0, 4096)), EOPNOTSUPP) << mode;
  }
  EXPECT_EQ(CloseStatus(fd), 0);
  EXPECT_EQ(emulator_.FetchObject("f").body, std::string(20, '\0'));
}

TEST_F(MountTest, AllocationBeyondTheLocalDiskIsNoSpaceAndChangesNothing) {
  emulator_.PutObject("f", "content");
  FileDescriptor fd = MustOpen(Path("f"), O_RDWR);
  constexpr off_t kMoreThanAnyMachineHasFree = 9'000'000'000'000;
  EXPECT_EQ(posix_fallocate(fd.get(), 0, kMoreThanAnyMachineHasFree), ENOSPC);
  EXPECT_EQ(MustStat(Path("f")).st_size, 7);
  EXPECT_EQ(posix_fallocate(fd.get(), 0, 1'000'000), 0);
  EXPECT_EQ(CloseStatus(fd), 0);
  EXPECT_EQ(emulator_.FetchObject("f").body, "content" + std::string(1'000'000 - 7, '\0'));
}

TEST_F(MountTest, SparseCopyMakesTheSameFile) {
  const std::string script = R"(
truncate -s 3M sparse
printf 'head' | dd of=sparse conv=notrunc status=none
printf 'tail' | dd of=sparse bs=1 seek=3145724 conv=notrunc status=none
exec 3<>sparse
fallocate -p -o 0 -l 2 sparse
cp --sparse=always sparse copy
fallocate -d copy
cmp sparse copy
)";
  const CommandResult done = RunShell(script, mount_.mountpoint());
  EXPECT_EQ(done.status.code, 0) << done.errors;
  EXPECT_TRUE(emulator_.FetchObject("copy").body ==
              std::string("\0\0ad", 4) + std::string(3 * kMiB - 8, '\0') + "tail");
}

}  // namespace
}  // namespace cosfuse::testing
