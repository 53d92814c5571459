#pragma once

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

std::string Md5(std::string_view bytes);

}  // namespace cosfuse::emulator
