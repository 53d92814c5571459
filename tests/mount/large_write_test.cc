#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

constexpr ByteCount kLarge = 48 * kMiB;
/// Headers, and the requests that carry no bytes of the file.
constexpr ByteCount kOverhead = 64 * kKiB;

// What goes over the wire for large files; nothing of them is known to the mount when it begins.
class LargeWriteTest : public ::testing::Test {
 protected:
  void SetUp() override {
    content_ = PatternBytes(kLarge, 7);
    emulator_.PutObject("large", content_);
    emulator_.ResetCounters();
  }
  ByteCount Counter(const std::string& name) const {
    return nlohmann::json::parse(emulator_.Get("counters")).at(name).get<ByteCount>();
  }
  ByteCount Sent() const { return Counter("bytes_in"); }
  ByteCount Fetched() const { return Counter("bytes_out"); }
  std::string Path(const std::string& name) const { return mount_.Path(name); }
  void ExpectStored() { EXPECT_TRUE(emulator_.FetchObject("large").body == content_); }

  EmulatorProcess emulator_{{"--etag=opaque"}};
  MountProcess mount_{emulator_};
  std::string content_;
};

TEST_F(LargeWriteTest, Pitfall5_ASmallEditFetchesAndSendsOnePart) {
  FileDescriptor fd = MustOpen(Path("large"), O_WRONLY);
  const std::string edit = PatternBytes(4 * kKiB, 8);
  ASSERT_EQ(pwrite(fd.get(), edit.data(), edit.size(), 30'000'000), static_cast<ssize_t>(edit.size()));
  ASSERT_EQ(CloseStatus(fd), 0);
  EXPECT_LE(Fetched(), 6 * kMiB);
  EXPECT_LE(Sent(), 6 * kMiB);
  content_.replace(30'000'000, edit.size(), edit);
  ExpectStored();
}

TEST_F(LargeWriteTest, AnAppendFetchesNothingAndSendsWhatItAppends) {
  FileDescriptor fd = MustOpen(Path("large"), O_WRONLY | O_APPEND);
  const std::string more = PatternBytes(kMiB, 8);
  MustWrite(fd, more);
  ASSERT_EQ(CloseStatus(fd), 0);
  EXPECT_LE(Fetched(), kOverhead);
  EXPECT_LE(Sent(), more.size() + kOverhead);
  content_ += more;
  ExpectStored();
}

TEST_F(LargeWriteTest, ATruncationToHalfSendsNothing) {
  ASSERT_EQ(truncate(Path("large").c_str(), kLarge / 2), 0);
  EXPECT_LE(Fetched() + Sent(), kOverhead);
  content_.resize(kLarge / 2);
  ExpectStored();
}

TEST_F(LargeWriteTest, ASequentialFileIsSentOnceInOneUpload) {
  FileDescriptor fd = MustOpen(Path("new"), O_CREAT | O_WRONLY);
  for (ByteCount at = 0; at < kLarge; at += kMiB) MustWrite(fd, content_.substr(at, kMiB));
  ASSERT_EQ(CloseStatus(fd), 0);
  EXPECT_LE(Sent(), kLarge + kOverhead);
  EXPECT_EQ(emulator_.RequestCount("UploadPart"), 3U);
  EXPECT_EQ(emulator_.RequestCount("CompleteMultipartUpload"), 1U);
  EXPECT_TRUE(emulator_.FetchObject("new").body == content_);
}

TEST_F(LargeWriteTest, Pitfall11_AChangeOfModeWhileTheFileLeavesIsStored) {
  FileDescriptor fd = MustOpen(Path("new"), O_CREAT | O_WRONLY);
  MustWrite(fd, content_);
  ASSERT_EQ(fchmod(fd.get(), 0600), 0);
  const timespec times[2] = {{.tv_sec = 1'000'000'000, .tv_nsec = 0}, {.tv_sec = 1'000'000'001, .tv_nsec = 5}};
  ASSERT_EQ(futimens(fd.get(), times), 0);
  ASSERT_EQ(CloseStatus(fd), 0);
  const MountProcess other(emulator_);
  const struct stat seen = MustStat(other.Path("new"));
  EXPECT_EQ(seen.st_mode & 07777, 0600U);
  EXPECT_EQ(seen.st_mtim.tv_sec, 1'000'000'001);
  EXPECT_TRUE(ReadWholeFile(other.Path("new")) == content_);
}

TEST_F(LargeWriteTest, TheTimesThatAProgramSeesAreTheStoredOnes) {
  WriteWholeFile(Path("new"), content_);
  const struct stat here = MustStat(Path("new"));
  const MountProcess other(emulator_);
  const struct stat there = MustStat(other.Path("new"));
  EXPECT_EQ(here.st_mtim.tv_sec, there.st_mtim.tv_sec);
  EXPECT_EQ(here.st_mtim.tv_nsec, there.st_mtim.tv_nsec);
}

TEST_F(LargeWriteTest, Pitfall12_AFileThatLeavesUnderANewNameIsThereOnly) {
  FileDescriptor fd = MustOpen(Path("old"), O_CREAT | O_WRONLY);
  MustWrite(fd, content_);
  ASSERT_EQ(rename(Path("old").c_str(), Path("renamed").c_str()), 0);
  ASSERT_EQ(CloseStatus(fd), 0);
  EXPECT_TRUE(emulator_.FetchObject("renamed").body == content_);
  EXPECT_EQ(emulator_.Keys(), (std::vector<std::string>{"large", "renamed"}));
}

/// A directory that is a disk of its own.
class SmallDisk {
 public:
  explicit SmallDisk(ByteCount size) {
    const std::string options = "size=" + std::to_string(size);
    mounted_ = mount("none", directory_.path().c_str(), "tmpfs", 0, options.c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(directory_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }
  const std::string& path() const { return directory_.path(); }

 private:
  TemporaryDirectory directory_;
  bool mounted_ = false;
};

class SmallDiskMountTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(disk_.mounted()) << "errno " << errno; }

  const SmallDisk disk_{64 * kMiB};
  EmulatorProcess emulator_{{"--etag=opaque"}};
  MountProcess mount_{emulator_, {"--cache-dir", disk_.path()}};
};

TEST_F(SmallDiskMountTest, Pitfall6_AFileMayBeLargerThanTheDisk) {
  const std::string piece = PatternBytes(kMiB, 1);
  constexpr size_t kPieces = 200;
  FileDescriptor fd = MustOpen(mount_.Path("f"), O_CREAT | O_WRONLY);
  for (size_t i = 0; i < kPieces; ++i) MustWrite(fd, piece);
  ASSERT_EQ(CloseStatus(fd), 0);
  const std::string body = emulator_.FetchObject("f").body;
  ASSERT_EQ(body.size(), kPieces * kMiB);
  for (size_t i = 0; i < kPieces; ++i) ASSERT_TRUE(body.compare(i * kMiB, kMiB, piece) == 0) << i;
}

TEST_F(SmallDiskMountTest, Pitfall6_WithoutAStoreTheWriteFailsAndTheOldObjectStays) {
  emulator_.PutObject("f", "the old object");
  FileDescriptor fd = MustOpen(mount_.Path("f"), O_WRONLY);
  emulator_.Post("fault?op=CreateMultipartUpload&status=403&code=AccessDenied&count=1000");
  const std::string piece = PatternBytes(kMiB, 1);
  int status = 0;
  ByteCount written = 0;
  while (status == 0 && written < 200 * kMiB) {
    status = ErrnoOf(pwrite(fd.get(), piece.data(), piece.size(), static_cast<off_t>(written)));
    if (status == 0) written += piece.size();
  }
  EXPECT_EQ(status, ENOSPC);
  EXPECT_EQ(MustStat(mount_.Path("f")).st_size, static_cast<off_t>(written));
  EXPECT_EQ(emulator_.FetchObject("f").body, "the old object");
  emulator_.Post("fault/clear");
  EXPECT_EQ(CloseStatus(fd), 0);
  EXPECT_EQ(emulator_.FetchObject("f").body.size(), written);
}

/// On a disk with room for much more.
class CacheSizeTest : public ::testing::Test {
 protected:
  /// Bytes of disk that the cache directory takes. What goes meanwhile does not count.
  ByteCount UsedNow() const {
    ByteCount bytes = 0;
    std::error_code gone;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(mount_.cache_directory(), gone)) {
      struct stat status{};
      if (lstat(entry.path().c_str(), &status) == 0) bytes += static_cast<ByteCount>(status.st_blocks) * 512;
    }
    return bytes;
  }

  EmulatorProcess emulator_{{"--etag=opaque"}};
  MountProcess mount_{emulator_, {"--cache-size", "64M"}};
};

TEST_F(CacheSizeTest, Pitfall6_AFileMayBeLargerAndTheBudgetIsKept) {
  emulator_.Post("latency?ms=50");
  const std::string piece = PatternBytes(kMiB, 1);
  constexpr size_t kPieces = 200;
  FileDescriptor fd = MustOpen(mount_.Path("f"), O_CREAT | O_WRONLY);
  ByteCount most = 0;
  for (size_t i = 0; i < kPieces; ++i) {
    MustWrite(fd, piece);
    most = std::max(most, UsedNow());
  }
  ASSERT_EQ(CloseStatus(fd), 0);
  EXPECT_LE(most, 64 * kMiB);
  EXPECT_GE(most, 16 * kMiB) << "nothing was measured";
  EXPECT_EQ(emulator_.FetchObject("f").body.size(), kPieces * kMiB);
}

TEST_F(CacheSizeTest, Pitfall7_WithoutAStoreTheWriteFailsBeforeTheDiskIsFull) {
  emulator_.Post("fault?op=CreateMultipartUpload&status=403&code=AccessDenied&count=1000");
  const FileDescriptor fd = MustOpen(mount_.Path("f"), O_CREAT | O_WRONLY);
  const std::string piece = PatternBytes(kMiB, 1);
  int status = 0;
  for (int i = 0; i < 200 && status == 0; ++i) status = ErrnoOf(write(fd.get(), piece.data(), piece.size()));
  EXPECT_EQ(status, ENOSPC);
  EXPECT_LE(UsedNow(), 64 * kMiB);
  emulator_.Post("fault/clear");
}

}  // namespace
}  // namespace cosfuse::testing
