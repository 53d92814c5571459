#include "cache/fake_disk.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace cosfuse {

class FakeDisk::File final : public DiskFile {
 public:
  explicit File(FakeDisk& disk) : disk_(disk) {}
  ~File() override {
    MutexLock lock(disk_.mutex_);
    disk_.used_ -= blocks_.size() * kBlock;
    --disk_.open_files_;
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  Result<size_t> Read(ByteCount offset, std::span<std::byte> out) const override {
    MutexLock lock(disk_.mutex_);
    const ByteRange range = ByteRange{offset, out.size()}.Intersect({0, size_});
    for (ByteCount at = range.offset; at < range.end();) {
      const ByteCount n = std::min(kBlock - at % kBlock, range.end() - at);
      const auto block = blocks_.find(at / kBlock);
      std::byte* const to = out.data() + (at - offset);
      if (block == blocks_.end()) {
        std::memset(to, 0, n);
      } else {
        std::memcpy(to, block->second.data() + at % kBlock, n);
      }
      at += n;
    }
    return range.length;
  }

  Result<> Write(ByteCount offset, std::span<const std::byte> data) override {
    MutexLock lock(disk_.mutex_);
    while (!data.empty()) {
      const size_t n = std::min<size_t>(kBlock - offset % kBlock, data.size());
      auto block = blocks_.find(offset / kBlock);
      if (block == blocks_.end()) {
        if (disk_.used_ + kBlock > disk_.capacity_) return Fail(ErrorCode::kNoSpace, "the fake disk is full");
        disk_.used_ += kBlock;
        block = blocks_.emplace(offset / kBlock, Block{}).first;
      }
      std::memcpy(block->second.data() + offset % kBlock, data.data(), n);
      data = data.subspan(n);
      offset += n;
      size_ = std::max(size_, offset);
    }
    return {};
  }

  Result<> Truncate(ByteCount size) override {
    MutexLock lock(disk_.mutex_);
    if (size < size_) RemoveLocked(ByteRange::FromTo(size, size_));
    size_ = size;
    return {};
  }

  Result<> PunchHole(ByteRange range) override {
    MutexLock lock(disk_.mutex_);
    RemoveLocked(range.Intersect({0, size_}));
    return {};
  }

  Result<> Sync() override { return {}; }

  Result<ByteCount> AllocatedBytes() const override {
    MutexLock lock(disk_.mutex_);
    return blocks_.size() * kBlock;
  }

 private:
  using Block = std::array<std::byte, kBlock>;

  void RemoveLocked(ByteRange range) {
    disk_.mutex_.AssertHeld();
    for (auto it = blocks_.lower_bound(range.offset / kBlock); it != blocks_.end();) {
      const ByteRange whole{it->first * kBlock, kBlock};
      const ByteRange part = whole.Intersect(range);
      if (part.empty()) break;
      // The tail of the last block lies beyond the end of the file, so that a cut there frees the block too.
      if (part == whole || (part.offset == whole.offset && part.end() >= size_)) {
        it = blocks_.erase(it);
        disk_.used_ -= kBlock;
      } else {
        std::memset(it->second.data() + (part.offset - whole.offset), 0, part.length);
        ++it;
      }
    }
  }

  FakeDisk& disk_;
  ByteCount size_ = 0;
  std::map<ByteCount, Block> blocks_;
};

Result<std::unique_ptr<DiskFile>> FakeDisk::CreateUnnamed() {
  MutexLock lock(mutex_);
  ++open_files_;
  return std::make_unique<File>(*this);
}

Result<std::string> FakeDisk::ReadSmallFile(const std::string& path, ByteCount limit) {
  MutexLock lock(mutex_);
  const auto found = named_.find(path);
  if (found == named_.end()) return Fail(ErrorCode::kNotFound, path);
  if (found->second.size() > limit) return Fail(ErrorCode::kTooLarge, path);
  return found->second;
}

Result<> FakeDisk::ReplaceSmallFile(const std::string& path, std::string_view text) {
  MutexLock lock(mutex_);
  if (replacements_fail_) return Fail(ErrorCode::kNoSpace, "the fake disk is full");
  named_[path] = text;
  return {};
}

Result<ByteCount> FakeDisk::FreeBytes() const {
  MutexLock lock(mutex_);
  return capacity_ - std::min(capacity_, used_);
}

void FakeDisk::FailReplacements() {
  MutexLock lock(mutex_);
  replacements_fail_ = true;
}

void FakeDisk::SetCapacity(ByteCount capacity) {
  MutexLock lock(mutex_);
  capacity_ = capacity;
}

ByteCount FakeDisk::used() const {
  MutexLock lock(mutex_);
  return used_;
}

size_t FakeDisk::open_files() const {
  MutexLock lock(mutex_);
  return open_files_;
}

}  // namespace cosfuse
