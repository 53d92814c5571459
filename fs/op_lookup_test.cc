#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using LookupTest = FileSystemTest;

TEST_F(LookupTest, ColdNameCostsOneHeadAndOneList) {
  PutForeign("f", "12345");
  EXPECT_EQ(mount_->Stat("f").size, 5U);
  EXPECT_EQ(TakeRequests(), "HeadObject ListObjectsV2");
}

TEST_F(LookupTest, RepeatedWithinTheLifetimeCostsNothing) {
  PutForeign("f", "12345");
  const auto first = mount_->Lookup("f");
  EXPECT_EQ(first->name_lifetime, seconds(1));
  TakeRequests();
  clock_.Advance(milliseconds(300));
  const auto second = mount_->Lookup("f");
  EXPECT_EQ(second->node, first->node);
  EXPECT_EQ(second->name_lifetime, milliseconds(700));
  EXPECT_EQ(second->attributes.lifetime, milliseconds(700));
  EXPECT_EQ(TakeRequests(), "");
}

TEST_F(LookupTest, ExpiredFileCostsOneHead) {
  PutForeign("f", "12345");
  const NodeId node = mount_->Node("f");
  ExpireAll();
  TakeRequests();
  EXPECT_EQ(mount_->Node("f"), node);
  EXPECT_EQ(TakeRequests(), "HeadObject");
}

TEST_F(LookupTest, ExpiredImpliedDirectoryCostsOneList) {
  PutForeign("d/x", "1");
  const NodeId node = mount_->Node("d");
  ExpireAll();
  TakeRequests();
  EXPECT_EQ(mount_->Node("d"), node);
  EXPECT_EQ(TakeRequests(), "ListObjectsV2");
}

TEST_F(LookupTest, MissingNameIsNotFoundAndStaysSoForTheLifetime) {
  EXPECT_EQ(mount_->WalkError("f"), ErrorCode::kNotFound);
  EXPECT_EQ(TakeRequests(), "HeadObject ListObjectsV2");
  EXPECT_EQ(mount_->WalkError("f"), ErrorCode::kNotFound);
  EXPECT_EQ(TakeRequests(), "");
}

TEST_F(LookupTest, Pitfall28_NameMadeElsewhereIsSeenWithinTheTtl) {
  EXPECT_EQ(mount_->WalkError("f"), ErrorCode::kNotFound);
  store_.SetObject("f", "x");
  clock_.Advance(seconds(1));
  EXPECT_EQ(mount_->WalkError("f"), std::nullopt);
}

TEST_F(LookupTest, FreshListingAnswersNoWithoutARequest) {
  PutForeign("f", "12345");
  EXPECT_THAT(mount_->Names(), ElementsAre("f"));
  TakeRequests();
  EXPECT_EQ(mount_->WalkError("g"), ErrorCode::kNotFound);
  EXPECT_EQ(TakeRequests(), "");
}

TEST_F(LookupTest, FreshListingAnswersYesForDirectories) {
  PutForeign("d/x", "1");
  mount_->Names();
  TakeRequests();
  const auto entry = mount_->Lookup("d");
  ASSERT_TRUE(entry.has_value());
  EXPECT_TRUE(S_ISDIR(entry->attributes.attributes.mode));
  EXPECT_EQ(entry->name_lifetime, seconds(1));
  EXPECT_EQ(entry->attributes.lifetime, Duration(0)) << "the marker's metadata is not known";
  EXPECT_EQ(TakeRequests(), "");
}

TEST_F(LookupTest, ListedFileCostsOneHeadOnceForItsAttributes) {
  PutForeign("f", "12345");
  mount_->Names();
  TakeRequests();
  mount_->Node("f");
  EXPECT_EQ(TakeRequests(), "HeadObject");
  ExpireAll();
  mount_->Names();
  EXPECT_EQ(TakeRequests(), "ListObjectsV2");
  mount_->Node("f");
  EXPECT_EQ(TakeRequests(), "") << "the listing proves the version whose attributes are known";
}

TEST_F(LookupTest, ListingProvesNothingOfAnObjectThatWasWrittenInTheSameSecond) {
  store_.SetObject("f", "12345");
  mount_->Node("f");
  ExpireAll();
  mount_->Names();
  TakeRequests();
  mount_->Node("f");
  EXPECT_EQ(TakeRequests(), "HeadObject");
}

TEST_F(LookupTest, DirectoryWithMarkerShowsItsMetadata) {
  ObjectMetadata metadata;
  metadata.user = {{"mode", std::to_string(S_IFDIR | 0700)}, {"uid", "7"}};
  PutForeign("d/", "", metadata);
  const FileAttributes attributes = mount_->Stat("d");
  EXPECT_EQ(attributes.mode, static_cast<mode_t>(S_IFDIR | 0700));
  EXPECT_EQ(attributes.uid, 7U);
  EXPECT_EQ(TakeRequests(), "HeadObject HeadObject ListObjectsV2");
  ExpireAll();
  mount_->Node("d");
  EXPECT_EQ(TakeRequests(), "ListObjectsV2") << "the listing proves the marker";
}

TEST_F(LookupTest, Pitfall29_PrefixHasTheNameAndTheFileIsReachableBeside) {
  PutForeign("foo", "the file");
  PutForeign("foo/bar", "below");
  EXPECT_TRUE(S_ISDIR(mount_->Stat("foo").mode));
  EXPECT_EQ(mount_->MustRead("foo%file"), "the file");
  EXPECT_EQ(mount_->MustRead("foo/bar"), "below");
  EXPECT_THAT(mount_->Names(), ::testing::UnorderedElementsAre("foo/", "foo%file"));
}

TEST_F(LookupTest, NameBesideADirectoryNeedsTheDirectory) {
  PutForeign("foo", "the file");
  EXPECT_EQ(mount_->WalkError("foo%file"), ErrorCode::kNotFound);
}

TEST_F(LookupTest, Pitfall34_ObjectThatLooksEscapedIsEscaped) {
  PutForeign("foo%file", "content");
  EXPECT_THAT(mount_->Names(), ElementsAre("foo%%file"));
  EXPECT_EQ(mount_->MustRead("foo%%file"), "content");
}

TEST_F(LookupTest, OldMarkerIsADirectory) {
  ObjectMetadata metadata;
  metadata.content_type = "application/x-directory";
  metadata.user = {{"mode", std::to_string(S_IFDIR | 0711)}};
  PutForeign("d", "", metadata);
  EXPECT_EQ(mount_->Stat("d").mode, static_cast<mode_t>(S_IFDIR | 0711));
}

TEST_F(LookupTest, LongNamesAndKeysAreRefusedWithoutARequest) {
  EXPECT_EQ(mount_->WalkError(std::string(256, 'n')), ErrorCode::kNameTooLong);
  std::string deep;
  for (int i = 0; i < 4; ++i) deep += std::string(250, 'd') + "/";
  PutForeign(deep + "x", "");
  const NodeId directory = mount_->Node(deep.substr(0, deep.size() - 1));
  TakeRequests();
  EXPECT_EQ(CodeOf(mount_->Lookup(std::string(30, 'n'), directory)), ErrorCode::kNameTooLong);
  EXPECT_EQ(TakeRequests(), "");
}

TEST_F(LookupTest, Pitfall27_UnreachableIsNeverNotFound) {
  PutForeign("f", "x");
  for (const StoreOperation operation : {StoreOperation::kHead, StoreOperation::kList}) {
    for (const ErrorCode code : {ErrorCode::kUnavailable, ErrorCode::kTimedOut, ErrorCode::kAccessDenied}) {
      Mount();
      faulty_.FailNext(operation, Error(code, "injected"));
      EXPECT_EQ(mount_->WalkError("f"), code);
      EXPECT_EQ(mount_->WalkError("f"), std::nullopt);
    }
  }
}

TEST_F(LookupTest, Pitfall27_FailedRefreshEvictsNothing) {
  PutForeign("f", "x");
  const NodeId node = mount_->Node("f");
  ExpireAll();
  faulty_.FailNext(StoreOperation::kHead, Error(ErrorCode::kUnavailable, "injected"));
  EXPECT_EQ(mount_->WalkError("f"), ErrorCode::kUnavailable);
  EXPECT_EQ(mount_->Node("f"), node);
}

TEST_F(LookupTest, ImmediateContextAnswersHitsAndChangesNothingElse) {
  PutForeign("f", "x");
  EXPECT_EQ(CodeOf(fs().Lookup(OpContext::Immediate(), NodeId::kRoot, "f")), ErrorCode::kWouldWait);
  EXPECT_EQ(fs().nodes(), 1U);
  EXPECT_EQ(TakeRequests(), "");
  const NodeId node = mount_->Node("f");
  EXPECT_EQ(fs().Lookup(OpContext::Immediate(), NodeId::kRoot, "f")->node, node);
}

TEST_F(LookupTest, VersionThatTheKernelNeverOpenedMovesInPlace) {
  PutForeign("f", "old");
  const NodeId node = mount_->Node("f");
  store_.SetObject("f", "newer");
  ExpireAll();
  const auto entry = mount_->Lookup("f");
  EXPECT_EQ(entry->node, node);
  EXPECT_EQ(entry->attributes.attributes.size, 5U);
}

TEST_F(LookupTest, VersionThatWasOpenedIsReplacedByAnotherNodeWithTheSameInode) {
  PutForeign("f", "old");
  EXPECT_EQ(mount_->MustRead("f"), "old");
  const auto before = mount_->Lookup("f");
  store_.SetObject("f", "newer");
  ExpireAll();
  const auto after = mount_->Lookup("f");
  EXPECT_NE(after->node, before->node);
  EXPECT_EQ(after->attributes.attributes.inode, before->attributes.attributes.inode);
  EXPECT_EQ(after->attributes.attributes.size, 5U);
}

TEST_F(LookupTest, Pitfall29_TypeFollowsTheBucket) {
  PutForeign("x", "a file");
  EXPECT_TRUE(S_ISREG(mount_->Stat("x").mode));
  store_.RemoveObject("x");
  PutForeign("x/y", "below");
  ExpireAll();
  EXPECT_TRUE(S_ISDIR(mount_->Stat("x").mode));
  store_.RemoveObject("x/y");
  PutForeign("x", "a file again");
  ExpireAll();
  EXPECT_TRUE(S_ISREG(mount_->Stat("x").mode));
}

TEST_F(LookupTest, Pitfall41_TablesAreEmptyAfterForgettingEverything) {
  PutForeign("d/e/f", "x");
  PutForeign("g", "x");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(mount_->Walk("d/e/f"));
  mount_->Entries();
  mount_->Node("g");
  const NodeId d = mount_->Node("d");
  const NodeId e = mount_->Node("d/e");
  const NodeId f = mount_->Node("d/e/f");
  const NodeId g = mount_->Node("g");
  EXPECT_EQ(fs().nodes(), 5U);
  for (const NodeId node : {d, e, f, g}) fs().Forget(node, 100);
  EXPECT_EQ(fs().nodes(), 1U);
}

TEST_F(LookupTest, ForgettingCountsExactly) {
  PutForeign("f", "x");
  const NodeId node = mount_->Node("f");
  mount_->Node("f");
  fs().Forget(node, 1);
  EXPECT_EQ(fs().nodes(), 2U);
  fs().Forget(node, 1);
  EXPECT_EQ(fs().nodes(), 1U);
  EXPECT_EQ(CodeOf(fs().GetAttributes({}, node)), ErrorCode::kStale);
}

TEST_F(LookupTest, ParentThatIsForgottenFirstStaysForItsChildren) {
  PutForeign("d/f", "x");
  const NodeId f = mount_->Node("d/f");
  const NodeId d = mount_->Node("d");
  fs().Forget(d, 2);
  EXPECT_TRUE(fs().GetAttributes({}, f).has_value());
  fs().Forget(f, 1);
  EXPECT_EQ(fs().nodes(), 1U);
}

TEST_F(LookupTest, PrefixOfTheMountIsInvisible) {
  options_.prefix = "sub/dir/";
  Mount();
  PutForeign("sub/dir/f", "inside");
  PutForeign("f", "outside");
  EXPECT_EQ(mount_->MustRead("f"), "inside");
  EXPECT_THAT(mount_->Names(), ElementsAre("f"));
  EXPECT_TRUE(mount_->WriteFile("g", "new").has_value());
  EXPECT_EQ(Content("sub/dir/g"), "new");
}

TEST_F(LookupTest, Pitfall28_LookupOnItsWayDoesNotUndoAnUnlink) {
  PutForeign("f", "x");
  mount_->Node("f");
  ExpireAll();
  bool unlinked = false;
  store_.SetHooks({}, [&](const RecordedOperation& call) {
    // The HEAD has seen the object; before its answer is believed the object is unlinked here.
    if (call.operation != StoreOperation::kHead || unlinked) return;
    unlinked = true;
    EXPECT_TRUE(fs().Unlink({}, NodeId::kRoot, "f").has_value());
  });
  EXPECT_EQ(mount_->WalkError("f"), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace cosfuse
