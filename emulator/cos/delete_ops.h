#pragma once

#include "emulator/cos/request.h"

namespace cosfuse::emulator {

S3Result<Reply> DeleteObject(const CosRequest& request);
S3Result<Reply> DeleteObjects(const CosRequest& request);

}  // namespace cosfuse::emulator
