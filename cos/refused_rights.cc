#include "cos/refused_rights.h"

namespace cosfuse {

void RefusedRights::OnRefusedAgain(StoreOperation operation, uint64_t token_generation) {
  Right& right = RightTo(operation);
  // A right that was there once may hold for some keys only (conditions on a prefix): every refusal counts then.
  if (right.allowed) return;
  right.refused_under = token_generation;
  right.refused = true;
}

void RefusedRights::OnAllowed(StoreOperation operation) {
  Right& right = RightTo(operation);
  // Almost always already so: a shared line that is only read stays in every processor's cache.
  if (!right.allowed) right.allowed = true;
  if (right.refused) right.refused = false;
}

bool RefusedRights::IsKnown(StoreOperation operation, uint64_t token_generation) const {
  const Right& right = RightTo(operation);
  return right.refused && right.refused_under == token_generation;
}

}  // namespace cosfuse
