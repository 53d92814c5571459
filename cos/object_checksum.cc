#include "cos/object_checksum.h"

#include <string_view>

#include "base/crc32c.h"
#include "cos/crc64nvme.h"

namespace cosfuse {

std::optional<ObjectChecksum> ObjectChecksum::FromHeaders(const HttpHeaders& headers) {
  if (headers.Get("x-amz-checksum-type").value_or("FULL_OBJECT") != "FULL_OBJECT") return std::nullopt;
  const std::pair<Algorithm, std::string_view> known[] = {{Algorithm::kCrc32c, "x-amz-checksum-crc32c"},
                                                          {Algorithm::kCrc64Nvme, "x-amz-checksum-crc64nvme"}};
  for (const auto& [algorithm, header] : known) {
    const auto value = headers.Get(header);
    if (value && value->find('-') == std::string_view::npos) return ObjectChecksum(algorithm, std::string(*value));
  }
  return std::nullopt;
}

void ObjectChecksum::Extend(std::span<const std::byte> data) {
  switch (algorithm_) {
    case Algorithm::kCrc32c: crc_ = ExtendCrc32c(static_cast<uint32_t>(crc_), data); break;
    case Algorithm::kCrc64Nvme: crc_ = ExtendCrc64Nvme(crc_, data); break;
  }
}

bool ObjectChecksum::Matches() const {
  switch (algorithm_) {
    case Algorithm::kCrc32c: return EncodeCrc32c(static_cast<uint32_t>(crc_)) == expected_;
    case Algorithm::kCrc64Nvme: return EncodeCrc64Nvme(crc_) == expected_;
  }
  return false;
}

}  // namespace cosfuse
