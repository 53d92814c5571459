#pragma once

#include "emulator/cos/request.h"

namespace cosfuse::emulator {

/// Every bucket; it is no request to one of them.
Reply ListBuckets(const Buckets& buckets, WallTime created);

/// The operations on a bucket as a whole.
S3Result<Reply> HeadBucket(const CosRequest& request);
S3Result<Reply> GetBucketLocation(const CosRequest& request);
S3Result<Reply> GetBucketVersioning(const CosRequest& request);
S3Result<Reply> PutBucketVersioning(const CosRequest& request);

}  // namespace cosfuse::emulator
