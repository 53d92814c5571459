#pragma once

#include <string_view>

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

/// Tells the version that an answer is about; nothing for an empty id (a bucket without versions).
void AddVersionId(std::string_view version_id, Reply& reply);

}  // namespace cosfuse::emulator
