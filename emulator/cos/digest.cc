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

// The reflected polynomials of CRC-32 (ISO-HDLC), CRC-32C (RFC 3720) and CRC-64/NVME (NVM Express 2.0, 5.2.1.3.4).
constexpr uint32_t kCrc32Polynomial = 0xEDB88320U;
constexpr uint32_t kCrc32cPolynomial = 0x82F63B78U;
constexpr uint64_t kCrc64NvmePolynomial = 0x9A6C9329AC4BC9B5U;

/// A CRC's value as Digest::Finish writes it, and back.
template <typename Word>
std::string ToBigEndian(Word value) {
  std::string bytes;
  for (size_t i = sizeof(Word); i-- > 0;) bytes += static_cast<char>(value >> (8 * i) & 0xff);
  return bytes;
}

template <typename Word>
Word FromBigEndian(std::string_view bytes) {
  Word value = 0;
  for (const char byte : bytes) value = static_cast<Word>(value << 8 | static_cast<unsigned char>(byte));
  return value;
}

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

  std::string Finish() override { return ToBigEndian<Word>(~value_); }

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

/// The product of two polynomials over GF(2), modulo the CRC's; the highest bit is the factor of 1.
template <typename Word, Word polynomial>
Word Multiply(Word a, Word b) {
  Word product = 0;
  for (Word bit = Word{1} << (8 * sizeof(Word) - 1); bit != 0; bit >>= 1) {
    if ((a & bit) != 0) product ^= b;
    b = static_cast<Word>(b >> 1) ^ ((b & 1) != 0 ? polynomial : 0);
  }
  return product;
}

/// Shifts the first CRC over the second's bytes: times x^(8n), by repeated squaring.
template <typename Word, Word polynomial>
std::string Combine(std::string_view first, std::string_view second, uint64_t second_length) {
  constexpr Word kOne = Word{1} << (8 * sizeof(Word) - 1);
  Word factor = kOne;
  Word square = kOne >> 8;
  for (; second_length > 0; second_length >>= 1) {
    if ((second_length & 1) != 0) factor = Multiply<Word, polynomial>(factor, square);
    square = Multiply<Word, polynomial>(square, square);
  }
  return ToBigEndian<Word>(Multiply<Word, polynomial>(factor, FromBigEndian<Word>(first)) ^
                           FromBigEndian<Word>(second));
}

}  // namespace

std::unique_ptr<Digest> NewMd5() { return std::make_unique<OpenSslDigest>(EVP_md5()); }

std::unique_ptr<Digest> NewChecksum(ChecksumAlgorithm algorithm) {
  switch (algorithm) {
    case ChecksumAlgorithm::kCrc32: return std::make_unique<Crc<uint32_t, kCrc32Polynomial>>();
    case ChecksumAlgorithm::kCrc32c: return std::make_unique<Crc<uint32_t, kCrc32cPolynomial>>();
    case ChecksumAlgorithm::kCrc64Nvme: return std::make_unique<Crc<uint64_t, kCrc64NvmePolynomial>>();
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

std::string_view ChecksumName(ChecksumAlgorithm algorithm) {
  switch (algorithm) {
    case ChecksumAlgorithm::kCrc32: return "CRC32";
    case ChecksumAlgorithm::kCrc32c: return "CRC32C";
    case ChecksumAlgorithm::kCrc64Nvme: return "CRC64NVME";
    case ChecksumAlgorithm::kSha1: return "SHA1";
    case ChecksumAlgorithm::kSha256: return "SHA256";
  }
  return "";
}

std::optional<ChecksumAlgorithm> ParseChecksumAlgorithm(std::string_view name) {
  using enum ChecksumAlgorithm;
  for (const ChecksumAlgorithm algorithm : {kCrc32, kCrc32c, kCrc64Nvme, kSha1, kSha256}) {
    if (ToLowerAscii(ChecksumName(algorithm)) == ToLowerAscii(name)) return algorithm;
  }
  return std::nullopt;
}

std::string CombineCrc(ChecksumAlgorithm algorithm, std::string_view first, std::string_view second,
                       uint64_t second_length) {
  switch (algorithm) {
    case ChecksumAlgorithm::kCrc32: return Combine<uint32_t, kCrc32Polynomial>(first, second, second_length);
    case ChecksumAlgorithm::kCrc32c: return Combine<uint32_t, kCrc32cPolynomial>(first, second, second_length);
    case ChecksumAlgorithm::kCrc64Nvme: return Combine<uint64_t, kCrc64NvmePolynomial>(first, second, second_length);
    case ChecksumAlgorithm::kSha1:
    case ChecksumAlgorithm::kSha256: break;
  }
  return "";
}

std::string Md5(std::string_view bytes) {
  const auto digest = NewMd5();
  digest->Update(AsBytes(bytes));
  return digest->Finish();
}

}  // namespace cosfuse::emulator
