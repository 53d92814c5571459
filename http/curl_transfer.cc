#include "http/curl_transfer.h"

#include <string.h>

#include <algorithm>
#include <utility>

#include "http/curl_error.h"

namespace cosfuse {
namespace {

// Buffers of libcurl, each as large as it takes: 1.21 and 1.43 times the throughput of the defaults on a fast wire.
constexpr ByteCount kReceiveBuffer = 512 * kKiB;
constexpr ByteCount kSendBuffer = 2 * kMiB;
constexpr ByteCount kSmallestBuffer = 16 * kKiB;

// A load balancer forgets idle connections without a word; probes keep them known and find the dead ones.
constexpr long kKeepAliveIdleSeconds = 30;
constexpr long kKeepAliveIntervalSeconds = 10;

// Keeps sums of times far from overflow.
constexpr Duration kLongestPatience = std::chrono::days(1);

long Milliseconds(Duration duration) {
  return static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

bool IsSendable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c != '\r' && c != '\n' && c != '\0'; });
}

bool SendsBody(const HttpRequest& request) {
  return request.body != nullptr || request.method == HttpMethod::kPut || request.method == HttpMethod::kPost;
}

TransferProgress ReadProgress(CURL* handle, bool head_complete) {
  curl_off_t uploaded = 0;
  curl_off_t downloaded = 0;
  long head_bytes = 0;
  curl_easy_getinfo(handle, CURLINFO_SIZE_UPLOAD_T, &uploaded);
  curl_easy_getinfo(handle, CURLINFO_SIZE_DOWNLOAD_T, &downloaded);
  curl_easy_getinfo(handle, CURLINFO_HEADER_SIZE, &head_bytes);
  return {.uploaded = static_cast<ByteCount>(uploaded),
          .downloaded = static_cast<ByteCount>(downloaded),
          .head_bytes = static_cast<ByteCount>(head_bytes),
          .head_complete = head_complete};
}

}  // namespace

void CurlHeaderListDeleter::operator()(curl_slist* list) const {
  for (curl_slist* node = list; node != nullptr; node = node->next) explicit_bzero(node->data, strlen(node->data));
  curl_slist_free_all(list);
}

CurlTransfer::CurlTransfer(const CurlSettings& settings, const OpContext& context, const HttpRequest& request,
                           const Url& url, BodySink& sink, MonotonicTime now)
    : settings_(settings),
      context_(context),
      request_(request),
      url_(url),
      sink_(sink),
      origin_(url.Origin()),
      watch_({.deadline = context.deadline(), .stall = std::min(context.patience(), kLongestPatience)}, now) {}

Result<HttpResponseHead> CurlTransfer::Wait() {
  MutexLock lock(mutex_);
  while (!outcome_) finished_.Wait(mutex_);
  return *std::move(outcome_);
}

Result<> CurlTransfer::Begin(CurlEasy handle, MonotonicTime now) {
  handle_ = std::move(handle);
  watch_ = TransferWatch({.deadline = context_.deadline(),
                          .stall = std::min(settings_.stall_timeout, context_.patience()),
                          .answer_allowance = request_.answer_allowance},
                         now);
  RETURN_IF_ERROR(BuildHeaderList());
  SetConnectionOptions();
  SetTlsOptions();
  SetMethodOptions();
  SetCallbacks();
  if (set_error_ == CURLE_OK) return {};
  return Fail(ErrorFromCurl(set_error_, url_.HostAndPort(), {}, 0));
}

std::optional<Error> CurlTransfer::CheckLimits(MonotonicTime now) {
  if (cancelled_.load(std::memory_order_acquire)) return Error(ErrorCode::kCancelled, "interrupted");
  const auto progress = handle_ ? ReadProgress(handle_.get(), parser_.complete()) : TransferProgress{};
  switch (watch_.Observe(progress, now)) {
    case TransferWatch::Verdict::kGoOn: return std::nullopt;
    case TransferWatch::Verdict::kDeadlinePassed:
      return Error(ErrorCode::kTimedOut, "deadline passed during a request to " + url_.HostAndPort());
    case TransferWatch::Verdict::kStalled: {
      const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(watch_.StallLimit());
      return Error(ErrorCode::kTimedOut, "no byte moved between us and " + url_.HostAndPort() + " for " +
                                             std::to_string(limit.count()) + " ms");
    }
  }
  return std::nullopt;
}

Result<HttpResponseHead> CurlTransfer::Outcome(CURLcode code) {
  if (callback_error_) return Fail(*std::move(callback_error_));
  if (code != CURLE_OK) {
    long os_errno = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_OS_ERRNO, &os_errno);
    return Fail(ErrorFromCurl(code, url_.HostAndPort(), error_text_.data(), os_errno));
  }
  if (!parser_.complete()) return Fail(ErrorCode::kUnavailable, url_.HostAndPort() + " did not send a whole answer");
  return parser_.TakeHead();
}

CurlEasy CurlTransfer::ReleaseHandle() {
  if (handle_) curl_easy_reset(handle_.get());
  header_list_.reset();
  return std::move(handle_);
}

void CurlTransfer::Finish(Result<HttpResponseHead> outcome) {
  // Notified under the lock: the owner may destroy this object as soon as it can take the lock.
  MutexLock lock(mutex_);
  outcome_ = std::move(outcome);
  finished_.NotifyAll();
}

template <typename Value>
void CurlTransfer::Set(CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(handle_.get(), option, value);
  if (set_error_ == CURLE_OK) set_error_ = code;
}

Result<> CurlTransfer::BuildHeaderList() {
  bool out_of_memory = false;
  const auto append = [this, &out_of_memory](const std::string& line) {
    curl_slist* const list = curl_slist_append(header_list_.get(), line.c_str());
    out_of_memory |= list == nullptr;
    if (list != nullptr && !header_list_) header_list_.reset(list);
  };
  append("Expect:");  // Without it libcurl waits for "100 Continue" before larger bodies.
  for (const auto& [name, value] : request_.headers.fields()) {
    if (!IsSendable(name) || !IsSendable(value)) {
      return Fail(ErrorCode::kInvalidArgument, "the header field " + name + " cannot be sent");
    }
    std::string line = name;
    line += value.empty() ? ";" : ": ";  // The semicolon is libcurl's way to say "present and empty".
    append(line += value);
  }
  if (!request_.bearer.empty()) {
    if (!IsSendable(request_.bearer.Reveal())) {
      return Fail(ErrorCode::kInvalidArgument, "the bearer token holds a line break");
    }
    Secret line("Authorization: Bearer " + request_.bearer.Reveal());
    append(line.Reveal());
  }
  if (out_of_memory) return Fail(ErrorCode::kUnavailable, "out of memory");
  Set(CURLOPT_HTTPHEADER, header_list_.get());
  return {};
}

void CurlTransfer::SetConnectionOptions() {
  Set(CURLOPT_URL, request_.url.c_str());
  Set(CURLOPT_PATH_AS_IS, 1L);  // A key may have "." and ".." among its segments.
  Set(CURLOPT_PROTOCOLS_STR, "http,https");
  Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  Set(CURLOPT_FOLLOWLOCATION, 0L);
  Set(CURLOPT_NOSIGNAL, 1L);
  Set(CURLOPT_QUICK_EXIT, 1L);  // Else giving up a hung name look-up stalls every transfer of the thread.
  Set(CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(settings_.connect_timeout));
  Set(CURLOPT_TCP_KEEPALIVE, 1L);
  Set(CURLOPT_TCP_KEEPIDLE, kKeepAliveIdleSeconds);
  Set(CURLOPT_TCP_KEEPINTVL, kKeepAliveIntervalSeconds);
  Set(CURLOPT_USERAGENT, settings_.user_agent.c_str());
  Set(CURLOPT_ERRORBUFFER, error_text_.data());
  Set(CURLOPT_PRIVATE, this);
  // HTTPS_PROXY and NO_PROXY hold for https, as in the other clients of these services: the tunnel hides the token.
  // Plain http would show it to the proxy.
  if (url_.scheme == "http" || IsLoopbackHost(url_.host)) Set(CURLOPT_PROXY, "");
  Set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  Set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));
}

void CurlTransfer::SetTlsOptions() {
  Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(CURLOPT_SSL_VERIFYPEER, 1L);
  Set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!settings_.ca_file.empty()) Set(CURLOPT_CAINFO, settings_.ca_file.c_str());
  // libcurl keeps parsed certificates from one connection to the next only where no directory of them is set.
  if (!settings_.ca_file.empty() || curl_version_info(CURLVERSION_NOW)->cainfo != nullptr) {
    Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
}

void CurlTransfer::SetMethodOptions() {
  const ByteCount body_size = request_.body == nullptr ? 0 : request_.body->size();
  Set(CURLOPT_BUFFERSIZE, static_cast<long>(request_.method == HttpMethod::kGet ? kReceiveBuffer : kSmallestBuffer));
  if (request_.method == HttpMethod::kHead) {
    Set(CURLOPT_NOBODY, 1L);
    return;
  }
  if (SendsBody(request_)) {
    Set(CURLOPT_UPLOAD, 1L);
    Set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(body_size));
    Set(CURLOPT_UPLOAD_BUFFERSIZE, static_cast<long>(std::clamp(body_size, kSmallestBuffer, kSendBuffer)));
  } else {
    Set(CURLOPT_HTTPGET, 1L);
  }
  Set(CURLOPT_CUSTOMREQUEST, std::string(HttpMethodName(request_.method)).c_str());
}

void CurlTransfer::SetCallbacks() {
  Set(CURLOPT_HEADERFUNCTION, &HeaderCallback);
  Set(CURLOPT_HEADERDATA, this);
  Set(CURLOPT_WRITEFUNCTION, &WriteCallback);
  Set(CURLOPT_WRITEDATA, this);
  Set(CURLOPT_READFUNCTION, &ReadCallback);
  Set(CURLOPT_READDATA, this);
  Set(CURLOPT_SEEKFUNCTION, &SeekCallback);  // A reused connection that turns out dead: the body is sent again.
  Set(CURLOPT_SEEKDATA, this);
}

size_t CurlTransfer::HeaderCallback(char* line, size_t size, size_t count, void* self) noexcept {
  return static_cast<CurlTransfer*>(self)->OnHeaderLine({line, size * count});
}

size_t CurlTransfer::WriteCallback(char* data, size_t size, size_t count, void* self) noexcept {
  return static_cast<CurlTransfer*>(self)->OnBody(std::as_bytes(std::span(data, size * count)));
}

size_t CurlTransfer::ReadCallback(char* out, size_t size, size_t count, void* self) noexcept {
  return static_cast<CurlTransfer*>(self)->OnReadBody(std::as_writable_bytes(std::span(out, size * count)));
}

int CurlTransfer::SeekCallback(void* self, curl_off_t offset, int origin) noexcept {
  if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  static_cast<CurlTransfer*>(self)->upload_offset_ = static_cast<ByteCount>(offset);
  return CURL_SEEKFUNC_OK;
}

size_t CurlTransfer::OnHeaderLine(std::string_view line) {
  auto step = parser_.Feed(line);
  if (step && *step == ResponseHeadParser::Step::kComplete) {
    const auto taken = sink_.OnHead(parser_.head());
    if (!taken) step = Fail(taken.error());
  }
  if (step) return line.size();
  callback_error_ = std::move(step).error();
  return 0;
}

size_t CurlTransfer::OnBody(std::span<const std::byte> data) {
  if (data.empty()) return 0;
  auto taken = sink_.OnData(data);
  if (taken) return data.size();
  callback_error_ = std::move(taken).error();
  return CURL_WRITEFUNC_ERROR;
}

size_t CurlTransfer::OnReadBody(std::span<std::byte> out) {
  const ByteCount size = request_.body == nullptr ? 0 : request_.body->size();
  if (upload_offset_ >= size) return 0;
  const auto wanted = static_cast<size_t>(std::min<ByteCount>(out.size(), size - upload_offset_));
  const auto count = request_.body->Read(upload_offset_, out.first(wanted));
  if (count && *count > 0 && *count <= wanted) {
    upload_offset_ += *count;
    return *count;
  }
  callback_error_ = count ? Error(ErrorCode::kInternal, "a request's body is shorter than its size") : count.error();
  return CURL_READFUNC_ABORT;
}

}  // namespace cosfuse
