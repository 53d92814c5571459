#pragma once

#include <string>
#include <string_view>

#include "cos/object_store.h"
#include "http/transport.h"

namespace cosfuse {

/// The type of an object whose metadata names none.
inline constexpr std::string_view kDefaultContentType = "application/octet-stream";

/// Adds Content-Type, the standard fields and `x-amz-meta-*` to a request.
///
/// A header value carries printable ASCII only. Other bytes of a user value are percent-encoded (%C3%A9), everything
/// else, '%' included, is sent as it is, so that what foreign programs stored survives a rewrite byte by byte.
void AddMetadataFields(const ObjectMetadata& metadata, HttpHeaders& headers);

/// The reverse, from an answer. Only sequences that AddMetadataFields makes are decoded: writing back what was read
/// sends the same header. Repeated fields of one name are joined with a comma.
ObjectMetadata ParseMetadataFields(const HttpHeaders& headers);

std::string EncodeMetadataValue(std::string_view value);
std::string DecodeMetadataValue(std::string_view value);

}  // namespace cosfuse
