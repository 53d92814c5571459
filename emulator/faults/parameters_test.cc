#include "emulator/faults/parameters.h"

#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

Parsed<FaultRule> Rule(std::string_view text) { return ParseFaultRule(Query::Parse(text).value()); }

TEST(FaultParameters, DefaultsAreOneInternalError) {
  const auto rule = Rule("op=*");
  ASSERT_TRUE(rule) << rule.error();
  EXPECT_FALSE(rule->operation);
  EXPECT_EQ(rule->fault.kind, Fault::Kind::kStatus);
  EXPECT_EQ(rule->fault.status, 500);
  EXPECT_EQ(rule->count, 1U);
  EXPECT_EQ(rule->rate, 1);
}

TEST(FaultParameters, EachSetsItsField) {
  const auto rule = Rule(
      "op=GetObject&key=a*&kind=wrong-header&header=ETag&value=%22x%22&rate=0.25&seed=9&skip=2&count=5&status=503&"
      "code=SlowDown&retry-after=7&at=11&ms=13&spaces=4");
  ASSERT_TRUE(rule) << rule.error();
  EXPECT_EQ(rule->operation, Operation::kGetObject);
  EXPECT_EQ(rule->key, "a*");
  EXPECT_EQ(rule->rate, 0.25);
  EXPECT_EQ(rule->seed, 9U);
  EXPECT_EQ(rule->skip, 2U);
  EXPECT_EQ(rule->count, 5U);
  const Fault& fault = rule->fault;
  EXPECT_EQ(fault.kind, Fault::Kind::kWrongHeader);
  EXPECT_EQ(fault.header, "ETag");
  EXPECT_EQ(fault.value, "\"x\"");
  EXPECT_EQ(fault.status, 503);
  EXPECT_EQ(fault.code, "SlowDown");
  EXPECT_EQ(fault.retry_after, "7");
  EXPECT_EQ(fault.at, 11U);
  EXPECT_EQ(fault.pause, std::chrono::milliseconds(13));
  EXPECT_EQ(fault.spaces, 4U);
}

TEST(FaultParameters, ARateWithoutACountGoesOn) {
  EXPECT_FALSE(Rule("op=*&rate=0.5")->count);
  EXPECT_EQ(Rule("op=*&rate=0.5&count=3")->count, 3U);
}

TEST(FaultParameters, TokensAreRepeatedByListings) {
  EXPECT_EQ(Rule("op=*&kind=repeat-token")->operation, Operation::kListObjectsV2);
  EXPECT_FALSE(Rule("op=GetObject&kind=repeat-token"));
}

TEST(FaultParameters, MistakesAreNamed) {
  for (const char* text :
       {"", "op=Dance", "op=*&kind=flood", "op=*&status=99", "op=*&rate=2", "op=*&rate=-1", "op=*&rate=nan",
        "op=*&count=x", "op=*&kind=delay", "op=*&kind=wrong-header", "op=*&kind=missing-header", "op=*&colour=red",
        "op=*&kind=wrong-header&header=Content-Length&value=x", "op=*&retry-after=a%0d%0ab", "op=*&spaces=100001"}) {
    const auto rule = Rule(text);
    ASSERT_FALSE(rule) << text;
    EXPECT_FALSE(rule.error().empty());
  }
}

TEST(LatencyParameters, AreAModel) {
  const auto model = ParseLatencyModel(Query::Parse("ms=20&jitter-ms=10&tail-rate=0.01&tail-ms=500&seed=4").value());
  ASSERT_TRUE(model) << model.error();
  EXPECT_EQ(model->base, std::chrono::milliseconds(20));
  EXPECT_EQ(model->jitter, std::chrono::milliseconds(10));
  EXPECT_EQ(model->tail_rate, 0.01);
  EXPECT_EQ(model->tail, std::chrono::milliseconds(500));
  EXPECT_EQ(model->seed, 4U);
  EXPECT_FALSE(ParseLatencyModel(Query::Parse("jitter-ms=10").value()));
  EXPECT_FALSE(ParseLatencyModel(Query::Parse("ms=1&tail-rate=2").value()));
}

}  // namespace
}  // namespace cosfuse::emulator
