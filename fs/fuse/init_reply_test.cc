#include "fs/fuse/init_reply.h"

#include <gtest/gtest.h>
#include <linux/fuse.h>

#include <cstring>

namespace cosfuse {
namespace {

constexpr uint32_t kBoth = FUSE_PARALLEL_DIROPS | FUSE_HANDLE_KILLPRIV_V2;

fuse_init_out Patched(fuse_init_out reply, uint32_t offered) {
  PatchInitReply(std::as_writable_bytes(std::span(&reply, 1)), offered);
  return reply;
}

TEST(InitReply, GetsWhatTheKernelOffers) {
  EXPECT_EQ(Patched({}, kBoth).flags, kBoth);
  EXPECT_EQ(Patched({}, FUSE_PARALLEL_DIROPS).flags, uint32_t{FUSE_PARALLEL_DIROPS});
  EXPECT_EQ(Patched({}, FUSE_ASYNC_READ).flags, 0u);
}

TEST(InitReply, KeepsAllElse) {
  fuse_init_out reply{};
  std::memset(&reply, 0x5a, sizeof(reply));
  fuse_init_out expected = reply;
  expected.flags |= kBoth;
  const fuse_init_out patched = Patched(reply, 0xffffffff);
  EXPECT_EQ(std::memcmp(&patched, &expected, sizeof(patched)), 0);
}

TEST(InitReply, LeavesAShortOneAlone) {
  std::byte body[8] = {};
  PatchInitReply(body, kBoth);
  for (const std::byte byte : body) EXPECT_EQ(byte, std::byte{0});
}

}  // namespace
}  // namespace cosfuse
