#include <atomic>

#include "base/encoding.h"
#include "base/thread_pool.h"
#include "tests/contract/object_store_contract.h"

namespace cosfuse::testing {
namespace {

TEST_P(ObjectStoreContract, HeadOfAMissingObject) {
  EXPECT_EQ(CodeOf(store().Head(context(), Key("none"), {})), ErrorCode::kNotFound);
}

TEST_P(ObjectStoreContract, HeadDescribesTheObject) {
  const ETag etag = MustPut(Key("a"), "hello");
  const auto info = store().Head(context(), Key("a"), {});
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->size, 5U);
  EXPECT_EQ(info->etag, etag);
  EXPECT_GT(info->last_modified, WallTime());
  EXPECT_GE(info->answered_at, info->last_modified);
  EXPECT_EQ(info->last_modified.time_since_epoch() % std::chrono::seconds(1), Duration(0));
}

TEST_P(ObjectStoreContract, HeadIfMatch) {
  const ETag etag = MustPut(Key("a"), "hello");
  EXPECT_TRUE(store().Head(context(), Key("a"), IfMatch(etag)));
  EXPECT_EQ(CodeOf(store().Head(context(), Key("a"), IfMatch({"other"}))), ErrorCode::kStale);
}

TEST_P(ObjectStoreContract, HeadIfMatchOfAMissingObjectIsStale) {
  EXPECT_EQ(CodeOf(store().Head(context(), Key("none"), IfMatch({"gone"}))), ErrorCode::kStale);
}

TEST_P(ObjectStoreContract, HeadIfNoneMatch) {
  const ETag etag = MustPut(Key("a"), "hello");
  EXPECT_EQ(CodeOf(store().Head(context(), Key("a"), IfNoneMatch(etag))), ErrorCode::kNotModified);
  EXPECT_TRUE(store().Head(context(), Key("a"), IfNoneMatch({"other"})));
}

TEST_P(ObjectStoreContract, GetOfAMissingObject) { EXPECT_EQ(Read(Key("none")), "!NotFound"); }

TEST_P(ObjectStoreContract, GetOfAWholeObject) {
  MustPut(Key("a"), "hello");
  EXPECT_EQ(Read(Key("a")), "hello");
}

TEST_P(ObjectStoreContract, GetOfAnEmptyObject) {
  MustPut(Key("a"), "");
  EXPECT_EQ(Read(Key("a")), "");
}

TEST_P(ObjectStoreContract, GetOfARange) {
  MustPut(Key("a"), "0123456789");
  EXPECT_EQ(Read(Key("a"), {0, 1}), "0");
  EXPECT_EQ(Read(Key("a"), {3, 4}), "3456");
  EXPECT_EQ(Read(Key("a"), {9, 1}), "9");
  EXPECT_EQ(Read(Key("a"), {0, 10}), "0123456789");
}

TEST_P(ObjectStoreContract, GetOfARangeIsCutAtTheEnd) {
  MustPut(Key("a"), "0123456789");
  EXPECT_EQ(Read(Key("a"), {7, 100}), "789");
}

TEST_P(ObjectStoreContract, GetOfARangeBeyondTheEnd) {
  MustPut(Key("a"), "0123456789");
  EXPECT_EQ(Read(Key("a"), {10, 1}), "!InvalidArgument");
  EXPECT_EQ(Read(Key("a"), {1000, 1}), "!InvalidArgument");
}

TEST_P(ObjectStoreContract, GetOfARangeOfAnEmptyObject) {
  MustPut(Key("a"), "");
  EXPECT_EQ(Read(Key("a"), {0, 100}), "");
  EXPECT_EQ(Read(Key("a"), {1, 100}), "!InvalidArgument");
}

TEST_P(ObjectStoreContract, GetOfARangeDescribesTheWholeObject) {
  const ETag etag = MustPut(Key("a"), "0123456789");
  ObjectInfo seen;
  const auto info = store().Get(context(), Key("a"), {2, 3}, {}, [&](const ObjectInfo& object, ByteCount, auto) {
    seen = object;
    return Result<>();
  });
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->size, 10U);
  EXPECT_EQ(info->etag, etag);
  EXPECT_EQ(seen.size, 10U) << "known before the first byte";
  EXPECT_EQ(seen.etag, etag);
}

TEST_P(ObjectStoreContract, GetBringsTheMetadata) {
  ObjectMetadata metadata;
  metadata.user = {{"mode", "33188"}};
  metadata.content_type = "text/plain";
  MustPut(Key("a"), "x", metadata);
  const auto info = store().Get(context(), Key("a"), {}, {}, [](auto&, ByteCount, auto) { return Result<>(); });
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->metadata.user.at("mode"), "33188");
  EXPECT_EQ(info->metadata.content_type, "text/plain");
}

TEST_P(ObjectStoreContract, GetIfMatch) {
  const ETag etag = MustPut(Key("a"), "hello");
  EXPECT_EQ(Read(Key("a"), {}, IfMatch(etag)), "hello");
  EXPECT_EQ(Read(Key("a"), {1, 2}, IfMatch(etag)), "el");
  EXPECT_EQ(Read(Key("a"), {}, IfMatch({"other"})), "!Stale");
  EXPECT_EQ(Read(Key("none"), {}, IfMatch(etag)), "!Stale");
}

TEST_P(ObjectStoreContract, GetIfNoneMatch) {
  const ETag etag = MustPut(Key("a"), "hello");
  EXPECT_EQ(Read(Key("a"), {}, IfNoneMatch(etag)), "!NotModified");
  EXPECT_EQ(Read(Key("a"), {}, IfNoneMatch({"other"})), "hello");
}

TEST_P(ObjectStoreContract, Pitfall23_OldVersionCannotBeReadAfterARewrite) {
  const ETag old = MustPut(Key("a"), "old bytes");
  MustPut(Key("a"), "new bytes");
  EXPECT_EQ(Read(Key("a"), {4, 5}, IfMatch(old)), "!Stale");
}

TEST_P(ObjectStoreContract, GetOfALargeObjectArrivesInOrder) {
  const std::string content = RandomBytes(9'000'001, 1);
  MustPut(Key("a"), content);
  EXPECT_TRUE(Read(Key("a")) == content);
  EXPECT_TRUE(Read(Key("a"), {1'234'567, 3'000'000}) == content.substr(1'234'567, 3'000'000));
}

TEST_P(ObjectStoreContract, ErrorOfTheConsumerIsReturnedAndEndsTheTransfer) {
  MustPut(Key("a"), RandomBytes(3'000'000, 2));
  int calls = 0;
  const auto got = store().Get(context(), Key("a"), {}, {}, [&](auto&, ByteCount, auto) -> Result<> {
    ++calls;
    return Fail(ErrorCode::kNoSpace, "no room here");
  });
  EXPECT_EQ(CodeOf(got), ErrorCode::kNoSpace);
  EXPECT_EQ(calls, 1);
}

TEST_P(ObjectStoreContract, ManyReadersAtOnce) {
  const std::string content = RandomBytes(300'000, 3);
  MustPut(Key("a"), content);
  std::atomic<int> right = 0;
  {
    ThreadPool pool({.name = "reader", .max_threads = 16});
    for (int i = 0; i < 64; ++i) {
      pool.Post([&, i] {
        const ByteRange range = {static_cast<ByteCount>(i) * 4000, 5000};
        if (Read(Key("a"), range) == content.substr(range.offset, range.length)) ++right;
      });
    }
  }
  EXPECT_EQ(right, 64);
}

TEST_P(ObjectStoreContract, CallerThatMayNotWait) {
  EXPECT_EQ(CodeOf(store().Head(OpContext::Immediate(), Key("a"), {})), ErrorCode::kWouldWait);
  SpanBodySource body({});
  EXPECT_EQ(CodeOf(store().Put(OpContext::Immediate(), Key("a"), body, {}, {})), ErrorCode::kWouldWait);
  EXPECT_EQ(CodeOf(store().Head(context(), Key("a"), {})), ErrorCode::kNotFound);
}

TEST_P(ObjectStoreContract, CancelledOrLateCaller) {
  const auto cancellation = std::make_shared<Cancellation>();
  cancellation->Cancel();
  EXPECT_EQ(CodeOf(store().Head(context().WithCancellation(cancellation), Key("a"), {})), ErrorCode::kCancelled);
  EXPECT_EQ(CodeOf(store().Head(context().WithDeadline(MonotonicTime()), Key("a"), {})), ErrorCode::kTimedOut);
}

}  // namespace
}  // namespace cosfuse::testing
