#include "fs/key_gate.h"

#include <algorithm>
#include <utility>

namespace cosfuse {

bool KeysOverlap(std::string_view left, std::string_view right) {
  const auto covers = [](std::string_view upper, std::string_view lower) {
    return (upper.empty() || upper.ends_with('/')) && lower.starts_with(upper);
  };
  return left == right || covers(left, right) || covers(right, left);
}

KeyGate::Hold::Hold(Hold&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)), entry_(other.entry_) {}

KeyGate::Hold& KeyGate::Hold::operator=(Hold&& other) noexcept {
  if (this != &other) {
    Release();
    gate_ = std::exchange(other.gate_, nullptr);
    entry_ = other.entry_;
  }
  return *this;
}

void KeyGate::Hold::Release() {
  if (gate_ != nullptr) std::exchange(gate_, nullptr)->Leave(entry_);
}

Result<KeyGate::Hold> KeyGate::EnterShared(const OpContext& context, ObjectKey key) {
  return Enter(context, {.keys = {std::move(key)}, .exclusive = false});
}

Result<KeyGate::Hold> KeyGate::EnterAlone(const OpContext& context, std::vector<ObjectKey> keys) {
  return Enter(context, {.keys = std::move(keys), .exclusive = true});
}

std::optional<KeyGate::Hold> KeyGate::TryEnterShared(ObjectKey key) {
  auto hold = Enter(OpContext::Immediate(), {.keys = {std::move(key)}, .exclusive = false});
  if (!hold) return std::nullopt;
  return *std::move(hold);
}

void KeyGate::Hold::OnWaitedFor(std::function<void()> callback) {
  if (gate_ == nullptr) return;
  MutexLock lock(gate_->mutex_);
  entry_->on_waited_for = std::move(callback);
  // Who waits already is to call it, too.
  gate_->left_.NotifyAll();
}

Result<KeyGate::Hold> KeyGate::Enter(const OpContext& context, Hold::Entry wanted) {
  const auto wake = context.OnCancel([this] {
    MutexLock lock(mutex_);
    left_.NotifyAll();
  });
  OpContext limited = context;
  for (bool told = false;; told = true) {
    std::function<void()> tell;
    {
      MutexLock lock(mutex_);
      for (;;) {
        const Hold::Entry* const obstacle = FindObstacleLocked(wanted);
        if (obstacle == nullptr) {
          held_.push_front(std::move(wanted));
          return Hold(this, held_.begin());
        }
        if (closed_) return Fail(ErrorCode::kCancelled, "the mount ends");
        tell = told ? nullptr : obstacle->on_waited_for;
        if (tell) break;
        RETURN_IF_ERROR(limited.CheckMayWait(clock_.Now()));
        left_.WaitUntil(mutex_, limited.deadline());
      }
    }
    tell();
    // Who holds it for a program is bounded itself; who has to be told may go on for as long as the store is away.
    limited = context.WithinPatience(clock_.Now());
  }
}

void KeyGate::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
  left_.NotifyAll();
}

const KeyGate::Hold::Entry* KeyGate::FindObstacleLocked(const Hold::Entry& wanted) const {
  const auto found = std::ranges::find_if(held_, [&](const Hold::Entry& other) {
    if (!wanted.exclusive && !other.exclusive) return false;
    return std::ranges::any_of(wanted.keys, [&](const ObjectKey& key) {
      return std::ranges::any_of(other.keys, [&](const ObjectKey& held) { return KeysOverlap(key, held); });
    });
  });
  return found == held_.end() ? nullptr : &*found;
}

void KeyGate::Leave(Entries::iterator entry) {
  MutexLock lock(mutex_);
  held_.erase(entry);
  left_.NotifyAll();
}

}  // namespace cosfuse
