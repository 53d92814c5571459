#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/transport.h"

namespace cosfuse {

/// The CRC-32C of all that `body` will send. Reads it once, in pieces; its failures are returned.
Result<uint32_t> DigestBody(BodySource& body);

/// All that `body` will send, in memory; for small bodies and tests.
Result<std::string> ReadWholeBody(BodySource& body);

/// Content-MD5 of a text: base64 of its MD5 (RFC 1864). The answer to a multi-delete depends on it and on nothing
/// secret, so MD5's weakness does not matter.
std::string ContentMd5(std::string_view text);

}  // namespace cosfuse
