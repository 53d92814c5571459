#pragma once

#include <string>

#include "emulator/cos/s3_error.h"
#include "emulator/wire/body.h"

namespace cosfuse::emulator {

/// The text of a request's XML body. Errors: kMalformedXml (beyond 8 MiB), kInternalError.
S3Result<std::string> ReadXmlBody(const Body& body);

}  // namespace cosfuse::emulator
