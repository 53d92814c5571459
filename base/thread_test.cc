#include "base/thread.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <array>
#include <stdexcept>
#include <string>
#include <utility>

namespace cosfuse {
namespace {

TEST(Thread, RunsItsBodyAndIsJoinedByItsDestructor) {
  bool ran = false;
  {
    const Thread thread("worker", [&ran] { ran = true; });
  }
  EXPECT_TRUE(ran);
}

TEST(Thread, HasItsNameCutToWhatLinuxKeeps) {
  std::string name;
  Thread thread("a-name-of-more-than-fifteen-bytes", [&name] {
    std::array<char, 64> buffer{};
    pthread_getname_np(pthread_self(), buffer.data(), buffer.size());
    name = buffer.data();
  });
  thread.Join();
  EXPECT_EQ(name, "a-name-of-more-");
}

TEST(Thread, StartsWithSignalsBlockedAndLeavesTheCallersAlone) {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  bool blocked = false;
  Thread thread("worker", [&blocked] {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    blocked = sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGHUP) == 1;
  });
  thread.Join();
  EXPECT_TRUE(blocked);
  sigset_t after;
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
}

TEST(Thread, AssignmentJoinsWhatRanBefore) {
  bool first = false;
  bool second = false;
  Thread thread("first", [&first] { first = true; });
  thread = Thread("second", [&second] { second = true; });
  EXPECT_TRUE(first);
  thread.Join();
  EXPECT_TRUE(second);
  EXPECT_FALSE(thread.joinable());
}

TEST(ThreadDeathTest, AnExceptionEndsTheProcessAndNamesTheThread) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(Thread("refresher", [] { throw std::runtime_error("lost"); }).Join(), "refresher.*lost");
}

}  // namespace
}  // namespace cosfuse
