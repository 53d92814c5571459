#pragma once

#include <fcntl.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/support/emulator_process.h"

namespace cosfuse::testing {

/// By key the bytes of each object. A sibling that keeps the bytes of a conflict has the key `NAME.conflict`, without
/// host and time.
using BucketBytes = std::map<std::string, std::string>;

/// What is in the emulator's bucket.
BucketBytes ReadBucket(const EmulatorProcess& emulator);

/// A program of some thirty calls on a mount that may die at any of them, and the ledger of what it was told: what has
/// to be in the bucket when a later mount has ended well. The calls follow each other, so that one of them at most has
/// no answer when the mount dies.
class CrashProgram {
 public:
  CrashProgram(const EmulatorProcess& emulator, std::string mountpoint)
      : emulator_(emulator), mountpoint_(std::move(mountpoint)) {}

  /// Files large and small that are written, synced, replaced, cut, renamed and unlinked, a conflict with another
  /// program, and a directory that is renamed. Ends at the first call that fails.
  void Run();
  /// As many closes as fill a journal that has to be written anew, each of the same file.
  void FillJournal();

  /// Every call has succeeded.
  bool finished() const { return failed_.empty(); }
  /// The call that did not.
  const std::string& failed() const { return failed_; }
  /// What the bucket may hold. More than one: what the call without an answer does may have happened or not.
  const std::vector<BucketBytes>& possible() const { return possible_; }

 private:
  /// `call`, which makes `after` of what there is; without an answer, it may also have made one of `between`.
  void Step(const std::string& name, const std::function<bool()>& call, const BucketBytes& after,
            const std::vector<BucketBytes>& between = {});
  /// open, write, close.
  void Write(const std::string& name, const std::string& content, int flags = O_CREAT | O_TRUNC);
  /// open, write, fsync, close.
  void WriteSynced(const std::string& name, const std::string& content);
  void Edit(const std::string& name, size_t offset, const std::string& bytes);
  void Truncate(const std::string& name, size_t size);
  /// One open of a new file, in which some of what was written is cut off again, and zeros are punched.
  void WriteCutAndPunch(const std::string& name, const std::string& content);
  void MakeDirectory(const std::string& name);
  void Unlink(const std::string& name);
  void RenameFile(const std::string& from, const std::string& to);
  void RenameDirectory(const std::string& from, const std::string& to);
  void MeetAnotherWriter(const std::string& name);

  std::string Path(const std::string& name) const { return mountpoint_ + "/" + name; }

  const EmulatorProcess& emulator_;
  const std::string mountpoint_;
  std::string failed_;
  BucketBytes present_;
  std::vector<BucketBytes> possible_{{}};
};

}  // namespace cosfuse::testing
