#pragma once

#include <functional>
#include <string>
#include <thread>

namespace cosfuse {

/// A named thread that is joined by its destructor; never detached. An exception that reaches its entry ends the
/// process with a log line that names the thread.
class Thread {
 public:
  Thread() = default;
  /// `name` is cut to the 15 bytes that Linux keeps. The thread starts with all signals blocked: signals belong to the
  /// one thread that waits for them (app/signals.h).
  Thread(const std::string& name, std::function<void()> body);
  ~Thread() { Join(); }
  Thread(Thread&&) noexcept = default;
  Thread& operator=(Thread&& other) noexcept;

  void Join();
  bool joinable() const { return thread_.joinable(); }

 private:
  std::thread thread_;
};

}  // namespace cosfuse
