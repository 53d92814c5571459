#include "app/drain.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"

namespace cosfuse {
namespace {

constexpr Duration kReportInterval = std::chrono::seconds(5);
/// How often to look whether a handle was closed.
constexpr Duration kLookInterval = std::chrono::milliseconds(100);

void ReportProgress(const FileSystem& file_system, const FileCache& cache, Duration left) {
  const CacheStatistics statistics = cache.statistics();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::max(left, Duration(0)));
  Log(LogLevel::kInfo, "draining before the unmount",
      {{"dirty_bytes", std::to_string(statistics.dirty_bytes)},
       {"uploads", std::to_string(statistics.uploads_in_progress)},
       {"open_for_writing", std::to_string(file_system.open_writers())},
       {"seconds_left", std::to_string(seconds.count())}});
}

void ReportLeft(const FileCache& cache, const std::optional<Error>& stuck) {
  const std::vector<ObjectKey> keys = cache.dirty_keys();
  for (const ObjectKey& key : keys) Log(LogLevel::kError, "not in the store", {{"key", key}});
  if (stuck) {
    Log(LogLevel::kError, "what is left cannot be stored, however long it is tried",
        {{"dirty_bytes", std::to_string(cache.statistics().dirty_bytes)},
         {"files", std::to_string(keys.size())},
         {"error", stuck->ToString()}});
    return;
  }
  Log(LogLevel::kError, "the drain deadline passed before everything was in the store",
      {{"dirty_bytes", std::to_string(cache.statistics().dirty_bytes)},
       {"files", std::to_string(keys.size())},
       {"remedy", "a longer --drain-timeout, and in a pod terminationGracePeriodSeconds"}});
}

}  // namespace

bool DrainMount(FileSystem& file_system, FileCache& cache, Clock& clock, MonotonicTime deadline) {
  file_system.SetPhase(MountPhase::kDraining);
  MonotonicTime next_report = clock.Now() + kReportInterval;
  bool clean = false;
  std::optional<Error> stuck;
  while (true) {
    const MonotonicTime next_look = std::min({deadline, next_report, clock.Now() + kLookInterval});
    const Result<> drained = cache.Drain(OpContext().WithDeadline(next_look));
    clean = drained.has_value();
    // Nothing is on its way any more, and no time will mend what is left.
    stuck = clean || drained.error().code() == ErrorCode::kTimedOut ? std::nullopt : std::optional(drained.error());
    const MonotonicTime now = clock.Now();
    if (((clean || stuck) && file_system.open_writers() == 0) || now >= deadline) break;
    if (now >= next_report) {
      ReportProgress(file_system, cache, deadline - now);
      next_report = now + kReportInterval;
    }
    // Drain may have answered at once: the wait for the last close is here.
    if (now < next_look) static_cast<void>(clock.Sleep(OpContext(), next_look - now));
  }
  file_system.SetPhase(MountPhase::kReadOnly);
  // What was written between the last look and the phase is small or late; it gets one more try, without waiting long.
  if (clean) clean = cache.Drain(OpContext().WithDeadline(std::max(deadline, clock.Now() + kLookInterval))).has_value();
  if (!clean) ReportLeft(cache, stuck);
  const OpContext last = OpContext().WithDeadline(std::max(deadline, clock.Now() + kLookInterval));
  const Result<> attributes = file_system.StoreLeftAttributes(last);
  if (!attributes) {
    Log(LogLevel::kError, "modes, owners or times of files are not in the store",
        {{"error", attributes.error().ToString()}});
  }
  const Result<> moves = file_system.FinishMoves(last);
  if (!moves) {
    Log(LogLevel::kError, "the rename of a directory stands half way: its objects are below both names",
        {{"error", moves.error().ToString()}});
  }
  const Result<> removals = file_system.FinishRemovals(last);
  if (!removals) {
    Log(LogLevel::kError, "files that were removed are still in the bucket; the next mount goes on with them",
        {{"error", removals.error().ToString()}});
  }
  return clean && attributes && moves && removals;
}

}  // namespace cosfuse
