#include <linux/falloc.h>
#include <sys/mman.h>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

std::string ReadMapped(const FileDescriptor& fd) {
  std::string text(static_cast<size_t>(lseek(fd.get(), 0, SEEK_END)), '?');
  EXPECT_EQ(pread(fd.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  return text;
}

TEST_F(MountTest, SharedMappingIsSeenByReadsAndStoredByMsyncAndFsync) {
  const std::string before = PatternBytes(3 * kMiB, 2);
  emulator_.PutObject("mapped", before);
  FileDescriptor fd = MustOpen(Path("mapped"), O_RDWR);
  void* const address = mmap(nullptr, before.size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  ASSERT_NE(address, MAP_FAILED);
  char* const memory = static_cast<char*>(address);
  std::string expected = before;
  for (const size_t at : {size_t{0}, size_t{5000}, static_cast<size_t>(kMiB), before.size() - 6}) {
    std::copy_n("MAPPED", 6, memory + at);
    expected.replace(at, 6, "MAPPED");
  }
  EXPECT_TRUE(ReadMapped(fd) == expected) << "read() sees what was stored to the mapping";
  EXPECT_TRUE(ReadWholeFile(Path("mapped")) == expected) << "so does another descriptor";
  EXPECT_EQ(msync(memory, before.size(), MS_SYNC), 0);
  EXPECT_EQ(fsync(fd.get()), 0);
  EXPECT_TRUE(emulator_.FetchObject("mapped").body == expected) << "stored while it is still mapped";

  ASSERT_EQ(pwrite(fd.get(), "WRITTEN", 7, 2 * kMiB), 7);
  EXPECT_EQ(std::string(memory + 2 * kMiB, 7), "WRITTEN") << "the mapping sees write()";
  expected.replace(2 * kMiB, 7, "WRITTEN");
  std::copy_n("AGAIN", 5, memory + 100);
  expected.replace(100, 5, "AGAIN");
  EXPECT_EQ(munmap(memory, before.size()), 0);
  EXPECT_EQ(CloseStatus(fd), 0);
  EXPECT_TRUE(emulator_.FetchObject("mapped").body == expected);
}

TEST_F(MountTest, MappingSeesWhatAnotherDescriptorWritesAndKeepsWhatIsMapped) {
  FileDescriptor fd = MustOpen(Path("mapped"), O_CREAT | O_RDWR);
  MustWrite(fd, std::string(16384, 'x'));
  void* const address = mmap(nullptr, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  ASSERT_NE(address, MAP_FAILED);
  char* const memory = static_cast<char*>(address);
  memory[100] = 'm';
  memory[9000] = 'm';
  FileDescriptor writer = MustOpen(Path("mapped"), O_WRONLY);
  ASSERT_EQ(pwrite(writer.get(), "WRITTEN", 7, 200), 7);
  std::string expected(16384, 'x');
  expected[100] = 'm';
  expected[9000] = 'm';
  expected.replace(200, 7, "WRITTEN");
  EXPECT_TRUE(std::string(memory, 16384) == expected);
  EXPECT_TRUE(ReadMapped(fd) == expected);
  EXPECT_EQ(CloseStatus(writer), 0);
  memory[201] = 'm';
  expected[201] = 'm';
  EXPECT_EQ(munmap(address, 16384), 0);
  EXPECT_EQ(CloseStatus(fd), 0);
  EXPECT_TRUE(emulator_.FetchObject("mapped").body == expected);
}

TEST_F(MountTest, MappingThatOutlivesItsDescriptorIsStored) {
  FileDescriptor fd = MustOpen(Path("mapped"), O_CREAT | O_RDWR);
  ASSERT_EQ(ftruncate(fd.get(), 8192), 0);
  void* const address = mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  ASSERT_NE(address, MAP_FAILED);
  EXPECT_EQ(CloseStatus(fd), 0);
  static_cast<char*>(address)[5000] = 'x';
  EXPECT_EQ(msync(address, 8192, MS_SYNC), 0);
  EXPECT_EQ(munmap(address, 8192), 0);
  std::string expected(8192, '\0');
  expected[5000] = 'x';
  EXPECT_TRUE(Eventually([&] { return emulator_.FetchObject("mapped").body == expected; }));
}

TEST_F(MountTest, HolePunchedUnderAMappingIsSeenThroughIt) {
  FileDescriptor fd = MustOpen(Path("mapped"), O_CREAT | O_RDWR);
  MustWrite(fd, std::string(16384, 'x'));
  void* const address = mmap(nullptr, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  ASSERT_NE(address, MAP_FAILED);
  char* const memory = static_cast<char*>(address);
  memory[0] = 'y';
  memory[6000] = 'y';
  ASSERT_EQ(fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 8192), 0);
  std::string expected = "y" + std::string(4095, 'x') + std::string(8192, '\0') + std::string(4096, 'x');
  EXPECT_TRUE(std::string(memory, 16384) == expected);
  memory[6000] = 'z';
  expected[6000] = 'z';
  EXPECT_EQ(munmap(address, 16384), 0);
  EXPECT_EQ(CloseStatus(fd), 0);
  EXPECT_TRUE(emulator_.FetchObject("mapped").body == expected);
}

}  // namespace
}  // namespace cosfuse::testing
