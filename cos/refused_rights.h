#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "cos/operation.h"

namespace cosfuse {

/// Which operations a role is known to lack, so that their refusals are not taken for a token that has expired: an
/// exchange for each unlink of a role that may not delete would be the price. An operation is known to be refused under
/// one token when it was refused again right after an exchange and has never been allowed; under a later token, it
/// counts as unknown again, because roles are repaired while the mount lives. Thread-safe.
class RefusedRights {
 public:
  /// The operation was refused under a token that had just been exchanged because of its first refusal.
  void OnRefusedAgain(StoreOperation operation, uint64_t token_generation);
  /// The operation was let through.
  void OnAllowed(StoreOperation operation);
  /// Whether a refusal under this token says nothing about the token.
  bool IsKnown(StoreOperation operation, uint64_t token_generation) const;

 private:
  struct Right {
    std::atomic<bool> allowed = false;        ///< Was let through at least once.
    std::atomic<bool> refused = false;        ///< Under `refused_under`.
    std::atomic<uint64_t> refused_under = 0;  ///< Written before `refused`.
  };
  Right& RightTo(StoreOperation operation) { return rights_[static_cast<size_t>(operation)]; }
  const Right& RightTo(StoreOperation operation) const { return rights_[static_cast<size_t>(operation)]; }

  std::array<Right, kStoreOperationCount> rights_;
};

}  // namespace cosfuse
