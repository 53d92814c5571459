#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/byte_range.h"
#include "base/clock.h"
#include "http/curl_transport.h"
#include "http/transport.h"

namespace cosfuse {

inline HttpRequest MakeRequest(std::string url, HttpMethod method = HttpMethod::kGet, BodySource* body = nullptr) {
  HttpRequest request;
  request.method = method;
  request.url = std::move(url);
  request.body = body;
  return request;
}

/// A transport with the usual limits, so that a machine under load does not make a test fail.
class CurlTransportFixture : public ::testing::Test {
 protected:
  static constexpr ByteCount kLarge = 64 * kMiB;

  /// Sends a GET and collects the answer.
  Result<HttpResponseHead> Get(const std::string& url, const OpContext& context = OpContext()) {
    return transport_.Send(context, MakeRequest(url), sink_);
  }

  SystemClock clock_;
  CurlTransport transport_{CurlTransport::Options(), clock_};
  StringBodySink sink_{kMiB};
};

}  // namespace cosfuse
