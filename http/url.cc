#include "http/url.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/encoding.h"

namespace cosfuse {
namespace {

uint16_t DefaultPort(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

std::optional<uint16_t> ParsePort(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

bool IsHostName(std::string_view host) {
  return std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

bool IsIpv6Literal(std::string_view host) {
  return host.find(':') != std::string_view::npos &&
         host.find_first_not_of("0123456789abcdef:.") == std::string_view::npos;
}

/// A decimal octet without superfluous zeros: what other forms mean differs between resolvers.
bool IsPlainOctet(std::string_view text) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return false;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  return value <= 255;
}

struct Authority {
  std::string_view host;
  std::string_view port;  ///< Empty: none given.
};

Result<Authority> SplitAuthority(std::string_view authority) {
  std::string_view host = authority;
  std::string_view rest;
  const bool bracketed = authority.starts_with('[');
  const size_t end = authority.find(bracketed ? ']' : ':');
  if (bracketed && end == std::string_view::npos) return Fail(ErrorCode::kInvalidArgument, "lacks a closing ]");
  if (end != std::string_view::npos) {
    host = bracketed ? authority.substr(1, end - 1) : authority.substr(0, end);
    rest = authority.substr(bracketed ? end + 1 : end);
  }
  if (host.empty()) return Fail(ErrorCode::kInvalidArgument, "names no host");
  if (rest.empty()) return Authority{host, {}};
  if (!rest.starts_with(':') || rest.size() == 1) return Fail(ErrorCode::kInvalidArgument, "has no valid port");
  return Authority{host, rest.substr(1)};
}

Result<Url> ParseParts(std::string_view text) {
  const auto wrong = [](std::string what) { return Fail(ErrorCode::kInvalidArgument, std::move(what)); };
  if (text.empty()) return wrong("is empty");
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; })) {
    return wrong("contains a blank or a control character");
  }
  const size_t colon = text.find("://");
  if (colon == std::string_view::npos) return wrong("has no scheme; write https:// before it");
  Url url;
  url.scheme = ToLowerAscii(text.substr(0, colon));
  if (url.scheme != "https" && url.scheme != "http") return wrong("has a scheme other than https and http");
  text.remove_prefix(colon + 3);
  if (text.find('#') != std::string_view::npos) return wrong("has a fragment (#)");

  const size_t path = std::min(text.find_first_of("/?"), text.size());
  const std::string_view authority = text.substr(0, path);
  url.path = text.substr(path);
  if (url.path.starts_with('?')) url.path.insert(0, "/");
  if (authority.find('@') != std::string_view::npos) return wrong("holds a user name or password; remove it");
  ASSIGN_OR_RETURN(const Authority parts, SplitAuthority(authority));
  url.host = ToLowerAscii(parts.host);
  if (!(authority.starts_with('[') ? IsIpv6Literal(url.host) : IsHostName(url.host))) {
    return wrong("has a host name with characters that no host name has");
  }
  url.port = DefaultPort(url.scheme);
  if (!parts.port.empty()) {
    const auto port = ParsePort(parts.port);
    if (!port) return wrong("has no valid port");
    url.port = *port;
  }
  return url;
}

}  // namespace

std::string Url::Origin() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return scheme + "://" + name + (port == DefaultPort(scheme) ? "" : ":" + std::to_string(port));
}

std::string Url::HostAndPort() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return name + ":" + std::to_string(port);
}

Result<Url> ParseUrl(std::string_view text) {
  auto url = ParseParts(text);
  if (url) return url;
  // What may be a password is not repeated.
  const bool may_be_shown = text.find('@') == std::string_view::npos;
  return Fail(ErrorCode::kInvalidArgument,
              (may_be_shown ? "the URL \"" + std::string(text) + "\" " : "the URL ") + url.error().message());
}

bool IsLoopbackHost(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  int octets = 0;
  bool first_is_127 = false;
  while (true) {
    const size_t dot = std::min(host.find('.'), host.size());
    const std::string_view octet = host.substr(0, dot);
    if (!IsPlainOctet(octet)) return false;
    if (octets++ == 0) first_is_127 = octet == "127";
    if (dot == host.size()) break;
    host.remove_prefix(dot + 1);
  }
  return octets == 4 && first_is_127;
}

bool IsTransportAllowed(const Url& url, bool allow_http) {
  return url.scheme == "https" || allow_http || IsLoopbackHost(url.host);
}

}  // namespace cosfuse
