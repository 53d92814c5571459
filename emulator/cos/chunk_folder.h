#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/mutex.h"
#include "base/random.h"
#include "emulator/wire/body.h"

namespace cosfuse::emulator {

/// The files that hold bodies. A chunk's file goes with the last owner of the chunk, unless the folder is closed by
/// then: what is owned at the end stays for the next process. Thread-safe.
class ChunkFolder : public std::enable_shared_from_this<ChunkFolder> {
 public:
  /// `path` exists. `random` must outlive it.
  ChunkFolder(std::filesystem::path path, Random& random) : path_(std::move(path)), random_(random) {}

  /// Errors: kUnavailable, kNoSpace.
  Result<std::unique_ptr<BodySink>> NewSink();
  /// A chunk of an earlier process. The same chunk for the same id while somebody owns it. Errors: kNotFound.
  Result<std::shared_ptr<const Chunk>> Find(const std::string& id) EXCLUDES(mutex_);
  /// Removes the files of chunks that nobody owns. Only while no sink is open.
  void RemoveOrphans() EXCLUDES(mutex_);
  /// From now on files stay.
  void Close() { closed_.store(true); }

  bool closed() const { return closed_.load(); }
  std::filesystem::path PathOf(std::string_view id) const { return path_ / id; }

 private:
  const std::filesystem::path path_;
  Random& random_;
  std::atomic<bool> closed_{false};

  Mutex mutex_;
  std::map<std::string, std::weak_ptr<const Chunk>> found_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse::emulator
