#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/byte_range.h"
#include "base/op_context.h"
#include "base/thread_pool.h"
#include "cos/object_store.h"

namespace cosfuse {

/// Objects up to this size are copied by one request; larger ones by parallel copies of parts.
inline constexpr ByteCount kSingleCopyLimit = 256 * kMiB;

/// The parts by which an object of `size` bytes is copied: as many as the store takes, and none too small or too large,
/// for every size up to 10 TB. Pure.
std::vector<ByteRange> PlanCopyParts(ByteCount size);

/// Copies one version of an object inside the bucket, whatever its size. `metadata`: replaces the source's, its id
/// (kUploadIdField), if it has one, being one that no version has yet; none: it is copied. Tags are kept in either
/// case. Blocks on the network. Errors: ObjectStore::Copy's; kStale: the source has another version. A large object
/// that is copied onto itself is replaced only while it is still that version, as far as the store honours conditions;
/// a completion whose answer was lost is recognised by an id in the metadata, which begins with `id_prefix` unless it
/// comes from the caller. After a failure no unfinished upload is left behind, as far as the store can be reached.
Result<WrittenVersion> CopyObject(const OpContext& context, ObjectStore& store, ThreadPool& pool, Clock& clock,
                                  const CopySource& source, ByteCount size, const ObjectKey& target,
                                  const std::optional<ObjectMetadata>& metadata, const std::string& id_prefix = {});

}  // namespace cosfuse
