#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_range.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/op_context.h"
#include "base/secret.h"

namespace cosfuse {

enum class HttpMethod { kGet, kHead, kPut, kPost, kDelete };

/// The method's name on the wire.
std::string_view HttpMethodName(HttpMethod method);

/// Header fields in order; names compare without case. A value type.
class HttpHeaders {
 public:
  using Field = std::pair<std::string, std::string>;

  void Add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  /// Replaces every field of that name.
  void Set(std::string_view name, std::string value);
  /// The first field's value; nothing where there is none. Repeated fields: joined with ", " by `GetJoined`.
  std::optional<std::string_view> Get(std::string_view name) const;
  std::optional<std::string> GetJoined(std::string_view name) const;
  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

/// The bytes that a request sends. May be read from the start again, for another try. Read by one thread at a time.
class BodySource {
 public:
  virtual ~BodySource() = default;
  virtual ByteCount size() const = 0;
  /// Fills `out` (or what is left of the body) from `offset`. Must not wait for the network. A failure ends the request
  /// with this error.
  virtual Result<size_t> Read(ByteCount offset, std::span<std::byte> out) = 0;
};

/// A body in memory that someone else owns and keeps until the request has ended.
class SpanBodySource final : public BodySource {
 public:
  explicit SpanBodySource(std::span<const std::byte> bytes) : bytes_(bytes) {}
  ByteCount size() const override { return bytes_.size(); }
  Result<size_t> Read(ByteCount offset, std::span<std::byte> out) override;

 private:
  const std::span<const std::byte> bytes_;
};

/// One request, as a plain value. `body` is borrowed until Send returns; null sends no body (PUT and POST: length 0).
struct HttpRequest {
  HttpMethod method = HttpMethod::kGet;
  std::string url;  ///< Absolute, percent-encoded; never holds a secret.
  HttpHeaders headers;
  Secret bearer;  ///< Sent as `Authorization: Bearer …` where not empty; never part of `headers`.
  BodySource* body = nullptr;
  /// Added to the stall limit and to the context's patience until the answer's head is there: for what a server may
  /// take long to do without a sign of life (server-side copies, completes).
  Duration answer_allowance{0};
};

/// Status line and headers of an answer.
struct HttpResponseHead {
  int status = 0;
  HttpHeaders headers;
};

/// Takes an answer as it arrives. Called by a network thread: must be quick and must not wait. An error ends the
/// request with this error. Calls are ordered, and none comes after Send has returned.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// Once, before the first byte, also for answers without a body.
  virtual Result<> OnHead(const HttpResponseHead& head) = 0;
  virtual Result<> OnData(std::span<const std::byte> data) = 0;
};

/// Collects a body up to a limit; more is kTooLarge.
class StringBodySink final : public BodySink {
 public:
  explicit StringBodySink(ByteCount limit) : limit_(limit) {}
  Result<> OnHead(const HttpResponseHead& head) override;
  Result<> OnData(std::span<const std::byte> data) override;
  std::string& body() { return body_; }

 private:
  const ByteCount limit_;
  std::string body_;
};

/// HTTP, one request at a time for the caller and many at once for the process.
///
/// An answer with any status is a success here: a 404 is an answer, not an error. Nothing is retried and no redirect
/// followed. TLS is 1.2 at least and verified.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Sends the request and streams the answer into `sink`, whose OnData has seen exactly Content-Length bytes (or all
  /// chunks) when this succeeds.
  ///
  /// Errors: kUnavailable (name, connect, reset, protocol failure), kTimedOut (connect; no progress for the stall
  /// limit; the context's deadline), kCorrupt (the body ended early), kCancelled, kWouldWait, kUntrustedPeer (TLS), and
  /// whatever source or sink returned. Except after kUntrustedPeer the server may have carried out the request.
  /// Blocks on the network; returns within 100 ms of being cancelled. Thread-safe. Call it with no lock held.
  virtual Result<HttpResponseHead> Send(const OpContext& context, const HttpRequest& request, BodySink& sink) = 0;
};

}  // namespace cosfuse
