#include "emulator/cos/digest.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "emulator/cos/body_receiver.h"

namespace cosfuse::emulator {
namespace {

struct ChecksumCase {
  ChecksumAlgorithm algorithm;
  const char* hex;  ///< Of "123456789", the check value of the CRC catalogue and of FIPS 180.
};

class ChecksumOf : public testing::TestWithParam<ChecksumCase> {};

TEST_P(ChecksumOf, IsTheCheckValueHoweverItArrives) {
  constexpr std::string_view kText = "123456789";
  for (size_t split = 0; split <= kText.size(); ++split) {
    const auto digest = NewChecksum(GetParam().algorithm);
    digest->Update(AsBytes(kText.substr(0, split)));
    digest->Update(AsBytes(kText.substr(split)));
    EXPECT_EQ(HexEncode(AsBytes(digest->Finish())), GetParam().hex);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ChecksumOf,
    testing::Values(ChecksumCase{ChecksumAlgorithm::kCrc32, "cbf43926"},
                    ChecksumCase{ChecksumAlgorithm::kCrc32c, "e3069283"},
                    ChecksumCase{ChecksumAlgorithm::kCrc64Nvme, "ae8b14860a799888"},
                    ChecksumCase{ChecksumAlgorithm::kSha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"},
                    ChecksumCase{ChecksumAlgorithm::kSha256,
                                 "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"}));

ReceivedBody Receive(std::string_view text, std::optional<ChecksumAlgorithm> algorithm) {
  BodyReceiver receiver(NewMemorySink(text.size()), {true, algorithm}, "");
  receiver.Consume(AsBytes(text));
  return receiver.Finish().value();
}

TEST(VerifyDigests, TakesTheRightOnes) {
  Headers headers;
  headers.Add("Content-MD5", Base64Encode(AsBytes(Md5("hello"))));
  headers.Add("x-amz-checksum-crc32c", "mnG7TA==");  // Of "hello".
  EXPECT_TRUE(VerifyDigests(headers, Receive("hello", ChecksumAlgorithm::kCrc32c)));
  EXPECT_TRUE(VerifyDigests({}, Receive("hello", std::nullopt)));
}

TEST(VerifyDigests, RefusesWrongAndBrokenOnes) {
  Headers wrong_md5;
  wrong_md5.Add("Content-MD5", Base64Encode(AsBytes(Md5("other"))));
  EXPECT_EQ(VerifyDigests(wrong_md5, Receive("hello", std::nullopt)).error().code, S3Code::kBadDigest);
  Headers broken_md5;
  broken_md5.Add("Content-MD5", "AAAA");
  EXPECT_EQ(VerifyDigests(broken_md5, Receive("hello", std::nullopt)).error().code, S3Code::kInvalidDigest);
  Headers wrong_crc;
  wrong_crc.Add("x-amz-checksum-crc32c", "AAAAAA==");
  EXPECT_EQ(VerifyDigests(wrong_crc, Receive("hello", ChecksumAlgorithm::kCrc32c)).error().code, S3Code::kBadDigest);
  Headers broken_crc;
  broken_crc.Add("x-amz-checksum-crc32c", "AA==");
  EXPECT_EQ(VerifyDigests(broken_crc, Receive("hello", ChecksumAlgorithm::kCrc32c)).error().code,
            S3Code::kInvalidRequest);
}

}  // namespace
}  // namespace cosfuse::emulator
