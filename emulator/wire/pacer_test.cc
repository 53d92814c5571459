#include "emulator/wire/pacer.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"

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

/// What passes a wire of `rate` in `time` over connections that all want more, when each wake-up comes late by up to
/// `lateness`; as a share of what it should be.
double ShareOfRate(uint64_t rate, int connections, Duration lateness, Duration time) {
  constexpr ByteCount kPiece = 64 * kKiB;
  SeededRandom random(5);
  Pacer pacer;
  pacer.SetRate(rate);
  std::multimap<MonotonicTime, MonotonicTime> waiting;  // When each wakes up, and when it should have.
  for (int i = 0; i < connections; ++i) waiting.emplace(kStart, MonotonicTime{});
  ByteCount passed = 0;
  while (waiting.begin()->first < kStart + time) {
    const auto [now, due] = *waiting.begin();
    waiting.erase(waiting.begin());
    if (due != MonotonicTime{}) passed += kPiece;
    const MonotonicTime next = pacer.Book(now, kPiece, due);
    const auto late = std::chrono::duration_cast<Duration>(lateness * random.Uniform());
    waiting.emplace(std::max(now, next + late), next);
  }
  return static_cast<double>(passed) / (static_cast<double>(rate) * std::chrono::duration<double>(time).count());
}

TEST(Pacer, TheRateIsMetToThreePercentHoweverLateTimersAre) {
  for (const uint64_t rate : {10'000'000U, 200'000'000U, 1'000'000'000U}) {
    for (const int connections : {1, 4, 32}) {
      for (const Duration lateness : {Duration::zero(), Duration(milliseconds(5)), Duration(milliseconds(60))}) {
        const double share = ShareOfRate(rate, connections, lateness, seconds(20));
        EXPECT_NEAR(share, 1, 0.03) << rate << " B/s, " << connections << " connections, " << lateness / milliseconds(1)
                                    << " ms late";
      }
    }
  }
}

TEST(Pacer, IdleTimeIsNotSavedUp) {
  Pacer pacer;
  pacer.SetRate(1000);
  const MonotonicTime passed = pacer.Book(kStart, 1);
  const MonotonicTime later = kStart + seconds(100);
  EXPECT_EQ(pacer.Book(later, 1000), later + seconds(1));
  EXPECT_EQ(pacer.Book(later + seconds(100), 1000, passed), later + seconds(101));
}

}  // namespace
}  // namespace cosfuse::emulator
