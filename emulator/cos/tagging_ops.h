#pragma once

#include "emulator/cos/request.h"

namespace cosfuse::emulator {

/// Tags belong to a version, but are changed in place: ETag and Last-Modified stay.
S3Result<Reply> GetObjectTagging(const CosRequest& request);
S3Result<Reply> PutObjectTagging(const CosRequest& request);
S3Result<Reply> DeleteObjectTagging(const CosRequest& request);

}  // namespace cosfuse::emulator
