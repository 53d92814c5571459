#include "fs/fuse/init_reply.h"

#include <linux/fuse.h>

#include <cstring>

namespace cosfuse {

namespace {
constexpr uint32_t kWanted = FUSE_PARALLEL_DIROPS | FUSE_HANDLE_KILLPRIV_V2;
}

void PatchInitReply(std::span<std::byte> body, uint32_t offered_flags) {
  constexpr size_t kFlagsAt = offsetof(fuse_init_out, flags);
  uint32_t flags = 0;
  if (body.size() < kFlagsAt + sizeof(flags)) return;
  std::memcpy(&flags, body.data() + kFlagsAt, sizeof(flags));
  flags |= kWanted & offered_flags;
  std::memcpy(body.data() + kFlagsAt, &flags, sizeof(flags));
}

}  // namespace cosfuse
