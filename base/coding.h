#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cosfuse {

/// Puts values one after the other into a string of bytes, for a ByteReader that asks for them in the same order.
class ByteWriter {
 public:
  /// Seven bits a byte, lowest first, the eighth says whether more follow (LEB128).
  void Integer(uint64_t value);
  /// Four bytes, lowest first.
  void Fixed32(uint32_t value);
  void Flag(bool value) { Integer(value ? 1 : 0); }
  /// Its length, then its bytes.
  void Text(std::string_view text);

  const std::string& bytes() const& { return bytes_; }
  std::string bytes() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Takes values out of bytes that may be anything. Once a value is not there, or makes no sense, that and all later
/// ones are zero or empty, and `ok` is false: who reads a whole record asks once, at its end. Borrows the bytes.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  uint64_t Integer();
  uint32_t Fixed32();
  bool Flag() { return Integer() != 0; }
  std::string Text();
  /// How many values follow, each of at least one byte: never more than there are bytes left.
  size_t Count();

  /// Everything that was asked for was there.
  bool ok() const { return ok_; }
  /// The same, and nothing is left.
  bool done() const { return ok_ && rest_.empty(); }
  void Spoil();

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace cosfuse
