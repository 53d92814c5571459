#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "http/transport.h"

namespace cosfuse {

/// A Transport without a network: answers come from a script, then from a handler; every request is recorded.
/// Thread-safe.
class FakeTransport final : public Transport {
 public:
  struct Request {
    HttpMethod method = HttpMethod::kGet;
    std::string url;
    HttpHeaders headers;
    Secret bearer;
    std::string body;
  };
  struct Answer {
    int status = 200;
    HttpHeaders headers;
    std::string body;
    std::optional<Error> error;  ///< Instead of an answer; with `body_before_error`, after head and body.
    bool body_before_error = false;

    static Answer Of(int status, std::string body = {}, HttpHeaders headers = {});
    static Answer Failure(ErrorCode code, std::string message);
  };
  using Handler = std::function<Answer(const Request&)>;

  /// Answers the next request that has no answer yet; in the order of the calls.
  void Push(Answer answer) EXCLUDES(mutex_);
  /// Answers requests beyond the script. May block; runs in the caller's thread with no lock held. Without it they fail
  /// with kUnavailable.
  void SetHandler(Handler handler) EXCLUDES(mutex_);

  Result<HttpResponseHead> Send(const OpContext& context, const HttpRequest& request, BodySink& sink) override
      EXCLUDES(mutex_);

  std::vector<Request> requests() const EXCLUDES(mutex_);
  size_t request_count() const EXCLUDES(mutex_);

 private:
  Answer NextAnswer(const Request& request) EXCLUDES(mutex_);

  mutable Mutex mutex_;
  std::deque<Answer> script_ GUARDED_BY(mutex_);
  Handler handler_ GUARDED_BY(mutex_);
  std::vector<Request> requests_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
