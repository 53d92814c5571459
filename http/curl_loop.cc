#include "http/curl_loop.h"

#include <algorithm>
#include <new>
#include <utility>

namespace cosfuse {
namespace {

// A handle without connection is some kilobytes: enough of them for the usual number of transfers.
constexpr size_t kMaxSpareHandles = 64;

constexpr std::chrono::milliseconds kLongestPoll = std::chrono::minutes(1);

CurlMulti MakeMulti(size_t max_connections) {
  CurlMulti multi(curl_multi_init());
  if (!multi) throw std::bad_alloc();
  // libcurl's own limit follows the number of transfers under way: a quiet moment would close what a burst has opened.
  curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(max_connections));
  return multi;
}

}  // namespace

CurlLoop::CurlLoop(const Clock& clock, const std::string& thread_name, size_t max_connections_per_host)
    : clock_(clock),
      max_connections_per_host_(std::max<size_t>(1, max_connections_per_host)),
      multi_(MakeMulti(max_connections_per_host_)),
      thread_(thread_name, [this] { Run(); }) {}

CurlLoop::~CurlLoop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  curl_multi_wakeup(multi_.get());
  thread_.Join();
}

void CurlLoop::Submit(CurlTransfer& transfer) {
  load_.fetch_add(1, std::memory_order_relaxed);
  {
    MutexLock lock(mutex_);
    submitted_.push_back(&transfer);
  }
  curl_multi_wakeup(multi_.get());
}

void CurlLoop::RequestScan() {
  scan_requested_.store(true, std::memory_order_release);
  curl_multi_wakeup(multi_.get());
}

void CurlLoop::Run() {
  while (TakeSubmitted()) {
    StartWaiting();
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    ReapFinished();
    StartWaiting();
    EnforceLimits();
    Poll();
  }
}

bool CurlLoop::TakeSubmitted() {
  MutexLock lock(mutex_);
  const MonotonicTime now = clock_.Now();
  for (const CurlTransfer* const transfer : submitted_) next_scan_ = std::min(next_scan_, transfer->NextCheck(now));
  waiting_.insert(waiting_.end(), submitted_.begin(), submitted_.end());
  submitted_.clear();
  return !stopping_;
}

void CurlLoop::StartWaiting() {
  std::erase_if(waiting_, [this](CurlTransfer* transfer) {
    size_t& active = active_per_host_[transfer->origin()];
    if (active >= max_connections_per_host_) return false;
    ++active;
    Start(*transfer);
    return true;
  });
}

void CurlLoop::Start(CurlTransfer& transfer) {
  const MonotonicTime now = clock_.Now();
  active_.push_back(&transfer);
  auto begun = transfer.Begin(TakeHandle(), now);
  next_scan_ = std::min(next_scan_, transfer.NextCheck(now));
  if (begun && curl_multi_add_handle(multi_.get(), transfer.handle()) != CURLM_OK) {
    begun = Fail(ErrorCode::kUnavailable, "out of memory");
  }
  if (!begun) Finish(transfer, Fail(begun.error()), true);
}

void CurlLoop::ReapFinished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;  // The message is gone once its handle is removed.
    CURL* const handle = message->easy_handle;
    void* owner = nullptr;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &owner);
    auto& transfer = *static_cast<CurlTransfer*>(owner);
    curl_multi_remove_handle(multi_.get(), handle);
    Finish(transfer, transfer.Outcome(code), true);
  }
}

void CurlLoop::EnforceLimits() {
  const bool requested = scan_requested_.exchange(false, std::memory_order_acquire);
  const MonotonicTime now = clock_.Now();
  if (!requested && now < next_scan_) return;
  next_scan_ = MonotonicTime::max();
  std::vector<std::pair<CurlTransfer*, Error>> ended;
  for (const auto* list : {&active_, &waiting_}) {
    for (CurlTransfer* const transfer : *list) {
      if (auto error = transfer->CheckLimits(now)) {
        ended.emplace_back(transfer, *std::move(error));
      } else {
        next_scan_ = std::min(next_scan_, transfer->NextCheck(now));
      }
    }
  }
  for (auto& [transfer, error] : ended) {
    const bool active = transfer->handle() != nullptr;
    if (active) curl_multi_remove_handle(multi_.get(), transfer->handle());  // Closes the connection: it is in mid-air.
    if (!active) std::erase(waiting_, transfer);
    Finish(*transfer, Fail(std::move(error)), active);
  }
}

void CurlLoop::Poll() {
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next_scan_ - clock_.Now());
  const auto limited = std::clamp<std::chrono::milliseconds>(wait, std::chrono::milliseconds(0), kLongestPoll);
  curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(limited.count()), nullptr);
}

void CurlLoop::Finish(CurlTransfer& transfer, Result<HttpResponseHead> outcome, bool active) {
  if (active) {
    std::erase(active_, &transfer);
    const auto host = active_per_host_.find(transfer.origin());
    if (--host->second == 0) active_per_host_.erase(host);
  }
  CurlEasy handle = transfer.ReleaseHandle();
  // After a failure libcurl may keep a handle's buffer beyond its reset (it does where the name was not found), and
  // then refuses to be told another size: such a handle would fail every transfer that gets it.
  const bool reusable = handle && outcome;
  if (reusable && spare_handles_.size() < kMaxSpareHandles) spare_handles_.push_back(std::move(handle));
  load_.fetch_sub(1, std::memory_order_relaxed);
  transfer.Finish(std::move(outcome));
}

CurlEasy CurlLoop::TakeHandle() {
  if (!spare_handles_.empty()) {
    CurlEasy handle = std::move(spare_handles_.back());
    spare_handles_.pop_back();
    return handle;
  }
  CurlEasy handle(curl_easy_init());
  if (!handle) throw std::bad_alloc();
  return handle;
}

}  // namespace cosfuse
