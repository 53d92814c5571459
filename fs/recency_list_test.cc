#include "fs/recency_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cosfuse {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

NodeId Id(uint64_t id) { return NodeId{id}; }

TEST(RecencyList, LeastRecentlyUsedFallsOutBeyondTheCount) {
  RecencyList list({.entries = 2, .cost = 100});
  EXPECT_THAT(list.Touch(Id(1), 1), IsEmpty());
  EXPECT_THAT(list.Touch(Id(2), 1), IsEmpty());
  EXPECT_THAT(list.Touch(Id(1), 1), IsEmpty());
  EXPECT_THAT(list.Touch(Id(3), 1), ElementsAre(Id(2)));
}

TEST(RecencyList, CostIsBounded) {
  RecencyList list({.entries = 10, .cost = 100});
  EXPECT_THAT(list.Touch(Id(1), 60), IsEmpty());
  EXPECT_THAT(list.Touch(Id(2), 40), IsEmpty());
  EXPECT_THAT(list.Touch(Id(3), 50), ElementsAre(Id(1)));
  EXPECT_THAT(list.Touch(Id(4), 101), ElementsAre(Id(2), Id(3), Id(4)));
}

TEST(RecencyList, NewCostReplacesTheOld) {
  RecencyList list({.entries = 10, .cost = 100});
  EXPECT_THAT(list.Touch(Id(1), 60), IsEmpty());
  EXPECT_THAT(list.Touch(Id(1), 70), IsEmpty());
  EXPECT_THAT(list.Touch(Id(2), 30), IsEmpty());
}

TEST(RecencyList, RemovedNodeCostsNothing) {
  RecencyList list({.entries = 10, .cost = 100});
  EXPECT_THAT(list.Touch(Id(1), 60), IsEmpty());
  list.Remove(Id(1));
  list.Remove(Id(1));
  EXPECT_THAT(list.Touch(Id(2), 100), IsEmpty());
}

}  // namespace
}  // namespace cosfuse
