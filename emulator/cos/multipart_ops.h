#pragma once

#include "emulator/cos/request.h"

namespace cosfuse::emulator {

S3Result<Reply> CreateMultipartUpload(const CosRequest& request);
S3Result<Reply> UploadPart(const CosRequest& request);
S3Result<Reply> UploadPartCopy(const CosRequest& request);
S3Result<Reply> CompleteMultipartUpload(const CosRequest& request);
S3Result<Reply> AbortMultipartUpload(const CosRequest& request);
S3Result<Reply> ListParts(const CosRequest& request);
S3Result<Reply> ListMultipartUploads(const CosRequest& request);

}  // namespace cosfuse::emulator
