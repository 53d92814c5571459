#pragma once

#include "emulator/cos/request.h"

namespace cosfuse::emulator {

S3Result<Reply> ListObjectsV2(const CosRequest& request);
S3Result<Reply> ListObjects(const CosRequest& request);
/// All versions and delete markers.
S3Result<Reply> ListObjectVersions(const CosRequest& request);

}  // namespace cosfuse::emulator
