#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/thread.h"
#include "http/curl_handle.h"
#include "http/curl_transfer.h"

namespace cosfuse {

/// A network thread: the only user of one CURLM and of the connections in it. Runs the callbacks of its transfers'
/// sinks and sources, with no lock held.
///
/// Thread-safe where not said otherwise. Transfers are borrowed from Submit until CurlTransfer::Finish.
class CurlLoop {
 public:
  /// Throws std::bad_alloc where libcurl gets no memory.
  CurlLoop(const Clock& clock, const std::string& thread_name, size_t max_connections_per_host);
  /// No transfer may be under way any more.
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  void Submit(CurlTransfer& transfer) EXCLUDES(mutex_);
  /// Makes the thread look at its transfers' limits at once: one of them was cancelled.
  void RequestScan();
  /// Transfers under way or waiting; for choosing the least loaded loop.
  size_t load() const { return load_.load(std::memory_order_relaxed); }

 private:
  void Run() EXCLUDES(mutex_);
  /// Moves what was submitted to `waiting_`. False: the end.
  bool TakeSubmitted() EXCLUDES(mutex_);
  void StartWaiting();
  void Start(CurlTransfer& transfer);
  void ReapFinished();
  void EnforceLimits();
  void Poll();
  /// Lets go of a transfer: `active` says whether it holds a connection.
  void Finish(CurlTransfer& transfer, Result<HttpResponseHead> outcome, bool active);
  CurlEasy TakeHandle();

  const Clock& clock_;
  const size_t max_connections_per_host_;
  const CurlMulti multi_;

  std::atomic<size_t> load_ = 0;
  std::atomic<bool> scan_requested_ = false;

  // The loop's thread alone.
  std::vector<CurlTransfer*> waiting_;  ///< In order of arrival: their host has no free connection.
  std::vector<CurlTransfer*> active_;
  std::map<std::string, size_t, std::less<>> active_per_host_;
  std::vector<CurlEasy> spare_handles_;
  MonotonicTime next_scan_ = MonotonicTime::max();

  Mutex mutex_;
  std::vector<CurlTransfer*> submitted_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;

  Thread thread_;
};

}  // namespace cosfuse
