#include "emulator/cos/upload_checksum.h"

#include "base/encoding.h"

namespace cosfuse::emulator {
namespace {

bool IsSha(ChecksumAlgorithm algorithm) {
  return algorithm == ChecksumAlgorithm::kSha1 || algorithm == ChecksumAlgorithm::kSha256;
}

}  // namespace

S3Result<std::optional<UploadChecksum>> ParseUploadChecksum(const Headers& headers) {
  const std::string_view name = headers.Get("x-amz-checksum-algorithm");
  if (name.empty()) return std::nullopt;
  const auto algorithm = ParseChecksumAlgorithm(name);
  if (!algorithm) return Refuse(S3Code::kInvalidRequest, "Checksum algorithm provided is unsupported.");
  UploadChecksum checksum{*algorithm, *algorithm == ChecksumAlgorithm::kCrc64Nvme};
  const std::string_view type = headers.Get("x-amz-checksum-type");
  if (type == "FULL_OBJECT" || type == "COMPOSITE") {
    checksum.full_object = type == "FULL_OBJECT";
  } else if (!type.empty()) {
    return Refuse(S3Code::kInvalidRequest, "Value for x-amz-checksum-type header is invalid.");
  }
  const bool exists = checksum.full_object ? !IsSha(*algorithm) : *algorithm != ChecksumAlgorithm::kCrc64Nvme;
  if (!exists) return Refuse(S3Code::kInvalidRequest, "The algorithm has no checksum of that type.");
  return checksum;
}

std::string_view ChecksumTypeOf(std::string_view shown) {
  return shown.find('-') == std::string_view::npos ? "FULL_OBJECT" : "COMPOSITE";
}

std::string JoinChecksums(const UploadChecksum& checksum, const std::vector<PartChecksum>& parts) {
  if (!checksum.full_object) {
    const auto digest = NewChecksum(checksum.algorithm);
    for (const auto& [part, length] : parts) digest->Update(AsBytes(part));
    return Base64Encode(AsBytes(digest->Finish())) + "-" + std::to_string(parts.size());
  }
  std::string whole = NewChecksum(checksum.algorithm)->Finish();  // Of nothing.
  for (const auto& [part, length] : parts) whole = CombineCrc(checksum.algorithm, whole, part, length);
  return Base64Encode(AsBytes(whole));
}

}  // namespace cosfuse::emulator
