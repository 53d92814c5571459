#include "app/capabilities.h"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/resource.h>

namespace cosfuse {
namespace {

constexpr uint64_t kAll = (uint64_t{1} << (CAP_LAST_CAP + 1)) - 1;
constexpr uint64_t Bit(int capability) { return uint64_t{1} << capability; }

TEST(DecideDaemonCapabilities, KeepsReadingOfForeignFilesAndProcesses) {
  const CapabilitySets kept = DecideDaemonCapabilities({.effective = kAll, .permitted = kAll, .inheritable = kAll});
  const uint64_t wanted = Bit(CAP_DAC_READ_SEARCH) | Bit(CAP_DAC_OVERRIDE) | Bit(CAP_SYS_PTRACE);
  EXPECT_EQ(kept.effective, wanted);
  EXPECT_EQ(kept.permitted, wanted);
  EXPECT_EQ(kept.inheritable, 0U);
}

TEST(DecideDaemonCapabilities, AddsNothing) {
  const CapabilitySets kept = DecideDaemonCapabilities({.effective = 0, .permitted = Bit(CAP_CHOWN), .inheritable = 0});
  EXPECT_EQ(kept.effective, 0U);
  EXPECT_EQ(kept.permitted, 0U);
}

TEST(RaiseDescriptorLimit, GivesWhatTheSystemAllows) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  low.rlim_cur = 256;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  RaiseDescriptorLimit();
  rlimit raised{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &raised), 0);
  EXPECT_EQ(raised.rlim_cur, before.rlim_max);
  EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace cosfuse
