#include <utility>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/mutex.h"
#include "http/curl_transport.h"
#include "http/fake_http_server.h"
#include "http/fake_transport.h"
#include "http/faulty_transport.h"
#include "tests/contract/transport_contract.h"

namespace cosfuse::testing {
namespace {

class FakeBed : public TransportBed {
 public:
  Transport& transport() override { return fake_; }
  std::string origin() const override { return "https://fake.test"; }
  void Serve(Handler handler) override {
    fake_.SetHandler([this, handler](const FakeTransport::Request& request) { return Answer(handler, request); });
  }

 private:
  FakeTransport::Answer Answer(const Handler& handler, const FakeTransport::Request& request) const {
    ServedRequest served = {.method = std::string(HttpMethodName(request.method)),
                            .target = request.url.substr(origin().size()),
                            .headers = {},
                            .body = request.body};
    for (const auto& [name, value] : request.headers.fields()) served.headers[ToLowerAscii(name)] = value;
    if (!request.bearer.empty()) served.headers["authorization"] = "Bearer " + std::string(request.bearer.Reveal());
    ServedAnswer answer = handler(served);
    if (answer.kind == ServedAnswer::Kind::kNone) {
      return FakeTransport::Answer::Failure(ErrorCode::kUnavailable, "no answer");
    }
    HttpHeaders headers;
    for (const auto& [name, value] : answer.headers) headers.Add(name, value);
    auto whole = FakeTransport::Answer::Of(answer.status, std::move(answer.body), std::move(headers));
    if (answer.kind == ServedAnswer::Kind::kCut) {
      whole.body.resize(whole.body.size() / 2);
      whole.error.emplace(ErrorCode::kCorrupt, "the body ended early");
      whole.body_before_error = true;
    }
    return whole;
  }

  FakeTransport fake_;
};

/// The faulty decorator while no fault is injected: it must change nothing.
class FaultlessBed final : public FakeBed {
 public:
  Transport& transport() override { return faulty_; }

 private:
  FaultyTransport faulty_{FakeBed::transport()};
};

class CurlBed final : public TransportBed {
 public:
  Transport& transport() override { return curl_; }
  std::string origin() const override { return server_.Url(""); }
  void Serve(Handler handler) override {
    MutexLock lock(mutex_);
    handler_ = std::move(handler);
  }

 private:
  bool Answer(const FakeHttpServer::Request& request, FakeHttpServer::Peer& peer) {
    Handler handler;
    {
      MutexLock lock(mutex_);
      handler = handler_;
    }
    const ServedAnswer answer =
        handler({.method = request.method, .target = request.target, .headers = request.headers, .body = request.body});
    if (answer.kind == ServedAnswer::Kind::kNone) return false;
    std::string extra;
    for (const auto& [name, value] : answer.headers) extra.append(name).append(": ").append(value).append("\r\n");
    std::string text = FakeHttpServer::Answer(answer.status, answer.body, extra);
    if (request.method == "HEAD" || answer.status == 304) text.resize(text.size() - answer.body.size());
    const bool cut = answer.kind == ServedAnswer::Kind::kCut;
    if (cut) text.resize(text.size() - answer.body.size() / 2);
    return peer.Send(text) && !cut;
  }

  Mutex mutex_;
  Handler handler_ GUARDED_BY(mutex_);
  FakeHttpServer server_{
      [this](const FakeHttpServer::Request& request, FakeHttpServer::Peer& peer) { return Answer(request, peer); }};
  SystemClock clock_;
  CurlTransport curl_{{.network_threads = 1, .ca_file = {}}, clock_};
};

template <typename Bed>
TransportSubject SubjectOf(const std::string& name) {
  return {.name = name, .make = [] { return std::make_unique<Bed>(); }};
}

INSTANTIATE_TEST_SUITE_P(Http, TransportContract,
                         ::testing::Values(SubjectOf<FakeBed>("Fake"), SubjectOf<FaultlessBed>("FaultyWithoutFaults"),
                                           SubjectOf<CurlBed>("Curl")),
                         [](const auto& subject) { return subject.param.name; });

}  // namespace

HttpRequest TransportContract::Request(HttpMethod method, const std::string& target, BodySource* body) const {
  HttpRequest request;
  request.method = method;
  request.url = bed_->origin() + target;
  request.body = body;
  return request;
}

std::optional<ErrorCode> TransportContract::CodeOfGet(const OpContext& context) {
  StringBodySink sink(kMiB);
  const auto head = transport().Send(context, Request(), sink);
  if (head) return std::nullopt;
  return head.error().code();
}

}  // namespace cosfuse::testing
