#include "cos/refused_rights.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

using Op = StoreOperation;

TEST(RefusedRights, NothingIsKnownAtFirst) {
  const RefusedRights rights;
  EXPECT_FALSE(rights.IsKnown(Op::kDelete, 1));
}

TEST(RefusedRights, RefusalAfterAnExchangeIsKnownUnderThatToken) {
  RefusedRights rights;
  rights.OnRefusedAgain(Op::kDelete, 2);
  EXPECT_TRUE(rights.IsKnown(Op::kDelete, 2));
  EXPECT_FALSE(rights.IsKnown(Op::kDelete, 3)) << "the role may have been repaired";
  EXPECT_FALSE(rights.IsKnown(Op::kCopy, 2));
}

TEST(RefusedRights, SuccessForgetsTheRefusal) {
  RefusedRights rights;
  rights.OnRefusedAgain(Op::kDelete, 2);
  rights.OnAllowed(Op::kDelete);
  EXPECT_FALSE(rights.IsKnown(Op::kDelete, 2));
}

TEST(RefusedRights, RightThatWasThereOnceIsNeverKnownToBeMissing) {
  RefusedRights rights;
  rights.OnAllowed(Op::kHead);
  rights.OnRefusedAgain(Op::kHead, 2);
  EXPECT_FALSE(rights.IsKnown(Op::kHead, 2));
}

}  // namespace
}  // namespace cosfuse
