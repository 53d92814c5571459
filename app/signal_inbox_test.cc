#include "app/signal_inbox.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

namespace cosfuse {
namespace {

TEST(SignalInbox, TellsTerminationFromOtherSignals) {
  auto inbox = SignalInbox::Open();
  ASSERT_TRUE(inbox) << inbox.error().message();
  kill(getpid(), SIGTERM);
  EXPECT_EQ(inbox->Wait(std::nullopt), SignalInbox::Event::kTerminate);
  pthread_kill(pthread_self(), SIGINT);
  EXPECT_EQ(inbox->Wait(std::nullopt), SignalInbox::Event::kTerminate);
  pthread_kill(pthread_self(), SIGHUP);
  EXPECT_EQ(inbox->Wait(std::nullopt), SignalInbox::Event::kIgnored);
}

TEST(SignalInbox, AWakeUpIsSeenOnce) {
  auto inbox = SignalInbox::Open();
  ASSERT_TRUE(inbox);
  inbox->Wake();
  inbox->Wake();
  EXPECT_EQ(inbox->Wait(std::nullopt), SignalInbox::Event::kWoken);
  EXPECT_EQ(inbox->Wait(Duration(0)), SignalInbox::Event::kTimeout);
}

}  // namespace
}  // namespace cosfuse
