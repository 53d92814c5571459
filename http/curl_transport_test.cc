#include "http/curl_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/random.h"
#include "base/thread_pool.h"
#include "http/fake_http_server.h"

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

using Peer = FakeHttpServer::Peer;
using Request = FakeHttpServer::Request;

constexpr ByteCount kLarge = 64 * kMiB;

/// The bytes of a large body from `offset` on, as far as they lie in one piece: it repeats with an odd period, so that
/// blocks which change places are noticed.
std::span<const std::byte> PatternFrom(ByteCount offset) {
  static const std::vector<std::byte> kPeriod = [] {
    std::vector<std::byte> period(kMiB - 1);
    SeededRandom random(1);
    for (std::byte& byte : period) byte = static_cast<std::byte>(random.Next());
    return period;
  }();
  return std::span(kPeriod).subspan(offset % kPeriod.size());
}

void FillPattern(ByteCount offset, std::span<std::byte> out) {
  while (!out.empty()) {
    const auto piece = PatternFrom(offset).first(std::min(out.size(), PatternFrom(offset).size()));
    std::ranges::copy(piece, out.begin());
    out = out.subspan(piece.size());
    offset += piece.size();
  }
}

bool IsPattern(ByteCount offset, std::span<const std::byte> data) {
  while (!data.empty()) {
    const auto piece = PatternFrom(offset).first(std::min(data.size(), PatternFrom(offset).size()));
    if (!std::ranges::equal(piece, data.first(piece.size()))) return false;
    data = data.subspan(piece.size());
    offset += piece.size();
  }
  return true;
}

class PatternSource final : public BodySource {
 public:
  explicit PatternSource(ByteCount size) : size_(size) {}
  ByteCount size() const override { return size_; }
  Result<size_t> Read(ByteCount offset, std::span<std::byte> out) override {
    const auto count = static_cast<size_t>(std::min<ByteCount>(out.size(), size_ - offset));
    FillPattern(offset, out.first(count));
    return count;
  }

 private:
  const ByteCount size_;
};

/// Compares an answer with the pattern as it arrives.
class PatternSink final : public BodySink {
 public:
  Result<> OnHead(const HttpResponseHead& /*head*/) override { return {}; }
  Result<> OnData(std::span<const std::byte> data) override {
    if (!IsPattern(received_, data)) return Fail(ErrorCode::kInternal, "wrong bytes");
    received_ += data.size();
    return {};
  }
  ByteCount received() const { return received_; }

 private:
  ByteCount received_ = 0;
};

std::string PatternText(ByteCount offset, size_t size) {
  std::string text(size, '\0');
  FillPattern(offset, std::as_writable_bytes(std::span(text)));
  return text;
}

HttpRequest MakeRequest(std::string url, HttpMethod method = HttpMethod::kGet, BodySource* body = nullptr) {
  HttpRequest request;
  request.method = method;
  request.url = std::move(url);
  request.body = body;
  return request;
}

/// For tests of stalls; a machine under load must not make the others stall.
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

class CurlTransportTest : public ::testing::Test {
 protected:
  /// Sends a GET and collects the answer.
  Result<HttpResponseHead> Get(const std::string& url, const OpContext& context = OpContext()) {
    return transport_.Send(context, MakeRequest(url), sink_);
  }

  SystemClock clock_;
  CurlTransport transport_{CurlTransport::Options(), clock_};
  CurlTransport impatient_{Impatient(), clock_};
  StringBodySink sink_{kMiB};
};

TEST_F(CurlTransportTest, GetReturnsStatusHeadersAndBody) {
  FakeHttpServer server([](const Request&, Peer& peer) {
    return peer.Send(
        FakeHttpServer::Answer(404, "no such key", "ETag: \"e\"\r\nx-amz-meta-a: 1\r\nx-amz-meta-a: 2\r\n"));
  });
  const auto head = Get(server.Url("/b/k?x=1"));
  ASSERT_TRUE(head) << head.error().ToString();
  EXPECT_EQ(head->status, 404);
  EXPECT_EQ(head->headers.Get("etag"), "\"e\"");
  EXPECT_EQ(head->headers.GetJoined("x-amz-meta-a"), "1, 2");
  EXPECT_EQ(sink_.body(), "no such key");
}

TEST_F(CurlTransportTest, GetStreamsALargeBody) {
  FakeHttpServer server([](const Request&, Peer& peer) {
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kLarge) + "\r\n\r\n");
    for (ByteCount offset = 0; offset < kLarge; offset += kMiB) peer.Send(PatternText(offset, kMiB));
    return true;
  });
  PatternSink sink;
  const auto head = transport_.Send(OpContext(), MakeRequest(server.Url()), sink);
  ASSERT_TRUE(head) << head.error().ToString();
  EXPECT_EQ(sink.received(), kLarge);
}

TEST_F(CurlTransportTest, PutStreamsALargeBodyWithLengthAndWithoutExpect) {
  FakeHttpServer server([](const Request& request, Peer& peer) {
    const bool right = request.method == "PUT" && request.headers.at("content-length") == std::to_string(kLarge) &&
                       !request.headers.contains("expect") && !request.headers.contains("transfer-encoding") &&
                       request.body.size() == kLarge && IsPattern(0, AsBytes(request.body));
    return peer.Send(FakeHttpServer::Answer(right ? 200 : 400, ""));
  });
  PatternSource body(kLarge);
  const auto head = transport_.Send(OpContext(), MakeRequest(server.Url(), HttpMethod::kPut, &body), sink_);
  ASSERT_TRUE(head) << head.error().ToString();
  EXPECT_EQ(head->status, 200);
}

TEST_F(CurlTransportTest, EveryMethodArrivesAsItself) {
  FakeHttpServer server([](const Request& request, Peer& peer) {
    const auto length = request.headers.find("content-length");
    return peer.Send(FakeHttpServer::Answer(200, request.method == "HEAD" ? "" : request.method + "/" + request.body,
                                            "x-method: " + request.method + "\r\nx-length: " +
                                                (length == request.headers.end() ? "none" : length->second) + "\r\n"));
  });
  SpanBodySource body(AsBytes("xyz"));
  struct Row {
    HttpMethod method;
    BodySource* body;
    std::string_view length;
  };
  for (const Row& row :
       {Row{HttpMethod::kGet, nullptr, "none"}, Row{HttpMethod::kHead, nullptr, "none"},
        Row{HttpMethod::kDelete, nullptr, "none"}, Row{HttpMethod::kPut, nullptr, "0"},
        Row{HttpMethod::kPost, nullptr, "0"}, Row{HttpMethod::kPut, &body, "3"}, Row{HttpMethod::kPost, &body, "3"}}) {
    const auto head = transport_.Send(OpContext(), MakeRequest(server.Url(), row.method, row.body), sink_);
    ASSERT_TRUE(head) << head.error().ToString();
    EXPECT_EQ(head->headers.Get("x-method"), HttpMethodName(row.method));
    EXPECT_EQ(head->headers.Get("x-length"), row.length);
    EXPECT_EQ(sink_.body().ends_with("/xyz"), row.body != nullptr);
  }
}

TEST_F(CurlTransportTest, HeadersArriveAsTheyAre) {
  FakeHttpServer server([](const Request& request, Peer& peer) {
    const bool right = request.headers.at("range") == "bytes=0-9" && request.headers.at("x-empty").empty() &&
                       !request.headers.contains("content-type");
    return peer.Send(FakeHttpServer::Answer(right ? 206 : 400, "0123456789"));
  });
  HttpRequest request = MakeRequest(server.Url(), HttpMethod::kPost);
  request.headers.Add("Range", "bytes=0-9");
  request.headers.Add("x-empty", "");
  EXPECT_EQ(transport_.Send(OpContext(), request, sink_)->status, 206);
}

TEST_F(CurlTransportTest, AHeaderWithALineBreakIsRefused) {
  HttpRequest request = MakeRequest("http://127.0.0.1:1/");
  request.headers.Add("x-amz-meta-a", "1\r\nx-amz-copy-source: /other");
  EXPECT_EQ(transport_.Send(OpContext(), request, sink_).error().code(), ErrorCode::kInvalidArgument);
}

TEST_F(CurlTransportTest, ThePathIsSentAsItIs) {
  FakeHttpServer server(
      [](const Request& request, Peer& peer) { return peer.Send(FakeHttpServer::Answer(200, request.target)); });
  ASSERT_TRUE(Get(server.Url("/b/./x/../y//z/%2E?list-type=2&prefix=a%2Fb")));
  EXPECT_EQ(sink_.body(), "/b/./x/../y//z/%2E?list-type=2&prefix=a%2Fb");
}

TEST_F(CurlTransportTest, HeadHasALengthAndNoBody) {
  FakeHttpServer server(
      [](const Request&, Peer& peer) { return peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 123456\r\n\r\n"); });
  const auto head = transport_.Send(OpContext(), MakeRequest(server.Url(), HttpMethod::kHead), sink_);
  ASSERT_TRUE(head) << head.error().ToString();
  EXPECT_EQ(head->headers.Get("content-length"), "123456");
  EXPECT_EQ(sink_.body(), "");
}

TEST_F(CurlTransportTest, AnswersWithoutBodyEndAtTheirHead) {
  for (const char* status : {"204 No Content", "304 Not Modified"}) {
    FakeHttpServer server(
        [status](const Request&, Peer& peer) { return peer.Send("HTTP/1.1 " + std::string(status) + "\r\n\r\n"); });
    const auto head = Get(server.Url());
    ASSERT_TRUE(head) << head.error().ToString();
    EXPECT_EQ(std::to_string(head->status), std::string(status).substr(0, 3));
  }
}

TEST_F(CurlTransportTest, ChunkedAnswersAreJoined) {
  FakeHttpServer server([](const Request&, Peer& peer) {
    return peer.Send(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-late\r\n\r\n"
        "3\r\nabc\r\n4\r\ndefg\r\n0\r\nx-late: 1\r\n\r\n");
  });
  const auto head = Get(server.Url());
  ASSERT_TRUE(head) << head.error().ToString();
  EXPECT_EQ(sink_.body(), "abcdefg");
  EXPECT_EQ(head->headers.Get("x-late"), std::nullopt);
}

TEST_F(CurlTransportTest, InterimAnswersAreSkipped) {
  FakeHttpServer server([](const Request&, Peer& peer) {
    return peer.Send("HTTP/1.1 100 Continue\r\n\r\n" + FakeHttpServer::Answer(200, "real"));
  });
  EXPECT_EQ(Get(server.Url())->status, 200);
  EXPECT_EQ(sink_.body(), "real");
}

TEST_F(CurlTransportTest, ARedirectIsAnAnswerAndNotFollowed) {
  std::atomic<int> requests = 0;
  FakeHttpServer server([&requests](const Request&, Peer& peer) {
    ++requests;
    return peer.Send(FakeHttpServer::Answer(307, "", "Location: /elsewhere\r\n"));
  });
  EXPECT_EQ(Get(server.Url())->status, 307);
  EXPECT_EQ(requests, 1);
}

TEST_F(CurlTransportTest, Pitfall18_ABodyThatEndsEarlyIsCorrupt) {
  for (const char* answer : {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nabc"}) {
    FakeHttpServer server([answer](const Request&, Peer& peer) {
      peer.Send(answer);
      return false;
    });
    const auto head = Get(server.Url());
    ASSERT_FALSE(head) << answer;
    EXPECT_EQ(head.error().code(), ErrorCode::kCorrupt) << head.error().ToString();
  }
}

TEST_F(CurlTransportTest, AConnectionThatEndsWithoutAnAnswerIsUnavailable) {
  for (const bool reset : {false, true}) {
    FakeHttpServer server([reset](const Request&, Peer& peer) {
      if (reset) peer.ResetOnClose();
      return false;
    });
    const auto head = Get(server.Url());
    ASSERT_FALSE(head);
    EXPECT_EQ(head.error().code(), ErrorCode::kUnavailable) << head.error().ToString();
  }
}

TEST_F(CurlTransportTest, AnAnswerThatIsNoHttpIsUnavailable) {
  FakeHttpServer server([](const Request&, Peer& peer) {
    peer.Send("SSH-2.0-OpenSSH_9.2\r\n");
    return false;
  });
  EXPECT_EQ(Get(server.Url()).error().code(), ErrorCode::kUnavailable);
}

TEST_F(CurlTransportTest, NoProgressBeforeTheAnswerTimesOut) {
  FakeHttpServer server([](const Request&, Peer& peer) {
    peer.WaitForClose();
    return false;
  });
  const auto head = impatient_.Send(OpContext(), MakeRequest(server.Url()), sink_);
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code(), ErrorCode::kTimedOut);
  EXPECT_THAT(head.error().message(), HasSubstr("no byte moved between us and 127.0.0.1:"));
}

TEST_F(CurlTransportTest, NoProgressInTheBodyTimesOut) {
  FakeHttpServer server([](const Request&, Peer& peer) {
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    peer.WaitForClose();
    return false;
  });
  EXPECT_EQ(impatient_.Send(OpContext(), MakeRequest(server.Url()), sink_).error().code(), ErrorCode::kTimedOut);
  EXPECT_EQ(sink_.body(), "abc");
}

TEST_F(CurlTransportTest, NoProgressOfAnUploadTimesOut) {
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

TEST_F(CurlTransportTest, AnAllowanceLengthensOnlyTheWaitForTheHead) {
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

TEST_F(CurlTransportTest, PatienceShorterThanTheStallLimitHolds) {
  FakeHttpServer server([](const Request&, Peer& peer) {
    peer.WaitForClose();
    return false;
  });
  const auto head = transport_.Send(OpContext().WithPatience(milliseconds(50)), MakeRequest(server.Url()), sink_);
  EXPECT_EQ(head.error().code(), ErrorCode::kTimedOut);
}

TEST_F(CurlTransportTest, TheDeadlineEndsATransferThatMoves) {
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

TEST_F(CurlTransportTest, CancellingABlackHoleReturnsWithin100Milliseconds) {
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

TEST_F(CurlTransportTest, ACancelledOrImmediateContextSendsNothing) {
  FakeHttpServer server([](const Request&, Peer& peer) { return peer.Send(FakeHttpServer::Answer(200, "")); });
  const auto cancellation = std::make_shared<Cancellation>();
  cancellation->Cancel();
  EXPECT_EQ(Get(server.Url(), OpContext().WithCancellation(cancellation)).error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(Get(server.Url(), OpContext::Immediate()).error().code(), ErrorCode::kWouldWait);
  EXPECT_EQ(Get(server.Url(), OpContext().WithDeadline(clock_.Now())).error().code(), ErrorCode::kTimedOut);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(CurlTransportTest, ARefusedConnectionNamesHostAndCause) {
  std::string url;
  {
    FakeHttpServer gone([](const Request&, Peer&) { return false; });
    url = gone.Url();
  }
  const auto head = Get(url);
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(head.error().message(), HasSubstr("cannot connect to 127.0.0.1:"));
  EXPECT_THAT(head.error().message(), HasSubstr("Connection refused"));
}

TEST_F(CurlTransportTest, ATlsHandshakeWithoutAnAnswerTimesOut) {
  FakeHttpServer server([](const Request&, Peer&) { return false; });  // Waits for a line that TLS never sends.
  const auto head = impatient_.Send(OpContext(), MakeRequest("https" + server.Url().substr(4)), sink_);
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code(), ErrorCode::kTimedOut);
}

TEST_F(CurlTransportTest, PlainHttpToAnotherMachineIsRefused) {
  const auto head = Get("http://example.com/");
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(head.error().message(), HasSubstr("plain http to example.com:80"));
  EXPECT_EQ(Get("ftp://127.0.0.1/").error().code(), ErrorCode::kInvalidArgument);
}

TEST_F(CurlTransportTest, RequestsOneAfterTheOtherShareAConnection) {
  FakeHttpServer server([](const Request&, Peer& peer) { return peer.Send(FakeHttpServer::Answer(200, "x")); });
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Get(server.Url()));
  SpanBodySource body(AsBytes("xyz"));
  ASSERT_TRUE(transport_.Send(OpContext(), MakeRequest(server.Url(), HttpMethod::kPut, &body), sink_));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(CurlTransportTest, AKeptConnectionThatTurnsOutDeadIsReplaced) {
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

TEST_F(CurlTransportTest, SixtyFourRequestsAreUnderWayAtOnce) {
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

TEST_F(CurlTransportTest, RequestsBeyondTheConnectionLimitWaitTheirTurn) {
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

TEST_F(CurlTransportTest, AWaitingRequestCanBeCancelled) {
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

TEST_F(CurlTransportTest, AnEarlyRefusalOfAnUploadIsAnAnswer) {
  FakeHttpServer server(
      [](const Request&, Peer& peer) {
        peer.Send(FakeHttpServer::Answer(403, "AccessDenied", "Connection: close\r\n"));
        peer.WaitForClose();
        return false;
      },
      {.read_body = false});
  PatternSource body(kLarge);
  const auto head = transport_.Send(OpContext(), MakeRequest(server.Url(), HttpMethod::kPut, &body), sink_);
  ASSERT_TRUE(head) << head.error().ToString();
  EXPECT_EQ(head->status, 403);
  EXPECT_EQ(sink_.body(), "AccessDenied");
}

TEST_F(CurlTransportTest, AFailingSourceEndsTheRequestWithItsError) {
  class FailingSource final : public BodySource {
    ByteCount size() const override { return kMiB; }
    Result<size_t> Read(ByteCount offset, std::span<std::byte> out) override {
      if (offset == 0) return out.size() / 2;
      return Fail(ErrorCode::kNoSpace, "the staging file is gone");
    }
  } body;
  FakeHttpServer server([](const Request&, Peer& peer) { return peer.Send(FakeHttpServer::Answer(200, "")); });
  const auto head = transport_.Send(OpContext(), MakeRequest(server.Url(), HttpMethod::kPut, &body), sink_);
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code(), ErrorCode::kNoSpace);
}

TEST_F(CurlTransportTest, AFailingSinkEndsTheRequestWithItsError) {
  class FailingSink final : public BodySink {
   public:
    explicit FailingSink(bool at_head) : at_head_(at_head) {}
    Result<> OnHead(const HttpResponseHead& /*head*/) override {
      if (at_head_) return Fail(ErrorCode::kStale, "another version");
      return {};
    }
    Result<> OnData(std::span<const std::byte> /*data*/) override { return Fail(ErrorCode::kTooLarge, "enough"); }

   private:
    const bool at_head_;
  };
  FakeHttpServer server([](const Request&, Peer& peer) { return peer.Send(FakeHttpServer::Answer(200, "body")); });
  FailingSink at_head(true);
  EXPECT_EQ(transport_.Send(OpContext(), MakeRequest(server.Url()), at_head).error().code(), ErrorCode::kStale);
  FailingSink at_data(false);
  EXPECT_EQ(transport_.Send(OpContext(), MakeRequest(server.Url()), at_data).error().code(), ErrorCode::kTooLarge);
}

TEST_F(CurlTransportTest, TheBearerIsSentAndNeverShown) {
  constexpr std::string_view kToken = "eyJ.super.secret";
  std::atomic<bool> received = false;
  FakeHttpServer server([&](const Request& request, Peer& peer) {
    received = request.headers.at("authorization") == "Bearer " + std::string(kToken);
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    return false;
  });
  ::testing::internal::CaptureStderr();
  HttpRequest request = MakeRequest(server.Url());
  request.bearer = Secret(std::string(kToken));
  const auto head = transport_.Send(OpContext(), request, sink_);
  const std::string printed = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(received);
  ASSERT_FALSE(head);
  EXPECT_THAT(head.error().ToString(), Not(HasSubstr(kToken)));
  EXPECT_THAT(printed, Not(HasSubstr(kToken)));
}

TEST_F(CurlTransportTest, WithoutATokenNoAuthorizationIsSent) {
  FakeHttpServer server([](const Request& request, Peer& peer) {
    return peer.Send(FakeHttpServer::Answer(request.headers.contains("authorization") ? 400 : 200, ""));
  });
  EXPECT_EQ(Get(server.Url())->status, 200);
}

}  // namespace
}  // namespace cosfuse
