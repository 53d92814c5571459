#pragma once

#include <string>
#include <utility>

#include "auth/token_source.h"
#include "base/fake_clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "cos/client.h"
#include "http/fake_transport.h"
#include "http/retry.h"

namespace cosfuse {

/// Numbered tokens that remember what was said about them. Thread-safe.
class RecordingTokens final : public TokenSource {
 public:
  Result<AccessToken> Get(const OpContext& context) override {
    RETURN_IF_ERROR(context.CheckMayWait(MonotonicTime::min()));
    MutexLock lock(mutex_);
    return AccessToken{.bearer = Secret("token-" + std::to_string(generation_)), .generation = generation_};
  }
  void OnAccepted(const AccessToken& /*token*/) override {
    MutexLock lock(mutex_);
    ++accepted_;
  }
  bool OnRefused(const OpContext& /*context*/, const AccessToken& /*token*/) override {
    MutexLock lock(mutex_);
    ++refused_;
    if (replaces_) ++generation_;
    return replaces_;
  }

  /// Whether a refusal leads to a new token.
  void SetReplaces(bool replaces) {
    MutexLock lock(mutex_);
    replaces_ = replaces;
  }
  int accepted() const {
    MutexLock lock(mutex_);
    return accepted_;
  }
  int refused() const {
    MutexLock lock(mutex_);
    return refused_;
  }

 private:
  mutable Mutex mutex_;
  uint64_t generation_ GUARDED_BY(mutex_) = 1;
  bool replaces_ GUARDED_BY(mutex_) = true;
  int accepted_ GUARDED_BY(mutex_) = 0;
  int refused_ GUARDED_BY(mutex_) = 0;
};

/// A CosClient on top of scripted answers, with a clock that stands still: what a test of the client needs.
struct FakeService {
  FakeClock clock;
  SeededRandom random{1};
  RetryBudget budget;
  FakeTransport transport;
  RecordingTokens tokens;
  OpContext context;
  CosClient client{{.endpoint = "https://cos.test", .bucket = "b"},
                   transport,
                   tokens,
                   RetryEnvironment{.clock = clock, .random = random, .budget = budget, .policy = {}}};

  /// The next answer.
  void Answer(int status, HttpHeaders headers = {}, std::string body = {}) {
    transport.Push({.status = status,
                    .headers = std::move(headers),
                    .body = std::move(body),
                    .error = {},
                    .body_before_error = {}});
  }
  /// The next request fails without an answer.
  void Break(ErrorCode code) { transport.Push({.headers = {}, .body = {}, .error = Error(code, "scripted")}); }
  /// The next request fails after its answer began.
  void BreakAfter(int status, HttpHeaders headers, std::string body) {
    transport.Push({.status = status,
                    .headers = std::move(headers),
                    .body = std::move(body),
                    .error = Error(ErrorCode::kCorrupt, "the body ended early"),
                    .body_before_error = true});
  }
  /// An `<Error>` as the service writes it.
  void Refuse(int status, const std::string& code) {
    Answer(status, {}, "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>no</Message></Error>");
  }
  FakeTransport::Request request(size_t number) const { return transport.requests().at(number); }
};

/// Headers from pairs.
inline HttpHeaders HeadersOf(std::initializer_list<std::pair<std::string, std::string>> fields) {
  HttpHeaders headers;
  for (const auto& [name, value] : fields) headers.Add(name, value);
  return headers;
}

}  // namespace cosfuse
