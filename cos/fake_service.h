#pragma once

#include <string>
#include <utility>

#include "auth/fake_token_source.h"
#include "base/fake_clock.h"
#include "base/random.h"
#include "cos/client.h"
#include "http/fake_transport.h"
#include "http/retry.h"

namespace cosfuse {

/// A CosClient on top of scripted answers, with a clock that stands still: what a test of the client needs.
struct FakeService {
  FakeClock clock;
  SeededRandom random{1};
  RetryBudget budget;
  FakeTransport transport;
  FakeTokenSource tokens;
  OpContext context;
  CosClient client{{.endpoint = "https://cos.test", .bucket = "b"},
                   transport,
                   tokens,
                   RetryEnvironment{.clock = clock, .random = random, .budget = budget, .policy = {}}};

  /// Every refusal leads to a new token.
  FakeService() { tokens.AllowRenewals(1000); }

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
