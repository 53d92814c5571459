#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>

#include "fs/fuse/mount_point.h"
#include "tests/fuse/fuse_fixture.h"

namespace cosfuse {
namespace {

TEST_F(FuseTest, StandsInTheMountTableUnderItsTypeAndSource) {
  const auto mount = GetMount(mountpoint_.path());
  ASSERT_TRUE(mount);
  EXPECT_EQ(mount->type, kFileSystemType);
  EXPECT_EQ(mount->source, "bucket");
}

TEST_F(FuseTest, CarriesAFileThroughItsLife) {
  EXPECT_EQ(InChild([&] {
              const int fd = open(Path("file").c_str(), O_CREAT | O_EXCL | O_RDWR, 0640);
              if (fd < 0) return 1;
              if (write(fd, "hello", 5) != 5 || pwrite(fd, "J", 1, 0) != 1) return 2;
              char text[16] = {};
              if (pread(fd, text, sizeof(text), 0) != 5 || std::strcmp(text, "Jello") != 0) return 3;
              if (fsync(fd) != 0 || ftruncate(fd, 2) != 0 || close(fd) != 0) return 4;
              struct stat attributes;
              if (stat(Path("file").c_str(), &attributes) != 0 || attributes.st_size != 2) return 5;
              if ((attributes.st_mode & 07777) != 0640) return 6;
              if (rename(Path("file").c_str(), Path("other").c_str()) != 0) return 7;
              return ErrnoOf(access(Path("file").c_str(), F_OK)) == ENOENT ? 0 : 8;
            }),
            0);
  EXPECT_EQ(files_.Content("other"), "Je");
  EXPECT_EQ(InChild([&] { return unlink(Path("other").c_str()); }), 0);
  EXPECT_EQ(files_.Content("other"), "");
  EXPECT_TRUE(Eventually([&] { return files_.open_handles() == 0; }));
}

TEST_F(FuseTest, CarriesDirectoriesAndSymbolicLinks) {
  EXPECT_EQ(InChild([&] {
              if (mkdir(Path("d").c_str(), 0755) != 0 || mkdir(Path("d/e").c_str(), 0755) != 0) return 1;
              if (ErrnoOf(rmdir(Path("d").c_str())) != ENOTEMPTY) return 2;
              if (symlink("d/e", Path("link").c_str()) != 0) return 3;
              char target[16] = {};
              if (readlink(Path("link").c_str(), target, sizeof(target)) != 3 || std::strcmp(target, "d/e") != 0) {
                return 4;
              }
              if (mknod(Path("link/pipe").c_str(), S_IFIFO | 0600, 0) != 0) return 5;
              struct stat attributes;
              if (stat(Path("d/e/pipe").c_str(), &attributes) != 0 || !S_ISFIFO(attributes.st_mode)) return 6;
              if (unlink(Path("d/e/pipe").c_str()) != 0 || rmdir(Path("d/e").c_str()) != 0) return 7;
              return rmdir(Path("d").c_str()) == 0 ? 0 : 8;
            }),
            0);
}

TEST_F(FuseTest, ListsEveryNameOnceWithItsType) {
  for (int i = 0; i < 3000; ++i) files_.AddFile("name-" + std::to_string(i), "x");
  files_.AddFile("hidden", "x");
  EXPECT_EQ(InChild([&] {
              DIR* directory = opendir(mountpoint_.path().c_str());
              if (directory == nullptr) return 1;
              std::set<std::string> seen;
              while (const dirent* entry = readdir(directory)) {
                const std::string name = entry->d_name;
                if (!seen.insert(name).second) return 2;
                if (entry->d_type != (name == "hidden" ? DT_UNKNOWN : DT_REG)) return 3;
              }
              closedir(directory);
              return seen.size() == 3001 ? 0 : 4;
            }),
            0);
}

TEST_F(FuseTest, Pitfall41_LookupsAreBalancedAfterTheKernelForgets) {
  for (int i = 0; i < 500; ++i) files_.AddFile("name-" + std::to_string(i), "x");
  files_.SetLifetime(std::chrono::seconds(60));
  EXPECT_EQ(InChild([&] {
              DIR* directory = opendir(mountpoint_.path().c_str());
              if (directory == nullptr) return 1;
              while (readdir(directory) != nullptr) {
              }
              closedir(directory);
              struct stat attributes;
              for (int i = 0; i < 500; ++i) {
                if (stat(Path("name-" + std::to_string(i)).c_str(), &attributes) != 0) return 2;
              }
              return 0;
            }),
            0);
  EXPECT_GE(files_.lookups_out(), 500u);
  // A remount drops the names and inodes without users of this one file system; other mounts, of tests that run at the
  // same time, keep theirs.
  ASSERT_EQ(mount(nullptr, mountpoint_.path().c_str(), nullptr, MS_REMOUNT | MS_NOSUID | MS_NODEV, nullptr), 0);
  EXPECT_TRUE(Eventually([&] { return files_.lookups_out() == 0; })) << files_.lookups_out();
}

TEST_F(FuseTest, OneWriteOfAMebibyteIsOneRequest) {
  EXPECT_EQ(InChild([&] {
              const int fd = open(Path("direct").c_str(), O_CREAT | O_WRONLY, 0644);
              constexpr size_t kSize = 1 << 20;
              void* data = std::aligned_alloc(4096, kSize);  // Unaligned, it touches one page more than fits.
              std::memset(data, 'x', kSize);
              return write(fd, data, kSize) == static_cast<ssize_t>(kSize) ? 0 : 1;
            }),
            0);
  EXPECT_EQ(files_.writes(), 1u);
  EXPECT_EQ(files_.Content("direct"), std::string(1 << 20, 'x'));
}

TEST_F(FuseTest, ConcurrentWritesOfAllSizesArriveWhole) {
  constexpr int kWriters = 4;
  std::vector<Child> writers;
  writers.reserve(kWriters);
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      const std::string path = Path("direct-" + std::to_string(writer));
      const int fd = open(path.c_str(), O_CREAT | O_RDWR, 0644);
      for (int i = 0; i < 40; ++i) {
        const std::string data(static_cast<size_t>(i) * 16 * 1024 + 1, static_cast<char>('a' + (writer + i) % 26));
        if (pwrite(fd, data.data(), data.size(), 0) != static_cast<ssize_t>(data.size())) return 1;
        std::string back(data.size(), '\0');
        if (pread(fd, back.data(), back.size(), 0) != static_cast<ssize_t>(back.size()) || back != data) return 2;
      }
      return 0;
    });
  }
  for (Child& writer : writers) EXPECT_EQ(writer.Wait(), 0);
}

TEST_F(FuseTest, RefusesWhatAnObjectStoreCannotDo) {
  files_.AddFile("file", "x");
  EXPECT_EQ(InChild([&] { return ErrnoOf(link(Path("file").c_str(), Path("second").c_str())); }), EPERM);
  EXPECT_EQ(
      InChild([&] {
        return ErrnoOf(renameat2(AT_FDCWD, Path("file").c_str(), AT_FDCWD, Path("file").c_str(), RENAME_EXCHANGE));
      }),
      0)
      << "the kernel sees that it is one file";
  files_.AddFile("other", "y");
  EXPECT_EQ(
      InChild([&] {
        return ErrnoOf(renameat2(AT_FDCWD, Path("file").c_str(), AT_FDCWD, Path("other").c_str(), RENAME_EXCHANGE));
      }),
      EINVAL);
  EXPECT_EQ(
      InChild([&] {
        return ErrnoOf(renameat2(AT_FDCWD, Path("file").c_str(), AT_FDCWD, Path("other").c_str(), RENAME_NOREPLACE));
      }),
      EEXIST);
}

TEST_F(FuseTest, ReportsStatistics) {
  EXPECT_EQ(InChild([&] {
              struct statvfs values;
              if (statvfs(mountpoint_.path().c_str(), &values) != 0) return 1;
              return values.f_blocks == 1000 && values.f_bavail == 500 && values.f_namemax == 255 ? 0 : 2;
            }),
            0);
}

TEST_F(FuseTest, SetidBitsGoWithAWriteATruncateAndAChangeOfOwner) {
  const auto mode_after = [&](const std::string& name, const std::function<int()>& change) {
    files_.AddFile(name, "x", 06777);
    EXPECT_EQ(InChild([&] {
                struct stat attributes;
                if (stat(Path(name).c_str(), &attributes) != 0 || (attributes.st_mode & 07777) != 06777) return 100;
                return change();
              }),
              0);
    int mode = 0;
    for (const int part : {07000, 0777}) {
      mode |= part & (InChild([&] {
                        struct stat attributes;
                        if (stat(Path(name).c_str(), &attributes) != 0) return 0;
                        return static_cast<int>((attributes.st_mode & 07777 & part) >> (part == 07000 ? 9 : 3));
                      })
                      << (part == 07000 ? 9 : 3));
    }
    return mode;
  };
  const auto as_nobody = [] { return setgid(65534) == 0 && setuid(65534) == 0; };
  EXPECT_EQ(mode_after("written",
                       [&] {
                         if (!as_nobody()) return 1;
                         const int fd = open(Path("written").c_str(), O_WRONLY);
                         return write(fd, "y", 1) == 1 ? 0 : 2;
                       }),
            0770);
  EXPECT_EQ(mode_after("truncated", [&] { return as_nobody() && truncate(Path("truncated").c_str(), 0) == 0 ? 0 : 1; }),
            0770);
  EXPECT_EQ(mode_after("reopened",
                       [&] { return as_nobody() && open(Path("reopened").c_str(), O_WRONLY | O_TRUNC) >= 0 ? 0 : 1; }),
            0770);
  EXPECT_EQ(mode_after("given", [&] { return chown(Path("given").c_str(), 1, 1); }), 0770);
  EXPECT_EQ(mode_after("kept",
                       [&] {
                         const int fd = open(Path("kept").c_str(), O_WRONLY);
                         return write(fd, "y", 1) == 1 ? 0 : 2;
                       }),
            06770)
      << "root has CAP_FSETID";
}

}  // namespace
}  // namespace cosfuse
