#include <atomic>

#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class OpenTest : public FileSystemTest {
 protected:
  void SetTtl(Duration ttl) {
    options_.ttl = ttl;
    Mount();
  }
  static std::string Large(char c) { return std::string(kWholeReadLimit + 1, c); }
};

TEST_F(OpenTest, SmallFileColdCostsHeadListAndOneGet) {
  PutForeign("f", "content");
  EXPECT_EQ(mount_->MustRead("f"), "content");
  EXPECT_EQ(TakeRequests(), "GetObject HeadObject ListObjectsV2");
}

TEST_F(OpenTest, SmallFileOfAListedParentCostsOneGetBesideItsAttributes) {
  PutForeign("f", "content");
  mount_->Names();
  TakeRequests();
  EXPECT_EQ(mount_->MustRead("f"), "content");
  EXPECT_EQ(TakeRequests(), "GetObject HeadObject");
}

TEST_F(OpenTest, UnchangedAndCachedCostsNothingWhileFreshAndOneRequestAfter) {
  PutForeign("f", "content");
  mount_->MustRead("f");
  TakeRequests();
  EXPECT_EQ(mount_->MustRead("f"), "content");
  EXPECT_EQ(TakeRequests(), "");
  ExpireAll();
  EXPECT_EQ(mount_->MustRead("f"), "content");
  EXPECT_EQ(TakeRequests(), "HeadObject") << "the lookup proves the version; the open relies on it";
}

TEST_F(OpenTest, OpenWithoutALookupAsksWithTheETagAtHand) {
  PutForeign("f", "content");
  mount_->MustRead("f");
  const NodeId node = mount_->Node("f");
  ExpireAll();
  TakeRequests();
  const auto opened = fs().Open({}, mount_->caller, node, O_RDONLY);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(mount_->Read(opened->handle), "content");
  const auto calls = store_.operations();
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].operation, StoreOperation::kGet);
  EXPECT_FALSE(calls[0].conditions.if_none_match.empty());
}

TEST_F(OpenTest, LargeFileIsOpenedWithoutItsBytes) {
  PutForeign("f", Large('x'));
  const NodeId node = mount_->Node("f");
  TakeRequests();
  EXPECT_TRUE(fs().Open({}, mount_->caller, node, O_RDONLY).has_value());
  EXPECT_EQ(TakeRequests(), "");
  ExpireAll();
  EXPECT_TRUE(fs().Open({}, mount_->caller, node, O_RDONLY).has_value());
  EXPECT_EQ(TakeRequests(), "HeadObject");
}

TEST_F(OpenTest, EmptyFileNeedsNoGet) {
  PutForeign("f", "");
  EXPECT_EQ(mount_->MustRead("f"), "");
  EXPECT_EQ(TakeRequests(), "HeadObject ListObjectsV2");
}

TEST_F(OpenTest, NewVersionOfAUsedNodeIsStaleAndTheNextLookupGivesItWithoutAsking) {
  PutForeign("f", "old");
  mount_->MustRead("f");
  const NodeId node = mount_->Node("f");
  ExpireAll();
  store_.SetObject("f", "newer");
  TakeRequests();
  EXPECT_EQ(CodeOf(fs().Open({}, mount_->caller, node, O_RDONLY)), ErrorCode::kStale);
  EXPECT_EQ(TakeRequests(), "GetObject");
  const auto entry = mount_->Lookup("f");
  EXPECT_NE(entry->node, node);
  const auto opened = fs().Open({}, mount_->caller, entry->node, O_RDONLY);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(mount_->Read(opened->handle), "newer");
  EXPECT_EQ(TakeRequests(), "") << "the bytes came with the answer that showed the version";
}

TEST_F(OpenTest, NewVersionUnderLentAttributesIsStaleEvenForAnUnusedNode) {
  PutForeign("f", "old");
  const NodeId node = mount_->Node("f");  // Lent for one second, with the old size.
  store_.SetObject("f", "newer");
  EXPECT_EQ(CodeOf(fs().Open({}, mount_->caller, node, O_RDONLY)), ErrorCode::kStale);
  EXPECT_EQ(mount_->MustRead("f"), "newer");
}

TEST_F(OpenTest, WithZeroTtlAnUnusedNodeAdoptsWhateverVersionTheGetBrings) {
  SetTtl(seconds(0));
  PutForeign("f", "old");
  const NodeId node = mount_->Node("f");
  store_.SetObject("f", "newer");
  const auto opened = fs().Open({}, mount_->caller, node, O_RDONLY);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(mount_->Read(opened->handle), "newer");
  EXPECT_EQ(fs().GetAttributes({}, node)->attributes.size, 5U);
}

TEST_F(OpenTest, ObjectThatHasGrownLargeIsAdoptedWithoutItsBytes) {
  SetTtl(seconds(0));
  PutForeign("f", "small");
  const NodeId node = mount_->Node("f");
  const std::string large = Large('y');
  store_.SetObject("f", large);
  const auto opened = fs().Open({}, mount_->caller, node, O_RDONLY);
  ASSERT_TRUE(opened.has_value());
  EXPECT_TRUE(mount_->Read(opened->handle) == large);
}

TEST_F(OpenTest, Pitfall23_RewrittenAllTheTimeEveryOpenSeesOneWholeVersion) {
  SetTtl(seconds(0));
  std::atomic<int> version = 0;  // Requests run side by side.
  const auto rewrite = [&] { store_.SetObject("f", std::string(1000, static_cast<char>('a' + ++version % 26))); };
  rewrite();
  // Somebody writes a new version after each single request of the reader's.
  store_.SetHooks({}, [&](const RecordedOperation&) { rewrite(); });
  for (int round = 0; round < 200; ++round) {
    const int closed_before = version;
    const auto content = mount_->ReadFile("f");
    ASSERT_TRUE(content.has_value()) << content.error().ToString();
    ASSERT_EQ(content->size(), 1000U);
    ASSERT_EQ(content->find_first_not_of(content->front()), std::string::npos) << "a mixture";
    bool new_enough = false;
    for (int v = closed_before; v <= version; ++v) new_enough |= content->front() == static_cast<char>('a' + v % 26);
    ASSERT_TRUE(new_enough) << "older than the version that was closed before the open";
  }
}

TEST_F(OpenTest, Pitfall23_LargeFileRewrittenAllTheTimeIsOneVersionOrStale) {
  SetTtl(seconds(0));
  std::atomic<int> version = 0;  // Requests run side by side.
  const auto rewrite = [&] { store_.SetObject("f", Large(static_cast<char>('a' + ++version % 26))); };
  rewrite();
  store_.SetHooks({}, [&](const RecordedOperation&) { rewrite(); });
  for (int round = 0; round < 20; ++round) {
    const auto opened = mount_->Open("f", O_RDONLY);
    ASSERT_TRUE(opened.has_value()) << opened.error().ToString();
    const auto content = mount_->Read(opened->handle);
    if (content) {
      ASSERT_EQ(content->find_first_not_of(content->front()), std::string::npos) << "a mixture";
    } else {
      ASSERT_EQ(content.error().code(), ErrorCode::kStale);
    }
    ASSERT_TRUE(mount_->Close(opened->handle).has_value());
  }
}

TEST_F(OpenTest, Pitfall24_EqualSizeInTheSameSecondIsSeenAtTheNextOpen) {
  SetTtl(seconds(0));
  const auto writer = AnotherMount();
  for (int round = 0; round < 20; ++round) {
    const std::string content = "content " + std::to_string(100 + round);
    ASSERT_TRUE(writer->WriteFile("f", content).has_value());
    ASSERT_EQ(mount_->MustRead("f"), content);
  }
}

TEST_F(OpenTest, OpenReaderKeepsItsVersion) {
  PutForeign("f", "old");
  const HandleId handle = mount_->MustOpen("f", O_RDONLY);
  store_.SetObject("f", "newer");
  ExpireAll();
  EXPECT_EQ(mount_->MustRead("f"), "newer");
  EXPECT_EQ(mount_->Read(handle), "old");
}

TEST_F(OpenTest, DirtyNodeIsJoinedWithoutAsking) {
  PutForeign("f", "old");
  const HandleId writer = mount_->MustOpen("f", O_RDWR);
  EXPECT_TRUE(mount_->Write(writer, 0, "NEW").has_value());
  store_.SetObject("f", "foreign");
  ExpireAll();
  TakeRequests();
  EXPECT_EQ(mount_->Stat("f").size, 3U);
  const auto reader = mount_->Open("f", O_RDONLY);
  ASSERT_TRUE(reader.has_value());
  EXPECT_EQ(mount_->Read(reader->handle), "NEW");
  EXPECT_EQ(TakeRequests(), "");
}

TEST_F(OpenTest, TruncatingOpenForgetsTheBytesAndReplacesJustThatVersion) {
  PutForeign("f", "old content");
  const HandleId handle = mount_->MustOpen("f", O_WRONLY | O_TRUNC);
  TakeRequests();
  EXPECT_TRUE(mount_->Write(handle, 0, "new").has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(TakeRequests(), "PutObject");
  EXPECT_EQ(Content("f"), "new");
}

TEST_F(OpenTest, TruncatingOpenBesideAReaderCutsWhatTheReaderSees) {
  PutForeign("f", "old content");
  const HandleId reader = mount_->MustOpen("f", O_RDONLY);
  const HandleId writer = mount_->MustOpen("f", O_WRONLY | O_TRUNC);
  EXPECT_EQ(mount_->Read(reader), "");
  EXPECT_TRUE(mount_->Write(writer, 0, "new").has_value());
  EXPECT_EQ(mount_->Read(reader), "new");
}

TEST_F(OpenTest, DirectoryCannotBeOpenedAsAFile) {
  PutForeign("d/x", "");
  EXPECT_EQ(CodeOf(fs().Open({}, mount_->caller, mount_->Node("d"), O_RDONLY)), ErrorCode::kIsDirectory);
  EXPECT_EQ(CodeOf(fs().OpenDirectory({}, mount_->Node("d/x"))), ErrorCode::kNotDirectory);
}

TEST_F(OpenTest, ImmediateOpenAnswersHitsOnly) {
  PutForeign("f", "content");
  const NodeId node = mount_->Node("f");
  TakeRequests();
  EXPECT_EQ(CodeOf(fs().Open(OpContext::Immediate(), mount_->caller, node, O_RDONLY)), ErrorCode::kWouldWait);
  EXPECT_EQ(TakeRequests(), "");
  EXPECT_EQ(fs().handles(), 0U);
  mount_->MustRead("f");
  EXPECT_TRUE(fs().Open(OpContext::Immediate(), mount_->caller, node, O_RDONLY).has_value());
}

TEST_F(OpenTest, ArchivedObjectSaysSo) {
  PutForeign("f", "content");
  store_.SetStorageClass("f", "GLACIER");
  EXPECT_EQ(CodeOf(mount_->Open("f", O_RDONLY)), ErrorCode::kArchived);
}

TEST_F(OpenTest, UnknownHandleIsBad) {
  EXPECT_EQ(CodeOf(mount_->Read(HandleId{99})), ErrorCode::kBadHandle);
  EXPECT_EQ(CodeOf(mount_->Write(HandleId{99}, 0, "x")), ErrorCode::kBadHandle);
  EXPECT_EQ(CodeOf(fs().Flush({}, HandleId{99}, true)), ErrorCode::kBadHandle);
  fs().Release(HandleId{99});
}

TEST_F(OpenTest, HandlesMayOnlyDoWhatTheyWereOpenedFor) {
  PutForeign("f", "content");
  EXPECT_EQ(CodeOf(mount_->Write(mount_->MustOpen("f", O_RDONLY), 0, "x")), ErrorCode::kBadHandle);
  EXPECT_EQ(CodeOf(mount_->Read(mount_->MustOpen("f", O_WRONLY))), ErrorCode::kBadHandle);
}

TEST_F(OpenTest, StaleReadMakesTheNextLookupAsk) {
  PutForeign("f", Large('x'));
  const HandleId handle = mount_->MustOpen("f", O_RDONLY);
  store_.SetObject("f", Large('y'));
  EXPECT_EQ(CodeOf(mount_->Read(handle)), ErrorCode::kStale);
  EXPECT_EQ(mount_->MustRead("f").front(), 'y') << "within the ttl";
}

TEST_F(OpenTest, Pitfall9_TruncationByAReadOnlyOpenIsStoredByItsClose) {
  PutForeign("f", "old content");
  ASSERT_TRUE(mount_->Close(mount_->MustOpen("f", O_RDONLY | O_TRUNC)));
  EXPECT_EQ(Content("f"), "");
}

TEST_F(OpenTest, FileThatIsCreatedForReadingIsStoredByItsClose) {
  ASSERT_TRUE(mount_->Close(mount_->MustCreate("f", O_RDONLY)));
  EXPECT_EQ(Content("f"), "");
}

TEST_F(OpenTest, ReaderThatWouldHaveCreatedIsNoWriter) {
  PutForeign("f", "content");
  const HandleId reader = mount_->MustCreate("f", O_RDONLY);
  TakeRequests();
  EXPECT_TRUE(mount_->Close(reader));
  EXPECT_EQ(TakeRequests(), "");
}

}  // namespace
}  // namespace cosfuse
