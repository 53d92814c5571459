#pragma once

#include <string_view>

namespace cosfuse {

/// The Content-Type of a new file, guessed from the extension of its name without regard to case, as s3fs and web
/// servers do from mime.types; "application/octet-stream" where nothing is known.
std::string_view GuessContentType(std::string_view name);

/// Of a directory's marker, as s3fs and the consoles write it.
inline constexpr std::string_view kDirectoryContentType = "application/x-directory";

}  // namespace cosfuse
