#include <gtest/gtest.h>

#include <cstdlib>

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
  settings.is_quick = true;
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
  void PlaySeeds(uint64_t count, bool faults, bool outsider,
                 MountBench::Outsider which = MountBench::Outsider::kClient) {
    MountBench bench(which);
    Runner runner([&](const Settings& settings) { return std::make_unique<MountSubject>(bench, settings); });
    for (uint64_t seed = 1; seed <= count; ++seed) {
      const auto failure = runner.PlaySeed(ForMount(seed, faults, outsider));
      ASSERT_FALSE(failure.has_value()) << FormatFailure(*failure) << bench.mount.Log();
    }
    constexpr uint64_t kEnoughForAllKinds = 100;
    if (!faults || count < kEnoughForAllKinds) return;
    const std::string counters = bench.emulator.Get("counters");
    for (const std::string kind : {"status", "reset-before", "reset-after", "truncate"}) {
      EXPECT_NE(counters.find("\"" + kind + "\":"), std::string::npos) << "no request has failed so: " << counters;
    }
  }
};

TEST_F(MountModelTest, EveryAnswerAndEveryObjectIsRight) { PlaySeeds(SeedCount(200), false, false); }

TEST_F(MountModelTest, EveryAnswerAndEveryObjectIsRightWhileRequestsFail) { PlaySeeds(SeedCount(200), true, false); }

TEST_F(MountModelTest, NoBytesOfAnotherClientAreOverwrittenAndNoneOfOursAreLost) {
  PlaySeeds(SeedCount(25), false, true);
}

TEST_F(MountModelTest, NoBytesOfAnotherClientAreOverwrittenWhileRequestsFail) { PlaySeeds(SeedCount(25), true, true); }

TEST_F(MountModelTest, NoBytesOfAnotherMountAreOverwrittenAndNoneOfOursAreLost) {
  PlaySeeds(SeedCount(25), false, true, MountBench::Outsider::kMount);
}

TEST_F(MountModelTest, NoBytesOfAnotherMountAreOverwrittenWhileRequestsFail) {
  PlaySeeds(SeedCount(25), true, true, MountBench::Outsider::kMount);
}

/// Plays the list in the file that COSFUSE_MODEL_REPLAY names, as a failure prints it; else one that needs a few calls.
TEST(MountModelReplay, ListIsPlayed) {
  std::string list = "settings seed=1 steps=3 faults=0 outsider=0\nopen slot=0 path=a flags=rwc mode=644\n";
  if (const char* const path = std::getenv("COSFUSE_MODEL_REPLAY")) list = testing::ReadWholeFile(path);
  const auto parsed = ParseList(list);
  ASSERT_TRUE(parsed.has_value()) << "no list: " << list;
  MountBench bench;
  Runner runner([&](const Settings& settings) { return std::make_unique<MountSubject>(bench, settings); });
  const Settings& made = parsed->first;
  const auto failure = runner.Play(ForMount(made.seed, made.faults, made.outsider), parsed->second);
  EXPECT_FALSE(failure.has_value()) << FormatFailure(*failure) << bench.mount.Log();
}

}  // namespace
}  // namespace cosfuse::model
