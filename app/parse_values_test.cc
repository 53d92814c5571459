#include "app/parse_values.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace cosfuse {
namespace {

TEST(ParseSize, TakesBytesAndPowersOf1024) {
  const std::vector<std::pair<std::string, std::optional<ByteCount>>> table = {
      {"0", 0},           {"512", 512},         {"7B", 7},        {"1k", kKiB},        {"512M", 512 * kMiB},
      {"2GiB", 2 * kGiB}, {"2GB", 2 * kGiB},    {"3t", 3 * kTiB}, {"1P", 1024 * kTiB}, {"", {}},
      {"M", {}},          {"-1", {}},           {"1.5G", {}},     {"1X", {}},          {"1iB", {}},
      {"1 M", {}},        {"99999999999G", {}}, {"1MM", {}}};
  for (const auto& [text, size] : table) EXPECT_EQ(ParseSize(text), size) << text;
}

TEST(ParseDuration, TakesFractionsAndRefusesWhatIsNoTime) {
  using std::chrono::milliseconds;
  EXPECT_EQ(ParseDuration("0"), Duration(0));
  EXPECT_EQ(ParseDuration("600"), std::chrono::seconds(600));
  EXPECT_EQ(ParseDuration("0.25"), milliseconds(250));
  for (const char* text : {"", "-1", "-0.0", "nan", "inf", "1e3", "1s", " 1", "99999999999999"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

TEST(ParsePermissions, IsOctalUpTo777) {
  EXPECT_EQ(ParsePermissions("644"), 0644U);
  EXPECT_EQ(ParsePermissions("0022"), 022U);
  for (const char* text : {"", "8", "1000", "-1", "0x1f", "u+r"})
    EXPECT_EQ(ParsePermissions(text), std::nullopt) << text;
}

TEST(SplitBucket, DividesAtTheFirstColonAndEndsThePrefixWithASlash) {
  EXPECT_EQ(SplitBucket("b").prefix, "");
  EXPECT_EQ(SplitBucket("b:a/b").bucket, "b");
  EXPECT_EQ(SplitBucket("b:a/b").prefix, "a/b/");
  EXPECT_EQ(SplitBucket("b://a/").prefix, "a/");
  EXPECT_EQ(SplitBucket("b:a:c").prefix, "a:c/");
}

TEST(IsBucketName, FollowsTheServicesRule) {
  for (const char* name : {"abc", "a-b.c", "0ab", "my-bucket-2024"}) EXPECT_TRUE(IsBucketName(name)) << name;
  const std::string longest(63, 'a');
  EXPECT_TRUE(IsBucketName(longest));
  EXPECT_FALSE(IsBucketName(longest + "a"));
  for (const char* name : {"", "ab", "Abc", "-abc", "abc-", "a..b", "a_b", "a/b", "a b"}) {
    EXPECT_FALSE(IsBucketName(name)) << name;
  }
}

}  // namespace
}  // namespace cosfuse
