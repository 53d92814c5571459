#include "fs/removal_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/fake_clock.h"
#include "base/thread_pool.h"
#include "cos/fake_object_store.h"
#include "cos/forwarding_object_store.h"

namespace cosfuse {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Answers multi-deletes as a store that is asked to slow down: some keys fail, and the client tries these again.
class BusyStore final : public ForwardingObjectStore {
 public:
  using ForwardingObjectStore::ForwardingObjectStore;

  Result<std::vector<DeleteFailure>> DeleteMany(const OpContext& context, std::span<const ObjectKey> keys) override {
    requests.emplace_back(keys.begin(), keys.end());
    std::vector<DeleteFailure> failures;
    bool any_busy = false;
    for (const ObjectKey& key : keys) {
      if (refused.contains(key)) {
        failures.push_back({key, Error(ErrorCode::kAccessDenied, "no")});
      } else if (busy.erase(key) > 0) {
        any_busy = true;
        failures.push_back({key, Error(ErrorCode::kUnavailable, "slow down")});
      } else {
        EXPECT_TRUE(store().Delete(context, key));
      }
    }
    // Before it is repeated; the client gives the failures back where that is not allowed.
    if (any_busy && context.CheckMayRetry()) ADD_FAILURE() << "some of the keys are gone: it must not be repeated";
    return failures;
  }

  std::set<ObjectKey> busy;
  std::set<ObjectKey> refused;
  std::vector<std::vector<ObjectKey>> requests;
};

class RemovalBatchTest : public ::testing::Test {
 protected:
  RemovalBatch BatchOf(const std::vector<ObjectKey>& keys) {
    RemovalBatch batch(busy_, pool_, clock_);
    for (const ObjectKey& key : keys) {
      const ETag etag = store_.SetObject(key, "x");
      batch.Add(
          key,
          {.directory = nullptr,
           .version = {.etag = etag, .modified = store_.GetInfo(key)->last_modified, .removed_at = clock_.WallNow()},
           .shown = clock_.Now()});
    }
    return batch;
  }

  FakeClock clock_;
  FakeObjectStore store_{clock_};
  BusyStore busy_{store_};
  ThreadPool pool_{{.name = "test", .max_threads = 4}};
};

TEST_F(RemovalBatchTest, WhatFailsBecauseOthersHaveGoneIsAskedForAgainAtOnce) {
  RemovalBatch batch = BatchOf({"a", "b", "c", "d"});
  busy_.busy = {"b", "d"};
  batch.Send({});
  EXPECT_THAT(store_.Keys(), IsEmpty());
  for (const char* const key : {"a", "b", "c", "d"}) EXPECT_EQ(batch.FindError(key), nullptr) << key;
  EXPECT_TRUE(batch.any_deleted());
  EXPECT_THAT(busy_.requests, ElementsAre(ElementsAre("a", "b", "c", "d"), ElementsAre("b", "d")));
}

TEST_F(RemovalBatchTest, WhatIsRefusedIsNot) {
  RemovalBatch batch = BatchOf({"a", "b", "c", "d"});
  busy_.busy = {"b"};
  busy_.refused = {"d"};
  batch.Send({});
  EXPECT_THAT(store_.Keys(), ElementsAre("d"));
  ASSERT_NE(batch.FindError("d"), nullptr);
  EXPECT_EQ(batch.FindError("d")->code(), ErrorCode::kAccessDenied);
  EXPECT_EQ(batch.FindError("b"), nullptr);
  EXPECT_EQ(busy_.requests.size(), 1U) << "b alone goes by a plain DELETE";
}

}  // namespace
}  // namespace cosfuse
