#include "cos/crc64nvme.h"

#include <array>

#include "base/encoding.h"

namespace cosfuse {
namespace {

constexpr uint64_t kReversedCrc64Polynomial = 0x9a6c9329ac4bc9b5;

/// Slicing by eight, as crc32c.cc does: no processor has an instruction for this one.
constexpr auto kCrc64Tables = [] {
  std::array<std::array<uint64_t, 256>, 8> tables{};
  for (uint64_t byte = 0; byte < 256; ++byte) {
    uint64_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? kReversedCrc64Polynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < tables.size(); ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint64_t before = tables[k - 1][byte];
      tables[k][byte] = before >> 8 ^ tables[0][before & 0xff];
    }
  }
  return tables;
}();

uint64_t LoadWord(const std::byte* bytes) {
  uint64_t word = 0;
  for (int i = 7; i >= 0; --i) word = word << 8 | std::to_integer<uint64_t>(bytes[i]);
  return word;
}

}  // namespace

uint64_t ExtendCrc64Nvme(uint64_t crc, std::span<const std::byte> data) {
  uint64_t state = ~crc;
  while (data.size() >= sizeof(uint64_t)) {
    const uint64_t word = LoadWord(data.data()) ^ state;
    state = 0;
    for (size_t i = 0; i < sizeof(word); ++i) state ^= kCrc64Tables[7 - i][word >> (8 * i) & 0xff];
    data = data.subspan(sizeof(word));
  }
  for (const std::byte byte : data) {
    state = state >> 8 ^ kCrc64Tables[0][(state ^ std::to_integer<uint64_t>(byte)) & 0xff];
  }
  return ~state;
}

std::string EncodeCrc64Nvme(uint64_t crc) {
  std::array<std::byte, 8> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(crc >> (56 - 8 * i) & 0xff);
  return Base64Encode(bytes);
}

}  // namespace cosfuse
