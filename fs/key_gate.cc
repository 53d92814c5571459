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

Result<KeyGate::Hold> KeyGate::Enter(const OpContext& context, Hold::Entry wanted) {
  const auto wake = context.OnCancel([this] {
    MutexLock lock(mutex_);
    left_.NotifyAll();
  });
  MutexLock lock(mutex_);
  while (!IsFreeLocked(wanted)) {
    RETURN_IF_ERROR(context.CheckMayWait(clock_.Now()));
    left_.WaitUntil(mutex_, context.deadline());
  }
  held_.push_front(std::move(wanted));
  return Hold(this, held_.begin());
}

bool KeyGate::IsFreeLocked(const Hold::Entry& wanted) const {
  return std::ranges::none_of(held_, [&](const Hold::Entry& other) {
    if (!wanted.exclusive && !other.exclusive) return false;
    return std::ranges::any_of(wanted.keys, [&](const ObjectKey& key) {
      return std::ranges::any_of(other.keys, [&](const ObjectKey& held) { return KeysOverlap(key, held); });
    });
  });
}

void KeyGate::Leave(Entries::iterator entry) {
  MutexLock lock(mutex_);
  held_.erase(entry);
  left_.NotifyAll();
}

}  // namespace cosfuse
