#include "fs/listed_stretches.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace cosfuse {
namespace {

MonotonicTime AtSecond(int second) { return MonotonicTime(std::chrono::seconds(second)); }

Stretch Between(std::string from, std::string end) { return {.from = std::move(from), .end = std::move(end)}; }

TEST(Stretch, OfAPrefixHoldsWhatBeginsWithIt) {
  struct Row {
    std::string prefix;
    std::string component;
    bool shown;
  };
  const std::vector<Row> rows = {
      {"", "anything", true},      {"", "\xff\xff", true},
      {"ab", "ab", true},          {"ab", "ab\xff", true},
      {"ab", "aa", false},         {"ab", "ac", false},
      {"ab", "a", false},          {"ab", "abc", true},
      {"a\xff", "a\xff", true},    {"a\xff", "a\xff\xff\xff", true},
      {"a\xff", "b", false},       {"\xff\xff", "\xff\xff\xff", true},
      {"\xff\xff", "\xff", false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Shows(StretchOfPrefix(row.prefix), row.component), row.shown) << row.prefix << " " << row.component;
  }
  EXPECT_EQ(StretchOfPrefix(""), Stretch());
}

TEST(Stretch, Pitfall29_ShowsANameOnlyWithWhatMayBeBelowIt) {
  const Stretch stretch = Between("foo", "foo/");
  EXPECT_FALSE(Shows(stretch, "foo")) << "there may be a foo/";
  EXPECT_TRUE(Shows(Between("foo", std::string("foo/") + '\0'), "foo"));
  EXPECT_TRUE(Shows(stretch, "foo-"));
  EXPECT_FALSE(Shows(stretch, "fo")) << "it may be a file";
}

TEST(ListedStretches, LaterAnswerTakesThePlaceOfWhatItShows) {
  ListedStretches stretches;
  EXPECT_EQ(stretches.Get("m"), std::nullopt);
  stretches.Put(Stretch(), AtSecond(1));
  stretches.Put(Between("f", "p"), AtSecond(2));
  EXPECT_EQ(stretches.size(), 3U);
  EXPECT_EQ(stretches.Get("a"), AtSecond(1));
  EXPECT_EQ(stretches.Get("f"), AtSecond(2));
  EXPECT_EQ(stretches.Get("m"), AtSecond(2));
  EXPECT_EQ(stretches.Get("p"), AtSecond(1));
  stretches.Put(Between("c", "z"), AtSecond(3));
  EXPECT_EQ(stretches.size(), 3U);
  EXPECT_EQ(stretches.Get("m"), AtSecond(3));
  EXPECT_EQ(stretches.Get("zz"), AtSecond(1));
  stretches.Put(Stretch(), AtSecond(4));
  EXPECT_EQ(stretches.size(), 1U);
  EXPECT_EQ(stretches.Get("zz"), AtSecond(4));
}

TEST(ListedStretches, NameThatTakesTwoAnswersIsAsOldAsTheOlder) {
  ListedStretches stretches;
  stretches.Put(Between("a", "foo-"), AtSecond(5));
  EXPECT_EQ(stretches.Get("foo"), std::nullopt) << "foo/ was not shown";
  stretches.Put(Between("foo-", "z"), AtSecond(3));
  EXPECT_EQ(stretches.Get("foo"), AtSecond(3));
  EXPECT_EQ(stretches.Get("fon"), AtSecond(5));
}

TEST(ListedStretches, GapIsKnownToNobody) {
  ListedStretches stretches;
  stretches.Put(StretchOfPrefix("a"), AtSecond(1));
  stretches.Put(StretchOfPrefix("c"), AtSecond(1));
  EXPECT_EQ(stretches.Get("b"), std::nullopt);
  EXPECT_EQ(stretches.Get("0"), std::nullopt);
  EXPECT_EQ(stretches.Get("d"), std::nullopt);
  EXPECT_EQ(stretches.Get("ab"), AtSecond(1));
}

TEST(ListedStretches, NewerIsToldFromOlder) {
  ListedStretches stretches;
  stretches.Put(StretchOfPrefix("b"), AtSecond(2));
  EXPECT_TRUE(stretches.KnowsNewer(Stretch(), AtSecond(1)));
  EXPECT_FALSE(stretches.KnowsNewer(Stretch(), AtSecond(2)));
  EXPECT_TRUE(stretches.KnowsNewer(StretchOfPrefix("bc"), AtSecond(1)));
  EXPECT_FALSE(stretches.KnowsNewer(StretchOfPrefix("a"), AtSecond(1)));
  EXPECT_FALSE(stretches.KnowsNewer(StretchOfPrefix("c"), AtSecond(1)));
}

TEST(ListedStretches, BeyondItsBoundTheOldestGoes) {
  ListedStretches stretches;
  for (int i = 0; i < 1000; ++i) {
    stretches.Put(StretchOfPrefix(std::to_string(1000 + i)), AtSecond(i));
    ASSERT_LE(stretches.size(), ListedStretches::kMostStretches);
  }
  EXPECT_EQ(stretches.Get("1000"), std::nullopt);
  EXPECT_EQ(stretches.Get("1999"), AtSecond(999));
}

}  // namespace
}  // namespace cosfuse
