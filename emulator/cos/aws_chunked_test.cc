#include "emulator/cos/aws_chunked.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace cosfuse::emulator {
namespace {

class AwsChunkedTest : public testing::Test {
 protected:
  /// Decodes `text`, which arrives in pieces of `step` bytes, and returns the bytes in it, or the error's name.
  std::string Decode(std::string_view text, size_t step) {
    std::string decoded;
    AwsChunkedDecoder decoder(std::nullopt, [&decoded](std::span<const std::byte> data) { decoded += AsText(data); });
    for (size_t at = 0; at < text.size(); at += step) decoder.Consume(AsBytes(text.substr(at, step)));
    const auto finished = decoder.Finish();
    crc_ = decoder.trailers().Get("x-amz-checksum-crc32");
    if (!finished) return std::string(Describe(finished.error().code).name);
    EXPECT_EQ(decoder.decoded(), decoded.size());
    return decoded;
  }

  std::string crc_;
};

TEST_F(AwsChunkedTest, BytesAndTrailersComeOutHoweverTheyArrive) {
  const std::string_view text = "5\r\nhello\r\nA;x=y\r\n\r\n world\r\n\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
  for (size_t step = 1; step <= text.size(); ++step) {
    EXPECT_EQ(Decode(text, step), "hello\r\n world\r\n") << step;
    EXPECT_EQ(crc_, "AAAA");
  }
}

TEST_F(AwsChunkedTest, AnEmptyBodyIsOneChunk) {
  EXPECT_EQ(Decode("0\r\n\r\n", 1), "");
  EXPECT_EQ(Decode("0\r\n", 1), "");
}

TEST_F(AwsChunkedTest, WhatIsCutOrMalformedIsIncomplete) {
  for (const char* text : {"", "5\r\nhell", "5\r\nhello\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "x\r\n", "-1\r\n", "\r\n",
                           "0\r\nno-colon\r\n\r\n"}) {
    EXPECT_EQ(Decode(text, 3), "IncompleteBody") << text;
  }
  EXPECT_EQ(Decode(std::string(5000, '1'), 100), "IncompleteBody");
}

}  // namespace
}  // namespace cosfuse::emulator
