#pragma once

#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/op_context.h"
#include "cos/object_store.h"

namespace cosfuse {

/// Keeps what stores objects apart from what moves or removes them: an upload must not bring a key back that is being
/// renamed or unlinked. Uploads hold their key shared; renames, removals and rewrites of metadata hold theirs alone. A
/// held key that ends in '/' covers everything below. Thread-safe.
class KeyGate {
 public:
  explicit KeyGate(Clock& clock) : clock_(clock) {}

  /// What is held, until its end. Move-only; must not outlive the gate.
  class Hold {
   public:
    Hold() = default;
    Hold(Hold&& other) noexcept;
    Hold& operator=(Hold&& other) noexcept;
    ~Hold() { Release(); }
    void Release();
    bool held() const { return gate_ != nullptr; }
    /// Who has to wait for it calls this first, without a lock held, and perhaps also right after its end.
    void OnWaitedFor(std::function<void()> callback);

   private:
    friend class KeyGate;
    struct Entry {
      std::vector<ObjectKey> keys;
      bool exclusive = false;
      std::function<void()> on_waited_for{};
    };
    Hold(KeyGate* gate, std::list<Entry>::iterator entry) : gate_(gate), entry_(entry) {}
    KeyGate* gate_ = nullptr;
    std::list<Entry>::iterator entry_;
  };

  /// Wait for their turn with no lock held, for one who has to be told no longer than the context's patience. Errors:
  /// kCancelled, kTimedOut; kWouldWait.
  Result<Hold> EnterShared(const OpContext& context, ObjectKey key) EXCLUDES(mutex_);
  /// All keys at once or none, so that two callers never wait for each other.
  Result<Hold> EnterAlone(const OpContext& context, std::vector<ObjectKey> keys) EXCLUDES(mutex_);
  /// From here on nobody waits: kCancelled. For the end of a mount, when some holds do not end any more.
  void Close() EXCLUDES(mutex_);
  /// Nothing where it would have to wait.
  std::optional<Hold> TryEnterShared(ObjectKey key) EXCLUDES(mutex_);

 private:
  using Entries = std::list<Hold::Entry>;

  Result<Hold> Enter(const OpContext& context, Hold::Entry wanted) EXCLUDES(mutex_);
  /// What must not be held beside it; null where nothing is.
  const Hold::Entry* FindObstacleLocked(const Hold::Entry& wanted) const REQUIRES(mutex_);
  void Leave(Entries::iterator entry) EXCLUDES(mutex_);

  Clock& clock_;
  Mutex mutex_;
  CondVar left_;
  bool closed_ GUARDED_BY(mutex_) = false;
  Entries held_ GUARDED_BY(mutex_);
};

/// True when holding both at once, one of them alone, would be wrong.
bool KeysOverlap(std::string_view left, std::string_view right);

}  // namespace cosfuse
