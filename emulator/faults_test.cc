#include "emulator/faults.h"

#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

TEST(FaultPlan, HitsTheNextRequestsOfItsOperation) {
  FaultPlan plan;
  EXPECT_FALSE(plan.Take(Operation::kPutObject));
  plan.Add(Operation::kPutObject, {Fault::Kind::kStatus, 503, "SlowDown"}, 2);
  EXPECT_FALSE(plan.Take(Operation::kGetObject));
  EXPECT_EQ(plan.Take(Operation::kPutObject)->code, "SlowDown");
  EXPECT_EQ(plan.Take(Operation::kPutObject)->status, 503);
  EXPECT_FALSE(plan.Take(Operation::kPutObject));
}

TEST(FaultPlan, OfAnyOperationHitsAll) {
  FaultPlan plan;
  plan.Add(std::nullopt, {}, 2);
  EXPECT_TRUE(plan.Take(Operation::kHeadObject));
  EXPECT_TRUE(plan.Take(Operation::kTokenExchange));
  EXPECT_FALSE(plan.Take(Operation::kHeadObject));
}

TEST(FaultPlan, KeepsTheOrderOfItsRules) {
  FaultPlan plan;
  plan.Add(Operation::kGetObject, {Fault::Kind::kResetBefore, 500, ""}, 1);
  plan.Add(std::nullopt, {Fault::Kind::kResetAfter, 500, ""}, 1);
  EXPECT_EQ(plan.Take(Operation::kGetObject)->kind, Fault::Kind::kResetBefore);
  EXPECT_EQ(plan.Take(Operation::kGetObject)->kind, Fault::Kind::kResetAfter);
}

TEST(FaultPlan, IsEmptyAfterClear) {
  FaultPlan plan;
  plan.Add(std::nullopt, {}, 5);
  plan.Clear();
  EXPECT_FALSE(plan.Take(Operation::kHeadObject));
}

TEST(FaultKind, NamesAreReadBack) {
  using enum Fault::Kind;
  for (const Fault::Kind kind : {kStatus, kResetBefore, kResetAfter, kErrorIn200}) {
    EXPECT_EQ(ParseFaultKind(FaultKindName(kind)), kind);
  }
  EXPECT_FALSE(ParseFaultKind("flood"));
}

}  // namespace
}  // namespace cosfuse::emulator
