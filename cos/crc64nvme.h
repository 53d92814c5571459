#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace cosfuse {

/// CRC-64/NVME, the checksum that the service computes for objects whose uploaders sent none. Extended as
/// ExtendCrc32c is. Source: NVM Express NVM Command Set Specification, "64b CRC Definition".
uint64_t ExtendCrc64Nvme(uint64_t crc, std::span<const std::byte> data);

/// As x-amz-checksum-crc64nvme carries it: base64 of the eight bytes, highest first.
std::string EncodeCrc64Nvme(uint64_t crc);

}  // namespace cosfuse
