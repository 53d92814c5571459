#include <sys/mman.h>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

TEST_F(MountTest, EchoIsAnObjectWhenTheShellReturns) {
  ASSERT_EQ(RunShell(R"(echo "hello world" > trusted-profile-object.txt)", mount_.mountpoint()).status.code, 0);
  const RawAnswer object = emulator_.FetchObject("trusted-profile-object.txt");
  EXPECT_EQ(object.status, 200);
  EXPECT_EQ(object.body, "hello world\n");
  EXPECT_EQ(object.headers.Get("content-type"), "text/plain");
}

TEST_F(MountTest, NewSmallFileCostsOnePut) {
  emulator_.ResetCounters();
  WriteWholeFile(Path("new"), "content");
  const auto counts = emulator_.RequestCounts();
  EXPECT_EQ(counts.at("PutObject"), 1U);
  EXPECT_FALSE(counts.contains("CopyObject"));
  EXPECT_FALSE(counts.contains("CreateMultipartUpload"));
}

TEST_F(MountTest, WritesAreReadBackBeforeClose) {
  const FileDescriptor writer = MustOpen(Path("f"), O_CREAT | O_RDWR);
  MustWrite(writer, "0123456789");
  const FileDescriptor reader = MustOpen(Path("f"), O_RDONLY);
  std::string seen(10, '\0');
  EXPECT_EQ(pread(reader.get(), seen.data(), seen.size(), 0), 10);
  EXPECT_EQ(seen, "0123456789");
}

TEST_F(MountTest, Pitfall14_TwoDescriptorsSeeEachOthersUnflushedBytes) {
  const FileDescriptor first = MustOpen(Path("f"), O_CREAT | O_RDWR);
  const FileDescriptor second = MustOpen(Path("f"), O_RDWR);
  for (int round = 0; round < 50; ++round) {
    const std::string text = "round " + std::to_string(round);
    const FileDescriptor& writer = round % 2 == 0 ? first : second;
    const FileDescriptor& reader = round % 2 == 0 ? second : first;
    ASSERT_EQ(pwrite(writer.get(), text.data(), text.size(), 100L * round), static_cast<ssize_t>(text.size()));
    std::string seen(text.size(), '\0');
    ASSERT_EQ(pread(reader.get(), seen.data(), seen.size(), 100L * round), static_cast<ssize_t>(text.size()));
    ASSERT_EQ(seen, text);
  }
}

TEST_F(MountTest, EditOfAnExistingObjectKeepsTheOtherBytes) {
  std::string content = PatternBytes(3 * kMiB + 17, 1);
  emulator_.PutObject("edited", content);
  FileDescriptor fd = MustOpen(Path("edited"), O_WRONLY);
  ASSERT_EQ(pwrite(fd.get(), "EDIT", 4, 1'000'000), 4);
  EXPECT_EQ(CloseStatus(fd), 0);
  content.replace(1'000'000, 4, "EDIT");
  EXPECT_TRUE(emulator_.FetchObject("edited").body == content);
  EXPECT_TRUE(ReadWholeFile(Path("edited")) == content);
}

TEST_F(MountTest, AppendGoesToTheEndOfAnExistingObject) {
  emulator_.PutObject("log", "one\n");
  ASSERT_EQ(RunShell("echo two >> log; echo three >> log", mount_.mountpoint()).status.code, 0);
  EXPECT_EQ(emulator_.FetchObject("log").body, "one\ntwo\nthree\n");
}

TEST_F(MountTest, Pitfall15_ShellRedirectionOfSeveralCommandsKeepsAllOutput) {
  ASSERT_EQ(RunShell("(echo a; echo b; (echo c)) > f; echo d >> f", mount_.mountpoint()).status.code, 0);
  EXPECT_EQ(emulator_.FetchObject("f").body, "a\nb\nc\nd\n");
}

TEST_F(MountTest, LargeFileIsUploadedInPartsAndEqual) {
  const std::string content = PatternBytes(45 * kMiB + 3, 2);
  WriteWholeFile(Path("large"), content);
  EXPECT_EQ(emulator_.RequestCount("CompleteMultipartUpload"), 1U);
  EXPECT_TRUE(emulator_.FetchObject("large").body == content);
  EXPECT_TRUE(ReadWholeFile(Path("large")) == content);
}

TEST_F(MountTest, HoleReadsAsZeros) {
  FileDescriptor fd = MustOpen(Path("sparse"), O_CREAT | O_RDWR);
  ASSERT_EQ(pwrite(fd.get(), "end", 3, 1'000'000), 3);
  EXPECT_EQ(CloseStatus(fd), 0);
  EXPECT_TRUE(emulator_.FetchObject("sparse").body == std::string(1'000'000, '\0') + "end");
}

TEST_F(MountTest, SharedMappingReachesTheObject) {
  FileDescriptor fd = MustOpen(Path("mapped"), O_CREAT | O_RDWR);
  ASSERT_EQ(ftruncate(fd.get(), 8192), 0);
  void* const memory = mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  ASSERT_NE(memory, MAP_FAILED);
  static_cast<char*>(memory)[5000] = 'x';
  EXPECT_EQ(msync(memory, 8192, MS_SYNC), 0);
  EXPECT_EQ(munmap(memory, 8192), 0);
  EXPECT_EQ(CloseStatus(fd), 0);
  EXPECT_EQ(emulator_.FetchObject("mapped").body.at(5000), 'x');
}

}  // namespace
}  // namespace cosfuse::testing
