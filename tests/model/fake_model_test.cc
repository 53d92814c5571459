#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/log.h"
#include "tests/model/fake_subject.h"
#include "tests/model/runner.h"

namespace cosfuse::model {
namespace {

constexpr size_t kSteps = 100;
constexpr uint64_t kShards = 10;

/// Seeds of one campaign, fixed: 1 to this, less under a sanitizer, ten times as many with COSFUSE_LONG.
uint64_t SeedsPerShard(uint64_t usual) {
#ifdef COSFUSE_SANITIZED
  return usual / 20;
#else
  return std::getenv("COSFUSE_LONG") != nullptr ? usual * 10 : usual;
#endif
}

std::unique_ptr<Subject> MakeFakeSubject(const Settings& settings) { return std::make_unique<FakeSubject>(settings); }

/// The same seeds in each run, cut into shards that ctest runs side by side.
class FakeModelTest : public testing::TestWithParam<uint64_t> {
 protected:
  // Conflicts and failures are what these tests are made of.
  FakeModelTest() { SetLogLevel(LogLevel::kError); }

  void PlaySeeds(uint64_t seeds, bool faults, bool outsider) {
    Runner runner(MakeFakeSubject);
    for (uint64_t i = 0; i < seeds; ++i) {
      const uint64_t seed = GetParam() * seeds + i + 1;
      const auto failure = runner.PlaySeed(MakeSettings(seed, kSteps, faults, outsider));
      ASSERT_FALSE(failure.has_value()) << FormatFailure(*failure);
    }
  }
};

TEST_P(FakeModelTest, EveryAnswerAndEveryObjectIsRight) { PlaySeeds(SeedsPerShard(1000), false, false); }

TEST_P(FakeModelTest, EveryAnswerAndEveryObjectIsRightWhileRequestsFail) {
  PlaySeeds(SeedsPerShard(1000), true, false);
}

TEST_P(FakeModelTest, NoBytesOfAnotherClientAreOverwrittenAndNoneOfOursAreLost) {
  PlaySeeds(SeedsPerShard(100), false, true);
}

TEST_P(FakeModelTest, NoBytesOfAnotherClientAreOverwrittenWhileRequestsFail) {
  PlaySeeds(SeedsPerShard(100), true, true);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FakeModelTest, testing::Range<uint64_t>(0, kShards));

/// Plays the list in the file that COSFUSE_MODEL_REPLAY names, as a failure prints it; else one that needs a few calls.
TEST(FakeModelReplay, ListIsPlayed) {
  std::string list = "settings seed=1 steps=3 faults=0 outsider=0\nopen slot=0 path=a flags=rwc mode=644\n";
  if (const char* const path = std::getenv("COSFUSE_MODEL_REPLAY")) {
    std::ifstream file(path);
    list = std::string(std::istreambuf_iterator<char>(file), {});
  }
  const auto parsed = ParseList(list);
  ASSERT_TRUE(parsed.has_value()) << "no list: " << list;
  Runner runner(MakeFakeSubject);
  const auto failure = runner.Play(parsed->first, parsed->second);
  EXPECT_FALSE(failure.has_value()) << FormatFailure(*failure);
}

}  // namespace
}  // namespace cosfuse::model
