#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string_view>

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

// What once went wrong, and few seeds come by.
constexpr auto kLists = std::to_array<std::string_view>({
    // A file is renamed while parts of it leave, and the disk runs out afterwards.
    R"(settings seed=90858 steps=100 faults=0 outsider=0
open slot=0 path=e flags=rwacxt mode=755
truncate_open slot=0 offset=53758
write slot=0 offset=0 length=15299 pattern=1681981116
close slot=0
open slot=0 path=b flags=wac mode=755
write slot=0 offset=20956 length=17223 pattern=2088042436
open slot=2 path=e flags=rw mode=600
unlink path=e
rename path=b to=d
write slot=0 offset=0 length=16486 pattern=210132051
write slot=0 offset=33374 length=18724 pattern=1133530251
write slot=2 offset=13066 length=7923 pattern=1415915491
)",
    // A directory is renamed after parts of a file in it have left the disk.
    R"(settings seed=90858 steps=100 faults=0 outsider=0
mkdir path=d mode=755
open slot=0 path=d/b flags=wac mode=755
write slot=0 offset=0 length=60000 pattern=1
write slot=0 offset=0 length=60000 pattern=2
write slot=0 offset=0 length=60000 pattern=3
write slot=0 offset=0 length=60000 pattern=4
rename path=d to=e
write slot=0 offset=0 length=60000 pattern=5
close slot=0
)",
    // Another client's object under the name of a file that was never stored.
    R"(settings seed=3455 steps=100 faults=0 outsider=1
open slot=2 path=c flags=wc mode=755
put_foreign path=c length=1439 pattern=1898722995
list path=a
unlink path=c
stat path=c
open slot=1 path=c flags=rwac mode=666
)",
});

TEST(FakeModelLists, WhatOnceWentWrongGoesWell) {
  for (const std::string_view list : kLists) {
    const auto parsed = ParseList(list);
    ASSERT_TRUE(parsed.has_value()) << list;
    Runner runner(MakeFakeSubject);
    const auto failure = runner.Play(parsed->first, parsed->second);
    EXPECT_FALSE(failure.has_value()) << FormatFailure(*failure);
  }
}

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
