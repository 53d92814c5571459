#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/thread.h"

struct MHD_Connection;

namespace cosfuse::emulator {

/// Connections that wait without a thread: until a moment, or until all that are held are woken. Suspends and resumes
/// them in libmicrohttpd, which then calls the access handler (or the content reader) again. Thread-safe.
class Parking {
 public:
  /// `clock` must be the machine's: the moments are those of real sockets.
  explicit Parking(const Clock& clock);
  /// Stop must have been called if any connection was parked.
  ~Parking();
  Parking(const Parking&) = delete;
  Parking& operator=(const Parking&) = delete;

  /// False when the server stops: the caller drops the connection.
  [[nodiscard]] bool ParkUntil(MHD_Connection* connection, MonotonicTime wake) EXCLUDES(mutex_);

  /// Counts the calls of WakeHeld. Read it before the decision to hold.
  uint64_t epoch() const EXCLUDES(mutex_);
  /// Holds the connection until WakeHeld. False when WakeHeld was called since `epoch` was read, or the server stops:
  /// the caller decides anew.
  [[nodiscard]] bool Hold(MHD_Connection* connection, uint64_t epoch) EXCLUDES(mutex_);
  void WakeHeld() EXCLUDES(mutex_);

  /// Wakes everything and parks nothing from now on.
  void Stop() EXCLUDES(mutex_);
  bool stopping() const EXCLUDES(mutex_);

 private:
  void TimerLoop() EXCLUDES(mutex_);

  const Clock& clock_;

  mutable Mutex mutex_;
  CondVar changed_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  uint64_t epoch_ GUARDED_BY(mutex_) = 0;
  std::multimap<MonotonicTime, MHD_Connection*> sleeping_ GUARDED_BY(mutex_);
  std::vector<MHD_Connection*> held_ GUARDED_BY(mutex_);

  Thread timer_;
};

}  // namespace cosfuse::emulator
