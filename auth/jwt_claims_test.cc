#include "auth/jwt_claims.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/jwt_fixture.h"

namespace cosfuse {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(JwtClaims, OfAServiceAccountToken) {
  const auto claims = ParseJwtClaims(MakeTestJwt(kServiceAccountClaims));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->kubernetes_namespace, "shop");
  EXPECT_EQ(claims->service_account, "till");
  EXPECT_EQ(claims->pod, "till-0");
  EXPECT_EQ(claims->issuer, "https://kubernetes.default.svc");
  EXPECT_THAT(claims->audiences, ElementsAre("iam"));
  EXPECT_EQ(claims->issued_at, WallTime(seconds(1767225600)));
  EXPECT_EQ(claims->expires_at, WallTime(seconds(1767229200)));
}

TEST(JwtClaims, OfAnAccessToken) {
  const auto claims = ParseJwtClaims(MakeTestJwt(R"({
    "iam_id": "iam-Profile-1", "id": "iam-Profile-1", "realmid": "iam", "identifier": "Profile-1",
    "sub_type": "ComputeResource", "account": {"valid": true, "bss": "abc123", "frozen": false},
    "iat": 1767225600, "exp": 1767229200, "iss": "https://iam.cloud.ibm.com/identity"})"));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->account, "abc123");
  EXPECT_EQ(claims->iam_id, "iam-Profile-1");
  EXPECT_EQ(claims->identifier, "Profile-1");
  EXPECT_EQ(claims->sub_type, "ComputeResource");
}

TEST(JwtClaims, NamesComeFromTheSubjectWhereTheClusterIsOld) {
  const auto claims = ParseJwtClaims(MakeTestJwt(R"({"sub": "system:serviceaccount:shop:till"})"));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->kubernetes_namespace, "shop");
  EXPECT_EQ(claims->service_account, "till");
}

TEST(JwtClaims, AnAudienceMayBeOneName) {
  EXPECT_THAT(ParseJwtClaims(MakeTestJwt(R"({"aud": "iam"})"))->audiences, ElementsAre("iam"));
}

TEST(JwtClaims, AClaimOfAnUnexpectedTypeIsMissing) {
  const auto claims = ParseJwtClaims(MakeTestJwt(
      R"({"sub": 1, "aud": {"x": 1}, "exp": "soon", "iat": -1, "account": "abc", "kubernetes.io": ["shop"]})"));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->subject, "");
  EXPECT_THAT(claims->audiences, IsEmpty());
  EXPECT_FALSE(claims->expires_at);
  EXPECT_FALSE(claims->issued_at);
  EXPECT_EQ(claims->account, "");
  EXPECT_EQ(claims->kubernetes_namespace, "");
  EXPECT_FALSE(ParseJwtClaims(MakeTestJwt(R"({"exp": 1e300})"))->expires_at);
}

TEST(JwtClaims, NothingComesOfWhatIsNoToken) {
  for (const char* text : {"", "a", "a.b", "a..c", ".b.c", "a.b.", "a.!!.c", "a.b.c.d", "a.bm90IGpzb24.c"}) {
    EXPECT_FALSE(ParseJwtClaims(text)) << text;
  }
  EXPECT_FALSE(ParseJwtClaims(MakeTestJwt("[1, 2]")));
  EXPECT_FALSE(ParseJwtClaims(MakeTestJwt(R"({"exp": )")));
}

TEST(JwtClaims, FormIsThreePartsOfBase64) {
  EXPECT_TRUE(LooksLikeJwt(MakeTestJwt("{}")));
  EXPECT_TRUE(LooksLikeJwt("eyJhbGciOiJSUzI1NiJ9.e30.c2ln"));
  for (const char* text : {"", "token", "a.b", "a.b.c.d", "YQ.YQ.Y Q", "YQ.YQ.", "YQ.YQ.\xff"}) {
    EXPECT_FALSE(LooksLikeJwt(text)) << text;
  }
}

}  // namespace
}  // namespace cosfuse
