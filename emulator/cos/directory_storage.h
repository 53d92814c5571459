#pragma once

#include <memory>
#include <string>

#include "base/random.h"
#include "emulator/cos/storage.h"

namespace cosfuse::emulator {

/// Keeps everything in a directory:
///
///     chunks/ID                   bytes of bodies, never changed
///     buckets/BUCKET/HASH.json    one object: key, attributes, and the slices of chunks that are its body
///
/// An object changes by the rename of its one small file, so that a reader, and a process that starts after kill -9,
/// sees a whole version, old or new. Chunks that no object names are removed at the start. Nothing is synced: the data
/// survive the process, not the machine. Bodies are mapped when they are read, so memory stays small.
///
/// `random` must outlive the storage. Errors: kUnavailable, kAccessDenied (the directory), kCorrupt (its content).
Result<std::unique_ptr<Storage>> OpenDirectoryStorage(const std::string& directory, Random& random);

}  // namespace cosfuse::emulator
