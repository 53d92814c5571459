#include "http/curl_error.h"

#include <string>

#include "base/disk.h"

namespace cosfuse {

ErrorCode ErrorCodeFromCurl(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return ErrorCode::kTimedOut;
    case CURLE_PARTIAL_FILE: return ErrorCode::kCorrupt;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CLIENTCERT: return ErrorCode::kUntrustedPeer;
    case CURLE_URL_MALFORMAT: return ErrorCode::kInvalidArgument;
    // A callback's own error takes precedence over these; without one the callback never failed.
    case CURLE_WRITE_ERROR:
    case CURLE_READ_ERROR:
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_FAILED_INIT:
    case CURLE_NOT_BUILT_IN: return ErrorCode::kInternal;
    // Name, connection, handshake, reset, an answer that is no HTTP (CURLE_UNSUPPORTED_PROTOCOL among others: the URL's
    // own scheme is checked before), memory: all may be different next time.
    default: return ErrorCode::kUnavailable;
  }
}

Error ErrorFromCurl(CURLcode code, std::string_view host_and_port, std::string_view detail, long os_errno) {
  const std::string host(host_and_port);
  const std::string cause(detail.empty() ? std::string_view(curl_easy_strerror(code)) : detail);
  const ErrorCode meaning = ErrorCodeFromCurl(code);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return {meaning, "cannot find the address of " + host + ": " + cause};
    case CURLE_COULDNT_CONNECT:
      if (os_errno != 0) {
        return {meaning, ErrorFromErrno(static_cast<int>(os_errno), "cannot connect to " + host).message()};
      }
      return {meaning, "cannot connect to " + host + ": " + cause};
    case CURLE_OPERATION_TIMEDOUT: return {meaning, "cannot connect to " + host + ": " + cause};
    case CURLE_SSL_CONNECT_ERROR: return {meaning, "no TLS connection to " + host + ": " + cause};
    case CURLE_GOT_NOTHING: return {meaning, host + " closed the connection without an answer"};
    case CURLE_PARTIAL_FILE: return {meaning, "the answer of " + host + " ended early: " + cause};
    default: break;
  }
  if (meaning == ErrorCode::kUntrustedPeer) return {meaning, "cannot verify who answers as " + host + ": " + cause};
  return {meaning, "request to " + host + " failed: " + cause};
}

}  // namespace cosfuse
