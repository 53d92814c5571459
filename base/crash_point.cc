#include "base/crash_point.h"

#ifdef COSFUSE_CRASH_POINTS

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/file_descriptor.h"
#include "base/mutex.h"

namespace cosfuse {
namespace {

std::string_view Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

/// What the environment asks for, and how far it is. Lives as long as the process.
class CrashPlan {
 public:
  CrashPlan() {
    const std::string_view at = Variable("COSFUSE_CRASH_AT");
    const size_t colon = at.rfind(':');
    if (!at.empty()) {
      if (colon == std::string_view::npos) std::abort();
      const std::string_view number = at.substr(colon + 1);
      const auto parsed = std::from_chars(number.data(), number.data() + number.size(), left_);
      if (parsed.ec != std::errc() || left_ == 0) std::abort();
      point_ = at.substr(0, colon);
    }
    if (const std::string log(Variable("COSFUSE_CRASH_LOG")); !log.empty()) {
      log_ = FileDescriptor(open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
      if (!log_.valid()) std::abort();
    }
  }

  void Pass(const std::string& point) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    const std::string line = point + "\n";
    if (log_.valid() && write(log_.get(), line.data(), line.size()) < 0) std::abort();
    // No thread gets beyond here any more: this one holds the lock until all of them are gone.
    if (point == point_ && --left_ == 0) kill(getpid(), SIGKILL);
  }

 private:
  std::string point_;
  FileDescriptor log_;
  Mutex mutex_;
  uint64_t left_ GUARDED_BY(mutex_) = 0;
};

}  // namespace

void CrashPoint(std::string_view step, std::string_view when) {
  // Never destroyed: threads pass until the very end.
  static CrashPlan* const plan = new CrashPlan;
  plan->Pass(std::string(step).append(".").append(when));
}

}  // namespace cosfuse

#endif  // COSFUSE_CRASH_POINTS
