#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_range.h"
#include "emulator/cos/digest.h"
#include "emulator/cos/s3_error.h"
#include "emulator/wire/headers.h"

namespace cosfuse::emulator {

/// The checksum that a multipart upload's object gets, as its initiate names it. All here is pure.
struct UploadChecksum {
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::kCrc64Nvme;
  bool full_object = false;  ///< Over the object's bytes; else over the checksums of its parts.
};

/// x-amz-checksum-algorithm and -type; nothing where no algorithm is named. CRC-64/NVME is FULL_OBJECT by itself, all
/// others are COMPOSITE. Errors: kInvalidRequest (unknown ones, and the pairs that there are not: a composite
/// CRC-64/NVME, a SHA over the whole object).
S3Result<std::optional<UploadChecksum>> ParseUploadChecksum(const Headers& headers);

/// "FULL_OBJECT" or "COMPOSITE", of an object's checksum as it is shown: a composite one ends in the number of parts.
std::string_view ChecksumTypeOf(std::string_view shown);

/// A part's checksum (raw) and length.
using PartChecksum = std::pair<std::string, ByteCount>;
/// The object's checksum as it is shown: base64, with "-N" for a composite one of N parts.
std::string JoinChecksums(const UploadChecksum& checksum, const std::vector<PartChecksum>& parts);

}  // namespace cosfuse::emulator
