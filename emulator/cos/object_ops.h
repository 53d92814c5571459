#pragma once

#include "emulator/cos/request.h"

namespace cosfuse::emulator {

/// The operations on one object. Each is a whole answer or the error that becomes one.
S3Result<Reply> GetObject(const CosRequest& request);
S3Result<Reply> HeadObject(const CosRequest& request);
S3Result<Reply> PutObject(const CosRequest& request);

/// An upload into a bucket under retention has to carry Content-MD5 or a checksum. Errors: kInvalidRequest.
S3Result<> DemandChecksum(const CosRequest& request);

}  // namespace cosfuse::emulator
