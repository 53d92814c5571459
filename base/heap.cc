#include "base/heap.h"

#include <malloc.h>

#include <algorithm>

namespace cosfuse {

HeapUse MeasureHeap() {
  const struct mallinfo2 info = mallinfo2();
  return {.in_use = info.uordblks, .free = info.fordblks};
}

void ReturnFreeHeap() { malloc_trim(0); }

bool HeapWatch::MayReturn(const HeapUse& use) {
  // What is in use again has pages again.
  known_free_ = std::min(known_free_, use.free);
  if (use.free - known_free_ < kWorthwhile) return false;
  known_free_ = use.free;
  return true;
}

}  // namespace cosfuse
