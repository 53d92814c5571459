#include "emulator/iam/jwt.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "emulator/fake_emulator_bed.h"

namespace cosfuse::emulator {
namespace {

ServiceAccountClaims SomeClaims() { return {{"iam"}, 1000, 4600, "ns", "sa", "pod"}; }

std::string SomeToken() { return MakeServiceAccountToken(SomeClaims(), TestKey()).value(); }

TEST(ServiceAccountToken, IsReadBack) {
  const auto claims = ReadServiceAccountToken(SomeToken(), TestKey());
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->audience, std::vector<std::string>{"iam"});
  EXPECT_EQ(claims->issued_at, 1000);
  EXPECT_EQ(claims->expires_at, 4600);
  EXPECT_EQ(claims->namespace_name, "ns");
  EXPECT_EQ(claims->service_account, "sa");
  EXPECT_EQ(claims->pod, "pod");
}

TEST(ServiceAccountToken, OfAnotherKeyIsRefused) {
  const RsaKey other = RsaKey::Generate(1024).value();
  EXPECT_EQ(ReadServiceAccountToken(SomeToken(), other).error().code(), ErrorCode::kUnauthenticated);
}

TEST(ServiceAccountToken, WithChangedClaimsIsRefused) {
  const std::string token = SomeToken();
  const std::string foreign = MakeServiceAccountToken({{"iam"}, 1000, 9999, "ns", "sa", "pod"}, TestKey()).value();
  const size_t first = token.find('.');
  const size_t last = token.rfind('.');
  const std::string mixed = foreign.substr(0, foreign.rfind('.')) + token.substr(last);
  EXPECT_EQ(ReadServiceAccountToken(mixed, TestKey()).error().code(), ErrorCode::kUnauthenticated);
  EXPECT_NE(first, last);
}

TEST(ServiceAccountToken, ThatIsNoneIsRefused) {
  for (const std::string text : {"", "a", "a.b", "a.b.c", "..", "e30.e30.AAAA", "not a token at all"}) {
    EXPECT_EQ(ReadServiceAccountToken(text, TestKey()).error().code(), ErrorCode::kInvalidArgument) << text;
  }
}

TEST(ServiceAccountToken, WithoutAnAlgorithmIsRefused) {
  const std::string token = SomeToken();
  const std::string unsigned_token = Base64Encode(AsBytes(R"({"alg":"none"})")) +
                                     token.substr(token.find('.'), token.rfind('.') - token.find('.')) + ".";
  EXPECT_EQ(ReadServiceAccountToken(unsigned_token, TestKey()).error().code(), ErrorCode::kInvalidArgument);
}

TEST(AccessToken, HasTheClaimsThatIbmShows) {
  AccessTokenClaims claims;
  claims.identifier = "Profile-1";
  claims.sub_type = "ComputeResource";
  claims.grant_type = "urn:ibm:params:oauth:grant-type:cr-token";
  claims.account = "acc";
  const std::string token = MakeAccessToken(claims, TestKey()).value();
  const size_t first = token.find('.');
  const std::string json = Base64Decode(token.substr(first + 1, token.rfind('.') - first - 1)).value();
  for (const char* part : {R"("iam_id":"iam-Profile-1")", R"("identifier":"Profile-1")", R"("bss":"acc")",
                           R"("sub_type":"ComputeResource")", R"("scope":"ibm openid")", R"("realmid":"iam")"}) {
    EXPECT_NE(json.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace cosfuse::emulator
