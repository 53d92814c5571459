#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "emulator/fake_emulator_bed.h"

namespace cosfuse::emulator {
namespace {

/// How the emulator keeps bytes, over real sockets: not at all, in a directory; and ETags that are no MD5.
class StorageConformance : public EmulatorTest {
 protected:
  /// Puts `size` bytes that are sent piece by piece, so that they are nowhere in memory at once.
  void PutLong(const std::string& target, ByteCount size) {
    client_->Send(client_->FormatHead("PUT", target, {{"Content-Length", std::to_string(size)}}));
    const std::string piece(kMiB, 'x');
    for (ByteCount sent = 0; sent < size; sent += piece.size()) client_->Send(piece);
    EXPECT_EQ(client_->ReadAnswer("PUT").status, 200);
  }
};

TEST_F(StorageConformance, ASinkKeepsEverythingButTheBytes) {
  options_.sink = true;
  Restart();
  const HttpAnswer put =
      Do("PUT", "/bucket/k", {{"x-amz-checksum-crc32c", "mnG7TA=="}, {"x-amz-meta-a", "1"}}, "hello");
  ASSERT_EQ(put.status, 200) << put.body;
  const HttpAnswer head = Do("HEAD", "/bucket/k", {{"x-amz-checksum-mode", "ENABLED"}});
  EXPECT_EQ(head.Header("etag"), "\"5d41402abc4b2a76b9719d911017c592\"");
  EXPECT_EQ(head.Header("content-length"), "5");
  EXPECT_EQ(head.Header("x-amz-meta-a"), "1");
  EXPECT_EQ(head.Header("x-amz-checksum-crc32c"), "mnG7TA==");
  EXPECT_EQ(Do("GET", "/bucket/k").body, std::string(5, '\0'));
  EXPECT_EQ(Do("GET", "/bucket/k", {{"Range", "bytes=1-3"}}).body, std::string(3, '\0'));
  EXPECT_EQ(Do("PUT", "/bucket/k", {{"x-amz-checksum-crc32c", "mnG7TA=="}}, "other").status, 400);
}

TEST_F(StorageConformance, ASinkTakesMoreThanOneChunkOfZeros) {
  options_.sink = true;
  options_.etag = ETagKind::kOpaque;
  Restart();
  PutLong("/bucket/k", 20 * kMiB);
  EXPECT_EQ(Do("HEAD", "/bucket/k").Header("content-length"), std::to_string(20 * kMiB));
  const std::string body = Do("GET", "/bucket/k").body;
  EXPECT_EQ(body.size(), 20 * kMiB);
  EXPECT_TRUE(std::ranges::all_of(body, [](char c) { return c == '\0'; }));
}

TEST_F(StorageConformance, OpaqueETagsDifferForTheSameBytes) {
  options_.etag = ETagKind::kOpaque;
  Restart();
  const std::string first = Put("/bucket/a", "hello");
  EXPECT_NE(Put("/bucket/b", "hello"), first);
  EXPECT_EQ(first.size(), 34U);
  EXPECT_EQ(Do("GET", "/bucket/a", {{"If-Match", first}}).body, "hello");
  EXPECT_EQ(Do("PUT", "/bucket/c", {{"Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="}}, "hello").status, 200);
  EXPECT_EQ(Do("PUT", "/bucket/c", {{"Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="}}, "other").status, 400);
}

TEST_F(StorageConformance, OpaqueETagsOfPartsMakeAnObject) {
  options_.etag = ETagKind::kOpaque;
  Restart();
  Put("/bucket/source", "world");
  const std::string id = XmlText(Do("POST", "/bucket/k?uploads").body, "UploadId");
  const std::string part = "/bucket/k?uploadId=" + id + "&partNumber=";
  const std::string first = Do("PUT", part + "1", {}, std::string(5 * kMiB, 'x')).Header("etag");
  const std::string second = XmlText(Do("PUT", part + "2", {{"x-amz-copy-source", "/bucket/source"}}).body, "ETag");
  const HttpAnswer done = Do("POST", "/bucket/k?uploadId=" + id, {},
                             "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + first +
                                 "</ETag></Part><Part><PartNumber>2</PartNumber><ETag>" + second +
                                 "</ETag></Part></CompleteMultipartUpload>");
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(Do("GET", "/bucket/k", {{"Range", "bytes=5242880-"}}).body, "world");
}

TEST_F(StorageConformance, ADirectoryKeepsLargeBodiesOutOfMemory) {
#ifdef COSFUSE_SANITIZED
  GTEST_SKIP() << "a sanitizer's own memory is not bounded";
#endif
  constexpr ByteCount kSize = 192 * kMiB;
  constexpr uint64_t kMostKiB = 64 * 1024;
  const TemporaryDirectory directory;
  options_.data_dir = directory.path();
  options_.etag = ETagKind::kOpaque;
  Restart();
  const auto peak_kib = [] {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6));
    }
    return 0ULL;
  };
  std::ofstream("/proc/self/clear_refs") << "5";  // proc(5): the peak starts anew from what is used now.
  const uint64_t before = peak_kib();
  PutLong("/bucket/k", kSize);
  client_->Send(client_->FormatHead("GET", "/bucket/k", {}));
  EXPECT_EQ(client_->SkipAnswer(), kSize);
  Do("POST", "/_emulator/bandwidth?bytes-per-second=100000000000");
  client_->Send(client_->FormatHead("GET", "/bucket/k", {}));
  EXPECT_EQ(client_->SkipAnswer(), kSize);
  EXPECT_LT(peak_kib(), before + kMostKiB);
  client_.reset();
  emulator_.reset();  // Before its directory goes.
}

}  // namespace
}  // namespace cosfuse::emulator
