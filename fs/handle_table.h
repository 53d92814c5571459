#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "cache/cached_file.h"
#include "fs/directory_stream.h"
#include "fs/node.h"

namespace cosfuse {

/// One open(2) of a file. Constant but for the read-ahead states, which are lent out one to a read at a time: the
/// kernel reads a file's pages in parallel.
class FileHandle {
 public:
  using Stream = std::unique_ptr<ReadStream, void (*)(ReadStream*)>;

  FileHandle(FileRef node, std::shared_ptr<CachedFile> content, int flags);

  Stream TakeStream() EXCLUDES(mutex_);
  void ReturnStream(Stream stream) EXCLUDES(mutex_);

  const FileRef node;
  const std::shared_ptr<CachedFile> content;
  const bool readable;
  const bool writable;
  const bool stores;  ///< Its close stores the file: it writes, or has cut or created what it opened.
  const bool append;
  const bool marks_reads;  ///< Reading it moves the access time (not O_NOATIME).

 private:
  Mutex mutex_;
  std::vector<Stream> idle_ GUARDED_BY(mutex_);
};

/// What is open, by number. Thread-safe.
class HandleTable {
 public:
  HandleId Add(std::shared_ptr<FileHandle> handle) EXCLUDES(mutex_);
  HandleId Add(std::shared_ptr<DirectoryStream> stream) EXCLUDES(mutex_);

  /// Errors: kBadHandle.
  Result<std::shared_ptr<FileHandle>> FindFile(HandleId id) const EXCLUDES(mutex_);
  Result<std::shared_ptr<DirectoryStream>> FindDirectory(HandleId id) const EXCLUDES(mutex_);

  /// Null where there is no such handle.
  std::shared_ptr<FileHandle> RemoveFile(HandleId id) EXCLUDES(mutex_);
  std::shared_ptr<DirectoryStream> RemoveDirectory(HandleId id) EXCLUDES(mutex_);

  /// Open files that have taken bytes over from the object of that key and are not stored since.
  std::vector<FileRef> CopiesOf(const ObjectKey& key) const EXCLUDES(mutex_);

  size_t size() const EXCLUDES(mutex_);
  /// Files open for writing.
  size_t writers() const EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  uint64_t next_id_ GUARDED_BY(mutex_) = 1;
  size_t writers_ GUARDED_BY(mutex_) = 0;
  std::unordered_map<HandleId, std::shared_ptr<FileHandle>> files_ GUARDED_BY(mutex_);
  std::unordered_map<HandleId, std::shared_ptr<DirectoryStream>> directories_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
