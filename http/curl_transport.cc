#include "http/curl_transport.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "http/curl_loop.h"
#include "http/curl_transfer.h"
#include "http/url.h"

namespace cosfuse {
namespace {

constexpr size_t kMostThreads = 4;

/// Once a process; libcurl asks for it before its first use. There is no counterpart: the system takes it all back.
void InitialiseCurl() {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (initialised != CURLE_OK) throw std::bad_alloc();
}

size_t ThreadCount(size_t wanted) {
  if (wanted != 0) return wanted;
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  return std::clamp<size_t>(cores > 0 ? static_cast<size_t>(cores) : 1, 1, kMostThreads);
}

}  // namespace

CurlTransport::CurlTransport(Options options, const Clock& clock)
    : allow_http_(options.allow_http),
      clock_(clock),
      settings_(std::make_unique<CurlSettings>(CurlSettings{.ca_file = std::move(options.ca_file),
                                                            .user_agent = std::move(options.user_agent),
                                                            .connect_timeout = options.connect_timeout,
                                                            .stall_timeout = options.stall_timeout})) {
  InitialiseCurl();
  const size_t threads = ThreadCount(options.network_threads);
  const size_t connections = std::max<size_t>(1, options.max_connections_per_host / threads);
  for (size_t i = 0; i < threads; ++i) {
    loops_.push_back(std::make_unique<CurlLoop>(clock_, "network-" + std::to_string(i), connections));
  }
}

CurlTransport::~CurlTransport() = default;

Result<HttpResponseHead> CurlTransport::Send(const OpContext& context, const HttpRequest& request, BodySink& sink) {
  const MonotonicTime now = clock_.Now();
  RETURN_IF_ERROR(context.CheckMayWait(now));
  ASSIGN_OR_RETURN(const Url url, ParseUrl(request.url));
  if (!IsTransportAllowed(url, allow_http_)) {
    return Fail(ErrorCode::kInvalidArgument,
                "plain http to " + url.HostAndPort() + " would show the token to everyone");
  }
  CurlTransfer transfer(*settings_, context, request, url, sink, now);
  CurlLoop& loop = LeastLoaded();
  loop.Submit(transfer);
  // After Submit, so that the scan finds the transfer.
  const auto registration = context.OnCancel([&transfer, &loop] {
    transfer.Cancel();
    loop.RequestScan();
  });
  return transfer.Wait();
}

CurlLoop& CurlTransport::LeastLoaded() const {
  // The first of equals: requests that come one by one meet the connection of the one before.
  return **std::ranges::min_element(loops_, {}, [](const auto& loop) { return loop->load(); });
}

}  // namespace cosfuse
