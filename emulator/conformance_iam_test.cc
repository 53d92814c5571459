#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/disk.h"
#include "base/encoding.h"
#include "emulator/fake_emulator_bed.h"
#include "emulator/iam/jwt.h"

namespace cosfuse::emulator {
namespace {

class IamConformance : public EmulatorTest {
 protected:
  ServiceAccountClaims GoodClaims() const {
    const int64_t now = std::chrono::duration_cast<std::chrono::seconds>(clock_.WallNow().time_since_epoch()).count();
    return {{"iam"}, now, now + 3600, "default", "default", "pod"};
  }
  HttpAnswer Exchange(const ServiceAccountClaims& claims, const std::string& profile = TrustedProfile{}.id) {
    return Do("POST", "/identity/token", {{"Content-Type", "application/x-www-form-urlencoded"}},
              "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Acr-token&profile_id=" + profile +
                  "&cr_token=" + PercentEncode(MakeServiceAccountToken(claims, TestKey()).value()));
  }
  static std::string ErrorCodeOf(const HttpAnswer& answer) {
    EXPECT_EQ(answer.status, 400);
    return nlohmann::json::parse(answer.body)["errorCode"];
  }
  /// The status of a HEAD of the bucket with this Authorization.
  int StatusWith(const std::string& authorization) const {
    HttpClient client = NewClient("");
    return client.Do("HEAD", "/bucket", {{"Authorization", authorization}}).status;
  }
};

TEST_F(IamConformance, ATokenOpensTheBucket) {
  const HttpAnswer answer = Exchange(GoodClaims());
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto json = nlohmann::json::parse(answer.body);
  EXPECT_EQ(json["token_type"], "Bearer");
  EXPECT_EQ(json["expires_in"], 3600);
  EXPECT_EQ(json["refresh_token"], "not_supported");
  EXPECT_EQ(json["scope"], "ibm openid");
  EXPECT_EQ(json["expiration"].get<int64_t>(), GoodClaims().issued_at + 3600);
  EXPECT_FALSE(answer.Header("transaction-id").empty());
  const auto token = json["access_token"].get<std::string>();
  EXPECT_EQ(StatusWith("Bearer " + token), 200);
  EXPECT_EQ(StatusWith("bearer " + token), 200);
}

TEST_F(IamConformance, RefusalsHaveIamsShape) {
  const HttpAnswer answer = Exchange(GoodClaims(), "Profile-unknown");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.Header("content-type"), "application/json");
  const auto json = nlohmann::json::parse(answer.body);
  EXPECT_EQ(json["errorCode"], "BXNIM0398E");
  EXPECT_FALSE(json["errorMessage"].get<std::string>().empty());
  EXPECT_EQ(json["context"]["requestId"], answer.Header("transaction-id"));
  EXPECT_EQ(json["context"]["requestType"], "incoming.Identity_Token");
}

TEST_F(IamConformance, EachMistakeHasItsCode) {
  ServiceAccountClaims claims = GoodClaims();
  claims.namespace_name = "other";
  EXPECT_EQ(ErrorCodeOf(Exchange(claims)), "BXNIM0398E");
  claims = GoodClaims();
  claims.service_account = "other";
  EXPECT_EQ(ErrorCodeOf(Exchange(claims)), "BXNIM0398E");
  claims = GoodClaims();
  claims.audience = {"vault"};
  EXPECT_EQ(ErrorCodeOf(Exchange(claims)), "BXNIM0439E");
  claims = GoodClaims();
  clock_.AdvanceWall(std::chrono::hours(1));
  EXPECT_EQ(ErrorCodeOf(Exchange(claims)), "BXNIM0407E");
  EXPECT_EQ(ErrorCodeOf(Do("POST", "/identity/token", {}, "grant_type=x")), "BXNIM0106E");
  EXPECT_EQ(ErrorCodeOf(Do("POST", "/identity/token", {}, "%")), "BXNIM0109E");
}

TEST_F(IamConformance, AnExpiredTokenIs403) {
  const auto json = nlohmann::json::parse(Exchange(GoodClaims()).body);
  const std::string authorization = "Bearer " + json["access_token"].get<std::string>();
  clock_.Advance(std::chrono::seconds(3599));
  EXPECT_EQ(StatusWith(authorization), 200);
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(StatusWith(authorization), 403);
  const HttpAnswer answer = HttpClient(port()).Do("GET", "/bucket/k", {{"Authorization", authorization}});
  EXPECT_EQ(XmlText(answer.body, "Code"), "AccessDenied");
}

TEST_F(IamConformance, UnknownAndMissingTokensAre403) {
  EXPECT_EQ(StatusWith("Bearer unknown"), 403);
  EXPECT_EQ(StatusWith("Basic dXNlcg=="), 403);
  EXPECT_EQ(NewClient("").Do("HEAD", "/bucket").status, 403);
  EXPECT_EQ(NewClient("").Do("HEAD", "/nowhere").status, 403);
}

TEST_F(IamConformance, RolesLimitWhatIsDone) {
  Put("/bucket/k", "x");
  HttpClient reader = NewClient("ContentReader");
  EXPECT_EQ(reader.Do("GET", "/bucket/k").status, 200);
  EXPECT_EQ(reader.Do("GET", "/bucket?list-type=2").status, 200);
  EXPECT_EQ(reader.Do("PUT", "/bucket/k", {}, "y").status, 403);
  EXPECT_EQ(reader.Do("DELETE", "/bucket/k").status, 403);
  HttpClient writer = NewClient("ObjectWriter");
  EXPECT_EQ(writer.Do("PUT", "/bucket/new", {}, "y").status, 200);
  EXPECT_EQ(writer.Do("POST", "/bucket/new?uploads").status, 200);
  EXPECT_EQ(writer.Do("GET", "/bucket/new").status, 403);
  EXPECT_EQ(writer.Do("HEAD", "/bucket/new").status, 403);
  EXPECT_EQ(writer.Do("GET", "/bucket?list-type=2").status, 403);
  HttpClient both = NewClient("ContentReader+ObjectWriter");
  EXPECT_EQ(both.Do("PUT", "/bucket/k", {}, "z").status, 200);
  EXPECT_EQ(both.Do("GET", "/bucket/k").body, "z");
  EXPECT_EQ(both.Do("DELETE", "/bucket/k").status, 403);
  EXPECT_EQ(both.Do("PUT", "/bucket/c", {{"x-amz-copy-source", "/bucket/k"}}).status, 403);
  EXPECT_EQ(NewClient("None").Do("HEAD", "/bucket").status, 403);
}

TEST_F(IamConformance, AnybodyReadsAPublicBucket) {
  Put("/public-bucket/k", "open");
  HttpClient anybody = NewClient("");
  EXPECT_EQ(anybody.Do("GET", "/public-bucket/k").body, "open");
  EXPECT_EQ(anybody.Do("GET", "/public-bucket?list-type=2").status, 200);
  EXPECT_EQ(anybody.Do("PUT", "/public-bucket/k", {}, "x").status, 403);
  EXPECT_EQ(anybody.Do("GET", "/bucket/k").status, 403);
  EXPECT_EQ(anybody.Do("GET", "/public-bucket/k", {{"Authorization", "Bearer bad"}}).status, 403);
}

TEST_F(IamConformance, KubeletsTokenIsAccepted) {
  const TemporaryDirectory directory;
  SystemClock clock;
  options_.kubelet_dir = directory.path();
  client_.reset();
  emulator_.reset();
  emulator_ = Emulator::Start(options_, TestKey(), clock, random_).value();
  const auto token = OpenPosixDisk("/")->ReadSmallFile(emulator_->facts().token_file, 64 * kKiB);
  ASSERT_TRUE(token);
  HttpClient client = NewClient("");
  const HttpAnswer answer = client.Do("POST", "/identity/token", {},
                                      "grant_type=urn:ibm:params:oauth:grant-type:cr-token&profile_name=demo-profile"
                                      "&cr_token=" +
                                          *token);
  EXPECT_EQ(answer.status, 200) << answer.body;
  emulator_.reset();
}

}  // namespace
}  // namespace cosfuse::emulator
