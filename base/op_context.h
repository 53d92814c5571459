#pragma once

#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "base/mutex.h"

namespace cosfuse {

/// A one-way switch by which the caller of an operation gives it up. Shared by the one who may cancel and by all who
/// wait on the operation's behalf. Thread-safe.
class Cancellation {
 public:
  Cancellation() = default;
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  /// Keeps a callback registered; its destructor waits for a callback that is just running in another thread.
  class Registration {
   public:
    Registration() = default;
    Registration(Registration&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), id_(other.id_) {}
    Registration& operator=(Registration&& other) noexcept;
    ~Registration() { Reset(); }
    void Reset();

   private:
    friend class Cancellation;
    Registration(Cancellation* owner, int id) : owner_(owner), id_(id) {}
    Cancellation* owner_ = nullptr;
    int id_ = 0;
  };

  /// Runs the callbacks in the calling thread, once. Later calls do nothing.
  void Cancel();
  bool cancelled() const;

  /// `callback` runs once when cancelled; at once, in the calling thread, if that has already happened. It must be
  /// quick, and must not destroy its own registration. This object must outlive the registration.
  [[nodiscard]] Registration OnCancel(std::function<void()> callback);

 private:
  mutable Mutex mutex_;
  CondVar idle_;
  bool cancelled_ GUARDED_BY(mutex_) = false;
  int next_id_ GUARDED_BY(mutex_) = 1;
  int running_id_ GUARDED_BY(mutex_) = 0;
  std::map<int, std::function<void()>> callbacks_ GUARDED_BY(mutex_);
};

/// How long an operation may take and who may end it. A small value, passed down through every call that can wait.
class OpContext {
 public:
  /// Waits without limit but for `patience`, and cannot be cancelled.
  OpContext() = default;

  /// For a thread that must not wait: whatever would wait fails with kWouldWait, having changed nothing.
  static OpContext Immediate();

  /// The operation fails with kTimedOut at this moment.
  MonotonicTime deadline() const { return deadline_; }
  /// The operation ends after so long without any progress (a byte moved, a request answered).
  Duration patience() const { return patience_; }
  bool may_wait() const { return may_wait_; }
  const std::shared_ptr<Cancellation>& cancellation() const { return cancellation_; }

  OpContext WithDeadline(MonotonicTime deadline) const;
  OpContext WithPatience(Duration patience) const;
  /// For one wait without progress of its own: its deadline is at most the patience from now.
  OpContext WithinPatience(MonotonicTime now) const;
  OpContext WithCancellation(std::shared_ptr<Cancellation> cancellation) const;
  /// `guard` is asked before each further try of a request, in the thread that makes it: an error ends the operation.
  /// It may wait, under a context of its own.
  OpContext WithRetryGuard(std::function<Result<>()> guard) const;

  /// kCancelled or kTimedOut if the operation is over, kWouldWait if it may not wait. Call it before each wait.
  Result<> CheckMayWait(MonotonicTime now) const;
  /// What the guard says. Call it before each try but the first.
  Result<> CheckMayRetry() const { return retry_guard_ == nullptr ? Result<>() : (*retry_guard_)(); }
  bool cancelled() const { return cancellation_ != nullptr && cancellation_->cancelled(); }

  /// Registers `wake` to run when the operation is cancelled; does nothing where it cannot be.
  [[nodiscard]] Cancellation::Registration OnCancel(std::function<void()> wake) const;

 private:
  MonotonicTime deadline_ = MonotonicTime::max();
  Duration patience_ = std::chrono::seconds(60);
  bool may_wait_ = true;
  std::shared_ptr<Cancellation> cancellation_;
  std::shared_ptr<const std::function<Result<>()>> retry_guard_;
};

}  // namespace cosfuse
