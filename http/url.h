#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace cosfuse {

/// An absolute http or https URL, taken apart. A value.
struct Url {
  std::string scheme;  ///< "http" or "https".
  std::string host;    ///< In lower case; an IPv6 address without its brackets.
  uint16_t port = 0;   ///< The scheme's own where the text names none.
  std::string path;    ///< With its leading slash, percent-encoded, including a query; empty where there is none.

  /// "https://host" or "https://host:port" where the port is not the scheme's own: the same for all requests that may
  /// share connections.
  std::string Origin() const;
  /// "host:port", for messages.
  std::string HostAndPort() const;
};

/// Takes `text` apart. Errors: kInvalidArgument; the message says what is wrong with it. A user name or password in a
/// URL is refused (it would end up in logs), and so are a fragment, blanks and control characters. Pure.
Result<Url> ParseUrl(std::string_view text);

/// Whether `host` can only be this machine, whatever a resolver says: "localhost" (libcurl answers that itself since
/// 7.78), 127.0.0.0/8 in its plain form, ::1. Pure.
bool IsLoopbackHost(std::string_view host);

/// Whether a bearer token may go there: https anywhere, http to a loopback host, or anywhere when `allow_http`. Pure.
bool IsTransportAllowed(const Url& url, bool allow_http);

}  // namespace cosfuse
