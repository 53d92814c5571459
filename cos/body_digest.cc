#include "cos/body_digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <functional>
#include <span>
#include <vector>

#include "base/crc32c.h"
#include "base/encoding.h"

namespace cosfuse {
namespace {

/// Fits into a second-level cache, so that the checksum reads what was just copied.
constexpr size_t kPieceBytes = 256 * kKiB;

Result<> ForEachPiece(BodySource& body, const std::function<void(std::span<const std::byte>)>& visit) {
  std::vector<std::byte> piece(static_cast<size_t>(std::min<ByteCount>(body.size(), kPieceBytes)));
  for (ByteCount offset = 0; offset < body.size();) {
    ASSIGN_OR_RETURN(const size_t length, body.Read(offset, piece));
    if (length == 0) return Fail(ErrorCode::kInternal, "the body of an upload is shorter than it said");
    visit(std::span(piece).first(length));
    offset += length;
  }
  return {};
}

}  // namespace

Result<uint32_t> DigestBody(BodySource& body) {
  uint32_t crc = 0;
  RETURN_IF_ERROR(ForEachPiece(body, [&](std::span<const std::byte> piece) { crc = ExtendCrc32c(crc, piece); }));
  return crc;
}

Result<std::string> ReadWholeBody(BodySource& body) {
  std::string whole;
  whole.reserve(body.size());
  RETURN_IF_ERROR(ForEachPiece(body, [&](std::span<const std::byte> piece) { whole += AsText(piece); }));
  return whole;
}

std::string ContentMd5(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_md5(), nullptr);
  return Base64Encode(std::as_bytes(std::span(digest).first(length)));
}

}  // namespace cosfuse
