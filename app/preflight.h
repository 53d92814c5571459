#pragma once

#include <expected>
#include <string>

#include "app/explain.h"
#include "app/mount_options.h"
#include "auth/token_source.h"
#include "base/random.h"
#include "cos/object_store.h"
#include "fs/file_system.h"

namespace cosfuse {

/// Where a start ended, for ExplainStartFailure.
struct StartFailure {
  StartStage stage;
  Error error;
};

/// Looks, before the mount appears, whether it could work: gets a token, then asks the bucket as `request` wants it.
///
/// auto, read-only: one LIST of a single key below `prefix`, with the delimiter that prefix-scoped roles need; a role
/// that can list is taken to be able to write, and a right that is missing shows at its first use. write-only: an
/// upload begun and aborted; nothing is read. read-write: both.
///
/// Returns what the file system is to be. Blocks on the network until the context's deadline.
std::expected<AccessMode, StartFailure> CheckAccess(const OpContext& context, TokenSource& tokens, ObjectStore& store,
                                                    Random& random, AccessRequest request, const std::string& prefix);

}  // namespace cosfuse
