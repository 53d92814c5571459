#include "emulator/wire/parking.h"

#include <microhttpd.h>

#include <utility>

namespace cosfuse::emulator {

Parking::Parking(const Clock& clock) : clock_(clock), timer_("parking", [this] { TimerLoop(); }) {}

Parking::~Parking() { Stop(); }

bool Parking::ParkUntil(MHD_Connection* connection, MonotonicTime wake) {
  MutexLock lock(mutex_);
  if (stopping_) return false;
  MHD_suspend_connection(connection);
  const auto entry = sleeping_.emplace(wake, connection);
  if (entry == sleeping_.begin()) changed_.NotifyOne();
  return true;
}

uint64_t Parking::epoch() const {
  MutexLock lock(mutex_);
  return epoch_;
}

bool Parking::Hold(MHD_Connection* connection, uint64_t epoch) {
  MutexLock lock(mutex_);
  if (stopping_ || epoch != epoch_) return false;
  MHD_suspend_connection(connection);
  held_.push_back(connection);
  return true;
}

void Parking::WakeHeld() {
  std::vector<MHD_Connection*> woken;
  {
    MutexLock lock(mutex_);
    ++epoch_;
    woken.swap(held_);
  }
  for (MHD_Connection* connection : woken) MHD_resume_connection(connection);
}

void Parking::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyOne();
  }
  timer_.Join();
  WakeHeld();
}

bool Parking::stopping() const {
  MutexLock lock(mutex_);
  return stopping_;
}

void Parking::TimerLoop() {
  std::vector<MHD_Connection*> due;
  MutexLock lock(mutex_);
  for (;;) {
    const MonotonicTime now = clock_.Now();
    while (!sleeping_.empty() && (stopping_ || sleeping_.begin()->first <= now)) {
      due.push_back(sleeping_.extract(sleeping_.begin()).mapped());
    }
    if (!due.empty()) {
      lock.Unlock();
      for (MHD_Connection* connection : due) MHD_resume_connection(connection);
      due.clear();
      lock.Lock();
      continue;
    }
    if (stopping_) return;
    changed_.WaitUntil(mutex_, sleeping_.empty() ? MonotonicTime::max() : sleeping_.begin()->first);
  }
}

}  // namespace cosfuse::emulator
