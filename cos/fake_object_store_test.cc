#include "cos/fake_object_store.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/fake_clock.h"
#include "base/thread_pool.h"

namespace cosfuse {
namespace {

// What every ObjectStore has to do is tested in tests/contract; here is what only the fake offers.

struct FakeStoreBench {
  FakeClock clock;
  FakeObjectStore store{clock};
  OpContext context;

  Result<WrittenVersion> Put(const ObjectKey& key, std::string_view content) {
    SpanBodySource body(AsBytes(content));
    return store.Put(context, key, body, {}, {});
  }
};

TEST(FakeObjectStore, RecordsCallsInOrder) {
  FakeStoreBench bench;
  ASSERT_TRUE(bench.Put("a", "xyz"));
  ASSERT_TRUE(bench.store.Copy(bench.context, {.key = "a"}, "b", std::nullopt));
  EXPECT_FALSE(bench.store.Head(bench.context, "c", {}));
  const auto operations = bench.store.operations();
  ASSERT_EQ(operations.size(), 3U);
  EXPECT_EQ(operations[0].operation, StoreOperation::kPut);
  EXPECT_EQ(operations[0].bytes, 3U);
  EXPECT_EQ(operations[1].source, "a");
  EXPECT_EQ(operations[1].key, "b");
  EXPECT_EQ(bench.store.Count(StoreOperation::kHead), 1U);
  bench.store.ForgetOperations();
  EXPECT_EQ(bench.store.count(), 0U);
}

TEST(FakeObjectStore, WhatOtherClientsDoIsNotRecorded) {
  FakeStoreBench bench;
  bench.store.SetObject("a", "xyz");
  EXPECT_EQ(bench.store.GetContent("a"), "xyz");
  bench.store.RemoveObject("a");
  EXPECT_EQ(bench.store.GetContent("a"), std::nullopt);
  EXPECT_EQ(bench.store.count(), 0U);
}

TEST(FakeObjectStore, HooksRunAroundTheEffect) {
  FakeStoreBench bench;
  std::vector<std::string> seen;
  bench.store.SetHooks([&](const RecordedOperation&) { seen.push_back(bench.store.GetContent("a").value_or("none")); },
                       [&](const RecordedOperation&) { seen.push_back(bench.store.GetContent("a").value_or("none")); });
  ASSERT_TRUE(bench.Put("a", "xyz"));
  EXPECT_EQ(seen, (std::vector<std::string>{"none", "xyz"}));
}

TEST(FakeObjectStore, EqualBytesHaveEqualETags) {
  FakeStoreBench bench;
  EXPECT_EQ(bench.Put("a", "same")->etag, bench.Put("b", "same")->etag);
  EXPECT_NE(bench.Put("a", "same")->etag, bench.Put("b", "diff")->etag);
}

TEST(FakeObjectStore, LastModifiedHasOneSecondGranularity) {
  FakeStoreBench bench;
  bench.clock.Advance(std::chrono::milliseconds(1700));
  ASSERT_TRUE(bench.Put("a", ""));
  EXPECT_EQ(bench.store.GetInfo("a")->last_modified.time_since_epoch() % std::chrono::seconds(1), Duration(0));
}

TEST(FakeObjectStore, ArchivedObjectCannotBeRead) {
  FakeStoreBench bench;
  bench.store.SetObject("a", "cold");
  bench.store.SetStorageClass("a", "GLACIER");
  const auto ignore = [](const ObjectInfo&, ByteCount, auto) -> Result<> { return {}; };
  EXPECT_EQ(bench.store.Get(bench.context, "a", {}, {}, ignore).error().code(), ErrorCode::kArchived);
  EXPECT_EQ(bench.store.Head(bench.context, "a", {})->storage_class, "GLACIER");
}

TEST(FakeObjectStore, DialectMayIgnoreConditionsOfUploads) {
  FakeClock clock;
  FakeObjectStore::Options options;
  options.conditions_at_begin = false;
  FakeObjectStore store(clock, options);
  store.SetObject("a", "x");
  const Conditions create_only = {.create_only = true};
  EXPECT_TRUE(store.BeginUpload(OpContext(), "a", {}, create_only));
  EXPECT_EQ(store.open_uploads(), 1U);
}

TEST(FakeObjectStore, SmallestPartIsConfigurable) {
  FakeClock clock;
  FakeObjectStore::Options options;
  options.min_part_size = 2;
  FakeObjectStore store(clock, options);
  const auto id = store.BeginUpload(OpContext(), "a", {}, {});
  SpanBodySource body(AsBytes("xy"));
  std::vector<UploadedPart> parts;
  for (int number = 1; number <= 3; ++number) parts.push_back(*store.UploadPart(OpContext(), "a", *id, number, body));
  EXPECT_TRUE(store.CompleteUpload(OpContext(), "a", *id, parts, {}));
  EXPECT_EQ(store.GetContent("a"), "xyxyxy");
  EXPECT_EQ(store.open_uploads(), 0U);
}

TEST(FakeObjectStore, CallerThatMayNotWaitIsRefused) {
  FakeStoreBench bench;
  bench.store.SetObject("a", "x");
  EXPECT_EQ(bench.store.Head(OpContext::Immediate(), "a", {}).error().code(), ErrorCode::kWouldWait);
  EXPECT_EQ(bench.store.count(), 0U);
}

TEST(FakeObjectStore, Pitfall33_OneOfManyCreatorsWins) {
  FakeStoreBench bench;
  std::atomic<int> winners = 0;
  {
    ThreadPool pool({.name = "creator", .max_threads = 8});
    for (int i = 0; i < 64; ++i) {
      pool.Post([&] {
        SpanBodySource body(AsBytes("x"));
        const auto put = bench.store.Put(bench.context, "lock", body, {}, {.create_only = true});
        if (put) ++winners;
      });
    }
  }
  EXPECT_EQ(winners, 1);
}

}  // namespace
}  // namespace cosfuse
