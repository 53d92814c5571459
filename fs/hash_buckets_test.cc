#include "fs/hash_buckets.h"

#include <gtest/gtest.h>

#include <unordered_map>

namespace cosfuse {
namespace {

TEST(HashBuckets, LargeTableThatEmptiesGivesThemBackAndKeepsItsEntries) {
  constexpr int kMany = 200'000;
  constexpr int kFew = 1'000;
  std::unordered_map<int, int> table;
  for (int i = 0; i < kMany; ++i) table[i] = -i;
  const int* const kept = &table.at(0);
  for (int i = kFew; i < kMany; ++i) {
    table.erase(i);
    ShrinkBuckets(table);
  }
  EXPECT_LT(table.bucket_count(), 66'000U);
  EXPECT_EQ(table.size(), static_cast<size_t>(kFew));
  EXPECT_EQ(&table.at(0), kept);
  for (int i = 0; i < kFew; ++i) EXPECT_EQ(table.at(i), -i);
}

TEST(HashBuckets, SmallTableStaysAsItIs) {
  std::unordered_map<int, int> table;
  table.reserve(60'000);
  const size_t before = table.bucket_count();
  ASSERT_LE(before, 65'536U);
  ShrinkBuckets(table);
  EXPECT_EQ(table.bucket_count(), before);
}

}  // namespace
}  // namespace cosfuse
