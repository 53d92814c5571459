#include "base/thread.h"

#include <pthread.h>
#include <signal.h>

#include <cstdlib>
#include <exception>
#include <utility>

#include "base/log.h"

namespace cosfuse {
namespace {

void RunGuarded(const std::string& name, const std::function<void()>& body) {
  try {
    body();
  } catch (const std::exception& exception) {
    Log(LogLevel::kError, "exception reached a thread's entry", {{"thread", name}, {"what", exception.what()}});
    std::abort();
  }
}

}  // namespace

Thread::Thread(const std::string& name, std::function<void()> body) {
  sigset_t all;
  sigset_t previous;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &previous);
  thread_ = std::thread([name = name.substr(0, 15), body = std::move(body)] {
    pthread_setname_np(pthread_self(), name.c_str());
    RunGuarded(name, body);
  });
  pthread_sigmask(SIG_SETMASK, &previous, nullptr);
}

Thread& Thread::operator=(Thread&& other) noexcept {
  Join();
  thread_ = std::move(other.thread_);
  return *this;
}

void Thread::Join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace cosfuse
