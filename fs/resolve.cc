#include "fs/resolve.h"

#include <algorithm>
#include <utility>

#include "fs/metadata_codec.h"

namespace cosfuse {

Result<std::optional<ObjectInfo>> InterpretHead(Result<ObjectInfo> head) {
  if (head) return std::optional(*std::move(head));
  if (head.error().code() == ErrorCode::kNotFound) return std::optional<ObjectInfo>();
  return Fail(std::move(head).error());
}

Result<std::optional<PrefixFinding>> InterpretList(const ObjectKey& directory_key, Result<ListPage> page) {
  if (!page) return Fail(std::move(page).error());
  // A page may be empty and yet not the last: something is below.
  if (page->objects.empty() && page->common_prefixes.empty() && page->next_token.empty()) {
    return std::optional<PrefixFinding>();
  }
  PrefixFinding finding;
  const auto marker = std::ranges::find(page->objects, directory_key, &ListedObject::key);
  if (marker != page->objects.end()) finding.marker = *marker;
  return std::optional(std::move(finding));
}

Resolution ResolveFindings(bool beside_directory, std::optional<ObjectInfo> object,
                           std::optional<PrefixFinding> prefix) {
  const bool old_marker = object && IsOldDirectoryMarker(*object);
  Resolution resolution;
  if (beside_directory) {
    if (object && prefix && !old_marker) {
      resolution.kind = NameKind::kFile;
      resolution.object = std::move(object);
    }
    return resolution;
  }
  if (prefix || old_marker) {
    resolution.kind = NameKind::kDirectory;
    if (prefix) resolution.marker = std::move(prefix->marker);
    if (old_marker) resolution.object = std::move(object);
  } else if (object) {
    resolution.kind = NameKind::kFile;
    resolution.object = std::move(object);
  }
  return resolution;
}

}  // namespace cosfuse
