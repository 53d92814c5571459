#include "emulator/faults/fault_rule.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "emulator/faults/draw.h"
#include "emulator/latency.h"

namespace cosfuse::emulator {
namespace {

using std::chrono::milliseconds;

/// Which of the first requests a rule hits.
std::vector<uint64_t> HitsOf(const FaultRule& rule, uint64_t requests) {
  std::vector<uint64_t> hits;
  for (uint64_t i = 0; i < requests; ++i) {
    if (Hits(rule, i)) hits.push_back(i);
  }
  return hits;
}

TEST(Draw, IsTheSameOnEveryMachine) {
  EXPECT_DOUBLE_EQ(Draw(1, 0), Draw(1, 0));
  EXPECT_NE(Draw(1, 0), Draw(1, 1));
  EXPECT_NE(Draw(1, 0), Draw(2, 0));
  double sum = 0;
  for (uint64_t i = 0; i < 10'000; ++i) sum += Draw(3, i);
  EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
}

TEST(Glob, StarStandsForAnyBytesAndQuestionMarkForOne) {
  struct Case {
    std::string_view pattern;
    std::string_view text;
    bool matches;
  };
  for (const Case& c : {Case{"", "", true},
                        {"", "a", false},
                        {"a", "a", true},
                        {"a", "ab", false},
                        {"*", "", true},
                        {"*", "any/thing", true},
                        {"dir/*", "dir/", true},
                        {"dir/*", "dir/a/b", true},
                        {"dir/*", "dir", false},
                        {"*.tmp", "a/b.tmp", true},
                        {"*.tmp", "b.tmp.x", false},
                        {"a*b*c", "a-b-b-c", true},
                        {"a*b*c", "a-c-b", false},
                        {"a?c", "abc", true},
                        {"a?c", "ac", false},
                        {"a?", "a", false},
                        {"**", "x", true},
                        {"*aab", "aaaab", true}}) {
    EXPECT_EQ(MatchesGlob(c.pattern, c.text), c.matches) << c.pattern << " " << c.text;
  }
}

TEST(FaultRule, ConcernsItsOperationAndItsKeys) {
  FaultRule rule;
  EXPECT_TRUE(Concerns(rule, Operation::kGetObject, "any"));
  rule.operation = Operation::kPutObject;
  rule.key = "dir/*";
  EXPECT_TRUE(Concerns(rule, Operation::kPutObject, "dir/a"));
  EXPECT_FALSE(Concerns(rule, Operation::kPutObject, "other"));
  EXPECT_FALSE(Concerns(rule, Operation::kGetObject, "dir/a"));
}

TEST(FaultRule, HitsDependOnSeedAndOrdinalAlone) {
  FaultRule rule;
  rule.rate = 0.1;
  rule.seed = 7;
  const std::vector<uint64_t> hits = HitsOf(rule, 10'000);
  EXPECT_EQ(HitsOf(rule, 10'000), hits);
  EXPECT_NEAR(static_cast<double>(hits.size()), 1000, 150);
  rule.seed = 8;
  EXPECT_NE(HitsOf(rule, 10'000), hits);
}

TEST(FaultRule, KindsOfOneSeedHitOnTheirOwn) {
  FaultRule rule;
  rule.rate = 0.1;
  FaultRule other = rule;
  other.fault.kind = Fault::Kind::kTruncate;
  EXPECT_NE(HitsOf(rule, 1000), HitsOf(other, 1000));
}

TEST(FaultRule, RatesFromNoneToAll) {
  FaultRule rule;
  EXPECT_EQ(HitsOf(rule, 100).size(), 100U);
  rule.rate = 0;
  EXPECT_TRUE(HitsOf(rule, 100).empty());
}

TEST(FaultRule, SparesTheFirstRequests) {
  FaultRule rule;
  rule.skip = 3;
  EXPECT_EQ(HitsOf(rule, 5), (std::vector<uint64_t>{3, 4}));
}

TEST(Latency, OfTheModelIsFixedWithoutJitter) {
  LatencyModel model;
  EXPECT_TRUE(model.none());
  model.base = milliseconds(20);
  for (uint64_t i = 0; i < 100; ++i) EXPECT_EQ(DrawLatency(model, i), milliseconds(20));
}

TEST(Latency, JitterIsSpreadAndTheTailIsRare) {
  const LatencyModel model{milliseconds(20), milliseconds(10), 0.05, milliseconds(500), 3};
  int in_tail = 0;
  Duration sum{};
  for (uint64_t i = 0; i < 10'000; ++i) {
    Duration latency = DrawLatency(model, i);
    EXPECT_EQ(latency, DrawLatency(model, i));
    if (latency >= milliseconds(500)) {
      ++in_tail;
      latency -= milliseconds(500);
    }
    EXPECT_GE(latency, milliseconds(20));
    EXPECT_LT(latency, milliseconds(30));
    sum += latency;
  }
  EXPECT_NEAR(in_tail, 500, 100);
  EXPECT_NEAR(std::chrono::duration<double>(sum / 10'000).count(), 0.025, 0.001);
}

}  // namespace
}  // namespace cosfuse::emulator
