#include "emulator/cos/digest.h"

#include <openssl/evp.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/encoding.h"

namespace cosfuse::emulator {
namespace {

static_assert(std::endian::native == std::endian::little, "the CRC tables are for little-endian machines");

class OpenSslDigest final : public Digest {
 public:
  explicit OpenSslDigest(const EVP_MD* type) : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), type, nullptr);
  }
  void Update(std::span<const std::byte> bytes) override {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
  }
  std::string Finish() override {
    std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
    unsigned length = 0;
    EVP_DigestFinal_ex(context_.get(), value.data(), &length);
    return {reinterpret_cast<const char*>(value.data()), length};
  }

 private:
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

/// A reflected CRC with all ones before and after, eight bytes a step ("slicing by 8").
template <typename Word, Word polynomial>
class Crc final : public Digest {
 public:
  void Update(std::span<const std::byte> bytes) override {
    while (bytes.size() >= sizeof(uint64_t)) {
      uint64_t word = 0;
      std::memcpy(&word, bytes.data(), sizeof(word));
      word ^= value_;
      value_ = 0;
      for (size_t i = 0; i < kSlices; ++i) value_ ^= kTables[kSlices - 1 - i][word >> (8 * i) & 0xff];
      bytes = bytes.subspan(sizeof(word));
    }
    for (const std::byte byte : bytes) {
      value_ = static_cast<Word>(value_ >> 8) ^ kTables[0][(value_ ^ std::to_integer<Word>(byte)) & 0xff];
    }
  }

  std::string Finish() override {
    const Word value = ~value_;
    std::string bytes;
    for (size_t i = sizeof(Word); i-- > 0;) bytes += static_cast<char>(value >> (8 * i) & 0xff);
    return bytes;
  }

 private:
  static constexpr size_t kSlices = 8;
  using Tables = std::array<std::array<Word, 256>, kSlices>;

  static constexpr Tables MakeTables() {
    Tables tables{};
    for (size_t byte = 0; byte < 256; ++byte) {
      Word value = static_cast<Word>(byte);
      for (int bit = 0; bit < 8; ++bit) value = static_cast<Word>(value >> 1) ^ ((value & 1) != 0 ? polynomial : 0);
      tables[0][byte] = value;
    }
    for (size_t slice = 1; slice < kSlices; ++slice) {
      for (size_t byte = 0; byte < 256; ++byte) {
        const Word previous = tables[slice - 1][byte];
        tables[slice][byte] = static_cast<Word>(previous >> 8) ^ tables[0][previous & 0xff];
      }
    }
    return tables;
  }

  static constexpr Tables kTables = MakeTables();
  Word value_ = static_cast<Word>(~Word{0});
};

}  // namespace

std::unique_ptr<Digest> NewMd5() { return std::make_unique<OpenSslDigest>(EVP_md5()); }

std::unique_ptr<Digest> NewChecksum(ChecksumAlgorithm algorithm) {
  // The reflected polynomials of CRC-32 (ISO-HDLC), CRC-32C (RFC 3720) and CRC-64/NVME (NVM Express 2.0, 5.2.1.3.4).
  switch (algorithm) {
    case ChecksumAlgorithm::kCrc32: return std::make_unique<Crc<uint32_t, 0xEDB88320U>>();
    case ChecksumAlgorithm::kCrc32c: return std::make_unique<Crc<uint32_t, 0x82F63B78U>>();
    case ChecksumAlgorithm::kCrc64Nvme: return std::make_unique<Crc<uint64_t, 0x9A6C9329AC4BC9B5U>>();
    case ChecksumAlgorithm::kSha1: return std::make_unique<OpenSslDigest>(EVP_sha1());
    case ChecksumAlgorithm::kSha256: return std::make_unique<OpenSslDigest>(EVP_sha256());
  }
  return nullptr;
}

std::string_view ChecksumHeader(ChecksumAlgorithm algorithm) {
  switch (algorithm) {
    case ChecksumAlgorithm::kCrc32: return "x-amz-checksum-crc32";
    case ChecksumAlgorithm::kCrc32c: return "x-amz-checksum-crc32c";
    case ChecksumAlgorithm::kCrc64Nvme: return "x-amz-checksum-crc64nvme";
    case ChecksumAlgorithm::kSha1: return "x-amz-checksum-sha1";
    case ChecksumAlgorithm::kSha256: return "x-amz-checksum-sha256";
  }
  return "";
}

std::string Md5(std::string_view bytes) {
  const auto digest = NewMd5();
  digest->Update(AsBytes(bytes));
  return digest->Finish();
}

}  // namespace cosfuse::emulator
