#include "emulator/wire/target.h"

#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

struct PathCase {
  const char* raw;
  const char* bucket;
  const char* key;
};

class TargetPath : public testing::TestWithParam<PathCase> {};

TEST_P(TargetPath, SplitsIntoBucketAndKey) {
  const auto target = ParseTarget(GetParam().raw);
  ASSERT_TRUE(target);
  EXPECT_EQ(target->bucket, GetParam().bucket);
  EXPECT_EQ(target->key, GetParam().key);
}

INSTANTIATE_TEST_SUITE_P(Pitfall34_OddKeys, TargetPath,
                         testing::Values(PathCase{"/", "", ""}, PathCase{"/b", "b", ""}, PathCase{"/b/", "b", ""},
                                         PathCase{"/b/a/b/", "b", "a/b/"}, PathCase{"/b//a", "b", "/a"},
                                         PathCase{"/b/a//b", "b", "a//b"}, PathCase{"/b/%2F", "b", "/"},
                                         PathCase{"/b/a+b", "b", "a+b"}, PathCase{"/b/a%2Bb%20c", "b", "a+b c"},
                                         PathCase{"/b/../x", "b", "../x"}, PathCase{"/b/%0A%FF", "b", "\n\xff"},
                                         PathCase{"/b/k?x=/y", "b", "k"}, PathCase{"http://host:1/b/k", "b", "k"},
                                         PathCase{"https://host", "", ""}));

TEST(Target, RefusesBrokenPercentSequences) {
  EXPECT_FALSE(ParseTarget("/b/%zz"));
  EXPECT_FALSE(ParseTarget("/b/%4"));
  EXPECT_FALSE(ParseTarget("/b/k?x=%"));
  EXPECT_FALSE(ParseTarget("b/k"));
}

TEST(Query, DecodesNamesAndValues) {
  const auto query = Query::Parse("a=1&b=%2B+x&uploads&&c=x=y");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->Get("a"), "1");
  EXPECT_EQ(query->Get("b"), "+ x");
  EXPECT_TRUE(query->Has("uploads"));
  EXPECT_EQ(query->Get("uploads"), "");
  EXPECT_EQ(query->Get("c"), "x=y");
  EXPECT_FALSE(query->Has("d"));
  EXPECT_EQ(query->parameters().size(), 4U);
}

}  // namespace
}  // namespace cosfuse::emulator
