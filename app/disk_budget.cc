#include "app/disk_budget.h"

#include <algorithm>

namespace cosfuse {

ByteCount DecideDiskBudget(ByteCount available, std::optional<ByteCount> ephemeral_storage) {
  const ByteCount most = std::min(available, ephemeral_storage.value_or(available));
  return most - most / 10;
}

}  // namespace cosfuse
