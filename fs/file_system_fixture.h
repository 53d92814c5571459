#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "base/fake_clock.h"
#include "base/random.h"
#include "cache/fake_disk.h"
#include "cache/file_cache.h"
#include "cache/recovery.h"
#include "cos/fake_object_store.h"
#include "cos/faulty_object_store.h"
#include "fs/bucket_file_system.h"

namespace cosfuse {

/// One mount for tests: the real file system over the real cache, asked as the kernel asks.
class TestMount {
 public:
  /// Mounts of one bucket have different seeds: their uploads must be told apart. On a disk that survives it a mount
  /// has a journal.
  TestMount(FileSystemOptions options, const FileCacheOptions& cache_options, ObjectStore& store, Clock& clock,
            uint64_t seed, FakeDisk* surviving = nullptr)
      : disk_(surviving == nullptr ? own_disk_ : *surviving),
        recovered_(surviving == nullptr ? Recovered() : TakeOver(disk_, clock)),
        random_(seed),
        cache_(MakeFileCache(cache_options, store, disk_, clock, random_, recovered_.journal.get())),
        fs_(std::make_unique<BucketFileSystem>(std::move(options), store, *cache_, clock, recovered_.journal.get())) {
    size_t unreadable = 0;
    fs_->AdoptLeft({.files = RestoreLeft(*cache_, recovered_.uploads, unreadable),
                    .moves = recovered_.moves,
                    .removals = recovered_.removals});
    EXPECT_EQ(unreadable, 0U);
    cache_->StoreLeft();
  }

  BucketFileSystem& fs() { return *fs_; }
  FileCache& cache() { return *cache_; }
  FakeDisk& disk() { return disk_; }

  Result<NodeEntry> Lookup(std::string_view name, NodeId parent = NodeId::kRoot) {
    return fs_->Lookup({}, parent, name);
  }
  /// Walks a path with '/', one lookup for each component.
  Result<NodeEntry> Walk(std::string_view path) {
    NodeId parent = NodeId::kRoot;
    for (;;) {
      const size_t slash = path.find('/');
      auto entry = Lookup(path.substr(0, slash), parent);
      if (!entry || slash == std::string_view::npos) return entry;
      parent = entry->node;
      path.remove_prefix(slash + 1);
    }
  }
  NodeId Node(std::string_view path) {
    const auto entry = Walk(path);
    EXPECT_TRUE(entry.has_value()) << path << ": " << (entry ? "" : entry.error().ToString());
    return entry ? entry->node : NodeId{};
  }
  FileAttributes Stat(std::string_view path) {
    const auto entry = Walk(path);
    EXPECT_TRUE(entry.has_value()) << path << ": " << (entry ? "" : entry.error().ToString());
    return entry ? entry->attributes.attributes : FileAttributes();
  }
  std::optional<ErrorCode> WalkError(std::string_view path) {
    const auto entry = Walk(path);
    return entry ? std::nullopt : std::optional(entry.error().code());
  }

  /// open(2): a lookup, then an open; what the kernel does with a stale answer: both again, once.
  Result<OpenedFile> Open(std::string_view path, int flags) {
    for (int tries = 0;; ++tries) {
      const auto entry = Walk(path);
      if (!entry) return std::unexpected(entry.error());
      auto opened = fs_->Open({}, caller, entry->node, flags);
      if (opened || opened.error().code() != ErrorCode::kStale || tries == 1) return opened;
    }
  }
  HandleId MustOpen(std::string_view path, int flags) {
    const auto opened = Open(path, flags);
    EXPECT_TRUE(opened.has_value()) << path << ": " << (opened ? "" : opened.error().ToString());
    return opened ? opened->handle : HandleId{};
  }
  /// open(2) with O_CREAT: the kernel looks the name up first.
  Result<CreatedFile> Create(std::string_view name, int flags = O_WRONLY, NodeId parent = NodeId::kRoot,
                             mode_t mode = 0644) {
    const auto entry = Lookup(name, parent);
    if (!entry && entry.error().code() != ErrorCode::kNotFound) return std::unexpected(entry.error());
    return fs_->Create({}, caller, parent, name, mode, flags | O_CREAT);
  }
  HandleId MustCreate(std::string_view name, int flags = O_WRONLY, NodeId parent = NodeId::kRoot) {
    const auto created = Create(name, flags, parent);
    EXPECT_TRUE(created.has_value()) << name << ": " << (created ? "" : created.error().ToString());
    return created ? created->file.handle : HandleId{};
  }
  Result<> Write(HandleId handle, ByteCount offset, std::string_view data) {
    return fs_->Write({}, handle, offset, AsBytes(data));
  }
  Result<std::string> Read(HandleId handle, ByteCount offset = 0, size_t length = 4 * kMiB) {
    std::string out(length, '?');
    const auto read = fs_->Read({}, handle, offset, std::as_writable_bytes(std::span(out)));
    if (!read) return std::unexpected(read.error());
    out.resize(*read);
    return out;
  }
  /// close(2) of the last descriptor.
  Result<> Close(HandleId handle) {
    auto flushed = fs_->Flush({}, handle, true);
    fs_->Release(handle);
    return flushed;
  }

  Result<> WriteFile(std::string_view name, std::string_view content, NodeId parent = NodeId::kRoot) {
    const auto created = Create(name, O_WRONLY | O_TRUNC, parent);
    if (!created) return std::unexpected(created.error());
    auto written = Write(created->file.handle, 0, content);
    auto closed = Close(created->file.handle);
    return written ? closed : written;
  }
  Result<std::string> ReadFile(std::string_view path) {
    const auto opened = Open(path, O_RDONLY);
    if (!opened) return std::unexpected(opened.error());
    auto content = Read(opened->handle);
    EXPECT_TRUE(Close(opened->handle).has_value());
    return content;
  }
  std::string MustRead(std::string_view path) {
    auto content = ReadFile(path);
    EXPECT_TRUE(content.has_value()) << path << ": " << (content ? "" : content.error().ToString());
    return content.value_or("unreadable");
  }

  std::vector<DirectoryEntry> Entries(NodeId directory = NodeId::kRoot, bool with_attributes = true) {
    std::vector<DirectoryEntry> entries;
    const auto handle = fs_->OpenDirectory({}, directory);
    EXPECT_TRUE(handle.has_value());
    if (!handle) return entries;
    const auto read = fs_->ReadDirectory({}, *handle, 0, with_attributes, [&](const DirectoryEntry& entry) {
      entries.push_back(entry);
      return true;
    });
    EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().ToString());
    fs_->ReleaseDirectory(*handle);
    return entries;
  }
  /// Without the dots, directories with a slash.
  std::vector<std::string> Names(NodeId directory = NodeId::kRoot) {
    std::vector<std::string> names;
    for (const DirectoryEntry& entry : Entries(directory)) {
      if (entry.name != "." && entry.name != "..") names.push_back(entry.name + (S_ISDIR(entry.type) ? "/" : ""));
    }
    return names;
  }

  Result<> Rename(std::string_view from, std::string_view to, bool no_replace = false) {
    return fs_->Rename({}, NodeId::kRoot, from, NodeId::kRoot, to, no_replace);
  }
  Result<TimedAttributes> Chmod(NodeId node, mode_t mode) {
    return fs_->SetAttributes({}, caller, node, std::nullopt, {.permissions = mode});
  }

  Caller caller = {.uid = 1000, .gid = 1000, .pid = 1, .umask = 022};

 private:
  static Recovered TakeOver(FakeDisk& disk, Clock& clock) {
    auto recovered = RecoverCacheDirectory(disk, {.store = "https://s3/bucket", .boot_id = "boot"}, clock.WallNow());
    EXPECT_TRUE(recovered.has_value()) << (recovered ? "" : recovered.error().ToString());
    return recovered ? *std::move(recovered) : Recovered();
  }

  FakeDisk own_disk_;
  FakeDisk& disk_;
  Recovered recovered_;
  SeededRandom random_;
  std::unique_ptr<FileCache> cache_;
  std::unique_ptr<BucketFileSystem> fs_;
};

/// A bucket in memory and a mount of it.
class FileSystemTest : public ::testing::Test {
 protected:
  FileSystemTest() { Mount(); }

  void Mount() {
    mount_.reset();
    mount_ = AnotherMount();
  }
  std::unique_ptr<TestMount> AnotherMount() {
    return std::make_unique<TestMount>(options_, cache_options_, faulty_, clock_, ++mounts_);
  }
  BucketFileSystem& fs() { return mount_->fs(); }

  /// An object of another client, made so long ago that its metadata can be told by ETag and Last-Modified.
  void PutForeign(const ObjectKey& key, std::string_view content, const ObjectMetadata& metadata = {}) {
    store_.SetObject(key, content, metadata);
    clock_.Advance(std::chrono::seconds(5));
  }
  /// A new file whose bytes "first" are stored, and whose writer has appended " second" before the answer came.
  HandleId MakeBusyFile(std::string_view name, NodeId parent = NodeId::kRoot) {
    const HandleId handle = mount_->MustCreate(name, O_WRONLY, parent);
    EXPECT_TRUE(mount_->Write(handle, 0, "first").has_value());
    store_.SetHooks({}, [&](const RecordedOperation& call) {
      if (call.operation != StoreOperation::kPut) return;
      EXPECT_TRUE(mount_->Write(handle, 5, " second").has_value());
    });
    EXPECT_TRUE(fs().Flush({}, handle, true).has_value());
    store_.SetHooks({});
    return handle;
  }
  std::string Content(const ObjectKey& key) { return store_.GetContent(key).value_or("no such object"); }
  UserMetadata Metadata(const ObjectKey& key) {
    const auto info = store_.GetInfo(key);
    EXPECT_TRUE(info.has_value()) << key;
    return info ? info->metadata.user : UserMetadata();
  }
  /// What the last steps asked the store, and forgets it: "Head List".
  std::string TakeRequests() {
    std::vector<std::string> names;
    for (const RecordedOperation& call : store_.operations()) names.emplace_back(StoreOperationName(call.operation));
    std::ranges::sort(names);
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
    store_.ForgetOperations();
    return text;
  }
  void ExpireAll() { clock_.Advance(std::chrono::hours(1)); }
  template <typename T>
  static std::optional<ErrorCode> CodeOf(const Result<T>& result) {
    return result ? std::nullopt : std::optional(result.error().code());
  }

  FakeClock clock_;
  FakeObjectStore store_{clock_};
  FaultyObjectStore faulty_{store_, clock_};
  FileSystemOptions options_;
  FileCacheOptions cache_options_;
  uint64_t mounts_ = 0;
  std::unique_ptr<TestMount> mount_;
};

}  // namespace cosfuse
