#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "tests/model/operation.h"
#include "tests/model/settings.h"
#include "tests/model/subject.h"
#include "tests/support/mount_process.h"

namespace cosfuse::model {

/// An emulator and a mount of its bucket by the real program and the real kernel, for many sequences one after the
/// other: each has a directory of its own.
class MountBench {
 public:
  /// Who else changes objects of the bucket: a client of the store, or a program in a second mount.
  enum class Outsider { kClient, kMount };

  explicit MountBench(Outsider outsider = Outsider::kClient);

  testing::EmulatorProcess emulator;
  testing::MountProcess mount;
  std::optional<testing::MountProcess> rival;
};

/// A directory of such a mount.
class MountSubject final : public Subject {
 public:
  /// `bench` is borrowed.
  MountSubject(MountBench& bench, const Settings& settings);
  ~MountSubject() override;
  MountSubject(const MountSubject&) = delete;
  MountSubject& operator=(const MountSubject&) = delete;

  bool Offers(std::string_view row) const override { return row != "flush_unheard"; }
  Outcome Open(int slot, const std::string& path, int flags, mode_t mode) override;
  Outcome Flush(int slot) override;
  /// Only a process that is being killed does that, and here is none.
  Outcome FlushUnheard(int /*slot*/) override { return {}; }
  Outcome Close(int slot) override;
  Outcome Fsync(int slot) override;
  Outcome Read(int slot, ByteCount offset, size_t length) override;
  Outcome Write(int slot, ByteCount offset, const std::string& bytes) override;
  Outcome TruncateOpen(int slot, ByteCount size) override;
  Outcome Allocate(int slot, int mode, ByteCount offset, ByteCount length) override;
  Outcome Seek(int slot, int whence, ByteCount offset) override;
  Outcome StatOpen(int slot) override;
  Outcome ChmodOpen(int slot, mode_t permissions) override;
  Outcome Truncate(const std::string& path, ByteCount size) override;
  Outcome Stat(const std::string& path) override;
  Outcome Chmod(const std::string& path, mode_t permissions) override;
  Outcome SetModificationTime(const std::string& path, int64_t seconds) override;
  Outcome SetAttribute(const std::string& path, const std::string& name, const std::string& value, int flags) override;
  Outcome GetAttribute(const std::string& path, const std::string& name) override;
  Outcome RemoveAttribute(const std::string& path, const std::string& name) override;
  Outcome Rename(const std::string& from, const std::string& to, bool no_replace) override;
  Outcome Unlink(const std::string& path) override;
  Outcome MakeDirectory(const std::string& path, mode_t mode) override;
  Outcome RemoveDirectory(const std::string& path) override;
  Outcome List(const std::string& path) override;

  void Expire() override {}  // Nothing is believed for long: --ttl=0.
  void SetFaults(bool on) override;
  Outcome Drain() override { return {}; }
  std::string DescribeLeaks() override;
  std::optional<StoredObject> FetchObject(const std::string& key) override;
  Bucket FetchBucket() override;
  void PutForeign(const std::string& key, const std::string& bytes) override;
  void DeleteForeign(const std::string& key) override;

 private:
  /// What was unlinked goes a moment later: before anybody looks into the bucket, or changes it.
  void FinishRemovals() const;
  std::string Path(const std::string& path) const { return top_ + "/" + path; }
  std::string RivalPath(const std::string& path) const { return bench_.rival->Path(prefix_ + path); }
  /// In the second mount: under the name itself, or under another one that is renamed then.
  void WriteAsRival(const std::string& key, const std::string& bytes) const;

  MountBench& bench_;
  const Settings settings_;
  std::string prefix_;  ///< Of this sequence's keys, with the slash.
  std::string top_;     ///< Its directory.
  bool faults_ = false;
  uint64_t bad_times_ = 0;  ///< How often faults were switched on: never twice the same ones.
  std::array<FileDescriptor, kSlots> slots_;
};

}  // namespace cosfuse::model
