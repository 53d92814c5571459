#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

namespace cosfuse {
namespace {

class ConstantRandom final : public Random {
 public:
  explicit ConstantRandom(uint64_t value) : value_(value) {}
  uint64_t Next() override { return value_; }

 private:
  const uint64_t value_;
};

TEST(Random, UniformStaysBelowOne) {
  EXPECT_EQ(ConstantRandom(0).Uniform(), 0.0);
  EXPECT_LT(ConstantRandom(std::numeric_limits<uint64_t>::max()).Uniform(), 1.0);
  EXPECT_EQ(ConstantRandom(uint64_t{1} << 63).Uniform(), 0.5);
}

TEST(Random, HexHasTwoDigitsForEachByte) {
  EXPECT_EQ(ConstantRandom(0xabcdef0123456789).Hex(10), "8967452301efcdab8967");
  EXPECT_EQ(ConstantRandom(1).Hex(0), "");
}

TEST(SeededRandom, RepeatsForTheSameSeedOnly) {
  SeededRandom one(7);
  SeededRandom same(7);
  SeededRandom other(8);
  const uint64_t first = one.Next();
  EXPECT_EQ(first, same.Next());
  EXPECT_NE(first, other.Next());
  EXPECT_NE(first, one.Next());
}

TEST(SystemRandom, DoesNotRepeat) {
  SystemRandom random;
  std::set<uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.Next());
  EXPECT_EQ(seen.size(), 1000U);
}

}  // namespace
}  // namespace cosfuse
