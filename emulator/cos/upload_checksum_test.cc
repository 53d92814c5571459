#include "emulator/cos/upload_checksum.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace cosfuse::emulator {
namespace {

std::string RawChecksum(ChecksumAlgorithm algorithm, std::string_view text) {
  const auto digest = NewChecksum(algorithm);
  digest->Update(AsBytes(text));
  return digest->Finish();
}

TEST(UploadChecksum, OfTheWholeObjectIsJoinedFromItsParts) {
  const std::string first(100'000, 'a');
  const std::string second = "the second part";
  for (const ChecksumAlgorithm algorithm :
       {ChecksumAlgorithm::kCrc32, ChecksumAlgorithm::kCrc32c, ChecksumAlgorithm::kCrc64Nvme}) {
    const std::vector<PartChecksum> parts = {{RawChecksum(algorithm, first), first.size()},
                                             {RawChecksum(algorithm, ""), 0},
                                             {RawChecksum(algorithm, second), second.size()}};
    EXPECT_EQ(JoinChecksums({algorithm, true}, parts), Base64Encode(AsBytes(RawChecksum(algorithm, first + second))));
  }
}

TEST(UploadChecksum, CompositeIsOverThePartsChecksums) {
  const std::string one = RawChecksum(ChecksumAlgorithm::kSha256, "one");
  const std::string two = RawChecksum(ChecksumAlgorithm::kSha256, "two");
  const std::string joined = JoinChecksums({ChecksumAlgorithm::kSha256, false}, {{one, 3}, {two, 3}});
  EXPECT_EQ(joined, Base64Encode(AsBytes(RawChecksum(ChecksumAlgorithm::kSha256, one + two))) + "-2");
  EXPECT_EQ(ChecksumTypeOf(joined), "COMPOSITE");
  EXPECT_EQ(ChecksumTypeOf("4waSgw=="), "FULL_OBJECT");
}

TEST(UploadChecksum, IsNamedByTheInitiate) {
  const auto parse = [](const char* algorithm, const char* type) {
    Headers headers;
    headers.Add("x-amz-checksum-algorithm", algorithm);
    headers.Add("x-amz-checksum-type", type);
    return ParseUploadChecksum(headers);
  };
  EXPECT_FALSE(parse("", "")->has_value());
  EXPECT_FALSE((*parse("CRC32C", ""))->full_object);
  EXPECT_TRUE((*parse("CRC32C", "FULL_OBJECT"))->full_object);
  EXPECT_TRUE((*parse("crc64nvme", ""))->full_object);
  EXPECT_EQ((*parse("SHA1", "COMPOSITE"))->algorithm, ChecksumAlgorithm::kSha1);
  for (const auto& [algorithm, type] : {std::pair("MD5", ""), std::pair("CRC32", "HALF"),
                                        std::pair("SHA256", "FULL_OBJECT"), std::pair("CRC64NVME", "COMPOSITE")}) {
    EXPECT_FALSE(parse(algorithm, type)) << algorithm << type;
  }
}

}  // namespace
}  // namespace cosfuse::emulator
