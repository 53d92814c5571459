#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "emulator/fake_emulator_bed.h"

namespace cosfuse::emulator {
namespace {

class ApiKeyConformance : public EmulatorTest {
 protected:
  ApiKeyConformance() {
    options_.api_keys = {{"good key+", Role::kWriter}, {"reading", Role::kContentReader}};
    Restart();
  }
  HttpAnswer Exchange(const std::string& apikey, const std::string& grant = "urn:ibm:params:oauth:grant-type:apikey") {
    return HttpClient(port()).Do(
        "POST", "/identity/token",
        {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}},
        "grant_type=" + grant + "&apikey=" + PercentEncode(apikey));
  }
  HttpClient ClientOf(const std::string& apikey) {
    HttpClient client(port());
    const auto json = nlohmann::json::parse(Exchange(apikey).body);
    client.SetHeader("Authorization", "Bearer " + json.value("access_token", ""));
    return client;
  }
  static std::string CodeOf(const HttpAnswer& answer) {
    return nlohmann::json::parse(answer.body).value("errorCode", "(none)");
  }
};

TEST_F(ApiKeyConformance, OpensTheBucket) {
  const HttpAnswer answer = Exchange("good key+");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto json = nlohmann::json::parse(answer.body);
  EXPECT_EQ(json["token_type"], "Bearer");
  EXPECT_EQ(json["expires_in"], 3600);
  EXPECT_EQ(json["scope"], "ibm openid");
  EXPECT_EQ(ClientOf("good key+").Do("PUT", "/bucket/k", {}, "x").status, 200);
}

TEST_F(ApiKeyConformance, TakesTheGrantTypeEncoded) {
  EXPECT_EQ(Exchange("reading", "urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey").status, 200);
}

TEST_F(ApiKeyConformance, HasItsRole) {
  Put("/bucket/k", "x");
  HttpClient client = ClientOf("reading");
  EXPECT_EQ(client.Do("GET", "/bucket/k").status, 200);
  EXPECT_EQ(client.Do("DELETE", "/bucket/k").status, 403);
}

TEST_F(ApiKeyConformance, TellsInTheTokenWhoseItIs) {
  const auto json = nlohmann::json::parse(Exchange("reading").body);
  const auto token = json["access_token"].get<std::string>();
  const size_t first = token.find('.');
  const auto claims = nlohmann::json::parse(*Base64Decode(token.substr(first + 1, token.rfind('.') - first - 1)));
  EXPECT_EQ(claims["sub_type"], "ServiceId");
  EXPECT_EQ(claims["grant_type"], "urn:ibm:params:oauth:grant-type:apikey");
  EXPECT_TRUE(claims["iam_id"].get<std::string>().starts_with("iam-ServiceId-"));
}

TEST_F(ApiKeyConformance, AnUnknownKeyIsNotFound) {
  const HttpAnswer answer = Exchange("bad");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(CodeOf(answer), "BXNIM0415E");
  EXPECT_EQ(answer.body.find("\"bad\""), std::string::npos);  // It is a secret, if one that was mistyped.
}

TEST_F(ApiKeyConformance, NoKeyIsAMissingProperty) { EXPECT_EQ(CodeOf(Exchange("")), "BXNIM0109E"); }

TEST_F(ApiKeyConformance, ExpiresAsOtherTokensDo) {
  HttpClient client = ClientOf("good key+");
  EXPECT_EQ(client.Do("HEAD", "/bucket").status, 200);
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ(client.Do("HEAD", "/bucket").status, 403);
}

TEST_F(ApiKeyConformance, ForcedCodesHaveIamsStatusAndShape) {
  for (const char* code : {"BXNIM0398E", "BXNIM0407E", "BXNIM0408E", "BXNIM0439E", "BXNIM0109E", "BXNIM0415E"}) {
    EXPECT_EQ(Command("POST", std::string("iam-answer?code=") + code).status, 200);
    const HttpAnswer answer = Exchange("good key+");
    EXPECT_EQ(answer.status, 400) << code;
    EXPECT_EQ(CodeOf(answer), code);
    const auto json = nlohmann::json::parse(answer.body);
    EXPECT_EQ(json["context"]["requestId"], answer.Header("transaction-id"));
    EXPECT_FALSE(json["errorMessage"].get<std::string>().empty());
  }
}

TEST_F(ApiKeyConformance, ForcedAnswersEndWhenTheyAreCleared) {
  Command("POST", "iam-answer?code=BXNIM0408E");
  EXPECT_EQ(Exchange("good key+").status, 400);
  EXPECT_EQ(Exchange("good key+").status, 400);
  EXPECT_EQ(Command("POST", "iam-answer/clear").status, 200);
  EXPECT_EQ(Exchange("good key+").status, 200);
}

TEST_F(ApiKeyConformance, ForcedAnswersMayBeCounted) {
  Command("POST", "iam-answer?code=BXNIM0408E&count=2");
  EXPECT_EQ(Exchange("good key+").status, 400);
  EXPECT_EQ(Exchange("good key+").status, 400);
  EXPECT_EQ(Exchange("good key+").status, 200);
}

TEST_F(ApiKeyConformance, Iam429SaysWhenToComeBack) {
  Command("POST", "iam-answer?code=BXNIM0429E&retry-after=7&count=1");
  const HttpAnswer answer = Exchange("good key+");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.Header("retry-after"), "7");
  EXPECT_EQ(Exchange("good key+").Header("retry-after"), "");
}

TEST_F(ApiKeyConformance, AGatewayAnswersHtml) {
  Command("POST", "iam-answer?html=1&count=1");
  const HttpAnswer answer = Exchange("good key+");
  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(answer.Header("content-type"), "text/html");
  EXPECT_TRUE(answer.body.starts_with("<html>"));
  Command("POST", "iam-answer?html=1&status=200&count=1");
  EXPECT_EQ(Exchange("good key+").status, 200);
}

TEST_F(ApiKeyConformance, ForcedAnswersGiveNoTokens) {
  Command("POST", "counters/reset");
  Command("POST", "iam-answer?html=1&status=200&count=1");
  Exchange("good key+");
  EXPECT_EQ(nlohmann::json::parse(Command("GET", "counters").body)["token_exchanges"], 0);
}

TEST_F(ApiKeyConformance, MistakesAreExplained) {
  for (const char* command : {"iam-answer", "iam-answer?html=2", "iam-answer?code=X&status=99",
                              "iam-answer?code=X&retry-after=soon", "iam-answer?code=X&count=0"}) {
    EXPECT_EQ(Command("POST", command).status, 400) << command;
  }
}

}  // namespace
}  // namespace cosfuse::emulator
