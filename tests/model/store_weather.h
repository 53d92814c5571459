#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "base/mutex.h"
#include "cos/faulty_object_store.h"

namespace cosfuse::model {

/// Random faults of a store: of all requests 5 % meet a status of 500 and 5 % one of 503, 2 % are reset before and 1 %
/// after they were carried out, 2 % of answers with a body break off. What the client tries again, as it mostly does,
/// shows in one way only: what was carried out is carried out twice.
///
/// The n-th request of one kind for one key fails or not by seed, kind, key and n alone: threads that race change
/// nothing. Thread-safe.
class StoreWeather {
 public:
  /// `gives_up`: the share of failed requests that the client does not try again. The store is borrowed, and is left
  /// with no hook.
  StoreWeather(FaultyObjectStore& store, uint64_t seed, double gives_up);
  ~StoreWeather();
  StoreWeather(const StoreWeather&) = delete;
  StoreWeather& operator=(const StoreWeather&) = delete;

  void Set(bool bad) EXCLUDES(mutex_);
  bool bad() const EXCLUDES(mutex_);

 private:
  void OnRequest(StoreOperation operation, const ObjectKey& key) EXCLUDES(mutex_);

  FaultyObjectStore& store_;
  const uint64_t seed_;
  const double gives_up_;
  mutable Mutex mutex_;
  bool bad_ GUARDED_BY(mutex_) = false;
  std::map<std::pair<StoreOperation, ObjectKey>, uint64_t> requests_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse::model
