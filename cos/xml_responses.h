#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cos/object_store.h"

namespace cosfuse {

// The XML bodies of answers as values. Pure. A body that is another document than the expected one is kProtocol; one
// that is empty or no XML is kCorrupt: the server broke off, or something between mangled it.

/// `<Error>`: what the service says is wrong. Members that it does not say are empty.
struct ServiceError {
  std::string code;
  std::string message;
  std::string request_id;
};

/// The `<Error>` in a body: of an answer that failed, or of one with status 200 whose operation failed after the
/// header was sent (copies and completes). White space before it, which keeps the connection alive, is skipped. Nothing
/// where the body is anything else.
std::optional<ServiceError> FindServiceError(std::string_view xml);

/// A page of LIST v2; `prefix` is the one that was asked for. Keys are decoded only if the answer says that it encoded
/// them. The page's `answered_at` is not in the body.
Result<ListPage> ParseListObjects(std::string_view xml, std::string_view prefix);

struct KeyError {
  ObjectKey key;
  ServiceError error;
};
/// The keys that a multi-delete failed for.
Result<std::vector<KeyError>> ParseDeleteObjects(std::string_view xml);

/// The new ETag in the answer to a copy of an object or a part; of a part also its checksum, where the store tells it.
struct CopyResult {
  ETag etag;
  std::optional<uint32_t> crc32c;
};
Result<CopyResult> ParseCopyResult(std::string_view xml);

/// The id of the upload that was begun.
Result<std::string> ParseBeginUpload(std::string_view xml);

/// The ETag of the completed object, and the checksum of all of it, where the store tells it.
struct CompletedUpload {
  ETag etag;
  std::optional<uint32_t> crc32c;
};
Result<CompletedUpload> ParseCompleteUpload(std::string_view xml);

/// A page of the parts of an upload.
Result<PartPage> ParseListParts(std::string_view xml);
/// A page of the uploads in progress. Keys are decoded as those of a listing.
Result<UploadPage> ParseListUploads(std::string_view xml);
Result<VersionPage> ParseListVersions(std::string_view xml);

Result<ObjectTags> ParseTags(std::string_view xml);

/// "2026-01-31T12:34:56.789Z" (the fraction may be missing); nothing for any other text.
std::optional<WallTime> ParseIsoTime(std::string_view text);

}  // namespace cosfuse
