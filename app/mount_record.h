#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace cosfuse {

/// What a daemon leaves in /run/cosfuse for `cosfuse unmount`: a file that is locked for as long as the daemon lives,
/// so that one can wait for its end, and that says who it is and how it ended. Move-only.
class MountRecord {
 public:
  /// Errors: kBusy (the daemon of the mount that was there before has not ended yet), kAccessDenied, kUnavailable.
  static Result<MountRecord> Create(const std::string& mountpoint);
  /// All bytes are in the store, or not. Last words before the end.
  void NoteOutcome(bool clean);

 private:
  explicit MountRecord(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
};

/// The other side. Keeps the file open, so it goes on telling about the same daemon. Move-only.
class MountRecordReader {
 public:
  /// Nothing where the mountpoint has no record (another container's mount, or a user without /run).
  static std::optional<MountRecordReader> Open(const std::string& mountpoint);

  bool daemon_running() const;
  /// 0 when it is not known.
  pid_t daemon() const;
  /// What the daemon noted at its end; nothing when it was killed.
  std::optional<bool> clean() const;

 private:
  explicit MountRecordReader(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
};

}  // namespace cosfuse
