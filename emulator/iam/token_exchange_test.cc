#include "emulator/iam/token_exchange.h"

#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

constexpr WallTime kExchangeTime{std::chrono::seconds(1'767'225'600)};
constexpr int64_t kNowSeconds = 1'767'225'600;

ServiceAccountClaims GoodClaims() { return {{"iam"}, kNowSeconds, kNowSeconds + 3600, "default", "default", "pod"}; }

ExchangeRequest ById(const std::string& id) { return {"jwt", id, "", ""}; }

std::string CodeOf(const Result<ServiceAccountClaims>& claims, const ExchangeRequest& request) {
  const auto profile = DecideExchange(request, claims, {TrustedProfile{}}, "iam", kExchangeTime);
  return profile ? "" : profile.error().code;
}

TEST(Exchange, FindsTheProfileByIdNameOrCrn) {
  const TrustedProfile profile;
  EXPECT_EQ(CodeOf(GoodClaims(), ById(profile.id)), "");
  EXPECT_EQ(CodeOf(GoodClaims(), {"jwt", "", profile.name, ""}), "");
  EXPECT_EQ(CodeOf(GoodClaims(), {"jwt", "", "", ProfileCrn(profile)}), "");
  EXPECT_EQ(CodeOf(GoodClaims(), {"jwt", profile.id, "another", ""}), "BXNIM0398E");
}

TEST(Exchange, ExplainsEachRefusalByItsCode) {
  const ExchangeRequest request = ById(TrustedProfile{}.id);
  EXPECT_EQ(CodeOf(Fail(ErrorCode::kUnauthenticated, "the signature is wrong"), request), "BXNIM0408E");
  ServiceAccountClaims expired = GoodClaims();
  expired.expires_at = kNowSeconds;
  EXPECT_EQ(CodeOf(expired, request), "BXNIM0407E");
  ServiceAccountClaims audience = GoodClaims();
  audience.audience = {"vault"};
  EXPECT_EQ(CodeOf(audience, request), "BXNIM0439E");
  ServiceAccountClaims other_namespace = GoodClaims();
  other_namespace.namespace_name = "prod";
  EXPECT_EQ(CodeOf(other_namespace, request), "BXNIM0398E");
  ServiceAccountClaims other_account = GoodClaims();
  other_account.service_account = "builder";
  EXPECT_EQ(CodeOf(other_account, request), "BXNIM0398E");
  EXPECT_EQ(CodeOf(GoodClaims(), ById("Profile-unknown")), "BXNIM0398E");
  TrustedProfile elsewhere;
  elsewhere.cluster = "another";
  EXPECT_EQ(DecideExchange(request, GoodClaims(), {elsewhere}, "iam", kExchangeTime).error().code, "BXNIM0398E");
}

TEST(Exchange, OneOfSeveralAudiencesIsEnough) {
  ServiceAccountClaims claims = GoodClaims();
  claims.audience = {"vault", "iam"};
  EXPECT_EQ(CodeOf(claims, ById(TrustedProfile{}.id)), "");
}

std::string FormCode(std::string_view text) {
  const Query form = Query::Parse(text).value();
  const auto grant_type = ParseGrantType(form);
  if (!grant_type) return grant_type.error().code;
  const auto request = ParseExchange(form);
  return request ? "" : request.error().code;
}

TEST(ExchangeForm, TakesTheGrantTypeEncodedOrRaw) {
  EXPECT_EQ(FormCode("grant_type=urn:ibm:params:oauth:grant-type:cr-token&cr_token=t&profile_id=p"), "");
  EXPECT_EQ(FormCode("grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Acr-token&cr_token=t&profile_name=p"), "");
}

TEST(ExchangeForm, MissesNothingSilently) {
  EXPECT_EQ(FormCode("cr_token=t&profile_id=p"), "BXNIM0109E");
  EXPECT_EQ(FormCode("grant_type=urn:ibm:params:oauth:grant-type:cr-token&profile_id=p"), "BXNIM0109E");
  EXPECT_EQ(FormCode("grant_type=urn:ibm:params:oauth:grant-type:cr-token&cr_token=t"), "BXNIM0109E");
  EXPECT_EQ(FormCode("grant_type=password&cr_token=t&profile_id=p"), "BXNIM0106E");
}

TEST(ApiKeyForm, NamesAKeyThatThereIs) {
  const std::vector<ApiKey> keys = {{"one", Role::kWriter}, {"two", Role::kContentReader}};
  const auto decide = [&keys](std::string_view form) { return DecideApiKey(Query::Parse(form).value(), keys); };
  EXPECT_EQ(decide("apikey=two")->roles, RoleSet(Role::kContentReader));
  EXPECT_EQ(decide("apikey=three").error().code, "BXNIM0415E");
  EXPECT_EQ(decide("apikey=").error().code, "BXNIM0109E");
  EXPECT_EQ(ParseGrantType(Query::Parse("grant_type=urn:ibm:params:oauth:grant-type:apikey").value()),
            GrantType::kApiKey);
}

}  // namespace
}  // namespace cosfuse::emulator
