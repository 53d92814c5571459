#include <fcntl.h>
#include <linux/falloc.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "tests/fuse/fuse_fixture.h"

namespace cosfuse {
namespace {

class SpaceTest : public FuseTest {};

TEST_F(SpaceTest, FallocateArrivesWithModeAndRange) {
  files_.AddFile("file", "0123456789");
  EXPECT_EQ(InChild([&] {
              const int fd = open(Path("file").c_str(), O_RDWR);
              char text[32] = {};
              if (pread(fd, text, sizeof(text), 0) != 10) return 1;  // The kernel has the page now.
              if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 2, 3) != 0) return 2;
              if (pread(fd, text, sizeof(text), 0) != 10) return 3;
              if (std::memcmp(text,
                              "01\0\0\0"
                              "56789",
                              10) != 0)
                return 4;
              if (posix_fallocate(fd, 8, 4) != 0) return 5;
              if (lseek(fd, 0, SEEK_END) != 12) return 6;
              if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 100) != 0 || lseek(fd, 0, SEEK_END) != 12) return 7;
              if (fallocate(fd, FALLOC_FL_ZERO_RANGE, 9, 5) != 0 || lseek(fd, 0, SEEK_END) != 14) return 8;
              return 0;
            }),
            0);
  EXPECT_EQ(files_.Content("file"), std::string("01\0\0\0", 5) + "5678" + std::string(5, '\0'));
}

TEST_F(SpaceTest, FallocateRefusesOtherModes) {
  files_.AddFile("file", "0123456789");
  for (const int mode : {FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE, FALLOC_FL_UNSHARE_RANGE}) {
    EXPECT_EQ(InChild([&] { return ErrnoOf(fallocate(open(Path("file").c_str(), O_RDWR), mode, 0, 4096)); }),
              EOPNOTSUPP)
        << mode;
  }
}

TEST_F(SpaceTest, SeekFindsDataAndHoles) {
  files_.AddFile("file", std::string("ab\0\0\0cd\0", 8));
  EXPECT_EQ(InChild([&] {
              const int fd = open(Path("file").c_str(), O_RDONLY);
              if (lseek(fd, 0, SEEK_DATA) != 0 || lseek(fd, 0, SEEK_HOLE) != 2) return 1;
              if (lseek(fd, 2, SEEK_DATA) != 5 || lseek(fd, 5, SEEK_HOLE) != 7) return 2;
              if (ErrnoOf(lseek(fd, 7, SEEK_DATA)) != ENXIO) return 3;
              if (ErrnoOf(lseek(fd, 8, SEEK_HOLE)) != ENXIO) return 4;
              return lseek(fd, 0, SEEK_CUR) == 5 || lseek(fd, 0, SEEK_CUR) == 7 ? 0 : 5;
            }),
            0);
}

}  // namespace
}  // namespace cosfuse
