#include "tests/model/store_weather.h"

#include <functional>
#include <optional>
#include <random>

namespace cosfuse::model {
namespace {

struct Fault {
  ErrorCode code;
  FaultPoint point;
};

std::optional<Fault> DrawFault(StoreOperation operation, double uniform) {
  if (uniform < 0.05) return Fault{ErrorCode::kUnavailable, FaultPoint::kBefore};
  if (uniform < 0.10) return Fault{ErrorCode::kThrottled, FaultPoint::kBefore};
  if (uniform < 0.12) return Fault{ErrorCode::kUnavailable, FaultPoint::kBefore};
  if (uniform < 0.13) return Fault{ErrorCode::kUnavailable, FaultPoint::kAfter};
  if (uniform > 0.98 && operation == StoreOperation::kGet) return Fault{ErrorCode::kUnavailable, FaultPoint::kMidway};
  return std::nullopt;
}

}  // namespace

StoreWeather::StoreWeather(FaultyObjectStore& store, uint64_t seed, double gives_up)
    : store_(store), seed_(seed), gives_up_(gives_up) {
  store_.SetHook([this](StoreOperation operation, const ObjectKey& key) { OnRequest(operation, key); });
}

StoreWeather::~StoreWeather() { store_.SetHook({}); }

void StoreWeather::Set(bool bad) {
  {
    MutexLock lock(mutex_);
    bad_ = bad;
  }
  if (!bad) store_.ClearFaults();
}

bool StoreWeather::bad() const {
  MutexLock lock(mutex_);
  return bad_;
}

void StoreWeather::OnRequest(StoreOperation operation, const ObjectKey& key) {
  uint64_t number = 0;
  {
    MutexLock lock(mutex_);
    if (!bad_) return;
    number = ++requests_[{operation, key}];
  }
  const uint64_t name = std::hash<std::string>()(key) + static_cast<uint64_t>(operation);
  std::mt19937_64 random((seed_ * 0x9e3779b97f4a7c15) ^ (name * 0xbf58476d1ce4e5b9) ^ number);
  std::uniform_real_distribution<double> uniform;
  auto fault = DrawFault(operation, uniform(random));
  if (!fault) return;
  // An upload whose beginning was answered to nobody is known to nobody, and one that cannot be aborted although the
  // client tries for long is only logged: neither can be helped here.
  if (operation == StoreOperation::kBeginUpload && fault->point == FaultPoint::kAfter) return;
  if (uniform(random) >= gives_up_ || operation == StoreOperation::kAbortUpload) {
    if (fault->point != FaultPoint::kAfter) return;
    fault->point = FaultPoint::kTwice;
  }
  store_.FailKey(operation, key, Error(fault->code, "the weather"), 1, fault->point);
}

}  // namespace cosfuse::model
