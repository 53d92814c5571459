#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "emulator/fake_emulator_bed.h"
#include "emulator/faults/parameters.h"

namespace cosfuse::emulator {
namespace {

/// What each kind of fault looks like to a client, over real sockets.
class FaultConformance : public EmulatorTest {
 protected:
  void AddFault(std::string_view rule) const {
    const HttpAnswer answer = Command("POST", "fault?" + std::string(rule));
    EXPECT_EQ(answer.status, 200) << rule << ": " << answer.body;
  }
  uint64_t Injected(Fault::Kind kind) const { return emulator_->services().counters.faults(kind); }
  /// Sends a request that meets silence, and ends that once it is there.
  HttpAnswer MeetSilence(Fault::Kind kind, std::string_view method, std::string_view target,
                         std::string_view body = {}) {
    HttpClient client = NewClient("Writer");
    client.Send(client.FormatHead(method, target, {{"Content-Length", std::to_string(body.size())}}) +
                std::string(body));
    while (Injected(kind) == 0) {
    }
    EXPECT_EQ(Command("POST", "fault/clear").status, 200);
    HttpAnswer answer = client.ReadAnswer(method);
    EXPECT_FALSE(client.connected());
    return answer;
  }
};

TEST_F(FaultConformance, StatusWithAndWithoutRetryAfter) {
  AddFault("op=HeadObject&status=503&code=SlowDown");
  AddFault("op=HeadObject&status=503&code=SlowDown&retry-after=2");
  AddFault("op=HeadObject&status=429&code=TooManyRequests&retry-after=Fri,%2031%20Dec%202027%2023:59:59%20GMT");
  EXPECT_EQ(Do("HEAD", "/bucket/k").Header("retry-after"), "");
  EXPECT_EQ(Do("HEAD", "/bucket/k").Header("retry-after"), "2");
  const HttpAnswer dated = Do("HEAD", "/bucket/k");
  EXPECT_EQ(dated.status, 429);
  EXPECT_EQ(dated.Header("retry-after"), "Fri, 31 Dec 2027 23:59:59 GMT");
}

TEST_F(FaultConformance, KeysChooseWhatFails) {
  Put("/bucket/a/1", "x");
  Put("/bucket/b", "x");
  AddFault("op=GetObject&key=a/*&rate=1");
  AddFault("op=ListObjectsV2&key=a/*&rate=1");
  EXPECT_EQ(Do("GET", "/bucket/b").status, 200);
  EXPECT_EQ(Do("GET", "/bucket/a/1").status, 500);
  EXPECT_EQ(Do("GET", "/bucket/a/1").status, 500);
  EXPECT_EQ(Do("GET", "/bucket?list-type=2").status, 200);
  EXPECT_EQ(Do("GET", "/bucket?list-type=2&prefix=a/").status, 500);
}

TEST_F(FaultConformance, RatesRepeatThemselvesForTheSameSeed) {
  const auto statuses = [this] {
    std::string failed;
    AddFault("op=HeadBucket&rate=0.5&seed=11");
    for (int i = 0; i < 40; ++i) failed += Do("HEAD", "/bucket").status == 500 ? '1' : '0';
    Command("POST", "fault/clear");
    return failed;
  };
  const std::string first = statuses();
  EXPECT_EQ(statuses(), first);
  EXPECT_NE(first.find('0'), std::string::npos);
  EXPECT_NE(first.find('1'), std::string::npos);
}

TEST_F(FaultConformance, Pitfall18_ATruncatedBodyEndsTheConnection) {
  const std::string body(300'000, 'x');
  Put("/bucket/k", body);
  AddFault("op=GetObject&kind=truncate&at=200000");
  const HttpAnswer cut = Do("GET", "/bucket/k");
  EXPECT_EQ(cut.status, 200);
  EXPECT_EQ(cut.Header("content-length"), "300000");
  EXPECT_EQ(cut.body.size(), 200'000U);
  EXPECT_FALSE(client_->connected());
  EXPECT_EQ(Do("GET", "/bucket/k").body, body);
}

TEST_F(FaultConformance, AStalledBodySendsAPartAndThenNothing) {
  Put("/bucket/k", "0123456789");
  AddFault("op=GetObject&kind=stall&at=4");
  const HttpAnswer stalled = MeetSilence(Fault::Kind::kStall, "GET", "/bucket/k");
  EXPECT_EQ(stalled.status, 200);
  EXPECT_EQ(stalled.body, "0123");
}

TEST_F(FaultConformance, AStallMayEnd) {
  Put("/bucket/k", "0123456789");
  AddFault("op=GetObject&kind=stall&at=4&ms=30");
  const SystemClock clock;
  const MonotonicTime start = clock.Now();
  EXPECT_EQ(Do("GET", "/bucket/k").body, "0123456789");
  EXPECT_GE(clock.Now() - start, std::chrono::milliseconds(30));
}

TEST_F(FaultConformance, Pitfall45_ABlackHoleMaySwallowOneRequest) {
  Put("/bucket/k", "old");
  AddFault("op=PutObject&kind=black-hole");
  EXPECT_EQ(MeetSilence(Fault::Kind::kBlackHole, "PUT", "/bucket/k", "new").status, 0);
  EXPECT_EQ(Do("GET", "/bucket/k").body, "old");
}

TEST_F(FaultConformance, Pitfall26_ABlackHoleMaySwallowTheAnswerAlone) {
  AddFault("op=PutObject&kind=black-hole-after");
  EXPECT_EQ(MeetSilence(Fault::Kind::kBlackHoleAfter, "PUT", "/bucket/k", "new").status, 0);
  EXPECT_EQ(Do("GET", "/bucket/k").body, "new");
}

TEST_F(FaultConformance, AnEmulatorWhoseAnswersStallStops) {
  Put("/bucket/k", "0123456789");
  AddFault("op=GetObject&kind=stall");
  AddFault("op=HeadObject&kind=black-hole");
  HttpClient stalled = NewClient("Writer");
  stalled.Send(stalled.FormatHead("GET", "/bucket/k", {}));
  HttpClient swallowed = NewClient("Writer");
  swallowed.Send(swallowed.FormatHead("HEAD", "/bucket/k", {}));
  while (Injected(Fault::Kind::kStall) + Injected(Fault::Kind::kBlackHole) < 2) {
  }
  client_.reset();
  emulator_.reset();
  EXPECT_EQ(swallowed.ReadAnswer("HEAD").status, 0);
  EXPECT_EQ(stalled.ReadAnswer("GET").body, "01234");
}

TEST_F(FaultConformance, ACorruptedBodyHasItsRightLengthAndChecksum) {
  const HttpAnswer put = Do("PUT", "/bucket/k", {{"x-amz-checksum-crc32c", "mnG7TA=="}}, "hello");
  ASSERT_EQ(put.status, 200) << put.body;
  AddFault("op=GetObject&kind=corrupt&at=1");
  const HttpAnswer corrupted = Do("GET", "/bucket/k", {{"x-amz-checksum-mode", "ENABLED"}});
  EXPECT_EQ(corrupted.body, "hdllo");
  EXPECT_EQ(corrupted.Header("x-amz-checksum-crc32c"), "mnG7TA==");
  EXPECT_EQ(Do("GET", "/bucket/k").body, "hello");
}

TEST_F(FaultConformance, HeadersAreWrongOrMissing) {
  const std::string etag = Put("/bucket/k", "0123456789");
  AddFault("op=HeadObject&kind=wrong-header&header=ETag");
  EXPECT_NE(Do("HEAD", "/bucket/k").Header("etag"), etag);
  AddFault("op=HeadObject&kind=missing-header&header=ETag");
  EXPECT_FALSE(Do("HEAD", "/bucket/k").headers.contains("etag"));
  AddFault("op=GetObject&kind=wrong-header&header=Content-Range");
  EXPECT_EQ(Do("GET", "/bucket/k", {{"Range", "bytes=2-4"}}).Header("content-range"), "bytes 3-5/10");
  AddFault("op=GetObject&kind=missing-header&header=Content-Range");
  EXPECT_FALSE(Do("GET", "/bucket/k", {{"Range", "bytes=2-4"}}).headers.contains("content-range"));
  AddFault("op=HeadObject&kind=missing-header&header=Date");
  EXPECT_FALSE(Do("HEAD", "/bucket/k").headers.contains("date"));
}

TEST_F(FaultConformance, TheContentLengthIsWrong) {
  Put("/bucket/k", "0123456789");
  AddFault("op=GetObject&kind=wrong-header&header=Content-Length");
  const HttpAnswer shorter = Do("GET", "/bucket/k");
  EXPECT_EQ(shorter.Header("content-length"), "9");
  EXPECT_EQ(shorter.body, "012345678");
  EXPECT_TRUE(client_->connected());
  AddFault("op=GetObject&kind=wrong-header&header=Content-Length&value=20");
  const HttpAnswer longer = Do("GET", "/bucket/k");
  EXPECT_EQ(longer.Header("content-length"), "20");
  EXPECT_EQ(longer.body, "0123456789");
  EXPECT_FALSE(client_->connected());
  AddFault("op=HeadObject&kind=wrong-header&header=Content-Length&value=77");
  EXPECT_EQ(Do("HEAD", "/bucket/k").Header("content-length"), "77");
}

TEST_F(FaultConformance, TheContentLengthIsMissing) {
  Put("/bucket/k", "0123456789");
  AddFault("op=GetObject&kind=missing-header&header=Content-Length");
  const HttpAnswer chunked = Do("GET", "/bucket/k");
  EXPECT_FALSE(chunked.headers.contains("content-length"));
  EXPECT_EQ(chunked.Header("transfer-encoding"), "chunked");
  client_->Disconnect();
  AddFault("op=HeadObject&kind=missing-header&header=Content-Length");
  EXPECT_FALSE(Do("HEAD", "/bucket/k").headers.contains("content-length"));
}

TEST_F(FaultConformance, Pitfall17_AnErrorInA200MayComeAfterSpaces) {
  Put("/bucket/k", "x");
  AddFault("op=CopyObject&kind=error-in-200&code=InternalError&spaces=5&ms=4");
  const HttpAnswer answer = Do("PUT", "/bucket/c", {{"x-amz-copy-source", "/bucket/k"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("?>     "), std::string::npos) << answer.body;
  EXPECT_EQ(XmlText(answer.body, "Code"), "InternalError");
  EXPECT_EQ(Do("HEAD", "/bucket/c").status, 404);
}

TEST_F(FaultConformance, Pitfall17_SuccessMayComeAfterSpacesToo) {
  Put("/bucket/k", "x");
  AddFault("op=CopyObject&kind=spaces&spaces=3");
  const HttpAnswer answer = Do("PUT", "/bucket/c", {{"x-amz-copy-source", "/bucket/k"}});
  EXPECT_NE(answer.body.find("?>   "), std::string::npos) << answer.body;
  EXPECT_NE(XmlText(answer.body, "ETag"), "(none)");
  EXPECT_EQ(Do("GET", "/bucket/c").body, "x");
}

TEST_F(FaultConformance, ListingsMayLeadToThemselves) {
  for (const char* key : {"a", "b", "c"}) Put("/bucket/" + std::string(key), "x");
  AddFault("op=ListObjectsV2&kind=repeat-token&count=3");
  const HttpAnswer first = Do("GET", "/bucket?list-type=2&max-keys=2");
  const std::string token = XmlText(first.body, "NextContinuationToken");
  EXPECT_EQ(XmlTexts(first.body, "Key"), "a,b");
  for (int i = 0; i < 2; ++i) {
    const HttpAnswer again = Do("GET", "/bucket?list-type=2&max-keys=2&continuation-token=" + token);
    EXPECT_EQ(XmlText(again.body, "NextContinuationToken"), token);
    EXPECT_EQ(XmlText(again.body, "IsTruncated"), "true");
    EXPECT_EQ(XmlTexts(again.body, "Key"), "a,b");
  }
}

TEST_F(FaultConformance, Pitfall46_IamIsDownSlowThrottledOrBehindAProxy) {
  AddFault("op=TokenExchange&kind=reset-before");
  EXPECT_EQ(Do("POST", "/identity/token", {}, "x").status, 0);
  AddFault("op=TokenExchange&status=429&code=BXNIM0430E&retry-after=1");
  const HttpAnswer throttled = Do("POST", "/identity/token", {}, "x");
  EXPECT_EQ(throttled.status, 429);
  EXPECT_EQ(throttled.Header("retry-after"), "1");
  AddFault("op=TokenExchange&kind=html&status=502");
  const HttpAnswer proxied = Do("POST", "/identity/token", {}, "x");
  EXPECT_EQ(proxied.status, 502);
  EXPECT_EQ(proxied.Header("content-type"), "text/html");
  EXPECT_NE(proxied.body.find("<html>"), std::string::npos);
  AddFault("op=TokenExchange&kind=delay&ms=40");
  const SystemClock clock;
  const MonotonicTime start = clock.Now();
  EXPECT_EQ(Do("POST", "/identity/token", {}, "x").status, 400);
  EXPECT_GE(clock.Now() - start, std::chrono::milliseconds(40));
}

TEST_F(FaultConformance, LatencyHasJitterAndATail) {
  EXPECT_EQ(Command("POST", "latency?ms=10&jitter-ms=5&tail-rate=1&tail-ms=30").status, 200);
  const SystemClock clock;
  const MonotonicTime start = clock.Now();
  EXPECT_EQ(Do("HEAD", "/bucket").status, 200);
  EXPECT_GE(clock.Now() - start, std::chrono::milliseconds(40));
}

TEST_F(FaultConformance, EachInjectedFaultStandsInTheLogAndTheCounters) {
  const TemporaryDirectory directory;
  options_.request_log = directory.path() + "/log";
  options_.faults.push_back(ParseFaultRule(Query::Parse("op=GetObject&kind=truncate&at=3").value()).value());
  Restart();
  Put("/bucket/k", "0123456789");
  Do("GET", "/bucket/k");
  AddFault("op=DeleteObject&kind=corrupt");  // Its answer has no body that could be corrupted.
  Do("DELETE", "/bucket/k");
  std::ifstream file(options_.request_log);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  ASSERT_EQ(std::ranges::count(text, '\n'), 3);
  const size_t second = text.find('\n') + 1;
  const size_t third = text.find('\n', second) + 1;
  const auto cut = nlohmann::json::parse(text.substr(second, third - second));
  EXPECT_EQ(cut["fault"], "truncate");
  EXPECT_EQ(cut["bytes_out"], 3);
  EXPECT_EQ(nlohmann::json::parse(text.substr(third))["fault"], "");
  const auto counters = nlohmann::json::parse(Command("GET", "counters").body);
  EXPECT_EQ(counters["faults"], nlohmann::json({{"truncate", 1}}));
}

}  // namespace
}  // namespace cosfuse::emulator
