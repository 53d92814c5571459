#include "fs/fuse/byte_gate.h"

#include <gtest/gtest.h>

#include <string>

namespace cosfuse {
namespace {

class ByteGateTest : public testing::Test {
 protected:
  void Enter(ByteCount weight, char name) {
    gate_.Enter(weight, [this, name] { started_ += name; });
  }
  ByteGate gate_{10};
  std::string started_;
};

TEST_F(ByteGateTest, StartsWhatFitsAtOnce) {
  Enter(6, 'a');
  Enter(4, 'b');
  EXPECT_EQ(started_, "ab");
  EXPECT_EQ(gate_.used(), 10u);
}

TEST_F(ByteGateTest, StartsTheRestInOrderAsRoomComes) {
  Enter(6, 'a');
  Enter(6, 'b');
  Enter(1, 'c');
  EXPECT_EQ(started_, "a") << "a small one does not overtake";
  gate_.Leave(6);
  EXPECT_EQ(started_, "abc");
  gate_.Leave(6);
  gate_.Leave(1);
  EXPECT_EQ(gate_.used(), 0u);
  EXPECT_EQ(gate_.waiting(), 0u);
}

TEST_F(ByteGateTest, RunsWhatExceedsTheBudgetAlone) {
  Enter(50, 'a');
  Enter(1, 'b');
  EXPECT_EQ(started_, "a");
  gate_.Leave(50);
  EXPECT_EQ(started_, "ab");
}

}  // namespace
}  // namespace cosfuse
