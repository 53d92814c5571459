#include "emulator/faults/fault_plan.h"

#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

FaultRule CountedRule(std::optional<Operation> operation, Fault::Kind kind, uint64_t count) {
  FaultRule rule;
  rule.operation = operation;
  rule.fault.kind = kind;
  rule.count = count;
  return rule;
}

TEST(FaultPlan, HitsTheNextRequestsOfItsOperation) {
  FaultPlan plan;
  EXPECT_FALSE(plan.Take(Operation::kPutObject, "k"));
  FaultRule rule = CountedRule(Operation::kPutObject, Fault::Kind::kStatus, 2);
  rule.fault.status = 503;
  rule.fault.code = "SlowDown";
  plan.Add(rule);
  EXPECT_FALSE(plan.Take(Operation::kGetObject, "k"));
  EXPECT_EQ(plan.Take(Operation::kPutObject, "k")->code, "SlowDown");
  EXPECT_EQ(plan.Take(Operation::kPutObject, "k")->status, 503);
  EXPECT_FALSE(plan.Take(Operation::kPutObject, "k"));
}

TEST(FaultPlan, OfAnyOperationHitsAll) {
  FaultPlan plan;
  plan.Add(CountedRule(std::nullopt, Fault::Kind::kStatus, 2));
  EXPECT_TRUE(plan.Take(Operation::kHeadObject, "k"));
  EXPECT_TRUE(plan.Take(Operation::kTokenExchange, ""));
  EXPECT_FALSE(plan.Take(Operation::kHeadObject, "k"));
}

TEST(FaultPlan, KeepsTheOrderOfItsRules) {
  FaultPlan plan;
  plan.Add(CountedRule(Operation::kGetObject, Fault::Kind::kResetBefore, 1));
  plan.Add(CountedRule(std::nullopt, Fault::Kind::kResetAfter, 1));
  EXPECT_EQ(plan.Take(Operation::kGetObject, "k")->kind, Fault::Kind::kResetBefore);
  EXPECT_EQ(plan.Take(Operation::kGetObject, "k")->kind, Fault::Kind::kResetAfter);
}

TEST(FaultPlan, OfNoCountGoesOn) {
  FaultPlan plan;
  FaultRule rule;
  rule.key = "a*";
  plan.Add(rule);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(plan.Take(Operation::kGetObject, "abc"));
    EXPECT_FALSE(plan.Take(Operation::kGetObject, "b"));
  }
}

TEST(FaultPlan, RepeatsItselfForTheSameSeed) {
  FaultRule rule;
  rule.rate = 0.3;
  rule.seed = 42;
  rule.count = 20;
  FaultPlan first;
  FaultPlan second;
  first.Add(rule);
  second.Add(rule);
  int hit = 0;
  for (int i = 0; i < 1000; ++i) {
    const bool fails = first.Take(Operation::kGetObject, "k").has_value();
    EXPECT_EQ(second.Take(Operation::kGetObject, "k").has_value(), fails);
    hit += fails ? 1 : 0;
  }
  EXPECT_EQ(hit, 20);
}

TEST(FaultPlan, OfCountZeroIsNoRule) {
  FaultPlan plan;
  plan.Add(CountedRule(std::nullopt, Fault::Kind::kStatus, 0));
  EXPECT_FALSE(plan.Take(Operation::kHeadObject, "k"));
}

TEST(FaultPlan, IsEmptyAfterClear) {
  FaultPlan plan;
  plan.Add(CountedRule(std::nullopt, Fault::Kind::kStatus, 5));
  plan.Clear();
  EXPECT_FALSE(plan.Take(Operation::kHeadObject, "k"));
}

TEST(FaultKind, NamesAreReadBack) {
  for (const Fault::Kind kind : kFaultKinds) EXPECT_EQ(ParseFaultKind(FaultKindName(kind)), kind);
  EXPECT_FALSE(ParseFaultKind("flood"));
}

TEST(FaultKind, IsItsPlaceInTheListOfKinds) {
  for (size_t i = 0; i < kFaultKinds.size(); ++i) EXPECT_EQ(static_cast<size_t>(kFaultKinds[i]), i);
}

}  // namespace
}  // namespace cosfuse::emulator
