#include "emulator/wire/pacer.h"

#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr MonotonicTime kStart{seconds(1000)};

TEST(Pacer, WithoutARateNothingWaits) {
  Pacer pacer;
  EXPECT_FALSE(pacer.active());
  EXPECT_EQ(pacer.Book(kStart, 1'000'000'000), kStart);
}

TEST(Pacer, PiecesFollowEachOther) {
  Pacer pacer;
  pacer.SetRate(1000);
  const MonotonicTime first = pacer.Book(kStart, 500);
  EXPECT_EQ(pacer.Book(kStart, 500) - first, milliseconds(500));
  EXPECT_EQ(pacer.Book(kStart, 1000) - first, milliseconds(1500));
}

TEST(Pacer, LatenessIsMadeUpFor) {
  Pacer pacer;
  pacer.SetRate(1'000'000);
  MonotonicTime now = kStart;
  for (int i = 0; i < 1000; ++i) {  // Each wake-up comes 5 ms late.
    now = std::max(now, pacer.Book(now, 10'000)) + milliseconds(i % 2 == 0 ? 5 : 0);
  }
  EXPECT_NEAR(std::chrono::duration<double>(now - kStart).count(), 10.0, 0.1);
}

TEST(Pacer, IdleTimeIsNotSavedUp) {
  Pacer pacer;
  pacer.SetRate(1000);
  pacer.Book(kStart, 1);
  const MonotonicTime later = kStart + seconds(100);
  EXPECT_GE(pacer.Book(later, 1000), later + milliseconds(980));
}

}  // namespace
}  // namespace cosfuse::emulator
