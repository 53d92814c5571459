#include "base/file_descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <utility>

namespace cosfuse {
namespace {

FileDescriptor OpenNull() { return FileDescriptor(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) >= 0; }

TEST(FileDescriptor, ClosesWhatItOwns) {
  int number = -1;
  {
    const FileDescriptor fd = OpenNull();
    number = fd.get();
    EXPECT_TRUE(fd.valid());
    EXPECT_TRUE(IsOpen(number));
  }
  EXPECT_FALSE(IsOpen(number));
}

TEST(FileDescriptor, OwnsNothingByDefault) {
  const FileDescriptor fd;
  EXPECT_FALSE(fd.valid());
}

TEST(FileDescriptor, AMoveHandsOwnershipOn) {
  FileDescriptor source = OpenNull();
  const int number = source.get();
  FileDescriptor target = OpenNull();
  const int replaced = target.get();
  target = std::move(source);
  EXPECT_EQ(target.get(), number);
  EXPECT_TRUE(IsOpen(number));
  EXPECT_FALSE(IsOpen(replaced));
  const FileDescriptor constructed(std::move(target));
  EXPECT_EQ(constructed.get(), number);
  EXPECT_TRUE(IsOpen(number));
}

TEST(FileDescriptor, ReleaseLeavesItOpen) {
  FileDescriptor fd = OpenNull();
  const int number = fd.Release();
  EXPECT_FALSE(fd.valid());
  EXPECT_TRUE(IsOpen(number));
  EXPECT_EQ(close(number), 0);
}

TEST(FileDescriptor, CloseTwiceIsHarmless) {
  FileDescriptor fd = OpenNull();
  fd.Close();
  EXPECT_FALSE(fd.valid());
  fd.Close();
}

}  // namespace
}  // namespace cosfuse
