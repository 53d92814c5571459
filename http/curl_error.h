#pragma once

#include <curl/curl.h>

#include <string_view>

#include "base/error.h"

namespace cosfuse {

/// What a failed transfer means. The one table from libcurl's codes to ours. Pure.
ErrorCode ErrorCodeFromCurl(CURLcode code);

/// The same with a line for a person: which host, and why. `detail` is libcurl's own text (may be empty), `os_errno`
/// the system call's error behind a failed connect (0: none). Pure.
Error ErrorFromCurl(CURLcode code, std::string_view host_and_port, std::string_view detail, long os_errno);

}  // namespace cosfuse
