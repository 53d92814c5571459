#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cosfuse::emulator {

/// A checksum over bytes that arrive in pieces. Not thread-safe.
class Digest {
 public:
  virtual ~Digest() = default;
  virtual void Update(std::span<const std::byte> bytes) = 0;
  /// The raw checksum, most significant byte first. Called once.
  virtual std::string Finish() = 0;
};

enum class ChecksumAlgorithm { kCrc32, kCrc32c, kCrc64Nvme, kSha1, kSha256 };

std::unique_ptr<Digest> NewMd5();
std::unique_ptr<Digest> NewChecksum(ChecksumAlgorithm algorithm);

/// "x-amz-checksum-crc32c".
std::string_view ChecksumHeader(ChecksumAlgorithm algorithm);
/// The first algorithm whose header `has` finds.
template <typename Headers>
std::optional<ChecksumAlgorithm> FindChecksum(const Headers& headers) {
  using enum ChecksumAlgorithm;
  for (const ChecksumAlgorithm algorithm : {kCrc32, kCrc32c, kCrc64Nvme, kSha1, kSha256}) {
    if (headers.Has(ChecksumHeader(algorithm))) return algorithm;
  }
  return std::nullopt;
}

/// "CRC32C", as x-amz-checksum-algorithm and listings name it.
std::string_view ChecksumName(ChecksumAlgorithm algorithm);
/// In any case of letters.
std::optional<ChecksumAlgorithm> ParseChecksumAlgorithm(std::string_view name);

/// The CRC of two byte sequences, one after the other, from the raw CRC of each and the second one's length.
/// `algorithm` is a CRC.
std::string CombineCrc(ChecksumAlgorithm algorithm, std::string_view first, std::string_view second,
                       uint64_t second_length);

std::string Md5(std::string_view bytes);

}  // namespace cosfuse::emulator
