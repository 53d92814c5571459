#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "cache/file_cache.h"
#include "cache/file_cache_fixture.h"

namespace cosfuse {
namespace {

constexpr size_t kSlot = 1000;
constexpr size_t kSlots = 64;

// Writers fill whole slots of a file with one byte each while it is uploaded and read.
class FileCacheStressTest : public FileCacheFixture {
 protected:
  static bool SlotsAreWhole(const std::string& content) {
    for (size_t at = 0; at + kSlot <= content.size(); at += kSlot) {
      if (content.substr(at, kSlot) != std::string(kSlot, content[at])) return false;
    }
    return true;
  }
};

TEST_F(FileCacheStressTest, NoObjectHoldsHalfAWriteWhateverRunsAtOnce) {
  options_.memory_budget = 64 * kKiB;
  options_.disk_budget = 400 * kKiB;
  Restart();
  std::atomic<bool> torn = false;
  store_.SetHooks({}, [&](const RecordedOperation& operation) {
    if (operation.operation == StoreOperation::kPut && !SlotsAreWhole(*store_.GetContent("k"))) torn = true;
  });
  faulty_.FailRandomly(0.05, 7, Failure(ErrorCode::kUnavailable));
  const File file = cache_->OpenBase(Stored("k", std::string(kSlot * kSlots, '.')));
  std::atomic<int> stored = 0;
  {
    std::vector<Thread> threads;
    for (uint64_t seed = 1; seed <= 3; ++seed) {
      threads.emplace_back("writer", [&, seed] {
        SeededRandom random(seed);
        for (int i = 0; i < 300; ++i) {
          const ByteCount slot = random.Next() % kSlots;
          const std::string data(kSlot, static_cast<char>('a' + random.Next() % 26));
          const auto written = Write(*file, slot * kSlot, data);
          ASSERT_TRUE(written || written.error().code() == ErrorCode::kNoSpace);
        }
      });
    }
    threads.emplace_back("cutter", [&] {
      SeededRandom random(8);
      for (int i = 0; i < 30; ++i) ASSERT_TRUE(file->Truncate(random.Next() % kSlots * kSlot));
    });
    threads.emplace_back("puncher", [&] {
      SeededRandom random(9);
      for (int i = 0; i < 60; ++i) ASSERT_TRUE(file->Zero({random.Next() % kSlots * kSlot, 3 * kSlot}, i % 5 == 0));
    });
    for (int uploader = 0; uploader < 2; ++uploader) {
      threads.emplace_back("uploader", [&] {
        for (int i = 0; i < 20; ++i) stored += file->Upload({}, To("k")) ? 1 : 0;
      });
    }
    for (uint64_t seed = 20; seed < 22; ++seed) {
      threads.emplace_back("reader", [&, seed] {
        SeededRandom random(seed);
        for (int i = 0; i < 100; ++i) static_cast<void>(Read(*file, random.Next() % (kSlot * kSlots), 5 * kSlot));
      });
    }
    threads.emplace_back("watcher", [&] {
      for (int i = 0; i < 50; ++i) {
        cache_->statistics();
        cache_->dirty_keys();
        sched_yield();
      }
    });
  }
  faulty_.ClearFaults();
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_FALSE(torn);
  EXPECT_GT(stored, 0);
  EXPECT_EQ(store_.GetContent("k"), ReadAll(*file));
  EXPECT_TRUE(SlotsAreWhole(*store_.GetContent("k")));
  EXPECT_EQ(store_.Keys().size(), 1u) << "no false conflict";
  EXPECT_EQ(cache_->statistics().conflicts, 0u);
}

TEST_F(FileCacheStressTest, ManyFilesComeAndGoUnderOneSmallBudget) {
  options_.memory_budget = 256 * kKiB;
  options_.disk_budget = 512 * kKiB;
  Restart();
  {
    std::vector<Thread> threads;
    for (uint64_t seed = 1; seed <= 4; ++seed) {
      threads.emplace_back("program", [&, seed] {
        SeededRandom random(seed);
        for (int i = 0; i < 40; ++i) {
          const std::string key = std::to_string(seed) + "/" + std::to_string(i % 7);
          const std::string content = RandomText(random.Next() % 60'000, random.Next());
          const auto present = store_.GetInfo(key);
          const auto replaced = present ? std::optional(BaseVersion{key, present->etag, present->size}) : std::nullopt;
          const File file = cache_->Create(replaced);
          ASSERT_TRUE(Write(*file, 0, content));
          switch (random.Next() % 3) {
            case 0: file->Discard(); break;
            case 1:
              file->StartUpload(To(key));
              ASSERT_TRUE(file->WaitForUpload({}));
              break;
            default: ASSERT_TRUE(file->Upload({}, To(key))); break;
          }
          ASSERT_TRUE(ReadAll(*file) == content);
        }
      });
    }
  }
  EXPECT_TRUE(cache_->Drain({}));
  EXPECT_EQ(cache_->statistics().dirty_bytes, 0u);
  EXPECT_EQ(cache_->statistics().conflicts, 0u);
  cache_.reset();  // The pool's threads hold files for a moment after those are clean.
  EXPECT_EQ(disk_.used(), 0u);
}

}  // namespace
}  // namespace cosfuse
