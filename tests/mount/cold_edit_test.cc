#include <unistd.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

/// A large object of which the mount has nothing: 1 GiB with COSFUSE_LONG.
class ColdEditTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // Each MiB is another one, so that none can stand for another.
    const std::string piece = PatternBytes(kMiB, 3);
    const ByteCount pieces = LongCampaign() ? 1024 : 256;
    content_.reserve(pieces * kMiB);
    for (ByteCount i = 0; i < pieces; ++i) {
      content_ += piece;
      content_.replace(i * kMiB, 8, std::to_string(10'000'000 + i));
    }
    ASSERT_EQ(emulator_.PutObject("large", content_).status, 200);
    emulator_.ResetCounters();
  }
  ByteCount Counted(const std::string& name) const {
    return nlohmann::json::parse(emulator_.Get("counters")).at(name).get<ByteCount>();
  }

  /// As another mount reads it, piece by piece.
  void ExpectContent() {
    const MountProcess other(emulator_);
    const FileDescriptor fd = MustOpen(other.Path("large"), O_RDONLY);
    std::string piece(4 * kMiB, '?');
    for (ByteCount at = 0; at < content_.size();) {
      const ssize_t length = read(fd.get(), piece.data(), piece.size());
      ASSERT_GT(length, 0) << "errno " << errno << " at " << at;
      ASSERT_EQ(content_.compare(at, static_cast<size_t>(length), piece, 0, static_cast<size_t>(length)), 0) << at;
      at += static_cast<ByteCount>(length);
    }
    EXPECT_EQ(read(fd.get(), piece.data(), piece.size()), 0);
  }

  EmulatorProcess emulator_{{"--etag=opaque"}};
  MountProcess mount_{emulator_};
  std::string content_;
};

TEST_F(ColdEditTest, Pitfall5_FourKibibytesInTheMiddleFetchAndSendOnePart) {
  const std::string edit = PatternBytes(4 * kKiB, 8);
  const ByteCount at = content_.size() / 2 + 12'345;
  FileDescriptor fd = MustOpen(mount_.Path("large"), O_WRONLY);
  ASSERT_EQ(pwrite(fd.get(), edit.data(), edit.size(), static_cast<off_t>(at)), static_cast<ssize_t>(edit.size()));
  ASSERT_EQ(CloseStatus(fd), 0);
  const ByteCount fetched = Counted("bytes_out");
  const ByteCount sent = Counted("bytes_in");
  RecordProperty("fetched", std::to_string(fetched));
  RecordProperty("sent", std::to_string(sent));
  EXPECT_LE(fetched, 6 * kMiB);
  EXPECT_LE(sent, 6 * kMiB);
  EXPECT_EQ(emulator_.RequestCount("UploadPart"), 1U);
  EXPECT_EQ(emulator_.RequestCount("PutObject"), 0U);
  EXPECT_LE(emulator_.RequestCount("UploadPartCopy"), 6U);
  content_.replace(at, edit.size(), edit);
  ExpectContent();
}

}  // namespace
}  // namespace cosfuse::testing
