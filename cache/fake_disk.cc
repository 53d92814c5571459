#include "cache/fake_disk.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace cosfuse {
namespace {

using DiskBlock = std::array<std::byte, FakeDisk::kBlock>;
using DiskBlocks = std::map<ByteCount, DiskBlock>;

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

}  // namespace

/// What a file holds, for the program and on the disk. Guarded by the disk's mutex.
struct FakeDisk::Content {
  explicit Content(FakeDisk& owner) : disk(owner) {}
  ~Content() {
    disk.mutex_.AssertHeld();
    disk.used_ -= blocks.size() * kBlock;
  }
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;

  void Remove(ByteRange range) {
    disk.mutex_.AssertHeld();
    for (auto it = blocks.lower_bound(range.offset / kBlock); it != blocks.end();) {
      const ByteRange whole{it->first * kBlock, kBlock};
      const ByteRange part = whole.Intersect(range);
      if (part.empty()) break;
      // The tail of the last block lies beyond the end of the file, so that a cut there frees the block too.
      if (part == whole || (part.offset == whole.offset && part.end() >= size)) {
        it = blocks.erase(it);
        disk.used_ -= kBlock;
      } else {
        std::memset(it->second.data() + (part.offset - whole.offset), 0, part.length);
        ++it;
      }
    }
  }

  void LoseUnsynced(Random& random) {
    disk.mutex_.AssertHeld();
    disk.used_ -= blocks.size() * kBlock;
    const auto arrives = [&] { return random.Next() % 2 == 0; };
    DiskBlocks found = synced_blocks;
    for (const auto& [number, block] : blocks) {
      if (arrives()) found.insert_or_assign(number, block);
    }
    for (const auto& [number, block] : synced_blocks) {
      if (!blocks.contains(number) && arrives()) found.erase(number);
    }
    size = synced_size != size && arrives() ? size : synced_size;
    std::erase_if(found, [&](const auto& each) { return each.first * kBlock >= size; });
    synced_size = size;
    synced_blocks = blocks = std::move(found);
    disk.used_ += blocks.size() * kBlock;
  }

  FakeDisk& disk;
  ByteCount size = 0;
  DiskBlocks blocks;
  ByteCount synced_size = 0;
  DiskBlocks synced_blocks;
};

class FakeDisk::File final : public DiskFile {
 public:
  /// Called with the disk's mutex held.
  explicit File(std::shared_ptr<Content> content) : disk_(content->disk), content_(std::move(content)) {
    disk_.mutex_.AssertHeld();
    ++disk_.open_files_;
  }
  ~File() override {
    MutexLock lock(disk_.mutex_);
    content_.reset();
    --disk_.open_files_;
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  Result<size_t> Read(ByteCount offset, std::span<std::byte> out) const override {
    MutexLock lock(disk_.mutex_);
    const ByteRange range = ByteRange{offset, out.size()}.Intersect({0, content_->size});
    for (ByteCount at = range.offset; at < range.end();) {
      const ByteCount n = std::min(kBlock - at % kBlock, range.end() - at);
      const auto block = content_->blocks.find(at / kBlock);
      std::byte* const to = out.data() + (at - offset);
      if (block == content_->blocks.end()) {
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
      auto block = content_->blocks.find(offset / kBlock);
      if (block == content_->blocks.end()) {
        if (disk_.used_ + kBlock > disk_.capacity_) return Fail(ErrorCode::kNoSpace, "the fake disk is full");
        disk_.used_ += kBlock;
        block = content_->blocks.emplace(offset / kBlock, DiskBlock{}).first;
      }
      std::memcpy(block->second.data() + offset % kBlock, data.data(), n);
      data = data.subspan(n);
      offset += n;
      content_->size = std::max(content_->size, offset);
    }
    return {};
  }

  Result<> Truncate(ByteCount size) override {
    MutexLock lock(disk_.mutex_);
    if (size < content_->size) content_->Remove(ByteRange::FromTo(size, content_->size));
    content_->size = size;
    return {};
  }

  Result<> PunchHole(ByteRange range) override {
    MutexLock lock(disk_.mutex_);
    content_->Remove(range.Intersect({0, content_->size}));
    return {};
  }

  Result<> Sync() override {
    RETURN_IF_ERROR(disk_.BeginSync());
    MutexLock lock(disk_.mutex_);
    content_->synced_size = content_->size;
    content_->synced_blocks = content_->blocks;
    return {};
  }

  Result<ByteCount> Size() const override {
    MutexLock lock(disk_.mutex_);
    return content_->size;
  }

  Result<ByteCount> AllocatedBytes() const override {
    MutexLock lock(disk_.mutex_);
    return content_->blocks.size() * kBlock;
  }

 private:
  FakeDisk& disk_;
  std::shared_ptr<Content> content_;
};

FakeDisk::FakeDisk(ByteCount capacity) : capacity_(capacity) {}

FakeDisk::~FakeDisk() {
  MutexLock lock(mutex_);
  files_.clear();
  synced_files_.clear();
}

Result<std::unique_ptr<DiskFile>> FakeDisk::CreateUnnamed() {
  MutexLock lock(mutex_);
  return std::make_unique<File>(std::make_shared<Content>(*this));
}

Result<std::string> FakeDisk::ReadSmallFile(const std::string& path, ByteCount limit) {
  MutexLock lock(mutex_);
  const auto found = small_files_.find(path);
  if (found == small_files_.end()) return Fail(ErrorCode::kNotFound, path);
  if (found->second.size() > limit) return Fail(ErrorCode::kTooLarge, path);
  return found->second;
}

Result<> FakeDisk::ReplaceSmallFile(const std::string& path, std::string_view text) {
  MutexLock lock(mutex_);
  if (replacements_fail_) return Fail(ErrorCode::kNoSpace, "the fake disk is full");
  small_files_[path] = text;
  return {};
}

Result<std::unique_ptr<DiskFile>> FakeDisk::CreateFile(const std::string& path) {
  MutexLock lock(mutex_);
  if (files_.contains(path)) return Fail(ErrorCode::kAlreadyExists, path);
  const auto content = std::make_shared<Content>(*this);
  files_.emplace(path, content);
  return std::make_unique<File>(content);
}

Result<std::unique_ptr<DiskFile>> FakeDisk::OpenFile(const std::string& path) {
  MutexLock lock(mutex_);
  const auto found = files_.find(path);
  if (found == files_.end()) return Fail(ErrorCode::kNotFound, path);
  return std::make_unique<File>(found->second);
}

Result<> FakeDisk::RemoveFile(const std::string& path) {
  MutexLock lock(mutex_);
  files_.erase(path);
  small_files_.erase(path);
  return {};
}

Result<> FakeDisk::RenameFile(const std::string& from, const std::string& to) {
  MutexLock lock(mutex_);
  auto found = files_.extract(from);
  if (!found) return Fail(ErrorCode::kNotFound, from);
  files_.insert_or_assign(to, std::move(found.mapped()));
  return {};
}

Result<> FakeDisk::LinkFile(const std::string& from, const std::string& to) {
  MutexLock lock(mutex_);
  const auto found = files_.find(from);
  if (found == files_.end()) return Fail(ErrorCode::kNotFound, from);
  if (!files_.emplace(to, found->second).second) return Fail(ErrorCode::kAlreadyExists, to);
  return {};
}

Result<> FakeDisk::MakeDirectory(const std::string& /*path*/) { return {}; }

Result<std::vector<std::string>> FakeDisk::ListNames(const std::string& path) {
  MutexLock lock(mutex_);
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (DirectoryOf(name) == path) names.push_back(path.empty() ? name : name.substr(path.size() + 1));
  };
  for (const auto& [name, content] : files_) add(name);
  for (const auto& [name, text] : small_files_) add(name);
  return names;
}

Result<> FakeDisk::SyncDirectory(const std::string& path) {
  RETURN_IF_ERROR(BeginSync());
  MutexLock lock(mutex_);
  std::erase_if(synced_files_, [&](const auto& file) { return DirectoryOf(file.first) == path; });
  for (const auto& file : files_) {
    if (DirectoryOf(file.first) == path) synced_files_.insert(file);
  }
  return {};
}

Result<> FakeDisk::BeginSync() {
  std::function<void()> hook;
  {
    MutexLock lock(mutex_);
    ++syncs_;
    if (syncs_fail_) return Fail(ErrorCode::kUnavailable, "the fake disk is broken");
    hook = before_sync_;
  }
  if (hook) hook();
  return {};
}

Result<ByteCount> FakeDisk::FreeBytes() const {
  MutexLock lock(mutex_);
  return capacity_ - std::min(capacity_, used_);
}

void FakeDisk::LoseUnsynced(Random& random) {
  MutexLock lock(mutex_);
  // A name that is gone or new, but not synced, is there or not. One file may be found under two names, or under none.
  auto found = synced_files_;
  for (const auto& [name, content] : files_) {
    if (random.Next() % 2 == 0) found.insert_or_assign(name, content);
  }
  for (const auto& [name, content] : synced_files_) {
    if (!files_.contains(name) && random.Next() % 2 == 0) found.erase(name);
  }
  files_ = synced_files_ = std::move(found);
  for (const auto& [name, content] : files_) content->LoseUnsynced(random);
}

void FakeDisk::FailReplacements() {
  MutexLock lock(mutex_);
  replacements_fail_ = true;
}

void FakeDisk::FailSyncs(bool fail) {
  MutexLock lock(mutex_);
  syncs_fail_ = fail;
}

void FakeDisk::SetCapacity(ByteCount capacity) {
  MutexLock lock(mutex_);
  capacity_ = capacity;
}

void FakeDisk::SetBeforeSync(std::function<void()> hook) {
  MutexLock lock(mutex_);
  before_sync_ = std::move(hook);
}

ByteCount FakeDisk::used() const {
  MutexLock lock(mutex_);
  return used_;
}

size_t FakeDisk::open_files() const {
  MutexLock lock(mutex_);
  return open_files_;
}

size_t FakeDisk::syncs() const {
  MutexLock lock(mutex_);
  return syncs_;
}

std::vector<std::string> FakeDisk::file_names() const {
  MutexLock lock(mutex_);
  std::vector<std::string> names;
  names.reserve(files_.size());
  for (const auto& [name, content] : files_) names.push_back(name);
  return names;
}

}  // namespace cosfuse
