#include "base/op_context.h"

namespace cosfuse {

Cancellation::Registration& Cancellation::Registration::operator=(Registration&& other) noexcept {
  if (this != &other) {
    Reset();
    owner_ = std::exchange(other.owner_, nullptr);
    id_ = other.id_;
  }
  return *this;
}

void Cancellation::Registration::Reset() {
  if (owner_ == nullptr) return;
  MutexLock lock(owner_->mutex_);
  owner_->callbacks_.erase(id_);
  while (owner_->running_id_ == id_) owner_->idle_.Wait(owner_->mutex_);
  owner_ = nullptr;
}

void Cancellation::Cancel() {
  MutexLock lock(mutex_);
  if (cancelled_) return;
  cancelled_ = true;
  while (!callbacks_.empty()) {
    auto node = callbacks_.extract(callbacks_.begin());
    running_id_ = node.key();
    lock.Unlock();
    node.mapped()();
    lock.Lock();
    running_id_ = 0;
    idle_.NotifyAll();
  }
}

bool Cancellation::cancelled() const {
  MutexLock lock(mutex_);
  return cancelled_;
}

Cancellation::Registration Cancellation::OnCancel(std::function<void()> callback) {
  {
    MutexLock lock(mutex_);
    if (!cancelled_) {
      const int id = next_id_++;
      callbacks_.emplace(id, std::move(callback));
      return Registration(this, id);
    }
  }
  callback();
  return Registration();
}

OpContext OpContext::Immediate() {
  OpContext context;
  context.may_wait_ = false;
  return context;
}

OpContext OpContext::WithDeadline(MonotonicTime deadline) const {
  OpContext context = *this;
  context.deadline_ = deadline;
  return context;
}

OpContext OpContext::WithPatience(Duration patience) const {
  OpContext context = *this;
  context.patience_ = patience;
  return context;
}

OpContext OpContext::WithinPatience(MonotonicTime now) const {
  return WithDeadline(deadline_ - now > patience_ ? now + patience_ : deadline_);
}

OpContext OpContext::WithCancellation(std::shared_ptr<Cancellation> cancellation) const {
  OpContext context = *this;
  context.cancellation_ = std::move(cancellation);
  return context;
}

OpContext OpContext::WithRetryGuard(std::function<Result<>()> guard) const {
  OpContext context = *this;
  context.retry_guard_ = std::make_shared<const std::function<Result<>()>>(std::move(guard));
  return context;
}

Result<> OpContext::CheckMayWait(MonotonicTime now) const {
  if (!may_wait_) return Fail(ErrorCode::kWouldWait, "the caller may not wait");
  if (cancelled()) return Fail(ErrorCode::kCancelled, "interrupted");
  if (now >= deadline_) return Fail(ErrorCode::kTimedOut, "deadline passed");
  return {};
}

Cancellation::Registration OpContext::OnCancel(std::function<void()> wake) const {
  if (cancellation_ == nullptr) return {};
  return cancellation_->OnCancel(std::move(wake));
}

}  // namespace cosfuse
