#pragma once

#include <curl/curl.h>

#include <array>
#include <atomic>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "base/op_context.h"
#include "http/curl_handle.h"
#include "http/response_head_parser.h"
#include "http/transfer_watch.h"
#include "http/transport.h"
#include "http/url.h"

namespace cosfuse {

/// What all transfers of one transport have in common.
struct CurlSettings {
  std::string ca_file;  ///< Empty: the system's certificates.
  std::string user_agent;
  Duration connect_timeout{0};
  Duration stall_timeout{0};
};

/// One request on its way through libcurl: its options, its callbacks, its outcome.
///
/// Made and awaited by the thread that calls Send, which owns it; in between borrowed by one CurlLoop, whose thread
/// makes all calls of the second group and lets go of it with Finish. Request and sink are borrowed as long.
class CurlTransfer {
 public:
  CurlTransfer(const CurlSettings& settings, const OpContext& context, const HttpRequest& request, const Url& url,
               BodySink& sink, MonotonicTime now);
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  /// Any thread: gives the transfer up; the loop acts on it when it next looks (CurlLoop::RequestScan).
  void Cancel() { cancelled_.store(true, std::memory_order_release); }
  /// The owner: waits until the loop has let go. The loop enforces the limits, so this wait ends with them.
  Result<HttpResponseHead> Wait() EXCLUDES(mutex_);

  /// "scheme://host:port": transfers that can share connections.
  const std::string& origin() const { return origin_; }

  // Second group: the loop's thread.

  /// Takes a fresh handle and prepares it. Errors: kInvalidArgument (a header that cannot be sent), kInternal.
  Result<> Begin(CurlEasy handle, MonotonicTime now);
  CURL* handle() const { return handle_.get(); }
  /// The error to end with if the transfer was given up or exceeds a limit.
  std::optional<Error> CheckLimits(MonotonicTime now);
  MonotonicTime NextCheck(MonotonicTime now) const { return watch_.NextCheck(now); }
  /// What libcurl's verdict means.
  Result<HttpResponseHead> Outcome(CURLcode code);
  CurlEasy ReleaseHandle();
  /// Publishes the outcome. The transfer may be gone when this returns.
  void Finish(Result<HttpResponseHead> outcome) EXCLUDES(mutex_);

 private:
  static size_t HeaderCallback(char* line, size_t size, size_t count, void* self) noexcept;
  static size_t WriteCallback(char* data, size_t size, size_t count, void* self) noexcept;
  static size_t ReadCallback(char* out, size_t size, size_t count, void* self) noexcept;
  static int SeekCallback(void* self, curl_off_t offset, int origin) noexcept;

  size_t OnHeaderLine(std::string_view line);
  size_t OnBody(std::span<const std::byte> data);
  size_t OnReadBody(std::span<std::byte> out);
  Result<> BuildHeaderList();
  void SetConnectionOptions();
  void SetTlsOptions();
  void SetMethodOptions();
  void SetCallbacks();
  template <typename Value>
  void Set(CURLoption option, Value value);

  const CurlSettings& settings_;
  const OpContext& context_;
  const HttpRequest& request_;
  const Url& url_;
  BodySink& sink_;
  const std::string origin_;

  std::atomic<bool> cancelled_ = false;

  // The loop's thread alone.
  CurlEasy handle_;
  CurlHeaderList header_list_;
  CURLcode set_error_ = CURLE_OK;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  ResponseHeadParser parser_;
  std::optional<Error> callback_error_;
  ByteCount upload_offset_ = 0;
  TransferWatch watch_;  ///< Of the wait for a connection first, then of the transfer.

  Mutex mutex_;
  CondVar finished_;
  std::optional<Result<HttpResponseHead>> outcome_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
