#include "base/log.h"
#include "fs/bucket_file_system.h"

namespace cosfuse {

Result<> BucketFileSystem::Flush(const OpContext& context, HandleId id, bool wait) {
  ASSIGN_OR_RETURN(const auto handle, parts_.handles.FindFile(id));
  // Who only reads does not wait for what others write.
  if (!handle->stores) return {};
  if (wait && parts_.options.close_promises) return PromiseAtPace(context, handle->node);
  if (wait) return storer_.Store(context, handle->node);
  storer_.StartStore(handle->node);
  return {};
}

Result<> BucketFileSystem::PromiseAtPace(const OpContext& context, const FileRef& file) {
  bool another = false;  // Than those that wait to be stored already.
  {
    MutexLock lock(file->mutex);
    const FileState& state = file->state();
    another = state.dirty() && !state.content->stored_soon() && !state.content->promised_as_it_is();
  }
  if (!another) return storer_.Promise(context, file);
  const auto delay = parts_.cache.PromiseDelay();
  if (!delay || *delay > Duration{}) WarnOfPace(!delay);
  if (!delay) {
    RETURN_IF_ERROR(parts_.cache.WaitForRoom(context));
  } else if (*delay > Duration{}) {
    RETURN_IF_ERROR(parts_.clock.Sleep(context, *delay));
  }
  return storer_.Promise(context, file);
}

void BucketFileSystem::WarnOfPace(bool waits) {
  constexpr Duration kPause = std::chrono::minutes(1);
  {
    const MonotonicTime now = parts_.clock.Now();
    MutexLock lock(pace_mutex_);
    if (now < next_warning_) return;
    next_warning_ = now + kPause;
  }
  const CacheStatistics statistics = parts_.cache.statistics();
  const auto oldest = std::chrono::duration_cast<std::chrono::seconds>(statistics.oldest);
  Log(LogLevel::kWarning,
      waits ? "too many closed files wait to be stored: closes wait for room"
            : "the store does not keep up with what is closed: closes are slowed down",
      {{"files", std::to_string(statistics.waiting_files)}, {"oldest_seconds", std::to_string(oldest.count())}});
}

}  // namespace cosfuse
