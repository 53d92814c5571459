#pragma once

#include "emulator/cos/request.h"

namespace cosfuse::emulator {

/// The object that x-amz-copy-source names, its conditions judged.
/// Errors: kInvalidArgument, kNoSuchBucket, those of Bucket::Read, kPreconditionFailed, kInvalidObjectState.
S3Result<ObjectPtr> FindCopySource(const CosRequest& request);

S3Result<Reply> CopyObject(const CosRequest& request);

}  // namespace cosfuse::emulator
