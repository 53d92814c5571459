#include "tests/semantics/survival_world.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "cache/dialect_probe.h"

namespace cosfuse::testing {
namespace {

constexpr std::string_view kDirectory = "d";

/// A call of the program that has to succeed.
void Must(const Result<>& result) { EXPECT_TRUE(result) << result.error().ToString(); }

template <typename T>
T Must(Result<T> result) {
  EXPECT_TRUE(result) << result.error().ToString();
  return result ? *std::move(result) : T{};
}

}  // namespace

SurvivalWorld::SurvivalWorld(const MountMode& mode) : mode_(mode), disk_(std::make_unique<FakeDisk>()) {
  Start();
  MakeDirectory(std::string(kDirectory));
}

SurvivalWorld::~SurvivalWorld() { Stop(); }

void SurvivalWorld::Start() {
  // The store is known to honour conditions: what finding out costs has its own tests.
  const StoreDialect dialect = {.conditions_at_begin = true, .conditions_at_complete = true};
  Must(disk_->ReplaceSmallFile(kDialectFile, FormatStoreDialect(dialect, "store", clock_.WallNow())));
  recovered_ = Must(
      RecoverCacheDirectory(*disk_, {.store = "store", .boot_id = "boot-" + std::to_string(boots_)}, clock_.WallNow()));
  const FileCacheOptions cache{.promise_sync_delay = mode_.journal_sync, .store_name = "store"};
  cache_ = MakeFileCache(cache, store_, *disk_, clock_, random_, recovered_.journal.get());
  FileSystemOptions options;
  options.close_promises = mode_.journal;
  options.fsync_promises = mode_.fsync_journal;
  options.store_delay = {.after_last = std::chrono::hours(1), .after_first = std::chrono::hours(1)};
  size_t unreadable = 0;
  auto left = RestoreLeft(*cache_, recovered_.uploads, unreadable);
  EXPECT_EQ(unreadable, 0U);
  fs_ = MakeFileSystem(options, store_, *cache_, clock_, recovered_.journal.get());
  fs_->AdoptLeft({.files = std::move(left), .moves = recovered_.moves, .removals = recovered_.removals});
  killed_ = std::make_shared<Cancellation>();
  context_ = OpContext().WithCancellation(killed_);
}

void SurvivalWorld::Stop() {
  killed_->Cancel();
  open_.clear();
  fs_.reset();
  cache_.reset();
  recovered_ = {};
  store_.SetHook({});
  store_.ClearFaults();
  store_.Answer();
}

void SurvivalWorld::Settle() {
  cache_->StoreLeft();
  cache_->AbortUploads(recovered_.open_uploads);
  Must(cache_->Drain({}));
  Must(fs_->StoreLeftAttributes({}));
  Must(fs_->FinishMoves({}));
  Must(fs_->FinishRemovals({}));
}

void SurvivalWorld::EndWell() {
  disk_->FailSyncs(false);
  store_.ClearFaults();
  store_.SetHook({});
  store_.Answer();
  for (const HandleId handle : std::exchange(open_, {})) {
    Must(fs_->Flush(context_, handle, true));
    fs_->Release(handle);
  }
  Settle();
  Stop();
}

void SurvivalWorld::Lose(Loss loss, uint64_t seed) {
  Stop();
  if (loss == Loss::kNode) {
    SeededRandom random(seed);
    disk_->LoseUnsynced(random);
    ++boots_;
  }
  if (loss == Loss::kDisk) disk_ = std::make_unique<FakeDisk>();
  disk_->FailSyncs(false);
  Start();
  Settle();
  Stop();
}

NodeId SurvivalWorld::Directory(const std::string& name) {
  return Must(fs_->Lookup(context_, NodeId::kRoot, name)).node;
}

NodeId SurvivalWorld::Find(const std::string& name) {
  return Must(fs_->Lookup(context_, Directory(std::string(kDirectory)), name)).node;
}

HandleId SurvivalWorld::Create(const std::string& name, int flags) {
  const NodeId parent = Directory(std::string(kDirectory));
  const int all = O_WRONLY | O_CREAT | flags;
  const auto found = fs_->Lookup(context_, parent, name);
  const HandleId handle = found ? Must(fs_->Open(context_, caller_, found->node, (all & ~O_CREAT) | O_TRUNC)).handle
                                : Must(fs_->Create(context_, caller_, parent, name, 0644, all)).file.handle;
  open_.insert(handle);
  return handle;
}

void SurvivalWorld::Write(HandleId handle, std::string_view bytes) {
  Must(fs_->Write(context_, handle, 0, AsBytes(bytes)));
}

Result<> SurvivalWorld::Close(HandleId handle) {
  auto closed = fs_->Flush(context_, handle, true);
  fs_->Release(handle);
  open_.erase(handle);
  return closed;
}

void SurvivalWorld::WriteFile(const std::string& name, std::string_view bytes) {
  const HandleId handle = Create(name);
  Write(handle, bytes);
  Must(Close(handle));
}

void SurvivalWorld::WriteStored(const std::string& name, std::string_view bytes) {
  WriteFile(name, bytes);
  Must(cache_->Drain({}));
}

void SurvivalWorld::Fsync(HandleId handle) { Must(fs_->Fsync(context_, handle)); }

void SurvivalWorld::FsyncDirectory() {
  const HandleId handle = Must(fs_->OpenDirectory(context_, Directory(std::string(kDirectory))));
  Must(fs_->FsyncDirectory(context_, handle));
  fs_->ReleaseDirectory(handle);
}

void SurvivalWorld::Truncate(const std::string& name, ByteCount size) {
  Must(fs_->SetAttributes(context_, caller_, Find(name), std::nullopt, {.size = size}));
}

void SurvivalWorld::Chmod(const std::string& name, mode_t mode) {
  Must(fs_->SetAttributes(context_, caller_, Find(name), std::nullopt, {.permissions = mode}));
}

void SurvivalWorld::SetAttribute(const std::string& name, std::string_view value) {
  Must(fs_->SetExtendedAttribute(context_, Find(name), "user.note", value, {}));
}

void SurvivalWorld::Unlink(const std::string& name) {
  Must(fs_->Unlink(context_, Directory(std::string(kDirectory)), name));
}

void SurvivalWorld::FinishRemovals() { Must(fs_->FinishRemovals(context_)); }

void SurvivalWorld::Rename(const std::string& from, const std::string& to) {
  const NodeId parent = Directory(std::string(kDirectory));
  Must(fs_->Rename(context_, parent, from, parent, to, false));
}

void SurvivalWorld::MakeLink(const std::string& name) {
  Must(fs_->MakeSymbolicLink(context_, caller_, Directory(std::string(kDirectory)), name, "target"));
}

void SurvivalWorld::MakeDirectory(const std::string& name) {
  // The kernel asks first.
  EXPECT_FALSE(fs_->Lookup(context_, NodeId::kRoot, name));
  Must(fs_->MakeDirectory(context_, caller_, NodeId::kRoot, name, 0755));
}

void SurvivalWorld::RemoveDirectory(const std::string& name) {
  Must(fs_->RemoveDirectory(context_, NodeId::kRoot, name));
}

Result<> SurvivalWorld::RenameDirectory(const std::string& from, const std::string& to) {
  return fs_->Rename(context_, NodeId::kRoot, from, NodeId::kRoot, to, false);
}

void SurvivalWorld::PutObject(const ObjectKey& key, std::string_view bytes) {
  bucket_.SetObject(key, bytes);
  clock_.Advance(std::chrono::seconds(5));
}

void SurvivalWorld::RefusePuts() {
  store_.FailNext(StoreOperation::kPut, Error(ErrorCode::kAccessDenied, "the role may not write"),
                  FaultyObjectStore::kAlways);
}

void SurvivalWorld::StopStoreAtDelete() {
  store_.SetHook([this](StoreOperation called, const ObjectKey& /*key*/) {
    if (called == StoreOperation::kDelete || called == StoreOperation::kDeleteMany) store_.StopAnswering();
  });
}

void SurvivalWorld::WaitForSync(size_t syncs) const {
  while (disk_->syncs() == syncs) sched_yield();
}

void SurvivalWorld::DieAt(StoreOperation operation, int count) {
  requests_ = 0;
  const auto carried_out = [this, operation] {
    return std::ranges::count(bucket_.operations(), operation, &RecordedOperation::operation);
  };
  store_.SetHook(
      [this, operation, count, carried_out, before = carried_out()](StoreOperation called, const ObjectKey& /*key*/) {
        if (called != operation || ++requests_ != count) return;
        // Those before it may be at work side by side with it.
        while (carried_out() - before < count - 1) sched_yield();
        store_.StopAnswering();
        killed_->Cancel();
      });
}

SurvivalWorld::Objects SurvivalWorld::objects() const {
  Objects objects;
  for (const ObjectKey& key : bucket_.Keys()) {
    std::string& text = objects[key] = bucket_.GetContent(key).value_or("");
    const ObjectInfo info = bucket_.GetInfo(key).value_or(ObjectInfo());
    for (const auto& [name, value] : info.metadata.user) {
      if (name == "mode" || name == "xattr") text.append(" ").append(name).append("=").append(value);
    }
  }
  return objects;
}

std::map<std::string, std::string> SurvivalWorld::kept() {
  std::map<std::string, std::string> kept;
  size_t unreadable = 0;
  const auto cache = MakeFileCache({.store_name = "store"}, store_, *disk_, clock_, random_, nullptr);
  for (const KeptFile& file : Must(ListKeptFiles(*disk_, unreadable))) {
    const auto restored = Must(cache->Restore(file.id, file.state));
    std::string bytes(restored->size(), '?');
    const auto stream = MakeReadStream();
    Must(restored->Read({}, *stream, 0, std::as_writable_bytes(std::span(bytes))));
    kept[file.state.target.key] = bytes;
  }
  EXPECT_EQ(unreadable, 0U);
  return kept;
}

}  // namespace cosfuse::testing
