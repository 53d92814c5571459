#pragma once

#include "emulator/cos/object.h"
#include "emulator/cos/s3_error.h"
#include "emulator/wire/headers.h"
#include "emulator/wire/message.h"

namespace cosfuse::emulator {

/// The attributes that the headers of an upload or of a replacing copy give: Content-Type and its like,
/// x-amz-meta-*, x-amz-tagging. Errors: kMetadataTooLarge, kInvalidTag.
S3Result<ObjectAttributes> ParseAttributes(const Headers& headers);

/// What GET and HEAD say about a version.
void AddObjectHeaders(const Object& object, Reply& reply);

}  // namespace cosfuse::emulator
