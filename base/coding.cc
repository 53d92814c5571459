#include "base/coding.h"

namespace cosfuse {
namespace {

constexpr unsigned kBitsAByte = 7;
constexpr uint8_t kMoreFollows = 0x80;

}  // namespace

void ByteWriter::Integer(uint64_t value) {
  while (value >= kMoreFollows) {
    bytes_.push_back(static_cast<char>(static_cast<uint8_t>(value) | kMoreFollows));
    value >>= kBitsAByte;
  }
  bytes_.push_back(static_cast<char>(value));
}

void ByteWriter::Fixed32(uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) bytes_.push_back(static_cast<char>(value >> shift));
}

void ByteWriter::Text(std::string_view text) {
  Integer(text.size());
  bytes_.append(text);
}

void ByteReader::Spoil() {
  ok_ = false;
  rest_ = {};
}

uint64_t ByteReader::Integer() {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += kBitsAByte) {
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    const uint64_t bits = byte & (kMoreFollows - 1);
    if (bits << shift >> shift != bits) break;  // More than 64 bits.
    value |= bits << shift;
    if ((byte & kMoreFollows) == 0) return value;
  }
  Spoil();
  return 0;
}

uint32_t ByteReader::Fixed32() {
  if (rest_.size() < sizeof(uint32_t)) {
    Spoil();
    return 0;
  }
  uint32_t value = 0;
  for (unsigned i = 0; i < sizeof(uint32_t); ++i) value |= uint32_t{static_cast<uint8_t>(rest_[i])} << (8 * i);
  rest_.remove_prefix(sizeof(uint32_t));
  return value;
}

std::string ByteReader::Text() {
  const uint64_t length = Integer();
  if (length > rest_.size()) {
    Spoil();
    return {};
  }
  std::string text(rest_.substr(0, length));
  rest_.remove_prefix(length);
  return text;
}

size_t ByteReader::Count() {
  const uint64_t count = Integer();
  if (count <= rest_.size()) return count;
  Spoil();
  return 0;
}

}  // namespace cosfuse
