#include "cache/file_cache.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/mutex.h"
#include "base/thread_pool.h"
#include "cache/block_cache.h"
#include "cache/dialect_probe.h"
#include "cache/file_registry.h"
#include "cache/layered_file.h"
#include "cache/promise_sync.h"
#include "cache/retry_timer.h"
#include "cache/staging.h"
#include "cache/uploader.h"

namespace cosfuse {
namespace {

/// Some parts of a file that is written must find room on the disk at the same time.
ByteCount PartSizeFor(const FileCacheOptions& options, const Disk& disk) {
  constexpr ByteCount kPartsAtHand = 4;
  const ByteCount room = std::min(options.disk_budget, disk.FreeBytes().value_or(options.disk_budget));
  return std::min(options.part_size, room / kPartsAtHand);
}

class RealFileCache final : public FileCache {
 public:
  RealFileCache(const FileCacheOptions& options, ObjectStore& store, Disk& disk, Clock& clock, Random& random,
                Journal* journal)
      : clock_(clock),
        promise_limit_(options.promise_limit),
        staging_(
            disk, options.disk_budget, [this] { return ReclaimDisk(); },
            [journal, taken = options.disk_taken] { return taken + (journal == nullptr ? 0 : journal->size()); }),
        blocks_({.memory_budget = options.memory_budget, .threads = options.parallel_fetches, .read_ahead = {}}, store,
                clock),
        timer_(clock),
        promise_sync_(journal, timer_, options.promise_sync_delay),
        upload_pool_(std::make_unique<ThreadPool>(
            ThreadPool::Options{.name = "upload", .max_threads = options.parallel_uploads})),
        // Half of the threads are for what programs do meanwhile.
        left_pool_(std::make_unique<ThreadPool>(
            ThreadPool::Options{.name = "left", .max_threads = std::max<size_t>(1, options.parallel_uploads / 2)})),
        dialects_(options.store_name, store, disk, clock, random),
        uploader_({.part_size = PartSizeFor(options, disk),
                   .limits = options.limits,
                   .parallel_parts = options.parallel_parts,
                   .conflict_place = options.conflict_place,
                   .on_conflict = options.on_conflict,
                   .write_only = options.write_only},
                  store, dialects_, clock, random, *upload_pool_),
        services_{clock,
                  random,
                  blocks_,
                  staging_,
                  uploader_,
                  registry_,
                  timer_,
                  *upload_pool_,
                  journal,
                  promise_sync_,
                  options.io_timeout,
                  options.on_conflict == ConflictPolicy::kFail ? 0 : options.conflict_base,
                  *stop_} {}

  ~RealFileCache() override {
    timer_.Stop();
    uploader_.Stop();
    stop_->Cancel();
    for (const auto& file : registry_.Files()) file->CancelUpload();
    left_pool_.reset();
    registry_.LetAllGo();
    upload_pool_.reset();  // Its last tasks use everything else.
  }
  RealFileCache(const RealFileCache&) = delete;
  RealFileCache& operator=(const RealFileCache&) = delete;

  std::shared_ptr<CachedFile> OpenBase(const BaseVersion& base) override {
    return LayeredFile::Make(services_, {.base = base, .replaces_base = false, .content = {}});
  }

  std::shared_ptr<CachedFile> OpenWithContent(const BaseVersion& base, std::string content) override {
    BaseVersion version = base;
    version.size = content.size();
    return LayeredFile::Make(services_, {.base = version, .replaces_base = false, .content = std::move(content)});
  }

  std::shared_ptr<CachedFile> Create(const std::optional<BaseVersion>& replaced) override {
    return LayeredFile::Make(services_, {.base = replaced, .replaces_base = true, .content = {}});
  }

  Result<std::shared_ptr<CachedFile>> Restore(JournalFileId id, const JournaledFile& state) override {
    LayeredFile::Left left{.id = id, .state = state, .files = {}};
    for (const LayerImage& layer : state.content.layers) {
      if (layer.written.empty()) continue;
      ASSIGN_OR_RETURN(auto file, staging_.Open(StagingFileName(id, layer.id)));
      // Where another one cannot be opened, this one stays for the next try.
      file->KeepName(true);
      left.files.emplace(layer.id, std::move(file));
    }
    for (const auto& [layer, file] : left.files) file->KeepName(services_.journal == nullptr);
    auto file = LayeredFile::Restore(services_, std::move(left));
    if (services_.journal == nullptr) return file;
    MutexLock lock(left_mutex_);
    left_.push_back(file);
    return file;
  }

  void StoreLeft() override {
    std::vector<std::weak_ptr<LayeredFile>> left;
    {
      MutexLock lock(left_mutex_);
      left.swap(left_);
    }
    // Who waits for others must not have the thread that these need.
    std::vector<std::weak_ptr<LayeredFile>> last;
    std::erase_if(left, [&last](const auto& weak) {
      const auto file = weak.lock();
      const bool waits = file != nullptr && file->waits_for().has_value();
      if (waits) last.push_back(weak);
      return waits;
    });
    left.insert(left.end(), last.begin(), last.end());
    for (auto& weak : left) {
      left_pool_->Post([this, weak = std::move(weak)] {
        if (const auto file = weak.lock()) StoreInItsTurn(*file);
      });
    }
  }

  std::vector<BaseVersion> copied_versions() const override {
    std::vector<BaseVersion> versions;
    for (const auto& file : registry_.Copies()) {
      if (auto version = file->copied_from()) versions.push_back(*std::move(version));
    }
    return versions;
  }

  Result<> KeepCopied(const OpContext& context, const ObjectKey& key) override {
    for (const auto& file : registry_.Copies()) RETURN_IF_ERROR(file->KeepCopied(context, key));
    return {};
  }

  Result<> ExpectOwnCopy(const OpContext& context, const BaseVersion& of, const std::string& id) override {
    for (const auto& file : registry_.Copies()) RETURN_IF_ERROR(file->ExpectOwnCopy(context, of, id));
    return promise_sync_.KeepEnds(registry_.ended_promises());
  }

  void RebaseCopied(const BaseVersion& from, const BaseVersion& to) override {
    for (const auto& file : registry_.Copies()) file->RebaseCopied(from, to);
  }

  uint64_t promised() const override { return registry_.next_promise(); }

  Result<> StoreEarlier(const OpContext& context, uint64_t place) override {
    for (;;) {
      const uint64_t changes = registry_.changes();
      if (!registry_.AnyPromiseBefore(place)) break;
      for (const auto& file : registry_.Files()) {
        if (!file->waits_for_its_turn()) file->StoreNow();
      }
      RETURN_IF_ERROR(registry_.WaitForChange(context, clock_, changes));
    }
    // Else the node could end, and its successor would bring back what was removed meanwhile.
    return promise_sync_.KeepEnds(registry_.ended_promises());
  }

  std::optional<Duration> PromiseDelay() const override {
    return DecidePromiseDelay(registry_.load(clock_.Now()), promise_limit_);
  }

  Result<> WaitForRoom(const OpContext& context) override {
    const OpContext limited = context.WithinPatience(clock_.Now());
    for (;;) {
      const uint64_t changes = registry_.changes();
      if (PromiseDelay()) return {};
      RETURN_IF_ERROR(registry_.WaitForChange(limited, clock_, changes));
    }
  }

  void AbortUploads(const std::map<std::string, ObjectKey>& uploads) override {
    for (const auto& [upload_id, key] : uploads) {
      upload_pool_->Post([this, key, upload_id] { uploader_.Abort(key, upload_id); });
    }
  }

  CacheStatistics statistics() const override {
    CacheStatistics statistics;
    for (const auto& file : registry_.Files()) {
      const auto status = file->status();
      statistics.dirty_bytes += status.dirty_bytes;
      statistics.uploads_in_progress += status.uploading ? 1 : 0;
    }
    const PromiseLoad load = registry_.load(clock_.Now());
    statistics.waiting_files = load.files;
    statistics.oldest = load.oldest;
    const auto counts = registry_.counts();
    statistics.conflicts = counts.conflicts;
    statistics.failed_uploads = counts.failed_uploads;
    return statistics;
  }

  std::vector<ObjectKey> dirty_keys() const override {
    std::vector<ObjectKey> keys;
    for (const auto& file : registry_.Files()) {
      auto status = file->status();
      if (status.dirty && status.key) keys.push_back(*std::move(status.key));
    }
    std::sort(keys.begin(), keys.end());
    return keys;
  }

  Result<> Drain(const OpContext& context) override {
    std::set<const LayeredFile*> resumed;
    for (;;) {
      const uint64_t changes = registry_.changes();
      bool waiting = false;
      bool waits_for_others = false;
      std::optional<Error> stuck;
      for (const auto& file : registry_.Files()) {
        auto status = file->status();
        if (!status.dirty && !status.uploading) continue;
        // It says that others are complete: after them here, too.
        const auto place = file->waits_for();
        if (place && registry_.AnyPromiseBefore(*place)) {
          waits_for_others = true;
          continue;
        }
        // Each file once: what fails after that comes back by its own retries, or never.
        if (status.dirty && status.key && resumed.insert(file.get()).second) {
          file->ResumeUpload();
          waiting = true;
        } else if (status.stuck) {
          stuck = std::move(status.error);
        } else {
          waiting = true;
        }
      }
      if (!waiting && (stuck || !waits_for_others))
        return stuck ? Result<>(std::unexpected(*std::move(stuck))) : Result<>();
      RETURN_IF_ERROR(registry_.WaitForChange(context, clock_, changes));
    }
  }

 private:
  void StoreInItsTurn(LayeredFile& file) {
    const OpContext context = OpContext().WithCancellation(stop_);
    for (;;) {
      // What a program has closed again has a time of its own, and may wait for what comes later here.
      if (stop_->cancelled() || !file.waits_for_its_turn()) return;
      const uint64_t changes = registry_.changes();
      const auto place = file.waits_for();
      if (!place || !registry_.AnyPromiseBefore(*place)) break;
      if (!registry_.WaitForChange(context, clock_, changes)) return;
    }
    file.StoreNow();
    // One that fails is tried again by itself, and holds up the next ones no longer.
    static_cast<void>(file.WaitForUpload(context));
  }

  bool ReclaimDisk() {
    bool any = false;
    for (const auto& file : registry_.Files()) any = file->DropClean() || any;
    return any;
  }

  Clock& clock_;
  const PromiseLimit promise_limit_;
  const std::shared_ptr<Cancellation> stop_ = std::make_shared<Cancellation>();
  FileRegistry registry_;
  StagingArea staging_;
  BlockCache blocks_;
  RetryTimer timer_;
  PromiseSync promise_sync_;
  std::unique_ptr<ThreadPool> upload_pool_;
  Mutex left_mutex_;
  std::vector<std::weak_ptr<LayeredFile>> left_ GUARDED_BY(left_mutex_);  // Restored, until StoreLeft.
  std::unique_ptr<ThreadPool> left_pool_;
  DialectProbe dialects_;
  Uploader uploader_;
  const FileServices services_;
};

}  // namespace

std::unique_ptr<FileCache> MakeFileCache(const FileCacheOptions& options, ObjectStore& store, Disk& disk, Clock& clock,
                                         Random& random, Journal* journal) {
  return std::make_unique<RealFileCache>(options, store, disk, clock, random, journal);
}

}  // namespace cosfuse
