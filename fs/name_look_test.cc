#include <atomic>

#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// What names cost that are not there yet.
class NameLookTest : public FileSystemTest {
 protected:
  NodeId MakeDirectory(std::string_view name) {
    const auto made = fs().MakeDirectory({}, mount_->caller, NodeId::kRoot, name, 0755);
    EXPECT_TRUE(made.has_value());
    return made ? made->node : NodeId{};
  }
  /// New files, one after the other, and what all of them have asked the store for.
  std::string MakeFiles(NodeId directory, const std::string& prefix, int from, int to) {
    TakeRequests();
    for (int i = from; i < to; ++i) {
      EXPECT_TRUE(mount_->WriteFile(prefix + std::to_string(i), "x", directory).has_value());
    }
    return "Head " + std::to_string(store_.Count(StoreOperation::kHead)) + " List " +
           std::to_string(store_.Count(StoreOperation::kList)) + " Put " +
           std::to_string(store_.Count(StoreOperation::kPut));
  }
  void PutObjects(const std::string& prefix, int count) {
    for (int i = 0; i < count; ++i) store_.SetObject(prefix + std::to_string(i), "old");
    clock_.Advance(seconds(5));
  }
};

TEST_F(NameLookTest, NewFileInADirectoryMadeHereCostsOnePut) {
  const NodeId made = MakeDirectory("d");
  EXPECT_EQ(MakeFiles(made, "f", 0, 100), "Head 0 List 0 Put 100");
  ASSERT_TRUE(fs().Unlink({}, made, "f7").has_value());
  EXPECT_EQ(MakeFiles(made, "f", 7, 8), "Head 0 List 0 Put 1");
  EXPECT_EQ(mount_->Names(made).size(), 100U);
  EXPECT_EQ(store_.Count(StoreOperation::kList), 0U);
}

TEST_F(NameLookTest, NewFileInAListedDirectoryCostsOnePut) {
  PutObjects("d/old", 100);
  const NodeId directory = mount_->Node("d");
  mount_->Names(directory);
  EXPECT_EQ(MakeFiles(directory, "new", 0, 100), "Head 0 List 0 Put 100");
}

TEST_F(NameLookTest, ListedDirectoryCostsOneListForEachTtl) {
  PutObjects("d/old", 500);
  const NodeId directory = mount_->Node("d");
  mount_->Names(directory);
  for (int round = 0; round < 5; ++round) {
    clock_.Advance(seconds(1));
    EXPECT_EQ(MakeFiles(directory, "new", round * 50, round * 50 + 50), "Head 0 List 1 Put 50");
  }
}

TEST_F(NameLookTest, DirectoryMadeHereCostsOneListForEachTtl) {
  const NodeId made = MakeDirectory("d");
  for (int round = 0; round < 5; ++round) {
    clock_.Advance(seconds(1));
    EXPECT_EQ(MakeFiles(made, "f", round * 50, round * 50 + 50), "Head 0 List 1 Put 50");
  }
  EXPECT_EQ(mount_->Names(made).size(), 250U);
}

TEST_F(NameLookTest, LargeListedDirectoryIsRefreshedByPages) {
  for (int i = 0; i < 20'000; ++i) store_.SetObject("d/f" + std::to_string(100'000 + i), "old");
  clock_.Advance(seconds(5));
  const NodeId directory = mount_->Node("d");
  mount_->Names(directory);
  clock_.Advance(seconds(1));
  TakeRequests();
  // Names between the others, in order.
  for (int i = 5000; i < 15'000; ++i) {
    EXPECT_EQ(CodeOf(mount_->Lookup("f" + std::to_string(100'000 + i) + "x", directory)), ErrorCode::kNotFound);
  }
  EXPECT_EQ(store_.Count(StoreOperation::kHead), 0U);
  EXPECT_LE(store_.Count(StoreOperation::kList), 11U);
}

TEST_F(NameLookTest, KnownFilesOfAListedDirectoryAreProvenByPages) {
  PutObjects("d/f", 3000);
  const NodeId directory = mount_->Node("d");
  mount_->Names(directory);
  std::vector<NodeId> nodes;
  nodes.reserve(3000);
  for (int i = 0; i < 3000; ++i) nodes.push_back(mount_->Lookup("f" + std::to_string(i), directory)->node);
  clock_.Advance(seconds(1));
  TakeRequests();
  for (int i = 0; i < 3000; ++i) {
    const auto entry = mount_->Lookup("f" + std::to_string(i), directory);
    ASSERT_TRUE(entry.has_value());
    EXPECT_EQ(entry->node, nodes[static_cast<size_t>(i)]);
  }
  EXPECT_EQ(store_.Count(StoreOperation::kHead), 0U);
  EXPECT_LE(store_.Count(StoreOperation::kList), 6U);
}

TEST_F(NameLookTest, RowOfNewNamesInASmallUnknownDirectoryCostsOneList) {
  PutObjects("d/old", 500);
  const NodeId directory = mount_->Node("d");
  // The first one is asked for as always; the second one with its neighbours.
  EXPECT_EQ(MakeFiles(directory, "new", 0, 100), "Head 1 List 2 Put 100");
}

TEST_F(NameLookTest, RowOfNewNamesInALargeUnknownDirectoryCostsFewLists) {
  PutObjects("d/old", 3000);
  const NodeId directory = mount_->Node("d");
  // Nobody lists all of it: the first page is full, those of a common prefix are not.
  EXPECT_EQ(MakeFiles(directory, "new", 1000, 1100), "Head 2 List 5 Put 100");
}

TEST_F(NameLookTest, LoneNamesAreAskedForAlone) {
  PutObjects("d/old", 10);
  const NodeId directory = mount_->Node("d");
  for (int i = 0; i < 5; ++i) {
    TakeRequests();
    EXPECT_EQ(CodeOf(mount_->Lookup("flag", directory)), ErrorCode::kNotFound);
    EXPECT_EQ(TakeRequests(), "HeadObject ListObjectsV2") << "the same name again";
    clock_.Advance(seconds(1));
  }
  for (const std::string name : {"one", "two", "three"}) {
    clock_.Advance(seconds(2));
    TakeRequests();
    EXPECT_EQ(CodeOf(mount_->Lookup(name, directory)), ErrorCode::kNotFound);
    EXPECT_EQ(TakeRequests(), "HeadObject ListObjectsV2") << "the last one was long ago";
  }
}

TEST_F(NameLookTest, PageThatARenameOfItsDirectoryOvertakesTellsNothing) {
  PutObjects("old/f", 3);
  const NodeId directory = mount_->Node("old");
  EXPECT_EQ(CodeOf(fs().Lookup({}, directory, "a")), ErrorCode::kNotFound);
  std::atomic<bool> renamed = false;
  faulty_.SetHook([&](StoreOperation operation, const ObjectKey& /*key*/) {
    if (operation == StoreOperation::kList && !renamed.exchange(true)) {
      EXPECT_TRUE(mount_->Rename("old", "new").has_value());
    }
  });
  EXPECT_EQ(CodeOf(fs().Lookup({}, directory, "b")), ErrorCode::kNotFound);
  faulty_.SetHook({});
  EXPECT_TRUE(renamed);
  EXPECT_TRUE(fs().Lookup({}, directory, "f0").has_value());
  EXPECT_THAT(mount_->Names(directory), ::testing::UnorderedElementsAre("f0", "f1", "f2"));
}

TEST_F(NameLookTest, FileThatIsOpenWhileOthersRemoveItIsNotListedAfterwards) {
  options_.ttl = std::chrono::hours(24);
  for (const bool by_page : {false, true}) {
    Mount();
    PutForeign("f", "content");
    const HandleId handle = mount_->MustOpen("f", O_WRONLY);
    store_.RemoveObject("f");
    if (by_page) {
      // Two names in a row that are not there: the second look is a page of the listing.
      EXPECT_EQ(mount_->WalkError("x"), ErrorCode::kNotFound);
      EXPECT_EQ(mount_->WalkError("y"), ErrorCode::kNotFound);
    } else {
      mount_->Names();
    }
    EXPECT_TRUE(mount_->Close(handle).has_value());
    EXPECT_THAT(mount_->Names(), IsEmpty()) << by_page;
  }
}

TEST_F(NameLookTest, WithoutATtlEachNameIsAskedFor) {
  options_.ttl = Duration(0);
  Mount();
  PutObjects("old", 10);
  mount_->Names();
  EXPECT_EQ(MakeFiles(NodeId::kRoot, "new", 0, 10), "Head 10 List 10 Put 10");
  EXPECT_EQ(MakeFiles(MakeDirectory("d"), "new", 0, 10), "Head 10 List 10 Put 10");
}

TEST_F(NameLookTest, Pitfall28_FileMadeElsewhereInADirectoryMadeHereIsSeenWithinTheTtl) {
  const NodeId made = MakeDirectory("d");
  store_.SetObject("d/theirs", "x");
  EXPECT_EQ(CodeOf(mount_->Lookup("theirs", made)), ErrorCode::kNotFound);
  clock_.Advance(seconds(1));
  EXPECT_EQ(CodeOf(mount_->Lookup("theirs", made)), std::nullopt);
}

TEST_F(NameLookTest, Pitfall28_MkdirIsAsOldAsTheProofThatThereWasNothing) {
  EXPECT_EQ(mount_->WalkError("d"), ErrorCode::kNotFound);
  store_.SetObject("d/theirs", "x");
  clock_.Advance(milliseconds(900));
  const NodeId made = MakeDirectory("d");
  clock_.Advance(milliseconds(100));
  EXPECT_EQ(CodeOf(mount_->Lookup("theirs", made)), std::nullopt);
}

TEST_F(NameLookTest, Pitfall28_PageIsAsOldAsItsRequest) {
  PutObjects("d/old", 10);
  const NodeId directory = mount_->Node("d");
  mount_->Names(directory);
  clock_.Advance(seconds(1));
  store_.SetHooks({}, [&](const RecordedOperation& call) {
    if (call.operation == StoreOperation::kList) clock_.Advance(milliseconds(1500));
  });
  TakeRequests();
  EXPECT_EQ(CodeOf(mount_->Lookup("new", directory)), ErrorCode::kNotFound) << "a slow answer is one";
  EXPECT_EQ(TakeRequests(), "ListObjectsV2");
  store_.SetHooks({});
  store_.SetObject("d/new", "x");
  EXPECT_EQ(CodeOf(mount_->Lookup("new", directory)), std::nullopt);
}

TEST_F(NameLookTest, Pitfall28_FileThatIsStoredWhileAPageIsOnItsWayStays) {
  const NodeId made = MakeDirectory("d");
  ExpireAll();
  const HandleId open = mount_->MustCreate("f", O_WRONLY, made);
  ExpireAll();
  store_.SetHooks({}, [&](const RecordedOperation& call) {
    if (call.operation != StoreOperation::kList) return;
    store_.SetHooks({});
    // The page was made without the file, and is not read yet.
    EXPECT_TRUE(mount_->Close(open).has_value());
  });
  EXPECT_EQ(CodeOf(mount_->Lookup("g", made)), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(mount_->Lookup("f", made)), std::nullopt);
  EXPECT_THAT(mount_->Names(made), ElementsAre("f"));
}

TEST_F(NameLookTest, Pitfall28_ChangesOfOursWhileAPageIsOnItsWayStand) {
  const NodeId made = MakeDirectory("d");
  ASSERT_TRUE(mount_->WriteFile("old", "x", made).has_value());
  ExpireAll();
  store_.SetHooks({}, [&](const RecordedOperation& call) {
    if (call.operation != StoreOperation::kList) return;
    store_.SetHooks({});
    EXPECT_TRUE(mount_->WriteFile("new", "x", made).has_value());
    EXPECT_TRUE(fs().Unlink({}, made, "old").has_value());
  });
  EXPECT_EQ(CodeOf(mount_->Lookup("g", made)), ErrorCode::kNotFound);
  EXPECT_THAT(mount_->Names(made), ElementsAre("new"));
  EXPECT_EQ(CodeOf(mount_->Lookup("old", made)), ErrorCode::kNotFound);
}

TEST_F(NameLookTest, DirectoryOfUnsentFilesIsThere) {
  PutObjects("d/e/old", 1);
  const NodeId d = mount_->Node("d");
  const NodeId e = mount_->Node("d/e");
  mount_->Names(d);
  const HandleId open = mount_->MustCreate("f", O_WRONLY, e);
  store_.RemoveObject("d/e/old0");
  ExpireAll();
  store_.SetHooks({}, [&](const RecordedOperation& call) {
    if (call.operation != StoreOperation::kList) return;
    store_.SetHooks({});
    EXPECT_TRUE(mount_->Close(open).has_value());
  });
  EXPECT_EQ(CodeOf(mount_->Lookup("g", d)), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(mount_->Lookup("e", d)), std::nullopt) << "it is stored by now, though the page lacks it";
}

TEST_F(NameLookTest, Pitfall25_WinnerWhomTheListingDoesNotKnowIsNotOverwritten) {
  const NodeId made = MakeDirectory("d");
  store_.SetObject("d/f", "theirs");
  EXPECT_EQ(CodeOf(mount_->WriteFile("f", "ours", made)), ErrorCode::kStale);
  EXPECT_EQ(Content("d/f"), "theirs");
  EXPECT_EQ(store_.Keys().size(), 3U) << "the marker, the winner and the loser's sibling";
  EXPECT_EQ(CodeOf(mount_->Lookup("f", made)), std::nullopt);
}

TEST_F(NameLookTest, NameThatTurnsOutToExistIsSeenAtOnce) {
  const NodeId made = MakeDirectory("d");
  store_.SetObject("d/job.lock", "");
  store_.SetObject("d/link", "");
  store_.SetObject("d/sub/", "");
  EXPECT_EQ(CodeOf(mount_->Create("job.lock", O_WRONLY | O_EXCL, made)), ErrorCode::kAlreadyExists);
  EXPECT_EQ(CodeOf(mount_->Lookup("job.lock", made)), std::nullopt);

  const NodeId other = MakeDirectory("e");
  store_.SetObject("e/link", "");
  EXPECT_EQ(CodeOf(fs().MakeSymbolicLink({}, mount_->caller, other, "link", "x")), ErrorCode::kAlreadyExists);
  EXPECT_EQ(CodeOf(mount_->Lookup("link", other)), std::nullopt);

  const NodeId third = MakeDirectory("g");
  store_.SetObject("g/sub/", "");
  EXPECT_EQ(CodeOf(fs().MakeDirectory({}, mount_->caller, third, "sub", 0755)), ErrorCode::kAlreadyExists);
  EXPECT_EQ(CodeOf(mount_->Lookup("sub", third)), std::nullopt);
}

TEST_F(NameLookTest, Pitfall29_PageShowsTypesAsTheyAre) {
  PutForeign("d/foo-1", "x");
  const NodeId directory = mount_->Node("d");
  mount_->Names(directory);
  PutForeign("d/foo", "the file");
  PutForeign("d/foo/below", "x");
  clock_.Advance(seconds(1));
  EXPECT_EQ(CodeOf(mount_->Lookup("g", directory)), ErrorCode::kNotFound);
  EXPECT_TRUE(S_ISDIR(mount_->Lookup("foo", directory)->attributes.attributes.mode));
  EXPECT_TRUE(S_ISREG(mount_->Lookup("foo%file", directory)->attributes.attributes.mode));
}

TEST_F(NameLookTest, Pitfall27_PageThatCannotBeHadIsAnErrorAndChangesNothing) {
  PutForeign("d/old", "x");
  const NodeId directory = mount_->Node("d");
  const NodeId old = mount_->Node("d/old");
  mount_->Names(directory);
  clock_.Advance(seconds(1));
  faulty_.FailNext(StoreOperation::kList, Error(ErrorCode::kUnavailable, "injected"));
  EXPECT_EQ(CodeOf(mount_->Lookup("new", directory)), ErrorCode::kUnavailable);
  EXPECT_EQ(mount_->Node("d/old"), old);
  EXPECT_EQ(CodeOf(mount_->Lookup("new", directory)), ErrorCode::kNotFound);
}

TEST_F(NameLookTest, RoleThatMayNotListADirectoryIsNotAskedToAgain) {
  PutForeign("d/old", "x");
  const NodeId directory = mount_->Node("d");
  EXPECT_EQ(CodeOf(mount_->Lookup("one", directory)), ErrorCode::kNotFound);
  faulty_.FailNext(StoreOperation::kList, Error(ErrorCode::kAccessDenied, "injected"));
  TakeRequests();
  EXPECT_EQ(CodeOf(mount_->Lookup("two", directory)), ErrorCode::kNotFound);
  EXPECT_EQ(TakeRequests(), "HeadObject ListObjectsV2") << "and the one that was refused";
  EXPECT_EQ(CodeOf(mount_->Lookup("three", directory)), ErrorCode::kNotFound);
  EXPECT_EQ(TakeRequests(), "HeadObject ListObjectsV2");
}

TEST_F(NameLookTest, ImmediateContextLooksAtNothing) {
  const NodeId made = MakeDirectory("d");
  EXPECT_EQ(CodeOf(fs().Lookup(OpContext::Immediate(), made, "f")), ErrorCode::kNotFound);
  clock_.Advance(seconds(1));
  TakeRequests();
  EXPECT_EQ(CodeOf(fs().Lookup(OpContext::Immediate(), made, "f")), ErrorCode::kWouldWait);
  EXPECT_EQ(TakeRequests(), "");
  EXPECT_EQ(CodeOf(mount_->Lookup("f", made)), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(fs().Lookup(OpContext::Immediate(), made, "g")), ErrorCode::kNotFound);
}

TEST_F(NameLookTest, DirectoryThatTurnsOutNotToBeEmptyShowsWhatIsInIt) {
  const NodeId made = MakeDirectory("d");
  store_.SetObject("d/theirs", "x");
  EXPECT_EQ(CodeOf(fs().RemoveDirectory({}, NodeId::kRoot, "d")), ErrorCode::kNotEmpty);
  EXPECT_EQ(CodeOf(mount_->Lookup("theirs", made)), std::nullopt);
  EXPECT_THAT(mount_->Names(made), ElementsAre("theirs"));
}

TEST_F(NameLookTest, RemovedDirectoryThatIsMadeAgainIsEmpty) {
  const NodeId first = MakeDirectory("d");
  ASSERT_TRUE(mount_->WriteFile("f", "x", first).has_value());
  ASSERT_TRUE(fs().Unlink({}, first, "f").has_value());
  ASSERT_TRUE(fs().RemoveDirectory({}, NodeId::kRoot, "d").has_value());
  const NodeId second = MakeDirectory("d");
  EXPECT_THAT(mount_->Names(second), IsEmpty());
  EXPECT_EQ(MakeFiles(second, "f", 0, 10), "Head 0 List 0 Put 10");
}

}  // namespace
}  // namespace cosfuse
