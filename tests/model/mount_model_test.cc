#include <gtest/gtest.h>

#include "tests/model/mount_subject.h"
#include "tests/model/runner.h"

namespace cosfuse::model {
namespace {

constexpr size_t kSteps = 100;
/// One sequence in so many has files of several parts.
constexpr uint64_t kOneInLarge = 50;

/// What fits a real mount: its parts have the size that a store takes.
Settings ForMount(uint64_t seed, bool faults, bool outsider) {
  Settings settings = MakeSettings(seed, kSteps, faults, outsider);
  settings.disk_is_small = false;
  settings.part_size = 8 * kMiB;
  if (seed % kOneInLarge == 0) {
    settings.largest_file = 20 * kMiB;
    settings.largest_write = 5 * kMiB;
  }
  return settings;
}

uint64_t SeedCount(uint64_t usual) {
#ifdef COSFUSE_SANITIZED
  return usual / 10;
#else
  return testing::LongCampaign() ? usual * 10 : usual;
#endif
}

class MountModelTest : public ::testing::Test {
 protected:
  void PlaySeeds(uint64_t count, bool faults, bool outsider) {
    MountBench bench;
    Runner runner([&](const Settings& settings) { return std::make_unique<MountSubject>(bench, settings); });
    for (uint64_t seed = 1; seed <= count; ++seed) {
      const auto failure = runner.PlaySeed(ForMount(seed, faults, outsider));
      ASSERT_FALSE(failure.has_value()) << FormatFailure(*failure) << bench.mount.Log();
    }
  }
};

TEST_F(MountModelTest, EveryAnswerAndEveryObjectIsRight) { PlaySeeds(SeedCount(425), false, false); }

/// Fewer: the client of a real mount waits before it tries again.
TEST_F(MountModelTest, EveryAnswerAndEveryObjectIsRightWhileRequestsFail) { PlaySeeds(SeedCount(15), true, false); }

TEST_F(MountModelTest, NoBytesOfAnotherClientAreOverwrittenAndNoneOfOursAreLost) {
  PlaySeeds(SeedCount(60), false, true);
}

}  // namespace
}  // namespace cosfuse::model
