#include "fs/file_state.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/fake_clock.h"
#include "cache/fake_disk.h"
#include "cache/file_cache.h"
#include "cos/fake_object_store.h"

namespace cosfuse {
namespace {

using std::chrono::seconds;

constexpr MonotonicTime kThen{seconds(100)};

ObjectInfo Info(const std::string& etag, ByteCount size) {
  ObjectInfo info;
  info.etag = {etag};
  info.size = size;
  info.last_modified = WallTime(seconds(1000));
  info.answered_at = WallTime(seconds(1002));
  return info;
}

ListedName Listed(const std::string& etag) {
  return {.name = "f", .etag = {etag}, .last_modified = WallTime(seconds(1000))};
}

class FileStateTest : public ::testing::Test {
 protected:
  std::shared_ptr<CachedFile> NewContent() {
    auto content = cache_->Create(std::nullopt);
    EXPECT_TRUE(content->Write(0, std::as_bytes(std::span("12345", 5))).has_value());
    return content;
  }

  FakeClock clock_;
  FakeObjectStore store_{clock_};
  FakeDisk disk_;
  SeededRandom random_{1};
  std::unique_ptr<FileCache> cache_ = MakeFileCache({}, store_, disk_, clock_, random_, nullptr);
};

TEST_F(FileStateTest, ListingProvesASettledVersionOnly) {
  FileState state = FileStateFromInfo(Info("e", 5), kThen, {});
  EXPECT_TRUE(IsProvenBy(state, Listed("e")));
  EXPECT_FALSE(IsProvenBy(state, Listed("other")));
  ListedName later = Listed("e");
  later.last_modified += seconds(1);
  EXPECT_FALSE(IsProvenBy(state, later));
  ObjectInfo fresh = Info("e", 5);
  fresh.answered_at = fresh.last_modified + seconds(1);
  EXPECT_FALSE(IsProvenBy(FileStateFromInfo(fresh, kThen, {}), Listed("e")));
}

TEST_F(FileStateTest, OwnVersionIsNotProvenByAListing) {
  FileState state = FileStateFromInfo(Info("e", 5), kThen, {});
  AdvanceVersion(state, {"own"}, 7, kThen);
  EXPECT_EQ(state.size(), 7U);
  EXPECT_FALSE(IsProvenBy(state, Listed("own"))) << "what Last-Modified is, the answer did not say";
}

TEST_F(FileStateTest, StoredContentIsLearntFromOnce) {
  FileState state;
  state.content = NewContent();
  state.attributes.mode = S_IFREG | 0644;
  const UploadTarget target = HandOver(state, "f");
  EXPECT_EQ(target.metadata.user.at("mode"), std::to_string(S_IFREG | 0644));
  EXPECT_EQ(LearnFromContent(state, "f", kThen), ContentNews::kNone) << "still dirty";
  EXPECT_TRUE(state.local_authority());
  ASSERT_TRUE(state.content->Upload({}, target).has_value());
  EXPECT_EQ(LearnFromContent(state, "f", kThen), ContentNews::kStored);
  EXPECT_EQ(state.etag, store_.GetInfo("f")->etag);
  EXPECT_EQ(state.stored_size, 5U);
  EXPECT_EQ(state.evidence, kThen);
  EXPECT_FALSE(state.local_authority());
  EXPECT_EQ(LearnFromContent(state, "f", kThen), ContentNews::kNone);
}

TEST_F(FileStateTest, StoredVersionIsLearntWhileThereAreNewerBytes) {
  FileState state;
  state.content = NewContent();
  ASSERT_TRUE(state.content->Upload({}, HandOver(state, "f")).has_value());
  ASSERT_TRUE(state.content->Append(std::as_bytes(std::span("6", 1))).has_value());
  EXPECT_EQ(LearnFromContent(state, "f", kThen), ContentNews::kNone) << "dirty again";
  EXPECT_EQ(state.etag, store_.GetInfo("f")->etag);
  EXPECT_EQ(state.stored_size, 5U);
  EXPECT_TRUE(state.changes_handed_over.has_value()) << "the upload of the rest is still to be learnt from";
}

TEST_F(FileStateTest, VersionThatNobodyLearntFromInTimeIsTakenOver) {
  FileState state;
  state.content = NewContent();
  const UploadTarget target = HandOver(state, "f");
  ASSERT_TRUE(state.content->Upload({}, target).has_value());
  ASSERT_EQ(LearnFromContent(state, "f", kThen), ContentNews::kStored);
  ASSERT_TRUE(state.content->Append(std::as_bytes(std::span("6", 1))).has_value());
  ASSERT_TRUE(state.content->Upload({}, target).has_value()) << "handed over before the other one was learnt from";
  EXPECT_EQ(LearnFromContent(state, "f", kThen), ContentNews::kStored);
  EXPECT_EQ(state.etag, store_.GetInfo("f")->etag);
}

TEST_F(FileStateTest, AttributesSetAfterAnUploadBeganAreLeft) {
  FileState state;
  state.content = NewContent();
  const UploadTarget first = HandOver(state, "f");
  ++state.attribute_changes;
  const UploadTarget second = HandOver(state, "f");
  ASSERT_TRUE(state.content->Upload({}, first).has_value());
  ASSERT_TRUE(state.content->Upload({}, second).has_value());
  LearnFromContent(state, "f", kThen);
  EXPECT_EQ(state.stored_attribute_changes, 0U) << "nobody knows which of the two it was";
}

TEST_F(FileStateTest, ContentUnderAnotherKeyIsAConflict) {
  store_.SetObject("f", "another writer's");
  FileState state;
  state.content = NewContent();
  EXPECT_FALSE(state.content->Upload({}, HandOver(state, "f")).has_value());
  EXPECT_EQ(LearnFromContent(state, "f", kThen), ContentNews::kConflicted);
  EXPECT_TRUE(state.conflicted);
  EXPECT_TRUE(state.etag.empty());
}

TEST_F(FileStateTest, MoveToVersionLeavesNothingOfTheOldOne) {
  FileState state = FileStateFromInfo(Info("old", 5), kThen, {});
  state.content = cache_->OpenWithContent({.key = "f", .etag = {"old"}, .size = 5}, "12345");
  state.content_whole = true;
  state.link_target = "target";
  MoveToVersion(state, Info("new", 9), kThen, {});
  EXPECT_EQ(state.size(), 9U);
  EXPECT_EQ(state.content, nullptr);
  EXPECT_FALSE(state.content_whole);
  EXPECT_FALSE(state.link_target.has_value());
}

TEST_F(FileStateTest, ConfirmedVersionKeepsTheAttributesThatAreLeft) {
  FileState state = FileStateFromInfo(Info("v", 5), kThen, {});
  const mode_t stored = state.attributes.mode;
  state.attributes.mode = stored ^ 0100;
  ++state.attribute_changes;
  ConfirmVersion(state, Info("v", 5), kThen, {});
  EXPECT_EQ(state.attributes.mode, stored ^ 0100) << "no request has carried them yet";
  state.stored_attribute_changes = state.attribute_changes;
  ConfirmVersion(state, Info("v", 5), kThen, {});
  EXPECT_EQ(state.attributes.mode, stored);
}

}  // namespace
}  // namespace cosfuse
