#include "auth/iam_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/jwt_fixture.h"

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr WallTime kNow{seconds(1'767'226'000)};
constexpr std::string_view kGoodAnswer =
    R"({"access_token":"eyJ.abc.def","refresh_token":"not_supported","token_type":"Bearer","expires_in":3600,)"
    R"("expiration":1735000000,"scope":"ibm openid"})";

ExchangeContext MakeContext() {
  ExchangeContext context;
  context.profile.id = "Profile-1234";
  context.claims = ParseJwtClaims(MakeTestJwt(kServiceAccountClaims));
  context.endpoint = kDefaultIamEndpoint;
  return context;
}

Result<IssuedToken> Parse(int status, std::string_view text, const HttpHeaders& headers = {},
                          const ExchangeContext& context = MakeContext(), WallTime now = kNow) {
  std::string body(text);
  auto result = ParseExchangeAnswer({.status = status, .headers = headers}, body, context, now);
  EXPECT_EQ(body, "");  // Wiped.
  return result;
}

std::string ErrorBody(std::string_view code) {
  return R"({"context":{"requestId":"req-42","requestType":"incoming.Identity_Token"},"errorCode":")" +
         std::string(code) + R"(","errorMessage":"Some message","errorDetails":"Some details"})";
}

TEST(IamExchange, TheUrlIsBuiltFromAnyUsualFormOfTheEndpoint) {
  for (const char* endpoint :
       {"https://iam.cloud.ibm.com", "https://iam.cloud.ibm.com/", "https://iam.cloud.ibm.com/identity/token",
        "https://iam.cloud.ibm.com/identity/token/", "https://iam.cloud.ibm.com//identity/token", ""}) {
    EXPECT_EQ(IamTokenUrl(endpoint), "https://iam.cloud.ibm.com/identity/token") << endpoint;
  }
  EXPECT_EQ(IamTokenUrl("http://127.0.0.1:8080"), "http://127.0.0.1:8080/identity/token");
}

TEST(IamExchange, TheFormHoldsGrantProfileAndToken) {
  TrustedProfile profile;
  profile.id = "Profile-1234";
  EXPECT_EQ(BuildProfileForm(profile, Secret("a.b-_.c")).Reveal(),
            "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Acr-token&profile_id=Profile-1234&cr_token=a.b-_.c");
}

TEST(IamExchange, EveryNameOfTheProfileThatIsSetIsSentEncoded) {
  TrustedProfile profile;
  profile.name = "my profile & more";
  profile.crn = "crn:v1:bluemix:public:iam-identity::a/1::profile:Profile-1";
  const std::string form = BuildProfileForm(profile, Secret("t")).Reveal();
  EXPECT_THAT(form, HasSubstr("&profile_name=my%20profile%20%26%20more&"));
  EXPECT_THAT(form, HasSubstr("&profile_crn=crn%3Av1%3Abluemix%3Apublic%3Aiam-identity%3A%3Aa%2F1%3A%3Aprofile%3A"));
  EXPECT_THAT(form, Not(HasSubstr("profile_id")));
}

TEST(IamExchange, TheFormOfAnApiKeyHoldsGrantAndKey) {
  EXPECT_EQ(BuildApiKeyForm(Secret("aB3_-+/=")).Reveal(),
            "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=aB3_-%2B%2F%3D");
}

TEST(IamExchange, TheRequestIsAPostOfAFormWithoutAuthorization) {
  SpanBodySource form(AsBytes("x=y"));
  const HttpRequest request = BuildExchangeRequest(kDefaultIamEndpoint, form);
  EXPECT_EQ(request.method, HttpMethod::kPost);
  EXPECT_EQ(request.url, "https://iam.cloud.ibm.com/identity/token");
  EXPECT_EQ(request.headers.Get("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(request.headers.Get("accept"), "application/json");
  EXPECT_TRUE(request.bearer.empty());
  EXPECT_EQ(request.body, &form);
}

TEST(IamExchange, AGoodAnswerYieldsTokenAndLifetime) {
  const auto token = Parse(200, kGoodAnswer);
  ASSERT_TRUE(token) << token.error().message();
  EXPECT_EQ(token->bearer.Reveal(), "eyJ.abc.def");
  EXPECT_EQ(token->lifetime, seconds(3600));
}

TEST(IamExchange, TheLifetimeIsTakenFromTheAnswerInAnyForm) {
  EXPECT_EQ(Parse(200, R"({"access_token":"a","expires_in":20})")->lifetime, seconds(20));
  EXPECT_EQ(Parse(200, R"({"access_token":"a","expires_in":"900"})")->lifetime, seconds(900));
  EXPECT_EQ(Parse(200, R"({"access_token":"a","expires_in":1e12})")->lifetime, std::chrono::hours(24));
}

TEST(IamExchange, AnAnswerThatMakesNoSenseIsToldApartFromARefusal) {
  for (const char* body :
       {"", "<html>Sign in</html>", R"({"access_token":"eyJ)", "[]", R"({"expires_in":3600})",
        R"({"access_token":"","expires_in":3600})", R"({"access_token":7,"expires_in":3600})",
        R"({"access_token":"a\r\nX: y","expires_in":3600})", R"({"access_token":"a"})",
        R"({"access_token":"a","expires_in":0})", R"({"access_token":"a","expires_in":-5})",
        R"({"access_token":"a","expires_in":"soon"})", R"({"access_token":"a","expires_in":null})"}) {
    const auto token = Parse(200, body);
    ASSERT_FALSE(token) << body;
    EXPECT_EQ(token.error().code(), ErrorCode::kProtocol) << body;
    EXPECT_THAT(token.error().message(), AllOf(HasSubstr("--iam-endpoint"), HasSubstr("proxy"))) << body;
  }
}

TEST(IamExchange, AnAnswerThatMakesNoSenseKeepsTheIdOfItsTransaction) {
  HttpHeaders headers;
  headers.Add("Transaction-Id", "tx-\x01 7\n");
  for (const char* body : {"<!DOCTYPE html><html><body>Sign in</body></html>", R"({"access_token":"eyJhbG)"}) {
    const auto token = Parse(200, body, headers);
    EXPECT_EQ(token.error().request_id(), "tx-  7");
    EXPECT_EQ(token.error().http_status(), 200);
    EXPECT_THAT(token.error().message(), AllOf(Not(HasSubstr("html")), Not(HasSubstr("eyJ"))));
  }
}

TEST(IamExchange, AnErrorThatIsCutOffOrHtmlIsStillAnError) {
  HttpHeaders headers;
  headers.Add("Transaction-Id", "tx-1");
  const std::string whole = ErrorBody("BXNIM0398E");
  for (size_t length = 0; length < whole.size(); ++length) {
    const auto token = Parse(400, whole.substr(0, length), headers);
    EXPECT_EQ(token.error().code(), ErrorCode::kUnauthenticated) << length;
    EXPECT_EQ(token.error().request_id(), "tx-1") << length;
    EXPECT_THAT(token.error().message(), HasSubstr("does not answer like IAM (HTTP 400)")) << length;
  }
  for (const char* body : {R"({"context":7,"errorCode":null,"errorMessage":[]})", R"({"context":{"requestId":{}}})"}) {
    EXPECT_EQ(Parse(400, body, headers).error().request_id(), "tx-1") << body;
  }
}

TEST(IamExchange, AProfileThatIsNotLinkedIsExplainedInOneLine) {
  const auto token = Parse(400, ErrorBody("BXNIM0398E"));
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code(), ErrorCode::kUnauthenticated);
  EXPECT_EQ(token.error().service_code(), "BXNIM0398E");
  EXPECT_EQ(token.error().request_id(), "req-42");
  EXPECT_EQ(token.error().http_status(), 400);
  EXPECT_EQ(token.error().message(),
            "trusted profile Profile-1234 does not exist or does not trust service account till of namespace shop in "
            "this cluster. Link it: ibmcloud iam trusted-profile-link-create Profile-1234 --name cosfuse --cr-type "
            "IKS_SA --link-crn CLUSTER_CRN --link-namespace shop --link-name till (on OpenShift: --cr-type ROKS_SA)");
}

TEST(IamExchange, WithoutClaimsTheExplanationHasPlaceholders) {
  ExchangeContext context = MakeContext();
  context.claims.reset();
  EXPECT_THAT(Parse(400, ErrorBody("BXNIM0398E"), {}, context).error().message(),
              AllOf(HasSubstr("service account (unknown)"), HasSubstr("--link-namespace NAMESPACE")));
}

TEST(IamExchange, ARefusedServiceAccountTokenIsExplainedByItsClaims) {
  for (const char* code : {"BXNIM0407E", "BXNIM0408E", "BXNIM0439E"}) {
    const auto valid = Parse(400, ErrorBody(code));
    EXPECT_TRUE(RefusesCredential(valid.error()));
    EXPECT_EQ(valid.error().code(), ErrorCode::kUnauthenticated);
    EXPECT_THAT(valid.error().message(), StartsWith("IAM does not accept the service-account token"));

    const auto expired = Parse(400, ErrorBody(code), {}, MakeContext(), WallTime(seconds(1767229200)));
    EXPECT_THAT(expired.error().message(), AllOf(HasSubstr("token expired 0 s ago"), HasSubstr("subPath")));
  }
  ExchangeContext context = MakeContext();
  context.claims->audiences = {"kubernetes"};
  EXPECT_THAT(Parse(400, ErrorBody("BXNIM0439E"), {}, context).error().message(),
              AllOf(HasSubstr("not meant for IAM but for kubernetes"), HasSubstr("audience: iam")));
  EXPECT_FALSE(RefusesCredential(Parse(400, ErrorBody("BXNIM0398E")).error()));
}

HttpHeaders DatedAt(const char* date) {
  HttpHeaders headers;
  headers.Add("Date", date);
  return headers;
}

// kNow is 2026-01-01T00:06:40Z; the token of kServiceAccountClaims lives from 00:00 to 01:00.
TEST(IamExchange, Pitfall46_AClockThatIsWrongBy20MinutesIsNamed) {
  const auto explain = [](const char* iam_date, WallTime now) {
    return Parse(400, ErrorBody("BXNIM0439E"), DatedAt(iam_date), MakeContext(), now).error().message();
  };
  EXPECT_THAT(
      explain("Thu, 01 Jan 2026 01:05:00 GMT", kNow + seconds(2300)),
      AllOf(HasSubstr("token expired 5 min ago by IAM's clock"), HasSubstr("20 min behind IAM's"), HasSubstr("NTP")));
  EXPECT_THAT(explain("Wed, 31 Dec 2025 23:46:40 GMT", kNow),
              AllOf(HasSubstr("not valid yet, but in 13 min by IAM's clock"), HasSubstr("20 min ahead of IAM's"),
                    HasSubstr("NTP")));
  // Of two clocks IAM's decides: this token lives, whatever this machine's clock says.
  EXPECT_THAT(explain("Thu, 01 Jan 2026 00:50:00 GMT", kNow + std::chrono::minutes(64)),
              StartsWith("IAM does not accept the service-account token"));
  EXPECT_THAT(explain("Thu, 01 Jan 2026 01:05:00 GMT", kNow + std::chrono::minutes(59)),
              AllOf(HasSubstr("subPath"), Not(HasSubstr("clock"))));
}

TEST(IamExchange, AnApiKeyThatIamDoesNotKnowIsExplainedByItsFile) {
  ExchangeContext context;
  context.kind = GrantKind::kApiKey;
  context.file = "/keys/cos";
  context.endpoint = kDefaultIamEndpoint;
  const auto unknown = Parse(400, ErrorBody("BXNIM0415E"), {}, context);
  EXPECT_TRUE(RefusesCredential(unknown.error()));
  EXPECT_THAT(unknown.error().message(), AllOf(HasSubstr("API key in /keys/cos"), HasSubstr("service-api-key-create")));
  EXPECT_THAT(Parse(400, ErrorBody("BXNIM0109E"), {}, context).error().message(),
              AllOf(HasSubstr("(Some details)"), HasSubstr("Check the content of /keys/cos")));
  const std::string other = Parse(403, ErrorBody("BXNIM0999E"), {}, context).error().message();
  EXPECT_THAT(other, AllOf(HasSubstr("IAM answered HTTP 403: Some message (Some details)"), HasSubstr("the API key"),
                           Not(HasSubstr("profile"))));
}

struct Row {
  int status;
  const char* body;
  ErrorCode code;
  const char* part;
};

class IamErrorTable : public ::testing::TestWithParam<Row> {};

TEST_P(IamErrorTable, Means) {
  const auto token = Parse(GetParam().status, GetParam().body);
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code(), GetParam().code);
  EXPECT_EQ(token.error().http_status(), GetParam().status);
  EXPECT_THAT(token.error().message(), AllOf(HasSubstr(GetParam().part), Not(HasSubstr("\n"))));
}

constexpr char kOtherError[] = R"({"errorCode":"BXNIM0999E","errorMessage":"Something new."})";
constexpr char kPropertyError[] = R"({"errorCode":"BXNIM0109E","errorMessage":"Property missing:\nprofile_id"})";

INSTANTIATE_TEST_SUITE_P(
    Table, IamErrorTable,
    ::testing::Values(Row{400, kOtherError, ErrorCode::kUnauthenticated,
                          "HTTP 400: Something new. Check the trusted profile and its links"},
                      Row{400, kPropertyError, ErrorCode::kUnauthenticated, "Property missing: profile_id"},
                      Row{401, "", ErrorCode::kUnauthenticated, "does not answer like IAM (HTTP 401)"},
                      Row{404, "<html>no such page</html>", ErrorCode::kUnauthenticated, "does not answer like IAM"},
                      Row{408, "", ErrorCode::kUnavailable, "HTTP 408"},
                      Row{429, "{}", ErrorCode::kThrottled, "HTTP 429"},
                      Row{500, R"({"errorMessage":"broken"})", ErrorCode::kUnavailable, "HTTP 500: broken"},
                      Row{502, "<html>Bad gateway</html>", ErrorCode::kUnavailable, "HTTP 502"},
                      Row{503, R"({"errorCode":)", ErrorCode::kUnavailable, "HTTP 503"},
                      Row{501, "", ErrorCode::kProtocol, "HTTP 501"},
                      Row{302, "", ErrorCode::kProtocol, "does not answer like IAM (HTTP 302)"},
                      Row{204, "", ErrorCode::kProtocol, "HTTP 204"}));

TEST(IamExchange, RetryAfterAndTheTransactionIdAreKept) {
  HttpHeaders headers;
  headers.Add("Retry-After", "7");
  headers.Add("transaction-id", "tx-1");
  const auto token = Parse(429, "<html></html>", headers);
  EXPECT_EQ(token.error().retry_after(), milliseconds(7000));
  EXPECT_EQ(token.error().request_id(), "tx-1");
}

TEST(IamExchange, WhatIamWritesIsCutToOneShortLine) {
  const auto token = Parse(400, R"({"errorCode":"X","errorMessage":")" + std::string(5000, 'm') + "\"}");
  EXPECT_LT(token.error().message().size(), 500U);
}

TEST(IamExchange, AnUnreachablePublicHostHintsAtThePrivateOne) {
  const Error connect(ErrorCode::kTimedOut, "cannot connect to iam.cloud.ibm.com:443: timed out");
  const Error hinted = ExplainUnreachableIam(connect, "https://iam.cloud.ibm.com/identity/token");
  EXPECT_EQ(hinted.code(), ErrorCode::kTimedOut);
  EXPECT_THAT(hinted.message(), AllOf(StartsWith("IAM cannot be reached: cannot connect to iam.cloud.ibm.com:443"),
                                      HasSubstr("https://private.iam.cloud.ibm.com")));
  const Error untrusted(ErrorCode::kUntrustedPeer, "cannot verify");
  EXPECT_THAT(ExplainUnreachableIam(untrusted, kDefaultIamEndpoint).message(), Not(HasSubstr("--iam")));
}

TEST(IamExchange, AnUnreachablePrivateHostSaysWhatItNeeds) {
  const Error connect = Error(ErrorCode::kUnavailable, "no route").SetRetryAfter(milliseconds(5));
  for (const char* host : {"https://private.iam.cloud.ibm.com", "https://private.eu-de.iam.cloud.ibm.com"}) {
    const Error explained = ExplainUnreachableIam(connect, host);
    EXPECT_THAT(explained.message(), AllOf(HasSubstr("VRF"), HasSubstr("https://iam.cloud.ibm.com"))) << host;
    EXPECT_EQ(explained.retry_after(), milliseconds(5));
  }
  EXPECT_THAT(ExplainUnreachableIam(connect, "https://iam.example.com").message(),
              AllOf(HasSubstr("Check --iam-endpoint (IBM_AUTH_ENDPOINT)"), Not(HasSubstr("VRF"))));
}

TEST(TrustedProfile, IsLabelledByIdThenNameThenCrn) {
  TrustedProfile profile;
  profile.crn = "crn";
  EXPECT_EQ(profile.Label(), "crn");
  profile.name = "name";
  EXPECT_EQ(profile.Label(), "name");
  profile.id = "id";
  EXPECT_EQ(profile.Label(), "id");
}

}  // namespace
}  // namespace cosfuse
