#include <gtest/gtest.h>

#include "emulator/fake_emulator_bed.h"

namespace cosfuse::emulator {
namespace {

using WireConformance = EmulatorTest;

TEST_F(WireConformance, AConnectionServesManyRequests) {
  HttpClient client = NewClient("Writer");
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.Do("PUT", "/bucket/k" + std::to_string(i), {}, "x").status, 200);
    EXPECT_EQ(client.Do("GET", "/bucket/k" + std::to_string(i)).body, "x");
    EXPECT_TRUE(client.connected());
  }
}

TEST_F(WireConformance, ARefusedUploadIsReadToItsEndAndTheConnectionStays) {
  HttpClient stranger = NewClient("");
  const std::string big(3'000'000, 'x');
  const HttpAnswer refused = stranger.Do("PUT", "/bucket/k", {}, big);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(XmlText(refused.body, "Code"), "AccessDenied");
  EXPECT_TRUE(stranger.connected());
  EXPECT_EQ(stranger.Do("GET", "/public-bucket?list-type=2").status, 200);
}

TEST_F(WireConformance, ExpectContinueIsAnsweredBeforeTheBody) {
  client_->Send(client_->FormatHead("PUT", "/bucket/k", {{"Expect", "100-continue"}, {"Content-Length", "5"}}));
  EXPECT_EQ(client_->ReadAnswer("PUT").status, 100);
  client_->Send("hello");
  EXPECT_EQ(client_->ReadAnswer("PUT").status, 200);
  EXPECT_EQ(Do("GET", "/bucket/k").body, "hello");
}

TEST_F(WireConformance, ExpectContinueIsRefusedBeforeTheBody) {
  HttpClient stranger = NewClient("");
  stranger.Send(stranger.FormatHead("PUT", "/bucket/k", {{"Expect", "100-continue"}, {"Content-Length", "5000000"}}));
  EXPECT_EQ(stranger.ReadAnswer("PUT").status, 403);
  EXPECT_FALSE(stranger.connected());  // Whether the body comes cannot be known: the server closes.
}

TEST_F(WireConformance, AnUploadNeedsALength) {
  client_->Send(client_->FormatHead("PUT", "/bucket/k", {{"Transfer-Encoding", "chunked"}}) +
                "5\r\nhello\r\n0\r\n\r\n");
  const HttpAnswer answer = client_->ReadAnswer("PUT");
  EXPECT_EQ(answer.status, 411);
  EXPECT_EQ(XmlText(answer.body, "Code"), "MissingContentLength");
  EXPECT_EQ(Do("HEAD", "/bucket/k").status, 404);
}

TEST_F(WireConformance, ABodyMayArriveInTinyPieces) {
  client_->Send(client_->FormatHead("PUT", "/bucket/k", {{"Content-Length", "10"}}));
  for (const char c : std::string("0123456789")) client_->Send(std::string(1, c));
  EXPECT_EQ(client_->ReadAnswer("PUT").status, 200);
  EXPECT_EQ(Do("GET", "/bucket/k").body, "0123456789");
}

TEST_F(WireConformance, Pitfall18_AnUploadThatIsCutOffChangesNothing) {
  Put("/bucket/k", "old");
  HttpClient cut = NewClient("Writer");
  cut.Send(cut.FormatHead("PUT", "/bucket/k", {{"Content-Length", "10"}}) + "01234");
  cut.Disconnect();
  EXPECT_EQ(Do("GET", "/bucket/k").body, "old");
}

TEST_F(WireConformance, ABrokenTargetIsInvalidUri) {
  const HttpAnswer answer = Do("GET", "/bucket/%zz");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(XmlText(answer.body, "Code"), "InvalidURI");
}

TEST_F(WireConformance, UnknownMethodsAreNotAllowed) {
  EXPECT_EQ(Do("PATCH", "/bucket/k", {{"Content-Length", "0"}}).status, 405);
}

TEST_F(WireConformance, ManyConnectionsAreServedByFewThreads) {
  Put("/bucket/k", "x");
  std::vector<HttpClient> clients;
  clients.reserve(100);
  for (int i = 0; i < 100; ++i) clients.push_back(NewClient("Writer"));
  for (HttpClient& client : clients) client.Send(client.FormatHead("GET", "/bucket/k", {}));
  for (HttpClient& client : clients) EXPECT_EQ(client.ReadAnswer("GET").body, "x");
}

}  // namespace
}  // namespace cosfuse::emulator
