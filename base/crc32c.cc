#include "base/crc32c.h"

#include <array>
#include <cstring>

#include "base/encoding.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace cosfuse {
namespace {

constexpr uint32_t kReversedPolynomial = 0x82f63b78;

/// Slicing by eight: table k gives the effect of a byte that k more bytes follow.
/// Source: Kounavis and Berry, "A Systematic Approach to Building High Performance Software-based CRC Generators".
constexpr auto kTables = [] {
  std::array<std::array<uint32_t, 256>, 8> tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? kReversedPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < tables.size(); ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[k - 1][byte];
      tables[k][byte] = before >> 8 ^ tables[0][before & 0xff];
    }
  }
  return tables;
}();

/// The product of two polynomials modulo the CRC's; bit 31 is the coefficient of x^0.
uint32_t MultiplyModulo(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (uint32_t bit = uint32_t{1} << 31; bit != 0; bit >>= 1) {
    if ((a & bit) != 0) product ^= b;
    b = b >> 1 ^ ((b & 1) != 0 ? kReversedPolynomial : 0);
  }
  return product;
}

uint64_t LoadLittleEndian(const std::byte* bytes) {
  uint64_t word = 0;
  for (int i = 7; i >= 0; --i) word = word << 8 | std::to_integer<uint64_t>(bytes[i]);
  return word;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t ExtendCrc32cHardware(uint32_t crc, std::span<const std::byte> data) {
  uint64_t state = ~crc;
  while (data.size() >= sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, data.data(), sizeof(word));
    state = _mm_crc32_u64(state, word);
    data = data.subspan(sizeof(word));
  }
  auto rest = static_cast<uint32_t>(state);
  for (const std::byte byte : data) rest = _mm_crc32_u8(rest, std::to_integer<uint8_t>(byte));
  return ~rest;
}
#endif

}  // namespace

uint32_t ExtendCrc32cPortable(uint32_t crc, std::span<const std::byte> data) {
  uint32_t state = ~crc;
  while (data.size() >= sizeof(uint64_t)) {
    const uint64_t word = LoadLittleEndian(data.data()) ^ state;
    state = 0;
    for (size_t i = 0; i < sizeof(word); ++i) state ^= kTables[7 - i][word >> (8 * i) & 0xff];
    data = data.subspan(sizeof(word));
  }
  for (const std::byte byte : data) state = state >> 8 ^ kTables[0][(state ^ std::to_integer<uint32_t>(byte)) & 0xff];
  return ~state;
}

uint32_t ExtendCrc32c(uint32_t crc, std::span<const std::byte> data) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2");
  if (has_instruction) return ExtendCrc32cHardware(crc, data);
#endif
  return ExtendCrc32cPortable(crc, data);
}

uint32_t CombineCrc32c(uint32_t first, uint32_t second, uint64_t length) {
  // A byte that follows multiplies by x^8; `length` of them, by its power, found by squaring.
  uint32_t power = uint32_t{1} << 31;
  for (uint32_t square = uint32_t{1} << 23; length != 0; length >>= 1) {
    if ((length & 1) != 0) power = MultiplyModulo(square, power);
    square = MultiplyModulo(square, square);
  }
  return MultiplyModulo(power, first) ^ second;
}

std::string EncodeCrc32c(uint32_t crc) {
  std::array<std::byte, 4> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(crc >> (24 - 8 * i) & 0xff);
  return Base64Encode(bytes);
}

std::optional<uint32_t> DecodeCrc32c(std::string_view text) {
  constexpr size_t kEncodedLength = 8;  // Four bytes in base64, padded.
  if (text.size() != kEncodedLength || !text.ends_with("==")) return std::nullopt;
  const auto bytes = Base64Decode(text);
  if (!bytes || bytes->size() != sizeof(uint32_t)) return std::nullopt;
  uint32_t crc = 0;
  for (const char byte : *bytes) crc = crc << 8 | static_cast<unsigned char>(byte);
  return crc;
}

}  // namespace cosfuse
