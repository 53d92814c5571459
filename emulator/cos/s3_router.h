#pragma once

#include <string_view>

#include "emulator/cos/operation.h"
#include "emulator/cos/s3_error.h"
#include "emulator/wire/headers.h"
#include "emulator/wire/target.h"

namespace cosfuse::emulator {

/// Which operation a request is. Pure. Errors: kMethodNotAllowed, kNotImplemented (a sub-resource that is not offered,
/// such as ?acl).
S3Result<Operation> Route(std::string_view method, const Target& target, const Headers& headers);

}  // namespace cosfuse::emulator
