#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

TEST_F(MountTest, UnlinkRemovesTheObject) {
  WriteWholeFile(Path("f"), "x");
  ASSERT_EQ(unlink(Path("f").c_str()), 0);
  EXPECT_EQ(StatErrno(Path("f")), ENOENT);
  EXPECT_TRUE(emulator_.Keys().empty());
}

TEST_F(MountTest, UnlinkOfAMissingNameIsEnoent) { EXPECT_EQ(ErrnoOf(unlink(Path("missing").c_str())), ENOENT); }

TEST_F(MountTest, UnlinkOfADirectoryIsEisdir) {
  ASSERT_EQ(mkdir(Path("d").c_str(), 0755), 0);
  EXPECT_EQ(ErrnoOf(unlink(Path("d").c_str())), EISDIR);
}

TEST_F(MountTest, Pitfall32_UnlinkedOpenFileGoesOnAndItsNameIsFree) {
  const std::string content = PatternBytes(3 * kMiB, 4);
  emulator_.PutObject("f", content);
  FileDescriptor fd = MustOpen(Path("f"), O_RDWR);
  ASSERT_EQ(unlink(Path("f").c_str()), 0);
  WriteWholeFile(Path("f"), "another file");
  std::string seen(content.size(), '\0');
  ASSERT_EQ(pread(fd.get(), seen.data(), 4096, 1'500'000), 4096);
  EXPECT_EQ(seen.substr(0, 4096), content.substr(1'500'000, 4096));
  ASSERT_EQ(pwrite(fd.get(), "changed", 7, 0), 7);
  struct stat status{};
  EXPECT_EQ(fstat(fd.get(), &status), 0);
  EXPECT_EQ(static_cast<size_t>(status.st_size), content.size());
  EXPECT_EQ(CloseStatus(fd), 0);
  EXPECT_EQ(emulator_.FetchObject("f").body, "another file");
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>{"f"});
}

TEST_F(MountTest, UnlinkedNewFileNeverComesBack) {
  FileDescriptor fd = MustOpen(Path("f"), O_CREAT | O_RDWR);
  MustWrite(fd, "temporary");
  ASSERT_EQ(unlink(Path("f").c_str()), 0);
  MustWrite(fd, " more");
  std::string seen(14, '\0');
  EXPECT_EQ(pread(fd.get(), seen.data(), seen.size(), 0), 14);
  EXPECT_EQ(seen, "temporary more");
  EXPECT_EQ(CloseStatus(fd), 0);
  EXPECT_TRUE(emulator_.Keys().empty());
}

TEST_F(MountTest, RemovalOfATreeLeavesNothing) {
  ASSERT_EQ(RunShell("mkdir -p t/a/b t/c; for i in $(seq 50); do echo $i > t/a/b/$i; done; ln -s x t/link; rm -r t",
                     mount_.mountpoint())
                .status.code,
            0);
  EXPECT_TRUE(emulator_.Keys().empty());
}

}  // namespace
}  // namespace cosfuse::testing
