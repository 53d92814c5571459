#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>

#include "base/byte_range.h"
#include "base/file_descriptor.h"
#include "tests/support/mount_process.h"

namespace cosfuse::testing {

/// An emulator and a mount of its bucket, with the default options.
class MountTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return mount_.Path(name); }

  EmulatorProcess emulator_;
  MountProcess mount_{emulator_};
};

/// The same with `--ttl=0`: what others change is seen at once.
class UncachedMountTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return mount_.Path(name); }

  EmulatorProcess emulator_;
  MountProcess mount_{emulator_, {"--ttl", "0"}};
};

/// The same with `--ttl=600`: what is known stays known, however slow the machine is.
class TrustingMountTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return mount_.Path(name); }

  EmulatorProcess emulator_;
  MountProcess mount_{emulator_, {"--ttl", "600"}};
};

/// open(2) that fails the test when it fails.
inline FileDescriptor MustOpen(const std::string& path, int flags, mode_t mode = 0644) {
  FileDescriptor fd(open(path.c_str(), flags | O_CLOEXEC, mode));
  EXPECT_TRUE(fd.valid()) << path << ": errno " << errno;
  return fd;
}

/// write(2) of all of `text`, at the descriptor's position.
inline void MustWrite(const FileDescriptor& fd, const std::string& text) {
  EXPECT_EQ(write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size())) << "errno " << errno;
}

/// close(2), whose answer is what this project is about.
inline int CloseStatus(FileDescriptor& fd) { return close(fd.Release()) == 0 ? 0 : errno; }

/// The errno of a failed call, 0 of a successful one.
inline int ErrnoOf(long result) { return result < 0 ? errno : 0; }

inline struct stat MustStat(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(lstat(path.c_str(), &status), 0) << path << ": errno " << errno;
  return status;
}

inline int StatErrno(const std::string& path) {
  struct stat status{};
  return ErrnoOf(lstat(path.c_str(), &status));
}

}  // namespace cosfuse::testing
