#pragma once

#include <deque>
#include <optional>

#include "base/mutex.h"
#include "base/random.h"
#include "http/transport.h"

namespace cosfuse {

/// A Transport that breaks some of another one's requests: those of a script first, then a random share. Thread-safe.
class FaultyTransport final : public Transport {
 public:
  enum class Fault {
    kNone,
    kBeforeSending,  ///< kUnavailable; the other side never sees the request.
    kAfterAnswer,    ///< The other side does the work, its answer is lost: kUnavailable.
    kTruncatedBody,  ///< Head and half of the body arrive, then kCorrupt.
  };

  /// `target` outlives this object, and so does `random` (may be null: no random faults).
  explicit FaultyTransport(Transport& target, Random* random = nullptr) : target_(target), random_(random) {}

  /// The fault of the next request that has none assigned yet; kNone lets one pass.
  void Inject(Fault fault, int count = 1) EXCLUDES(mutex_);
  /// From now on this share (0 to 1) of the requests beyond the script gets one of the three faults.
  void SetRandomShare(double share) EXCLUDES(mutex_);

  Result<HttpResponseHead> Send(const OpContext& context, const HttpRequest& request, BodySink& sink) override
      EXCLUDES(mutex_);

 private:
  Fault NextFault() EXCLUDES(mutex_);

  Transport& target_;
  Random* const random_;
  Mutex mutex_;
  std::deque<Fault> script_ GUARDED_BY(mutex_);
  double random_share_ GUARDED_BY(mutex_) = 0;
};

}  // namespace cosfuse
