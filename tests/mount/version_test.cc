#include <atomic>

#include "base/thread.h"
#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

/// How many rounds a campaign runs.
int Rounds(int usual) { return LongCampaign() ? 1000 : usual; }

/// A content whose every 8 bytes name its version, so that a mixture shows.
std::string VersionBytes(uint64_t version, size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i + sizeof(version) <= size; i += sizeof(version)) {
    for (size_t j = 0; j < sizeof(version); ++j) bytes[i + j] = static_cast<char>(version >> (8 * j));
  }
  return bytes;
}

/// The version of a content; nothing when it is a mixture or was cut.
std::optional<uint64_t> VersionOf(const std::string& bytes, size_t size) {
  uint64_t version = 0;
  for (size_t j = 0; j < sizeof(version) && j < bytes.size(); ++j) {
    version |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[j])) << (8 * j);
  }
  if (bytes != VersionBytes(version, size)) return std::nullopt;
  return version;
}

/// Reads to the end; the errno of the read that failed, or 0.
int ReadAll(const FileDescriptor& fd, std::string& bytes) {
  std::string buffer(1 << 20, '\0');
  for (;;) {
    const ssize_t n = read(fd.get(), buffer.data(), buffer.size());
    if (n < 0) return errno;
    if (n == 0) return 0;
    bytes.append(buffer, 0, static_cast<size_t>(n));
  }
}

/// One mount rewrites a file all the time, another opens and reads it all the time.
class TwoMountsTest : public ::testing::Test {
 protected:
  void ReadWhileRewritten(size_t size, int rounds, bool stale_allowed) {
    std::atomic<uint64_t> closed = 0;
    std::atomic<bool> stop = false;
    WriteWholeFile(writer_.Path("f"), VersionBytes(0, size));
    Thread rewriting("writer", [&] {
      for (uint64_t version = 1; !stop; ++version) {
        WriteWholeFile(writer_.Path("f"), VersionBytes(version, size));
        closed = version;
      }
    });
    int stale = 0;
    for (int round = 0; round < rounds; ++round) {
      const uint64_t oldest_allowed = closed;
      const FileDescriptor fd(open(reader_.Path("f").c_str(), O_RDONLY | O_CLOEXEC));
      ASSERT_TRUE(fd.valid()) << "round " << round << ": open failed with errno " << errno;
      std::string bytes;
      const int error = ReadAll(fd, bytes);
      if (stale_allowed && error == ESTALE) {
        ++stale;
        continue;
      }
      ASSERT_EQ(error, 0) << "round " << round;
      const auto version = VersionOf(bytes, size);
      ASSERT_TRUE(version.has_value()) << "round " << round << ": a mixture, or cut at " << bytes.size();
      ASSERT_GE(*version, oldest_allowed) << "round " << round << ": not the newest version that was closed";
    }
    stop = true;
    rewriting.Join();
    EXPECT_GT(closed, 0U);
    RecordProperty("stale", stale);
    RecordProperty("versions", static_cast<int>(closed));
  }

  EmulatorProcess emulator_;
  MountProcess writer_{emulator_, {"--ttl", "0"}};
  MountProcess reader_{emulator_, {"--ttl", "0"}};
};

TEST_F(TwoMountsTest, Pitfall23_EachOpenSeesTheNewestClosedVersionOfASmallFile) {
  ReadWhileRewritten(100 * kKiB, Rounds(200), false);
}

TEST_F(TwoMountsTest, Pitfall23_EachReadOfALargeFileIsOfOneVersionOrStale) {
  ReadWhileRewritten(20 * kMiB, Rounds(20), true);
}

TEST_F(TwoMountsTest, Pitfall24_EqualSizeInTheSameSecondIsSeenAtTheNextOpen) {
  for (int round = 0; round < 50; ++round) {
    const std::string content = "content " + std::to_string(100 + round);
    WriteWholeFile(writer_.Path("f"), content);
    ASSERT_EQ(ReadWholeFile(reader_.Path("f")), content);
  }
}

TEST_F(TwoMountsTest, Pitfall10_NewContentNeverHasTheOldLength) {
  for (int round = 0; round < 50; ++round) {
    const std::string content(static_cast<size_t>(round % 2 == 0 ? 10'000 : 100), static_cast<char>('a' + round % 26));
    WriteWholeFile(writer_.Path("f"), content);
    ASSERT_EQ(MustStat(reader_.Path("f")).st_size, static_cast<off_t>(content.size()));
    ASSERT_EQ(ReadWholeFile(reader_.Path("f")), content);
  }
}

TEST_F(TwoMountsTest, InodeNumberStaysOverVersions) {
  WriteWholeFile(writer_.Path("f"), "one");
  const ino_t before = MustStat(reader_.Path("f")).st_ino;
  WriteWholeFile(writer_.Path("f"), "another");
  EXPECT_EQ(MustStat(reader_.Path("f")).st_ino, before);
}

}  // namespace
}  // namespace cosfuse::testing
