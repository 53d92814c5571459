#include "emulator/iam/access_tokens.h"

#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

constexpr MonotonicTime kIssueTime{std::chrono::hours(1)};
constexpr Duration kLife = std::chrono::seconds(20);

TEST(AccessTokens, ExpireAtTheEndOfTheirLife) {
  AccessTokens tokens;
  tokens.Add("t", std::string("profile"), kIssueTime, kLife);
  EXPECT_EQ(std::get<std::string>(tokens.Find("t", kIssueTime + kLife - Duration(1)).value()), "profile");
  EXPECT_FALSE(tokens.Find("t", kIssueTime + kLife));
  EXPECT_FALSE(tokens.Find("other", kIssueTime));
}

TEST(AccessTokens, RevocationEndsTheOnesBeforeIt) {
  AccessTokens tokens;
  tokens.Add("old", Role::kWriter, kIssueTime, kLife);
  tokens.RevokeAll();
  tokens.Add("new", Role::kWriter, kIssueTime, kLife);
  EXPECT_FALSE(tokens.Find("old", kIssueTime));
  EXPECT_TRUE(tokens.Find("new", kIssueTime));
}

TEST(AccessTokens, ForgetExpiredOnes) {
  AccessTokens tokens;
  for (int i = 0; i < 100; ++i) tokens.Add(std::to_string(i), Role::kWriter, kIssueTime + i * kLife, kLife);
  EXPECT_EQ(tokens.size(), 1U);
}

TEST(BearerToken, TakesTheSchemeInAnyCase) {
  EXPECT_EQ(BearerToken("Bearer abc"), "abc");
  EXPECT_EQ(BearerToken("bearer  abc "), "abc");
  EXPECT_EQ(BearerToken("BEARER abc"), "abc");
  EXPECT_FALSE(BearerToken("AWS4-HMAC-SHA256 Credential=x"));
  EXPECT_FALSE(BearerToken("abc"));
  EXPECT_FALSE(BearerToken(""));
}

}  // namespace
}  // namespace cosfuse::emulator
