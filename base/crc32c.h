#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cosfuse {

/// CRC-32C (Castagnoli; RFC 3720, appendix B.4), the checksum of uploads and of local records: with the processor's
/// instruction it costs a tenth of what MD5 costs.
///
/// `crc` is the checksum of what comes before `data`, 0 at the start: ExtendCrc32c(ExtendCrc32c(0, a), b) is that of
/// a followed by b.
uint32_t ExtendCrc32c(uint32_t crc, std::span<const std::byte> data);

/// The same without the processor's instruction; for other machines, and to test one against the other.
uint32_t ExtendCrc32cPortable(uint32_t crc, std::span<const std::byte> data);

/// The checksum of two texts one after the other, from those of each; `length` is that of the second.
uint32_t CombineCrc32c(uint32_t first, uint32_t second, uint64_t length);

/// As x-amz-checksum-crc32c carries it: base64 of the four bytes, highest first.
std::string EncodeCrc32c(uint32_t crc);
/// The reverse; nothing for any other text, also for a checksum of parts' checksums ("...-3").
std::optional<uint32_t> DecodeCrc32c(std::string_view text);

}  // namespace cosfuse
