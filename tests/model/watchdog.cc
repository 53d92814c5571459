#include "tests/model/watchdog.h"

#include <cstdlib>
#include <iostream>
#include <utility>

namespace cosfuse::model {

Watchdog::Watchdog(Duration limit) : limit_(limit), thread_("watchdog", [this] { Watch(); }) {}

Watchdog::~Watchdog() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.Join();
}

void Watchdog::BeginStep(std::function<std::string()> describe) {
  const MonotonicTime now = clock_.Now();
  MutexLock lock(mutex_);
  end_ = now + limit_;
  describe_ = std::move(describe);
}

void Watchdog::Rest() {
  MutexLock lock(mutex_);
  end_ = MonotonicTime::max();
}

void Watchdog::Watch() {
  constexpr Duration kLook = std::chrono::milliseconds(500);
  MutexLock lock(mutex_);
  while (!stopping_) {
    if (clock_.Now() >= end_) {
      std::cerr << "a step hangs:\n" << describe_() << "\n" << std::flush;
      std::abort();
    }
    changed_.WaitUntil(mutex_, clock_.Now() + kLook);
  }
}

}  // namespace cosfuse::model
