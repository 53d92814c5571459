#include "emulator/cos/etag.h"

#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

constexpr WallTime kModified{std::chrono::seconds(1'767'225'600)};
constexpr const char* kDate = "Thu, 01 Jan 2026 00:00:00 GMT";
constexpr const char* kDayBefore = "Wed, 31 Dec 2025 00:00:00 GMT";

TEST(ETag, LosesQuotesAndWeakness) {
  EXPECT_EQ(UnquoteETag("\"a-1\""), "a-1");
  EXPECT_EQ(UnquoteETag(" W/\"a\" "), "a");
  EXPECT_EQ(UnquoteETag("a"), "a");
  EXPECT_EQ(QuoteETag("a"), "\"a\"");
}

TEST(ETagList, NamesEachOfItsEntries) {
  EXPECT_TRUE(ETagListNames("\"a\"", "a"));
  EXPECT_TRUE(ETagListNames("\"x\", \"a\"", "a"));
  EXPECT_TRUE(ETagListNames("*", "a"));
  EXPECT_FALSE(ETagListNames("\"ab\"", "a"));
  EXPECT_FALSE(ETagListNames("", "a"));
}

struct ReadCase {
  const char* name;
  const char* value;
  ReadVerdict verdict;
};

class ReadCondition : public testing::TestWithParam<ReadCase> {};

TEST_P(ReadCondition, IsJudged) {
  for (const std::string prefix : {"", "x-amz-copy-source-"}) {
    Headers headers;
    headers.Add(prefix + GetParam().name, GetParam().value);
    EXPECT_EQ(Judge(ParseReadConditions(headers, prefix), "e", kModified), GetParam().verdict) << prefix;
  }
}

INSTANTIATE_TEST_SUITE_P(Rfc9110, ReadCondition,
                         testing::Values(ReadCase{"If-Match", "\"e\"", ReadVerdict::kProceed},
                                         ReadCase{"If-Match", "*", ReadVerdict::kProceed},
                                         ReadCase{"If-Match", "\"f\"", ReadVerdict::kFailed},
                                         ReadCase{"If-None-Match", "\"e\"", ReadVerdict::kNotModified},
                                         ReadCase{"If-None-Match", "*", ReadVerdict::kNotModified},
                                         ReadCase{"If-None-Match", "\"f\"", ReadVerdict::kProceed},
                                         ReadCase{"If-Modified-Since", kDate, ReadVerdict::kNotModified},
                                         ReadCase{"If-Modified-Since", kDayBefore, ReadVerdict::kProceed},
                                         ReadCase{"If-Modified-Since", "garbage", ReadVerdict::kProceed},
                                         ReadCase{"If-Unmodified-Since", kDate, ReadVerdict::kProceed},
                                         ReadCase{"If-Unmodified-Since", kDayBefore, ReadVerdict::kFailed}));

TEST(ReadConditions, ETagsWinOverTimes) {
  Headers matched;
  matched.Add("if-match", "\"e\"");
  matched.Add("if-unmodified-since", kDayBefore);
  EXPECT_EQ(Judge(ParseReadConditions(matched), "e", kModified), ReadVerdict::kProceed);
  Headers changed;
  changed.Add("if-none-match", "\"f\"");
  changed.Add("if-modified-since", kDate);
  EXPECT_EQ(Judge(ParseReadConditions(changed), "e", kModified), ReadVerdict::kProceed);
}

TEST(WriteConditions, HoldOrNot) {
  const WriteConditions none;
  const WriteConditions create{std::nullopt, "*"};
  const WriteConditions replace{"\"e\"", std::nullopt};
  const WriteConditions exists{"*", std::nullopt};
  EXPECT_TRUE(Hold(none, std::nullopt));
  EXPECT_TRUE(Hold(none, CurrentVersion{"e"}));
  EXPECT_TRUE(Hold(create, std::nullopt));
  EXPECT_FALSE(Hold(create, CurrentVersion{"e"}));
  EXPECT_TRUE(Hold(replace, CurrentVersion{"e"}));
  EXPECT_FALSE(Hold(replace, CurrentVersion{"f"}));
  EXPECT_FALSE(Hold(replace, std::nullopt));
  EXPECT_TRUE(Hold(exists, CurrentVersion{"f"}));
  EXPECT_FALSE(Hold(exists, std::nullopt));
}

}  // namespace
}  // namespace cosfuse::emulator
