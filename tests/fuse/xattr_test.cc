#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "tests/fuse/fuse_fixture.h"

namespace cosfuse {
namespace {

class XattrCallTest : public FuseTest {};

TEST_F(XattrCallTest, ExtendedAttributesAreSetReadListedAndRemoved) {
  files_.AddFile("file", "x");
  EXPECT_EQ(InChild([&] {
              const std::string path = Path("file");
              if (setxattr(path.c_str(), "user.a", "\0value", 6, XATTR_CREATE) != 0) return 1;
              if (ErrnoOf(setxattr(path.c_str(), "user.a", "x", 1, XATTR_CREATE)) != EEXIST) return 2;
              if (ErrnoOf(setxattr(path.c_str(), "user.b", "x", 1, XATTR_REPLACE)) != ENODATA) return 3;
              if (setxattr(path.c_str(), "user.b", "", 0, 0) != 0) return 4;
              char value[64];
              if (getxattr(path.c_str(), "user.a", nullptr, 0) != 6) return 5;
              if (getxattr(path.c_str(), "user.a", value, 6) != 6 || std::memcmp(value, "\0value", 6) != 0) return 6;
              if (ErrnoOf(getxattr(path.c_str(), "user.a", value, 5)) != ERANGE) return 7;
              if (getxattr(path.c_str(), "user.b", value, sizeof(value)) != 0) return 8;
              if (listxattr(path.c_str(), nullptr, 0) != 14) return 9;
              if (ErrnoOf(listxattr(path.c_str(), value, 13)) != ERANGE) return 10;
              if (listxattr(path.c_str(), value, sizeof(value)) != 14) return 11;
              if (std::memcmp(value, "user.a\0user.b\0", 14) != 0) return 12;
              if (removexattr(path.c_str(), "user.a") != 0) return 13;
              if (ErrnoOf(removexattr(path.c_str(), "user.a")) != ENODATA) return 14;
              return ErrnoOf(getxattr(path.c_str(), "user.a", value, sizeof(value))) == ENODATA ? 0 : 15;
            }),
            0);
}

TEST_F(XattrCallTest, WritesDoNotAskForAnExtendedAttributeEach) {
  files_.AddFile("file", "x", 0666);
  EXPECT_EQ(InChild([&] {
              const int fd = open(Path("file").c_str(), O_RDWR);
              for (int i = 0; i < 100; ++i) {
                if (pwrite(fd, "y", 1, i) != 1) return 1;
              }
              return ftruncate(fd, 10) == 0 && close(fd) == 0 ? 0 : 2;
            }),
            0);
  EXPECT_EQ(files_.writes(), 100U);
  EXPECT_LE(files_.attribute_reads(), 2U) << "security.capability may be asked for once, not before each";
}

TEST_F(XattrCallTest, LargestValueOfTheKernelIsCarried) {
  files_.AddFile("file", "x");
  EXPECT_EQ(InChild([&] {
              const std::string path = Path("file");
              constexpr int kLargest = 64 * 1024;
              std::string value(kLargest, 'v');
              if (setxattr(path.c_str(), "user.a", value.data(), value.size(), 0) != 0) return 1;
              std::string seen(value.size(), '\0');
              if (getxattr(path.c_str(), "user.a", seen.data(), seen.size()) != kLargest || seen != value) return 2;
              value += 'v';
              return ErrnoOf(setxattr(path.c_str(), "user.a", value.data(), value.size(), 0)) == E2BIG ? 0 : 3;
            }),
            0);
}

}  // namespace
}  // namespace cosfuse
