#include "fs/object_copy.h"

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "cos/fake_object_store.h"
#include "cos/faulty_object_store.h"
#include "cos/limits.h"

namespace cosfuse {
namespace {

class ObjectCopyTest : public ::testing::Test {
 protected:
  Result<WrittenVersion> Copy(ObjectStore& store, const ETag& version, ByteCount size,
                              const std::optional<ObjectMetadata>& metadata) {
    return CopyObject(OpContext(), store, pool_, clock_, {.key = "from", .if_match = version}, size, "to", metadata);
  }

  FakeClock clock_;
  FakeObjectStore store_{clock_};
  ThreadPool pool_{{.name = "copy", .max_threads = 4}};
};

TEST(CopyPlan, PartsCoverEverySizeWithinTheLimits) {
  const ByteCount ten_terabytes = 10'000'000'000'000;
  for (const ByteCount size : {kSingleCopyLimit + 1, 5 * kGiB, 5 * kGiB + 1, kMaxParts * (kSingleCopyLimit / 2),
                               kMaxParts * (kSingleCopyLimit / 2) + 1, ten_terabytes}) {
    const auto parts = PlanCopyParts(size);
    ASSERT_LE(parts.size(), static_cast<size_t>(kMaxParts));
    ByteCount end = 0;
    for (size_t i = 0; i < parts.size(); ++i) {
      ASSERT_EQ(parts[i].offset, end);
      ASSERT_LE(parts[i].length, kMaxCopyBytes);
      ASSERT_TRUE(i + 1 == parts.size() || parts[i].length >= kMinPartBytes);
      end = parts[i].end();
    }
    EXPECT_EQ(end, size);
  }
}

TEST_F(ObjectCopyTest, SmallObjectIsOneRequest) {
  const ETag version = store_.SetObject("from", "content");
  EXPECT_TRUE(Copy(store_, version, 7, std::nullopt).has_value());
  EXPECT_EQ(store_.GetContent("to"), "content");
  EXPECT_EQ(store_.count(), 1U);
}

TEST_F(ObjectCopyTest, Pitfall19_LargeObjectGoesByPartsAndKeepsItsMetadata) {
  const std::string content(kSingleCopyLimit + 5 * kMiB, 'x');
  ObjectMetadata metadata;
  metadata.user = {{"owner-team", "billing"}};
  metadata.content_type = "application/x-special";
  metadata.tags = {{"team", "billing"}};
  const ETag version = store_.SetObject("from", content, metadata);
  EXPECT_TRUE(Copy(store_, version, content.size(), std::nullopt).has_value());
  EXPECT_TRUE(store_.GetContent("to") == content);
  ObjectMetadata copied = store_.GetInfo("to")->metadata;
  EXPECT_EQ(copied.user.erase("cosfuse-upload-id"), 1U);
  EXPECT_EQ(copied, store_.GetInfo("from")->metadata);
  EXPECT_EQ(store_.GetTags(OpContext(), "to", {}), metadata.tags);
  EXPECT_EQ(store_.Count(StoreOperation::kUploadPartCopy), 3U);
  EXPECT_EQ(store_.Count(StoreOperation::kCopy), 0U);
}

TEST_F(ObjectCopyTest, Pitfall19_LargeObjectKeepsItsTagsThoughItsMetadataIsReplaced) {
  const std::string content(kSingleCopyLimit + 5 * kMiB, 'x');
  ObjectMetadata before;
  before.tags = {{"team", "billing"}};
  const ETag version = store_.SetObject("from", content, before);
  EXPECT_TRUE(Copy(store_, version, content.size(), ObjectMetadata()).has_value());
  EXPECT_EQ(store_.GetTags(OpContext(), "to", {}), before.tags);
  FaultyObjectStore faulty(store_, clock_);
  faulty.FailNext(StoreOperation::kGetTags, Error(ErrorCode::kUnavailable, "broken"));
  EXPECT_EQ(Copy(faulty, version, content.size(), ObjectMetadata()).error().code(), ErrorCode::kUnavailable)
      << "rather than without them";
}

TEST_F(ObjectCopyTest, FailedPartLeavesNoUploadBehind) {
  const std::string content(kSingleCopyLimit + 5 * kMiB, 'x');
  const ETag version = store_.SetObject("from", content);
  FaultyObjectStore faulty(store_, clock_);
  faulty.FailNext(StoreOperation::kUploadPartCopy, Error(ErrorCode::kUnavailable, "broken"));
  EXPECT_EQ(Copy(faulty, version, content.size(), ObjectMetadata()).error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(store_.open_uploads(), 0U);
  EXPECT_FALSE(store_.GetContent("to").has_value());
}

TEST_F(ObjectCopyTest, Pitfall25_LargeObjectThatIsReplacedDuringItsCopyOntoItselfStaysReplaced) {
  const std::string content(kSingleCopyLimit + 1, 'x');
  const ETag version = store_.SetObject("f", content);
  store_.SetHooks([&](const RecordedOperation& call) {
    if (call.operation == StoreOperation::kBeginUpload) {
      EXPECT_EQ(call.conditions.if_match, version);
    }
    if (call.operation == StoreOperation::kCompleteUpload) store_.SetObject("f", "somebody's");
  });
  const auto copied = CopyObject(OpContext(), store_, pool_, clock_, {.key = "f", .if_match = version}, content.size(),
                                 "f", ObjectMetadata());
  ASSERT_FALSE(copied.has_value());
  EXPECT_EQ(copied.error().code(), ErrorCode::kStale);
  EXPECT_EQ(store_.GetContent("f"), "somebody's");
  EXPECT_EQ(store_.open_uploads(), 0U);
}

TEST_F(ObjectCopyTest, Pitfall26_LostAnswerOfACompletionIsNoFailure) {
  const std::string content(kSingleCopyLimit + 1, 'x');
  const ETag version = store_.SetObject("from", content);
  FaultyObjectStore faulty(store_, clock_);
  const Error sent_again(ErrorCode::kMissingUpload, "injected");
  faulty.FailNext(StoreOperation::kCompleteUpload, sent_again, 1, FaultPoint::kAfter);
  const auto copied = Copy(faulty, version, content.size(), std::nullopt);
  ASSERT_TRUE(copied.has_value()) << copied.error().ToString();
  EXPECT_EQ(copied->etag, store_.GetInfo("to")->etag);

  faulty.FailNext(StoreOperation::kCompleteUpload, sent_again);
  const auto lost = Copy(faulty, version, content.size(), std::nullopt);
  ASSERT_FALSE(lost.has_value()) << "what is there was made by an earlier copy";
  EXPECT_EQ(lost.error().code(), ErrorCode::kMissingUpload);
}

TEST_F(ObjectCopyTest, ChangedSourceIsStale) {
  const ETag version = store_.SetObject("from", "old");
  store_.SetObject("from", "new");
  EXPECT_EQ(Copy(store_, version, 3, std::nullopt).error().code(), ErrorCode::kStale);
  EXPECT_FALSE(store_.GetContent("to").has_value());
}

}  // namespace
}  // namespace cosfuse
