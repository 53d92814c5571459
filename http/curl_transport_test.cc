#include "http/curl_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "base/encoding.h"
#include "http/curl_transport_fixture.h"
#include "http/fake_http_server.h"
#include "http/fake_pattern_body.h"

namespace cosfuse {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using Peer = FakeHttpServer::Peer;
using Request = FakeHttpServer::Request;

/// What goes out, what comes in, and what a broken answer means.
class CurlTransportTest : public CurlTransportFixture {};

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

TEST_F(CurlTransportTest, PlainHttpToAnotherMachineIsRefused) {
  const auto head = Get("http://example.com/");
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(head.error().message(), HasSubstr("plain http to example.com:80"));
  EXPECT_EQ(Get("ftp://127.0.0.1/").error().code(), ErrorCode::kInvalidArgument);
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

TEST_F(CurlTransportTest, Pitfall45_ANameThatIsNotFoundFailsTheSameAgainAndSpoilsNothing) {
  // Longer than a label may be: no resolver finds it, and none has to ask for it.
  const std::string nowhere = "https://" + std::string(64, 'x') + ".invalid/";
  for (int i = 0; i < 3; ++i) {
    const auto head = Get(nowhere);
    ASSERT_FALSE(head);
    EXPECT_EQ(head.error().code(), ErrorCode::kUnavailable) << head.error().ToString();
    EXPECT_NE(head.error().message().find("cannot find the address"), std::string::npos) << head.error().ToString();
  }
  const FakeHttpServer server([](const FakeHttpServer::Request& /*request*/, FakeHttpServer::Peer& peer) {
    return peer.Send(FakeHttpServer::Answer(200, "well"));
  });
  const auto head = Get(server.Url());
  ASSERT_TRUE(head) << head.error().ToString();
  EXPECT_EQ(sink_.body(), "well");
}

}  // namespace
}  // namespace cosfuse
