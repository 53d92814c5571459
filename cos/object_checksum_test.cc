#include "cos/object_checksum.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "cos/fake_service.h"

namespace cosfuse {
namespace {

using ChecksumFields = std::initializer_list<std::pair<std::string, std::string>>;

/// Whether "123456789" is the object that these headers are of; nothing where they do not tell.
std::optional<bool> Matches(const ChecksumFields& fields) {
  auto checksum = ObjectChecksum::FromHeaders(HeadersOf(fields));
  if (!checksum) return std::nullopt;
  checksum->Extend(AsBytes("12345"));
  checksum->Extend(AsBytes("6789"));
  return checksum->Matches();
}

TEST(ObjectChecksum, IsHeldAgainstTheBytes) {
  EXPECT_EQ(Matches({{"x-amz-checksum-crc32c", "4waSgw=="}}), true);
  EXPECT_EQ(Matches({{"x-amz-checksum-crc32c", "4waSgQ=="}}), false);
  EXPECT_EQ(Matches({{"x-amz-checksum-crc64nvme", "rosUhgp5mIg="}, {"x-amz-checksum-type", "FULL_OBJECT"}}), true);
  EXPECT_EQ(Matches({{"x-amz-checksum-crc64nvme", "AAAAAAAAAAA="}}), false);
}

TEST(ObjectChecksum, TheCheaperOneIsTakenOfTwo) {
  EXPECT_EQ(Matches({{"x-amz-checksum-crc64nvme", "AAAAAAAAAAA="}, {"x-amz-checksum-crc32c", "4waSgw=="}}), true);
}

TEST(ObjectChecksum, ThatOfACompositionIsNone) {
  for (const char* header : {"x-amz-checksum-crc32c", "x-amz-checksum-crc64nvme"}) {
    EXPECT_EQ(Matches({{header, "4waSgw==-3"}}), std::nullopt);
    EXPECT_EQ(Matches({{header, "4waSgw=="}, {"x-amz-checksum-type", "COMPOSITE"}}), std::nullopt);
  }
  EXPECT_EQ(Matches({{"x-amz-checksum-sha256", "4waSgw=="}}), std::nullopt);
  EXPECT_EQ(Matches({}), std::nullopt);
}

}  // namespace
}  // namespace cosfuse
