#include "cos/crc64nvme.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/random.h"

namespace cosfuse {
namespace {

/// Bit by bit, as the specification has it.
uint64_t SlowCrc64Nvme(std::string_view text) {
  uint64_t state = ~uint64_t{0};
  for (const char c : text) {
    state ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) state = state >> 1 ^ ((state & 1) != 0 ? 0x9a6c9329ac4bc9b5 : 0);
  }
  return ~state;
}

TEST(Crc64Nvme, IsThatOfTheSpecification) {
  EXPECT_EQ(ExtendCrc64Nvme(0, AsBytes("123456789")), 0xae8b14860a799888) << "the catalogue's check value";
  EXPECT_EQ(ExtendCrc64Nvme(0, {}), 0U);
  // NVM Command Set Specification, "64b CRC Test Cases": 4 KiB of zeros.
  EXPECT_EQ(ExtendCrc64Nvme(0, AsBytes(std::string(4096, '\0'))), 0x6482d367eb22b64e);
}

TEST(Crc64Nvme, IsTheSameForEveryLengthAndEveryCut) {
  const std::string text = SeededRandom(5).Hex(40);
  for (size_t length = 0; length <= text.size(); ++length) {
    const std::string_view part = std::string_view(text).substr(0, length);
    const uint64_t whole = ExtendCrc64Nvme(0, AsBytes(part));
    ASSERT_EQ(whole, SlowCrc64Nvme(part)) << length;
    const size_t cut = length / 3;
    ASSERT_EQ(ExtendCrc64Nvme(ExtendCrc64Nvme(0, AsBytes(part.substr(0, cut))), AsBytes(part.substr(cut))), whole);
  }
}

TEST(Crc64Nvme, IsSentHighestByteFirst) {
  EXPECT_EQ(EncodeCrc64Nvme(0xae8b14860a799888), "rosUhgp5mIg=");
  EXPECT_EQ(EncodeCrc64Nvme(0), "AAAAAAAAAAA=");
}

}  // namespace
}  // namespace cosfuse
