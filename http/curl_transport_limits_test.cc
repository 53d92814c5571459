#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "base/encoding.h"
#include "base/thread_pool.h"
#include "http/curl_transport.h"
#include "http/curl_transport_fixture.h"
#include "http/fake_http_server.h"
#include "http/fake_pattern_body.h"

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

using Peer = FakeHttpServer::Peer;
using Request = FakeHttpServer::Request;

CurlTransport::Options Impatient() {
  CurlTransport::Options options;
  options.network_threads = 1;
  options.stall_timeout = milliseconds(100);
  return options;
}

CurlTransport::Options OneThread(size_t max_connections) {
  CurlTransport::Options options;
  options.network_threads = 1;
  options.max_connections_per_host = max_connections;
  return options;
}

/// Time, cancelling, connections and how many requests there are at once.
class CurlTransportLimitsTest : public CurlTransportFixture {
 protected:
  CurlTransport impatient_{Impatient(), clock_};
};

TEST_F(CurlTransportLimitsTest, NoProgressBeforeTheAnswerTimesOut) {
  FakeHttpServer server([](const Request&, Peer& peer) {
    peer.WaitForClose();
    return false;
  });
  const auto head = impatient_.Send(OpContext(), MakeRequest(server.Url()), sink_);
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code(), ErrorCode::kTimedOut);
  EXPECT_THAT(head.error().message(), HasSubstr("no byte moved between us and 127.0.0.1:"));
}

TEST_F(CurlTransportLimitsTest, NoProgressInTheBodyTimesOut) {
  FakeHttpServer server([](const Request&, Peer& peer) {
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    peer.WaitForClose();
    return false;
  });
  EXPECT_EQ(impatient_.Send(OpContext(), MakeRequest(server.Url()), sink_).error().code(), ErrorCode::kTimedOut);
  EXPECT_EQ(sink_.body(), "abc");
}

TEST_F(CurlTransportLimitsTest, NoProgressOfAnUploadTimesOut) {
  std::atomic<bool> over = false;
  FakeHttpServer server(
      [&over](const Request&, Peer&) {
        while (!over) over.wait(false);  // Never reads: the wire fills up.
        return false;
      },
      {.read_body = false});
  PatternSource body(kLarge);
  const auto head = impatient_.Send(OpContext(), MakeRequest(server.Url(), HttpMethod::kPut, &body), sink_);
  over = true;
  over.notify_all();
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code(), ErrorCode::kTimedOut) << head.error().ToString();
}

TEST_F(CurlTransportLimitsTest, AnAllowanceLengthensOnlyTheWaitForTheHead) {
  std::atomic<bool> stalled_request_is_over = false;
  FakeHttpServer server([&](const Request& request, Peer& peer) {
    if (request.target == "/copy") {  // Answers only after others have stalled: the wait exceeds the plain limit.
      while (!stalled_request_is_over) stalled_request_is_over.wait(false);
      return peer.Send(FakeHttpServer::Answer(200, "done"));
    }
    peer.WaitForClose();
    return false;
  });
  Result<HttpResponseHead> copied = Fail(ErrorCode::kInternal, "not sent");
  {
    ThreadPool sender({.name = "sender", .max_threads = 1});
    sender.Post([&] {
      StringBodySink sink(kKiB);
      HttpRequest request = MakeRequest(server.Url("/copy"));
      request.answer_allowance = seconds(60);
      copied = impatient_.Send(OpContext(), request, sink);
    });
    EXPECT_EQ(impatient_.Send(OpContext(), MakeRequest(server.Url("/stall")), sink_).error().code(),
              ErrorCode::kTimedOut);
    EXPECT_EQ(impatient_.Send(OpContext(), MakeRequest(server.Url("/stall")), sink_).error().code(),
              ErrorCode::kTimedOut);
    stalled_request_is_over = true;
    stalled_request_is_over.notify_all();
  }
  ASSERT_TRUE(copied) << copied.error().ToString();
  EXPECT_EQ(copied->status, 200);
}

TEST_F(CurlTransportLimitsTest, PatienceShorterThanTheStallLimitHolds) {
  FakeHttpServer server([](const Request&, Peer& peer) {
    peer.WaitForClose();
    return false;
  });
  const auto head = transport_.Send(OpContext().WithPatience(milliseconds(50)), MakeRequest(server.Url()), sink_);
  EXPECT_EQ(head.error().code(), ErrorCode::kTimedOut);
}

TEST_F(CurlTransportLimitsTest, TheDeadlineEndsATransferThatMoves) {
  FakeHttpServer server([](const Request&, Peer& peer) {
    peer.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (peer.Send("1\r\nx\r\n")) {
    }
    return false;
  });
  class Swallow final : public BodySink {
    Result<> OnHead(const HttpResponseHead& /*head*/) override { return {}; }
    Result<> OnData(std::span<const std::byte> /*data*/) override { return {}; }
  } swallow;
  const auto context = OpContext().WithDeadline(clock_.Now() + milliseconds(100));
  const auto head = transport_.Send(context, MakeRequest(server.Url()), swallow);
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code(), ErrorCode::kTimedOut);
  EXPECT_THAT(head.error().message(), HasSubstr("deadline"));
}

TEST_F(CurlTransportLimitsTest, CancellingABlackHoleReturnsWithin100Milliseconds) {
  const auto cancellation = std::make_shared<Cancellation>();
  std::atomic<MonotonicTime> cancelled_at{};
  FakeHttpServer server([&](const Request&, Peer& peer) {
    cancelled_at = clock_.Now();
    cancellation->Cancel();
    peer.WaitForClose();
    return false;
  });
  const auto head = transport_.Send(OpContext().WithCancellation(cancellation), MakeRequest(server.Url()), sink_);
  const Duration took = clock_.Now() - cancelled_at.load();
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code(), ErrorCode::kCancelled);
  EXPECT_LT(took, milliseconds(100));
}

TEST_F(CurlTransportLimitsTest, ACancelledOrImmediateContextSendsNothing) {
  FakeHttpServer server([](const Request&, Peer& peer) { return peer.Send(FakeHttpServer::Answer(200, "")); });
  const auto cancellation = std::make_shared<Cancellation>();
  cancellation->Cancel();
  EXPECT_EQ(Get(server.Url(), OpContext().WithCancellation(cancellation)).error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(Get(server.Url(), OpContext::Immediate()).error().code(), ErrorCode::kWouldWait);
  EXPECT_EQ(Get(server.Url(), OpContext().WithDeadline(clock_.Now())).error().code(), ErrorCode::kTimedOut);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(CurlTransportLimitsTest, ATlsHandshakeWithoutAnAnswerTimesOut) {
  FakeHttpServer server([](const Request&, Peer&) { return false; });  // Waits for a line that TLS never sends.
  const auto head = impatient_.Send(OpContext(), MakeRequest("https" + server.Url().substr(4)), sink_);
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code(), ErrorCode::kTimedOut);
}

TEST_F(CurlTransportLimitsTest, RequestsOneAfterTheOtherShareAConnection) {
  FakeHttpServer server([](const Request&, Peer& peer) { return peer.Send(FakeHttpServer::Answer(200, "x")); });
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Get(server.Url()));
  SpanBodySource body(AsBytes("xyz"));
  ASSERT_TRUE(transport_.Send(OpContext(), MakeRequest(server.Url(), HttpMethod::kPut, &body), sink_));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(CurlTransportLimitsTest, AKeptConnectionThatTurnsOutDeadIsReplaced) {
  FakeHttpServer server([](const Request& request, Peer& peer) {
    peer.Send(FakeHttpServer::Answer(request.body == (request.method == "PUT" ? "xyz" : "") ? 200 : 400, ""));
    return false;  // Without a word about it in the answer.
  });
  ASSERT_TRUE(Get(server.Url()));
  SpanBodySource body(AsBytes("xyz"));
  const auto head = transport_.Send(OpContext(), MakeRequest(server.Url(), HttpMethod::kPut, &body), sink_);
  ASSERT_TRUE(head) << head.error().ToString();
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(server.connections(), 2);
}

/// Sends `count` requests at the same time, and waits for all of them. `begun` counts those about to be sent.
int CountSuccesses(CurlTransport& transport, const std::string& url, int count, std::atomic<int>& begun) {
  std::atomic<int> succeeded = 0;
  {
    ThreadPool pool({.name = "sender", .max_threads = static_cast<size_t>(count)});
    for (int i = 0; i < count; ++i) {
      pool.Post([&] {
        StringBodySink sink(kKiB);
        ++begun;
        begun.notify_all();
        if (transport.Send(OpContext(), MakeRequest(url), sink)) ++succeeded;
      });
    }
  }
  return succeeded;
}

void WaitFor(std::atomic<int>& counter, int value) {
  for (int seen = counter; seen < value; seen = counter) counter.wait(seen);
}

TEST_F(CurlTransportLimitsTest, SixtyFourRequestsAreUnderWayAtOnce) {
  constexpr int kCount = 64;
  std::atomic<int> begun = 0;
  std::atomic<int> arrived = 0;
  FakeHttpServer server([&arrived](const Request&, Peer& peer) {
    ++arrived;
    arrived.notify_all();
    WaitFor(arrived, kCount);  // Nobody is answered before all are here.
    return peer.Send(FakeHttpServer::Answer(200, "x"));
  });
  EXPECT_EQ(CountSuccesses(transport_, server.Url(), kCount, begun), kCount);
  EXPECT_EQ(server.connections(), kCount);
}

TEST_F(CurlTransportLimitsTest, RequestsBeyondTheConnectionLimitWaitTheirTurn) {
  constexpr int kCount = 16;
  CurlTransport transport(OneThread(2), clock_);
  std::atomic<int> begun = 0;
  FakeHttpServer server([&begun](const Request&, Peer& peer) {
    WaitFor(begun, kCount);
    return peer.Send(FakeHttpServer::Answer(200, "x"));
  });
  EXPECT_EQ(CountSuccesses(transport, server.Url(), kCount, begun), kCount);
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(CurlTransportLimitsTest, AWaitingRequestCanBeCancelled) {
  CurlTransport transport(OneThread(1), clock_);
  const auto cancel_first = std::make_shared<Cancellation>();
  const auto cancel_second = std::make_shared<Cancellation>();
  std::atomic<bool> holding = false;
  FakeHttpServer server([&](const Request&, Peer& peer) {
    holding = true;
    holding.notify_all();
    peer.WaitForClose();
    return false;
  });
  Result<HttpResponseHead> first = Fail(ErrorCode::kInternal, "not sent");
  Result<HttpResponseHead> second = Fail(ErrorCode::kInternal, "not sent");
  {
    ThreadPool pool({.name = "sender", .max_threads = 2});
    pool.Post([&] {
      StringBodySink sink(kKiB);
      first = transport.Send(OpContext().WithCancellation(cancel_first), MakeRequest(server.Url()), sink);
    });
    holding.wait(false);
    pool.Post([&] {
      StringBodySink sink(kKiB);
      second = transport.Send(OpContext().WithCancellation(cancel_second), MakeRequest(server.Url()), sink);
      cancel_first->Cancel();  // Only now: the second ended while the first still held the only connection.
    });
    cancel_second->Cancel();
  }
  EXPECT_EQ(second.error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(first.error().code(), ErrorCode::kCancelled);
}

}  // namespace
}  // namespace cosfuse
