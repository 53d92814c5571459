#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "emulator/fake_emulator_bed.h"

namespace cosfuse::emulator {
namespace {

class ControlConformance : public EmulatorTest {
 protected:
  void Post(std::string_view command) const { EXPECT_EQ(Command("POST", command).status, 200) << command; }
  nlohmann::json Counters() const { return nlohmann::json::parse(Command("GET", "counters").body); }
  static Duration TimeOf(const std::function<void()>& action) {
    const SystemClock clock;
    const MonotonicTime start = clock.Now();
    action();
    return clock.Now() - start;
  }
};

TEST_F(ControlConformance, CountersShowOperationsAndBytes) {
  Put("/bucket/k", "hello");
  Do("GET", "/bucket/k");
  Do("GET", "/bucket/k", {{"Range", "bytes=0-1"}});
  Do("HEAD", "/bucket/k");
  Do("POST", "/bucket/u?uploads");
  auto counters = Counters();
  EXPECT_EQ(counters["requests"]["PutObject"], 1);
  EXPECT_EQ(counters["requests"]["GetObject"], 2);
  EXPECT_EQ(counters["requests"]["HeadObject"], 1);
  EXPECT_FALSE(counters["requests"].contains("DeleteObject"));
  EXPECT_EQ(counters["bytes_in"], 5);
  EXPECT_GE(counters["bytes_out"].get<int>(), 7);
  EXPECT_EQ(counters["token_exchanges"], 0);
  EXPECT_EQ(counters["open_uploads"], 1);
  Post("counters/reset");
  EXPECT_TRUE(Counters()["requests"].empty());
  EXPECT_EQ(Counters()["bytes_in"], 0);
}

TEST_F(ControlConformance, CopiesAreObjectsLikeTheirOriginal) {
  Do("PUT", "/bucket/k", {{"x-amz-meta-mode", "33152"}}, "hello");
  Post("copies?bucket=bucket&key=k&prefix=many/name-&count=1200");
  const auto copy = Do("GET", "/bucket/many/name-0001199");
  EXPECT_EQ(copy.body, "hello");
  EXPECT_EQ(copy.headers.at("x-amz-meta-mode"), "33152");
  EXPECT_EQ(Do("HEAD", "/bucket/many/name-0001200").status, 404);
  EXPECT_EQ(Command("POST", "copies?bucket=bucket&key=none&prefix=p&count=1").status, 400);
  EXPECT_EQ(Command("POST", "copies?bucket=bucket&key=k&prefix=p&count=10000001").status, 400);
  EXPECT_EQ(Counters()["requests"]["PutObject"], 1) << "they are no requests";
}

TEST_F(ControlConformance, LatencyDelaysServicesAndNotTheControl) {
  Put("/bucket/k", "x");
  Post("latency?ms=60");
  EXPECT_GE(TimeOf([this] { EXPECT_EQ(Do("HEAD", "/bucket/k").status, 200); }), std::chrono::milliseconds(60));
  Post("latency?ms=0");
  EXPECT_LT(TimeOf([this] { Do("HEAD", "/bucket/k"); }), std::chrono::milliseconds(60));
}

TEST_F(ControlConformance, DelayedRequestsWaitSideBySide) {
  Post("latency?ms=100");
  std::vector<HttpClient> clients;
  clients.reserve(30);
  for (int i = 0; i < 30; ++i) clients.push_back(NewClient("Writer"));
  const Duration time = TimeOf([&clients] {
    for (HttpClient& client : clients) client.Send(client.FormatHead("HEAD", "/bucket", {}));
    for (HttpClient& client : clients) EXPECT_EQ(client.ReadAnswer("HEAD").status, 200);
  });
  EXPECT_LT(time, std::chrono::milliseconds(1500));  // One after the other it were 3 s.
}

TEST_F(ControlConformance, BandwidthLimitsBothDirections) {
  const std::string body(200'000, 'x');
  Post("bandwidth?bytes-per-second=2000000");
  EXPECT_GE(TimeOf([&] { Put("/bucket/k", body); }), std::chrono::milliseconds(60));
  EXPECT_GE(TimeOf([&] { EXPECT_EQ(Do("GET", "/bucket/k").body, body); }), std::chrono::milliseconds(40));
  Post("bandwidth?bytes-per-second=0");
  EXPECT_EQ(Do("GET", "/bucket/k").body, body);
}

TEST_F(ControlConformance, Pitfall45_ABlackHoleHoldsRequestsAndDropsThemAtItsEnd) {
  Put("/bucket/k", "x");
  Post("blackhole?on=1&what=cos");
  HttpClient held = NewClient("Writer");
  held.Send(held.FormatHead("PUT", "/bucket/k", {{"Content-Length", "3"}}) + "new");
  while (Requests(Operation::kPutObject) < 2) {
  }
  EXPECT_EQ(Do("POST", "/identity/token", {}, "x").status, 400);  // IAM still answers.
  Post("blackhole?on=0&what=cos");
  EXPECT_EQ(held.ReadAnswer("PUT").status, 0);
  EXPECT_EQ(Do("GET", "/bucket/k").body, "x");
}

TEST_F(ControlConformance, ABlackHoleMayBeIamAlone) {
  Post("blackhole?on=1&what=iam");
  EXPECT_EQ(Do("HEAD", "/bucket").status, 200);
  HttpClient held = NewClient("");
  held.Send(held.FormatHead("POST", "/identity/token", {{"Content-Length", "1"}}) + "x");
  while (Requests(Operation::kTokenExchange) == 0) {
  }
  Post("blackhole?on=0&what=all");
  EXPECT_EQ(held.ReadAnswer("POST").status, 0);
}

TEST_F(ControlConformance, AnEmulatorThatHoldsRequestsStops) {
  Post("blackhole?on=1");
  HttpClient held = NewClient("Writer");
  held.Send(held.FormatHead("HEAD", "/bucket", {}));
  while (Requests(Operation::kHeadBucket) == 0) {
  }
  client_.reset();
  emulator_.reset();
  EXPECT_EQ(held.ReadAnswer("HEAD").status, 0);
}

TEST_F(ControlConformance, RevokedTokensAre403) {
  Post("revoke-tokens");
  EXPECT_EQ(Do("HEAD", "/bucket").status, 403);
  EXPECT_EQ(NewClient("Writer").Do("HEAD", "/bucket").status, 200);
}

TEST_F(ControlConformance, TokenLifetimeIsForNewTokens) {
  Post("token-lifetime?seconds=20");
  HttpClient short_lived = NewClient("Writer");
  clock_.Advance(std::chrono::seconds(20));
  EXPECT_EQ(short_lived.Do("HEAD", "/bucket").status, 403);
  EXPECT_EQ(Do("HEAD", "/bucket").status, 200);
}

TEST_F(ControlConformance, TokensAreGivenOutForCurl) {
  const HttpAnswer answer = Command("GET", "token?role=ContentReader");
  ASSERT_EQ(answer.status, 200);
  HttpClient client = NewClient("");
  client.SetHeader("Authorization", "Bearer " + answer.body);
  EXPECT_EQ(client.Do("HEAD", "/bucket").status, 200);
  EXPECT_EQ(client.Do("PUT", "/bucket/k", {}, "x").status, 403);
}

TEST_F(ControlConformance, RolesOfProfilesChangeAtOnce) {
  EXPECT_EQ(Command("POST", "role?profile=" + options_.profiles[0].id + "&role=None").status, 200);
  EXPECT_EQ(emulator_->services().iam.RolesOf("Bearer none"), std::nullopt);
  EXPECT_EQ(Command("POST", "role?profile=unknown&role=Writer").status, 400);
}

TEST_F(ControlConformance, StatusFaultsHitTheNextRequests) {
  Post("fault?op=HeadObject&status=503&code=SlowDown&count=2");
  Put("/bucket/k", "x");
  EXPECT_EQ(Do("HEAD", "/bucket/k").status, 503);
  EXPECT_EQ(Do("HEAD", "/bucket/k").status, 503);
  EXPECT_EQ(Do("HEAD", "/bucket/k").status, 200);
  Post("fault?op=PutObject&status=500&code=InternalError&count=1");
  const HttpAnswer failed = Do("PUT", "/bucket/k", {}, "y");
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(XmlText(failed.body, "Code"), "InternalError");
  EXPECT_EQ(Do("GET", "/bucket/k").body, "x");
}

TEST_F(ControlConformance, FaultsOfIamHaveIamsShape) {
  Post("fault?op=TokenExchange&status=429&code=BXNIM0430E");
  const HttpAnswer answer = Do("POST", "/identity/token", {}, "x");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(nlohmann::json::parse(answer.body)["errorCode"], "BXNIM0430E");
}

TEST_F(ControlConformance, ResetBeforeChangesNothing) {
  Post("fault?op=PutObject&kind=reset-before");
  EXPECT_EQ(Do("PUT", "/bucket/k", {}, "x").status, 0);
  EXPECT_EQ(Do("HEAD", "/bucket/k").status, 404);
}

TEST_F(ControlConformance, Pitfall26_ResetAfterLosesTheAnswerAlone) {
  Post("fault?op=PutObject&kind=reset-after");
  EXPECT_EQ(Do("PUT", "/bucket/k", {{"If-None-Match", "*"}}, "x").status, 0);
  EXPECT_EQ(Do("GET", "/bucket/k").body, "x");
  EXPECT_EQ(Do("PUT", "/bucket/k", {{"If-None-Match", "*"}}, "x").status, 412);
}

TEST_F(ControlConformance, Pitfall17_AnErrorMayHideInA200) {
  Put("/bucket/k", "x");
  Post("fault?op=CopyObject&kind=error-in-200&code=InternalError");
  const HttpAnswer answer = Do("PUT", "/bucket/c", {{"x-amz-copy-source", "/bucket/k"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(XmlText(answer.body, "Code"), "InternalError");
  EXPECT_EQ(Do("HEAD", "/bucket/c").status, 404);
}

TEST_F(ControlConformance, FaultsAreCleared) {
  Post("fault?op=*&count=100");
  Post("fault/clear");
  EXPECT_EQ(Do("HEAD", "/bucket").status, 200);
}

TEST_F(ControlConformance, ObjectsAreShown) {
  Do("PUT", "/bucket/k", {{"x-amz-meta-a", "1"}, {"Content-Type", "text/plain"}}, "hello");
  const auto objects = nlohmann::json::parse(Command("GET", "objects?bucket=bucket").body);
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_EQ(objects[0]["key"], "k");
  EXPECT_EQ(objects[0]["size"], 5);
  EXPECT_EQ(objects[0]["etag"], "\"5d41402abc4b2a76b9719d911017c592\"");
  EXPECT_EQ(objects[0]["metadata"]["a"], "1");
  EXPECT_EQ(objects[0]["content_type"], "text/plain");
}

TEST_F(ControlConformance, MistakesAreExplained) {
  for (const char* command :
       {"latency", "latency?ms=x", "blackhole?on=2", "blackhole?on=1&what=sun", "role?role=King", "fault?op=Dance",
        "bucket?bucket=bucket&versionning=enabled", "token-lifetime?seconds=3&now=1", "revoke-tokens?all=1",
        "fault?op=*&kind=flood", "fault?op=*&status=99", "rotate-token"}) {
    const HttpAnswer answer = Command("POST", command);
    EXPECT_EQ(answer.status, 400) << command;
    EXPECT_FALSE(answer.body.empty());
  }
  EXPECT_EQ(Command("GET", "latency?ms=1").status, 405);
  EXPECT_EQ(Command("POST", "unknown").status, 404);
  EXPECT_EQ(Command("GET", "objects?bucket=none").status, 400);
}

TEST_F(ControlConformance, TheRequestLogTellsEachRequestAndNoToken) {
  const TemporaryDirectory directory;
  options_.request_log = directory.path() + "/log";
  Restart();
  Do("PUT", "/bucket/k", {{"If-None-Match", "*"}}, "hello");
  Post("fault?op=GetObject&kind=reset-before");
  Do("GET", "/bucket/k", {{"Range", "bytes=0-1"}});
  std::ifstream file(options_.request_log);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  ASSERT_EQ(std::ranges::count(text, '\n'), 2);
  const auto put = nlohmann::json::parse(text.substr(0, text.find('\n')));
  EXPECT_EQ(put["op"], "PutObject");
  EXPECT_EQ(put["status"], 200);
  EXPECT_EQ(put["bytes_in"], 5);
  EXPECT_EQ(put["headers"]["if-none-match"], "*");
  const auto get = nlohmann::json::parse(text.substr(text.find('\n') + 1));
  EXPECT_EQ(get["fault"], "reset-before");
  EXPECT_EQ(get["status"], 0);
  EXPECT_EQ(text.find("Bearer"), std::string::npos);
  EXPECT_EQ(text.find("eyJ"), std::string::npos);
}

}  // namespace
}  // namespace cosfuse::emulator
