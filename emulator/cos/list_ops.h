#pragma once

#include "emulator/cos/request.h"

namespace cosfuse::emulator {

S3Result<Reply> HeadBucket(const CosRequest& request);
S3Result<Reply> GetBucketLocation(const CosRequest& request);
S3Result<Reply> ListObjectsV2(const CosRequest& request);
S3Result<Reply> ListObjects(const CosRequest& request);

}  // namespace cosfuse::emulator
