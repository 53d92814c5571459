#include "fs/fuse/raw_request.h"

#include <gtest/gtest.h>
#include <linux/fuse.h>

#include <cstring>
#include <vector>

namespace cosfuse {
namespace {

template <typename Body>
std::vector<std::byte> Message(uint32_t opcode, const Body& body) {
  fuse_in_header header{};
  header.len = sizeof(header) + sizeof(body);
  header.opcode = opcode;
  header.unique = 42;
  std::vector<std::byte> bytes(header.len);
  std::memcpy(bytes.data(), &header, sizeof(header));
  std::memcpy(bytes.data() + sizeof(header), &body, sizeof(body));
  return bytes;
}

TEST(RawRequest, ReadsOpcodeAndUnique) {
  const auto request = ParseRawRequest(Message(FUSE_GETATTR, fuse_getattr_in{}));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->opcode, uint32_t{FUSE_GETATTR});
  EXPECT_EQ(request->unique, 42u);
  EXPECT_FALSE(request->kill_set_id);
}

TEST(RawRequest, SeesTheKillFlagOfWriteTruncateAndOpen) {
  fuse_write_in write{};
  EXPECT_FALSE(ParseRawRequest(Message(FUSE_WRITE, write))->kill_set_id);
  write.write_flags = FUSE_WRITE_KILL_SUIDGID | FUSE_WRITE_LOCKOWNER;
  EXPECT_TRUE(ParseRawRequest(Message(FUSE_WRITE, write))->kill_set_id);

  fuse_setattr_in change{};
  change.valid = FATTR_SIZE;
  EXPECT_FALSE(ParseRawRequest(Message(FUSE_SETATTR, change))->kill_set_id);
  change.valid |= FATTR_KILL_SUIDGID;
  EXPECT_TRUE(ParseRawRequest(Message(FUSE_SETATTR, change))->kill_set_id);

  fuse_open_in open{};
  EXPECT_FALSE(ParseRawRequest(Message(FUSE_OPEN, open))->kill_set_id);
  open.open_flags = FUSE_OPEN_KILL_SUIDGID;
  EXPECT_TRUE(ParseRawRequest(Message(FUSE_OPEN, open))->kill_set_id);
}

TEST(RawRequest, ReadsWhichRequestIsInterrupted) {
  fuse_interrupt_in interrupt{};
  interrupt.unique = 7;
  EXPECT_EQ(ParseRawRequest(Message(FUSE_INTERRUPT, interrupt))->interrupted, 7u);
}

TEST(RawRequest, ReadsTheOffersOfLongAndShortInit) {
  fuse_init_in init{};
  init.flags = FUSE_PARALLEL_DIROPS;
  auto message = Message(FUSE_INIT, init);
  EXPECT_EQ(ParseRawRequest(message)->init_flags, uint32_t{FUSE_PARALLEL_DIROPS});
  message.resize(sizeof(fuse_in_header) + 16);
  EXPECT_EQ(ParseRawRequest(message)->init_flags, uint32_t{FUSE_PARALLEL_DIROPS});
}

TEST(RawRequest, RefusesWhatIsTooShort) {
  EXPECT_FALSE(ParseRawRequest({}));
  for (const uint32_t opcode : {FUSE_WRITE, FUSE_SETATTR, FUSE_OPEN, FUSE_INTERRUPT, FUSE_INIT}) {
    EXPECT_FALSE(ParseRawRequest(Message(opcode, uint32_t{0}))) << opcode;
  }
}

}  // namespace
}  // namespace cosfuse
