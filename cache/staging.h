#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/byte_range.h"
#include "base/disk.h"
#include "base/mutex.h"

namespace cosfuse {

class StagingArea;

/// The bytes of one layer of a file's content, each at its place in the file. Which of them mean anything is known to
/// ContentLayers alone.
class LayerBytes {
 public:
  virtual ~LayerBytes() = default;
  /// Fills all of `out`; a place that was never written reads as anything. Thread-safe. Errors: kUnavailable.
  virtual Result<> Read(ByteCount offset, std::span<std::byte> out) const = 0;
};

/// A layer in memory that never changes: the body that came with an object's attributes.
class ResidentBytes final : public LayerBytes {
 public:
  /// `charge` is what counts the bytes against a budget, and goes with them.
  explicit ResidentBytes(std::string content, std::shared_ptr<void> charge = nullptr)
      : content_(std::move(content)), charge_(std::move(charge)) {}
  Result<> Read(ByteCount offset, std::span<std::byte> out) const override;

 private:
  const std::string content_;
  const std::shared_ptr<void> charge_;
};

/// A layer on disk, in a sparse file. Gives its space back when it goes, and its name if it has one, unless that is to
/// stay for a later process. One that an earlier process has left is open only while it is used: a start that finds ten
/// thousand of them needs no descriptor for each. Thread-safe as far as writers of disjoint ranges and readers of what
/// is complete are concerned.
class StagingFile final : public LayerBytes {
 public:
  ~StagingFile() override;
  StagingFile(const StagingFile&) = delete;
  StagingFile& operator=(const StagingFile&) = delete;

  Result<> Read(ByteCount offset, std::span<std::byte> out) const override;

  /// Writes all of `data`. `fresh` are the parts of it where the layer holds nothing yet. Only they can meet a full
  /// disk, so they are written first: after kNoSpace every byte that the layer held is as before.
  /// Errors: kNoSpace (budget or disk), kUnavailable (the disk is broken).
  Result<> Write(ByteCount offset, std::span<const std::byte> data, std::span<const ByteRange> fresh)
      EXCLUDES(charge_mutex_);
  /// Gives back the space of `range`, whose bytes mean nothing any more.
  void Release(ByteRange range) EXCLUDES(charge_mutex_);
  /// Gives back the space from `size` on.
  void Cut(ByteCount size) EXCLUDES(charge_mutex_);
  /// Returns when bytes and name are on stable storage. Errors: the disk's.
  Result<> Sync();
  /// Whether the name and what is under it stay when this goes. At first they do not.
  void KeepName(bool keep) { keep_name_ = keep; }

 private:
  friend class StagingArea;
  /// `file` is null where it is opened for each use, by its name.
  StagingFile(StagingArea& area, std::unique_ptr<DiskFile> file, std::string name)
      : area_(area), file_(std::move(file)), name_(std::move(name)) {}

  Result<std::shared_ptr<DiskFile>> Use() const;
  static Result<> WriteFresh(DiskFile& file, ByteCount offset, std::span<const std::byte> data,
                             std::span<const ByteRange> fresh);
  /// Makes the charge what the file really uses, and gives `reserved` back.
  void Settle(const DiskFile& file, ByteCount reserved) EXCLUDES(charge_mutex_);

  StagingArea& area_;
  const std::shared_ptr<DiskFile> file_;
  const std::string name_;  // Empty: it has none.
  std::atomic<bool> keep_name_ = false;
  Mutex charge_mutex_;
  ByteCount charged_ GUARDED_BY(charge_mutex_) = 0;
};

/// All staging files under one budget of disk, counted in blocks really used. What else lies there counts, too, but is
/// never refused here. Thread-safe; outlives its files.
class StagingArea {
 public:
  /// Gives back disk that holds clean bytes; false when there was none. Called with no lock held.
  using Reclaim = std::function<bool()>;

  /// Bytes of the budget that others use. Called with no lock held.
  using Others = std::function<ByteCount()>;

  StagingArea(
      Disk& disk, ByteCount budget, Reclaim reclaim, Others others = [] { return ByteCount{0}; })
      : disk_(disk), budget_(budget), reclaim_(std::move(reclaim)), others_(std::move(others)) {}

  /// A new file, without a name where none is given: then it is gone with the process.
  Result<std::shared_ptr<StagingFile>> Create(const std::string& name = {});
  /// One that an earlier process has left; it must keep its name as long as it is used. Errors: kNotFound, the disk's.
  Result<std::shared_ptr<StagingFile>> Open(const std::string& name);
  /// Whether bytes for `ranges` could be written now. Reserves nothing. Errors: kNoSpace (budget or disk),
  /// kUnavailable.
  Result<> CheckRoom(std::span<const ByteRange> ranges) EXCLUDES(mutex_);
  ByteCount used() const EXCLUDES(mutex_);
  /// Gives back disk that holds clean bytes; false when there was none. For others who find the disk full.
  bool MakeRoom() { return reclaim_(); }

 private:
  friend class StagingFile;
  bool TryReserve(ByteCount bytes) EXCLUDES(mutex_);
  /// What is used is used, even where a reservation was too small for the file system's own bookkeeping.
  void Replace(ByteCount charged, ByteCount really) EXCLUDES(mutex_);

  Disk& disk_;
  const ByteCount budget_;
  const Reclaim reclaim_;
  const Others others_;
  mutable Mutex mutex_;
  ByteCount used_ GUARDED_BY(mutex_) = 0;
};

}  // namespace cosfuse
