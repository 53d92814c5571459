#include "fs/component_set.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

TEST(ComponentSet, HasWhatWasInsertedAndNothingElse) {
  ComponentSet set;
  EXPECT_FALSE(set.Contains(""));
  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(set.Insert("component-" + std::to_string(i * 2)));
  EXPECT_EQ(set.size(), 10'000U);
  for (int i = 0; i < 20'000; ++i) EXPECT_EQ(set.Contains("component-" + std::to_string(i)), i % 2 == 0) << i;
  for (int i = 0; i < 10'000; ++i) EXPECT_FALSE(set.Insert("component-" + std::to_string(i * 2)));
  EXPECT_EQ(set.size(), 10'000U);
}

TEST(ComponentSet, AnyBytesAreAComponent) {
  using std::string_view_literals::operator""sv;
  ComponentSet set;
  const std::string longest(1023, '\xff');
  for (const std::string_view component : {""sv, "\0"sv, "\0\0"sv, "a\0b"sv, std::string_view(longest)}) {
    EXPECT_FALSE(set.Contains(component));
    EXPECT_TRUE(set.Insert(component));
    EXPECT_TRUE(set.Contains(component));
  }
  EXPECT_FALSE(set.Contains(std::string_view(longest).substr(1)));
}

TEST(ComponentSet, ClearedOneIsEmptyAndCanBeUsedAgain) {
  ComponentSet set;
  set.Insert("a");
  set.Clear();
  EXPECT_EQ(set.size(), 0U);
  EXPECT_FALSE(set.Contains("a"));
  EXPECT_TRUE(set.Insert("a"));
}

}  // namespace
}  // namespace cosfuse
