#include "cos/body_digest.h"

#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "base/encoding.h"

namespace cosfuse {
namespace {

/// Gives at most a few bytes at a time; ends early or fails where told.
class SlowBody final : public BodySource {
 public:
  SlowBody(std::string bytes, ByteCount claimed) : bytes_(std::move(bytes)), claimed_(claimed) {}
  ByteCount size() const override { return claimed_; }
  Result<size_t> Read(ByteCount offset, std::span<std::byte> out) override {
    SpanBodySource inner(AsBytes(bytes_));
    return inner.Read(offset, out.first(std::min<size_t>(out.size(), 7)));
  }

 private:
  std::string bytes_;
  ByteCount claimed_;
};

class BrokenBody final : public BodySource {
 public:
  ByteCount size() const override { return 10; }
  Result<size_t> Read(ByteCount /*offset*/, std::span<std::byte> /*out*/) override {
    return Fail(ErrorCode::kUnavailable, "disk");
  }
};

TEST(BodyDigest, CoversPiecesOfAnySize) {
  const std::string text(1'000'003, 'x');
  SlowBody slow(text.substr(0, 1000), 1000);
  EXPECT_EQ(DigestBody(slow), ExtendCrc32c(0, AsBytes(text).first(1000)));
  SpanBodySource large(AsBytes(text));
  EXPECT_EQ(DigestBody(large), ExtendCrc32c(0, AsBytes(text)));
}

TEST(BodyDigest, EmptyBodyHasTheChecksumZero) {
  SpanBodySource empty({});
  EXPECT_EQ(DigestBody(empty), 0U);
  EXPECT_EQ(ReadWholeBody(empty), "");
}

TEST(BodyDigest, ReadsTheWholeBody) {
  SlowBody slow("twenty bytes of text", 20);
  EXPECT_EQ(ReadWholeBody(slow), "twenty bytes of text");
}

TEST(BodyDigest, BodyThatEndsEarlyIsAnError) {
  SlowBody liar("short", 6);
  EXPECT_EQ(DigestBody(liar).error().code(), ErrorCode::kInternal);
}

TEST(BodyDigest, FailureOfTheBodyIsPassedOn) {
  BrokenBody broken;
  EXPECT_EQ(DigestBody(broken).error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(ReadWholeBody(broken).error().code(), ErrorCode::kUnavailable);
}

TEST(BodyDigest, ContentMd5IsBase64) {
  EXPECT_EQ(ContentMd5(""), "1B2M2Y8AsgTpgAmY7PhCfg==");
  EXPECT_EQ(ContentMd5("hello world"), "XrY7u+Ae7tCTyyK7j1rNww==");
}

}  // namespace
}  // namespace cosfuse
