#include <atomic>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/mutex.h"
#include "base/thread_pool.h"
#include "tests/contract/transport_contract.h"

namespace cosfuse::testing {
namespace {

/// Writes down in which order an answer arrives, and may refuse it.
class RecordingSink final : public BodySink {
 public:
  Result<> OnHead(const HttpResponseHead& head) override {
    calls += 'H';
    status = head.status;
    if (refuse_head) return Fail(ErrorCode::kStale, "another version");
    return {};
  }
  Result<> OnData(std::span<const std::byte> data) override {
    if (!calls.ends_with('D')) calls += 'D';
    body += AsText(data);
    if (refuse_data) return Fail(ErrorCode::kNoSpace, "no room");
    return {};
  }

  bool refuse_head = false;
  bool refuse_data = false;
  std::string calls;  ///< 'H' for the head, one 'D' for all data in a row.
  int status = 0;
  std::string body;
};

TEST_P(TransportContract, EveryStatusIsAnAnswer) {
  for (const int status : {200, 206, 301, 304, 403, 404, 412, 416, 500, 503}) {
    Serve([status](const ServedRequest&) { return ServedAnswer{.status = status}; });
    RecordingSink sink;
    const auto head = transport().Send({}, Request(), sink);
    ASSERT_TRUE(head.has_value()) << head.error().ToString();
    EXPECT_EQ(head->status, status);
    EXPECT_EQ(sink.status, status);
    EXPECT_EQ(sink.calls, "H") << "also for an answer without a body";
  }
}

TEST_P(TransportContract, HeadComesOnceAndBeforeTheBody) {
  const std::string content(300'000, 'x');
  Serve([&](const ServedRequest&) {
    return ServedAnswer{.headers = {{"ETag", "\"e\""}, {"x-amz-meta-a", "1"}}, .body = content};
  });
  RecordingSink sink;
  const auto head = transport().Send({}, Request(), sink);
  ASSERT_TRUE(head.has_value()) << head.error().ToString();
  EXPECT_EQ(sink.calls, "HD");
  EXPECT_TRUE(sink.body == content);
  EXPECT_EQ(head->headers.Get("etag"), "\"e\"");
  EXPECT_EQ(head->headers.Get("X-AMZ-META-A"), "1");
}

TEST_P(TransportContract, RequestArrivesAsItIs) {
  Mutex mutex;
  std::vector<ServedRequest> seen;
  Serve([&](const ServedRequest& request) {
    const MutexLock lock(mutex);
    seen.push_back(request);
    return ServedAnswer();
  });
  SpanBodySource body(AsBytes("content"));
  HttpRequest request = Request(HttpMethod::kPut, "/b/./a%2Fb//c?partNumber=1&x=%20", &body);
  request.headers.Add("x-amz-meta-Mode", "33188");
  request.bearer = Secret("token");
  RecordingSink sink;
  ASSERT_TRUE(transport().Send({}, request, sink));
  ASSERT_TRUE(transport().Send({}, Request(HttpMethod::kDelete, "/b/k"), sink));
  const MutexLock lock(mutex);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].method, "PUT");
  EXPECT_EQ(seen[0].target, "/b/./a%2Fb//c?partNumber=1&x=%20");
  EXPECT_EQ(seen[0].headers.at("x-amz-meta-mode"), "33188");
  EXPECT_EQ(seen[0].headers.at("authorization"), "Bearer token");
  EXPECT_EQ(seen[0].body, "content");
  EXPECT_EQ(seen[1].method, "DELETE");
  EXPECT_FALSE(seen[1].headers.contains("authorization"));
}

TEST_P(TransportContract, BodyIsSentAgainFromItsStart) {
  Mutex mutex;
  std::string bodies;
  Serve([&](const ServedRequest& request) {
    const MutexLock lock(mutex);
    bodies += request.body + ";";
    return ServedAnswer{.status = 503};
  });
  SpanBodySource body(AsBytes("abc"));
  RecordingSink sink;
  ASSERT_TRUE(transport().Send({}, Request(HttpMethod::kPut, "/", &body), sink));
  ASSERT_TRUE(transport().Send({}, Request(HttpMethod::kPut, "/", &body), sink));
  const MutexLock lock(mutex);
  EXPECT_EQ(bodies, "abc;abc;");
}

TEST_P(TransportContract, HeadHasNoBody) {
  Serve([](const ServedRequest& request) {
    return ServedAnswer{.headers = {{"x-method", request.method}}, .body = "12345"};
  });
  RecordingSink sink;
  const auto head = transport().Send({}, Request(HttpMethod::kHead), sink);
  ASSERT_TRUE(head.has_value()) << head.error().ToString();
  EXPECT_EQ(head->headers.Get("x-method"), "HEAD");
  EXPECT_EQ(sink.calls, "H");
}

TEST_P(TransportContract, RedirectsAreNotFollowed) {
  std::atomic<int> requests = 0;
  Serve([&](const ServedRequest&) {
    ++requests;
    return ServedAnswer{.status = 307, .headers = {{"Location", "/elsewhere"}}};
  });
  RecordingSink sink;
  EXPECT_EQ(transport().Send({}, Request(), sink)->status, 307);
  EXPECT_EQ(requests, 1);
}

TEST_P(TransportContract, FailureOfTheSinkEndsTheRequestWithIt) {
  Serve([](const ServedRequest&) { return ServedAnswer{.body = std::string(100'000, 'x')}; });
  RecordingSink at_head;
  at_head.refuse_head = true;
  auto head = transport().Send({}, Request(), at_head);
  ASSERT_FALSE(head.has_value());
  EXPECT_EQ(head.error().code(), ErrorCode::kStale);
  EXPECT_EQ(at_head.calls, "H");
  RecordingSink at_data;
  at_data.refuse_data = true;
  head = transport().Send({}, Request(), at_data);
  ASSERT_FALSE(head.has_value());
  EXPECT_EQ(head.error().code(), ErrorCode::kNoSpace);
  EXPECT_EQ(at_data.calls, "HD");
}

TEST_P(TransportContract, FailureOfTheSourceEndsTheRequestWithIt) {
  class BrokenSource final : public BodySource {
   public:
    ByteCount size() const override { return 10; }
    Result<size_t> Read(ByteCount /*offset*/, std::span<std::byte> /*out*/) override {
      return Fail(ErrorCode::kInternal, "no disk");
    }
  };
  Serve([](const ServedRequest&) { return ServedAnswer(); });
  BrokenSource body;
  RecordingSink sink;
  const auto head = transport().Send({}, Request(HttpMethod::kPut, "/", &body), sink);
  ASSERT_FALSE(head.has_value());
  EXPECT_EQ(head.error().code(), ErrorCode::kInternal);
}

TEST_P(TransportContract, Pitfall18_BodyThatEndsEarlyIsCorrupt) {
  Serve([](const ServedRequest&) { return ServedAnswer{.body = "0123456789", .kind = ServedAnswer::Kind::kCut}; });
  RecordingSink sink;
  const auto head = transport().Send({}, Request(), sink);
  ASSERT_FALSE(head.has_value());
  EXPECT_EQ(head.error().code(), ErrorCode::kCorrupt);
  EXPECT_EQ(sink.body, "01234") << "what did arrive was handed on";
}

TEST_P(TransportContract, NoAnswerIsUnavailable) {
  Serve([](const ServedRequest&) { return ServedAnswer{.kind = ServedAnswer::Kind::kNone}; });
  EXPECT_EQ(CodeOfGet(), ErrorCode::kUnavailable);
}

TEST_P(TransportContract, CallerThatMayNotWaitSendsNothing) {
  std::atomic<int> requests = 0;
  Serve([&](const ServedRequest&) {
    ++requests;
    return ServedAnswer();
  });
  EXPECT_EQ(CodeOfGet(OpContext::Immediate()), ErrorCode::kWouldWait);
  const auto cancellation = std::make_shared<Cancellation>();
  cancellation->Cancel();
  EXPECT_EQ(CodeOfGet(OpContext().WithCancellation(cancellation)), ErrorCode::kCancelled);
  EXPECT_EQ(requests, 0);
}

TEST_P(TransportContract, ManyRequestsAtOnceGetTheirOwnAnswers) {
  Serve([](const ServedRequest& request) { return ServedAnswer{.body = request.target}; });
  std::atomic<int> right = 0;
  {
    ThreadPool pool({.name = "sender", .max_threads = 16});
    for (int i = 0; i < 200; ++i) {
      pool.Post([&, i] {
        const std::string target = "/object-" + std::to_string(i);
        RecordingSink sink;
        if (transport().Send({}, Request(HttpMethod::kGet, target), sink) && sink.body == target) ++right;
      });
    }
  }
  EXPECT_EQ(right, 200);
}

}  // namespace
}  // namespace cosfuse::testing
