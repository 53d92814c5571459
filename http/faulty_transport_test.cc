#include "http/faulty_transport.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "http/fake_transport.h"

namespace cosfuse {
namespace {

using Fault = FaultyTransport::Fault;

class FaultyTransportTest : public ::testing::Test {
 protected:
  FaultyTransportTest() {
    target_.SetHandler([](const FakeTransport::Request&) {
      HttpHeaders headers;
      headers.Add("Content-Length", "8");
      return FakeTransport::Answer::Of(200, "abcdefgh", headers);
    });
  }

  Result<HttpResponseHead> Send() {
    HttpRequest request;
    request.url = "https://h/";
    return faulty_.Send(OpContext(), request, sink_);
  }

  FakeTransport target_;
  SeededRandom random_{1};
  FaultyTransport faulty_{target_, &random_};
  StringBodySink sink_{100};
};

TEST_F(FaultyTransportTest, PassesEverythingByDefault) {
  EXPECT_EQ(Send()->status, 200);
  EXPECT_EQ(sink_.body(), "abcdefgh");
}

TEST_F(FaultyTransportTest, AFaultBeforeSendingIsNotSeenByTheOtherSide) {
  faulty_.Inject(Fault::kBeforeSending);
  EXPECT_EQ(Send().error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(target_.request_count(), 0U);
  EXPECT_TRUE(Send());
}

TEST_F(FaultyTransportTest, ALostAnswerWasWorkedForAndNotSeen) {
  faulty_.Inject(Fault::kAfterAnswer);
  EXPECT_EQ(Send().error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(target_.request_count(), 1U);
  EXPECT_EQ(sink_.body(), "");
}

TEST_F(FaultyTransportTest, ATruncatedBodyDeliversHalf) {
  faulty_.Inject(Fault::kTruncatedBody);
  EXPECT_EQ(Send().error().code(), ErrorCode::kCorrupt);
  EXPECT_EQ(sink_.body(), "abcd");
}

TEST_F(FaultyTransportTest, TheScriptIsKeptInOrder) {
  faulty_.Inject(Fault::kNone, 2);
  faulty_.Inject(Fault::kBeforeSending);
  EXPECT_TRUE(Send());
  EXPECT_TRUE(Send());
  EXPECT_FALSE(Send());
}

TEST_F(FaultyTransportTest, ARandomShareFails) {
  faulty_.SetRandomShare(0.25);
  int failed = 0;
  for (int i = 0; i < 1000; ++i) failed += !Send();
  EXPECT_NEAR(failed, 250, 60);
}

TEST(FakeTransport, AnswersFromTheScriptFirstAndRecords) {
  FakeTransport fake;
  fake.SetHandler([](const FakeTransport::Request&) { return FakeTransport::Answer::Of(404); });
  fake.Push(FakeTransport::Answer::Of(503));
  StringBodySink sink(10);
  HttpRequest request;
  request.url = "https://h/1";
  EXPECT_EQ(fake.Send(OpContext(), request, sink)->status, 503);
  SpanBodySource body(AsBytes("xyz"));
  request.url = "https://h/2";
  request.body = &body;
  EXPECT_EQ(fake.Send(OpContext(), request, sink)->status, 404);
  ASSERT_EQ(fake.request_count(), 2U);
  EXPECT_EQ(fake.requests()[1].url, "https://h/2");
  EXPECT_EQ(fake.requests()[1].body, "xyz");
  EXPECT_EQ(fake.Send(OpContext::Immediate(), {}, sink).error().code(), ErrorCode::kWouldWait);
}

}  // namespace
}  // namespace cosfuse
