#include "emulator/cos/bucket.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "base/thread.h"

namespace cosfuse::emulator {
namespace {

std::shared_ptr<Object> MakeObject(const std::string& etag) {
  auto object = std::make_shared<Object>();
  object->etag = etag;
  return object;
}

class BucketTest : public testing::Test {
 protected:
  const std::unique_ptr<Storage> storage_ = NewMemoryStorage();
  Bucket bucket_{"bucket", false, *storage_, {}};
};

TEST_F(BucketTest, PutReplacesAndDeleteRemoves) {
  EXPECT_EQ(bucket_.Find("k"), nullptr);
  ASSERT_TRUE(bucket_.Put("k", MakeObject("1"), {}));
  ASSERT_TRUE(bucket_.Put("k", MakeObject("2"), {}));
  EXPECT_EQ(bucket_.Find("k")->etag, "2");
  ASSERT_TRUE(bucket_.Delete("k", {}, {}));
  ASSERT_TRUE(bucket_.Delete("k", {}, {}));
  EXPECT_EQ(bucket_.Find("k"), nullptr);
}

TEST_F(BucketTest, AFailedConditionChangesNothing) {
  ASSERT_TRUE(bucket_.Put("k", MakeObject("1"), {}));
  EXPECT_EQ(bucket_.Put("k", MakeObject("2"), {std::nullopt, "*"}).error().code, S3Code::kPreconditionFailed);
  EXPECT_EQ(bucket_.Delete("k", {"\"2\"", std::nullopt}, {}).error().code, S3Code::kPreconditionFailed);
  EXPECT_EQ(bucket_.Find("k")->etag, "1");
}

TEST_F(BucketTest, ReplaceNeedsTheVersionThatWasRead) {
  ASSERT_TRUE(bucket_.Put("k", MakeObject("1"), {}));
  const ObjectPtr read = bucket_.Find("k");
  ASSERT_TRUE(bucket_.Put("k", MakeObject("2"), {}));
  EXPECT_FALSE(bucket_.Replace("k", read, MakeObject("1")).value());
  EXPECT_TRUE(bucket_.Replace("k", bucket_.Find("k"), MakeObject("3")).value());
  EXPECT_EQ(bucket_.Find("k")->etag, "3");
}

TEST_F(BucketTest, Pitfall33_OfManyCreatorsOneWins) {
  constexpr int kWriters = 8;
  constexpr int kRounds = 200;
  std::atomic<int> wins{0};
  {
    std::vector<Thread> writers;
    writers.reserve(kWriters);
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back("writer", [&, writer] {
        for (int round = 0; round < kRounds; ++round) {
          const auto created =
              bucket_.Put("k" + std::to_string(round), MakeObject(std::to_string(writer)), {std::nullopt, "*"});
          if (created) wins.fetch_add(1);
        }
      });
    }
  }
  EXPECT_EQ(wins.load(), kRounds);
}

TEST_F(BucketTest, Pitfall25_OfManyReplacementsOfOneVersionOneWins) {
  constexpr int kWriters = 8;
  constexpr int kRounds = 200;
  ASSERT_TRUE(bucket_.Put("k", MakeObject("0"), {}));
  std::atomic<int> wins{0};
  {
    std::vector<Thread> writers;
    writers.reserve(kWriters);
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back("writer", [&] {
        for (int round = 0; round < kRounds; ++round) {
          const int seen = std::stoi(bucket_.Find("k")->etag);
          if (bucket_.Put("k", MakeObject(std::to_string(seen + 1)), {std::to_string(seen), std::nullopt})) {
            wins.fetch_add(1);
          }
        }
      });
    }
  }
  EXPECT_EQ(std::stoi(bucket_.Find("k")->etag), wins.load());
}

}  // namespace
}  // namespace cosfuse::emulator
