#include "http/fake_transport.h"

#include <utility>

#include "base/encoding.h"

namespace cosfuse {
namespace {

Result<std::string> ReadAll(BodySource* source) {
  if (source == nullptr) return std::string();
  std::string body(source->size(), '\0');
  size_t done = 0;
  while (done < body.size()) {
    ASSIGN_OR_RETURN(const size_t count, source->Read(done, std::as_writable_bytes(std::span(body).subspan(done))));
    if (count == 0) return Fail(ErrorCode::kInternal, "a request's body is shorter than its size");
    done += count;
  }
  return body;
}

}  // namespace

FakeTransport::Answer FakeTransport::Answer::Of(int status, std::string body, HttpHeaders headers) {
  Answer answer;
  answer.status = status;
  answer.headers = std::move(headers);
  answer.body = std::move(body);
  return answer;
}

FakeTransport::Answer FakeTransport::Answer::Failure(ErrorCode code, std::string message) {
  Answer answer;
  answer.error.emplace(code, std::move(message));
  return answer;
}

void FakeTransport::Push(Answer answer) {
  MutexLock lock(mutex_);
  script_.push_back(std::move(answer));
}

void FakeTransport::SetHandler(Handler handler) {
  MutexLock lock(mutex_);
  handler_ = std::move(handler);
}

Result<HttpResponseHead> FakeTransport::Send(const OpContext& context, const HttpRequest& request, BodySink& sink) {
  if (!context.may_wait()) return Fail(ErrorCode::kWouldWait, "the caller may not wait");
  if (context.cancelled()) return Fail(ErrorCode::kCancelled, "interrupted");
  ASSIGN_OR_RETURN(std::string body, ReadAll(request.body));
  const Request recorded{.method = request.method,
                         .url = request.url,
                         .headers = request.headers,
                         .bearer = request.bearer,
                         .body = std::move(body)};
  const Answer answer = NextAnswer(recorded);
  if (answer.error && !answer.body_before_error) return Fail(*answer.error);
  HttpResponseHead head{.status = answer.status, .headers = answer.headers};
  RETURN_IF_ERROR(sink.OnHead(head));
  if (!answer.body.empty() && request.method != HttpMethod::kHead) RETURN_IF_ERROR(sink.OnData(AsBytes(answer.body)));
  if (answer.error) return Fail(*answer.error);
  return head;
}

std::vector<FakeTransport::Request> FakeTransport::requests() const {
  MutexLock lock(mutex_);
  return requests_;
}

size_t FakeTransport::request_count() const {
  MutexLock lock(mutex_);
  return requests_.size();
}

FakeTransport::Answer FakeTransport::NextAnswer(const Request& request) {
  Handler handler;
  {
    MutexLock lock(mutex_);
    requests_.push_back(request);
    if (!script_.empty()) {
      Answer answer = std::move(script_.front());
      script_.pop_front();
      return answer;
    }
    handler = handler_;
  }
  if (handler) return handler(request);
  return Answer::Failure(ErrorCode::kUnavailable, "no answer is scripted");
}

}  // namespace cosfuse
