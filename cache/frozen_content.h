#pragma once

#include <map>
#include <vector>

#include "base/mutex.h"
#include "cache/layered_file.h"

namespace cosfuse {

/// One snapshot of a file as an upload sees it. The layers that it needs stay while the upload is in progress.
class LayeredFile::FrozenContent final : public UploadContent {
 public:
  FrozenContent(LayeredFile& file, const ContentSnapshot& snapshot) : file_(file), snapshot_(snapshot) {}

  ByteCount size() const override { return snapshot_.size; }
  KeptBytes kept() const override;
  Result<ContentMap> Locate() const override;
  void BaseIsVersion(const std::string& version_id) override;
  Result<bool> FollowCopied(const OpContext& context, BaseVersion& copied_from) override;

  /// Bytes of the base go to the disk. Where that is full they stay in memory until Done, for one range at a time: the
  /// upload that would make room must not need any.
  Result<> Prepare(const OpContext& context, ByteRange range) override EXCLUDES(mutex_);
  Result<> Read(ByteCount offset, std::span<std::byte> out) override EXCLUDES(mutex_);
  void Done(ByteRange range) override EXCLUDES(mutex_);

 private:
  Result<> PrepareInMemory(const OpContext& context, ByteRange range, const std::vector<ContentSegment>& plan)
      EXCLUDES(mutex_);

  LayeredFile& file_;
  const ContentSnapshot snapshot_;

  Mutex mutex_;
  CondVar free_;
  ByteRange in_memory_ GUARDED_BY(mutex_);  // The range that has the memory; empty: nobody has.
  std::map<ByteCount, std::vector<std::byte>> pieces_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
