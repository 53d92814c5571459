#include <algorithm>
#include <set>

#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class ReaddirTest : public FileSystemTest {
 protected:
  std::vector<DirectoryEntry> ReadFrom(HandleId handle, uint64_t offset, size_t most) {
    std::vector<DirectoryEntry> entries;
    EXPECT_TRUE(fs().ReadDirectory({}, handle, offset, true, [&](const DirectoryEntry& entry) {
      if (entries.size() == most) return false;
      entries.push_back(entry);
      return true;
    }));
    return entries;
  }
  static const DirectoryEntry* Find(const std::vector<DirectoryEntry>& entries, std::string_view name) {
    const auto found = std::ranges::find(entries, name, &DirectoryEntry::name);
    return found == entries.end() ? nullptr : &*found;
  }
};

TEST_F(ReaddirTest, CostsOneListForEach1000NamesAndShowsEachOnce) {
  std::multiset<std::string> expected = {"sub/"};
  for (int i = 0; i < 2500; ++i) {
    const std::string name = "name-" + std::to_string(i);
    store_.SetObject(name, "");
    expected.insert(name);
  }
  store_.SetObject("sub/x", "");
  const auto names = mount_->Names();
  EXPECT_EQ(std::multiset<std::string>(names.begin(), names.end()), expected);
  EXPECT_EQ(TakeRequests(), "ListObjectsV2 ListObjectsV2 ListObjectsV2");
  mount_->Names();
  EXPECT_EQ(TakeRequests(), "") << "a fresh listing answers";
  ExpireAll();
  mount_->Names();
  EXPECT_EQ(store_.Count(StoreOperation::kList), 3U);
}

TEST_F(ReaddirTest, DotsComeFirstAndCountNoLookups) {
  PutForeign("d/x", "");
  const auto root = mount_->Entries();
  const auto below = mount_->Entries(mount_->Node("d"));
  ASSERT_GE(below.size(), 2U);
  EXPECT_EQ(below[0].name, ".");
  EXPECT_EQ(below[1].name, "..");
  EXPECT_EQ(below[1].inode, root[0].inode);
  EXPECT_EQ(below[0].inode, mount_->Stat("d").inode);
  EXPECT_FALSE(below[0].entry.has_value());
  EXPECT_FALSE(below[1].entry.has_value());
}

TEST_F(ReaddirTest, UnknownSmallObjectsHaveNoTypeLargerOnesAreFiles) {
  PutForeign("small", "x");
  PutForeign("large", std::string(4097, 'x'));
  PutForeign("d/x", "");
  const auto entries = mount_->Entries();
  EXPECT_EQ(Find(entries, "small")->type, 0U);
  EXPECT_FALSE(Find(entries, "small")->entry.has_value());
  EXPECT_EQ(Find(entries, "large")->type, static_cast<mode_t>(S_IFREG));
  EXPECT_FALSE(Find(entries, "large")->entry.has_value());
  EXPECT_EQ(Find(entries, "d")->type, static_cast<mode_t>(S_IFDIR));
  ASSERT_TRUE(Find(entries, "d")->entry.has_value());
  EXPECT_EQ(Find(entries, "d")->entry->attributes.lifetime, Duration(0)) << "its mode is not known yet";
  EXPECT_EQ(TakeRequests(), "ListObjectsV2");
}

TEST_F(ReaddirTest, KnownVersionsCarryTheirAttributes) {
  PutForeign("f", "x");
  mount_->Node("f");
  ExpireAll();
  TakeRequests();
  const auto entries = mount_->Entries();
  ASSERT_TRUE(Find(entries, "f")->entry.has_value());
  EXPECT_EQ(Find(entries, "f")->entry->attributes.lifetime, options_.ttl);
  EXPECT_EQ(Find(entries, "f")->type, static_cast<mode_t>(S_IFREG));
  EXPECT_EQ(TakeRequests(), "ListObjectsV2");
}

TEST_F(ReaddirTest, InodeOfAnEntryIsThatOfItsLookup) {
  PutForeign("f", "x");
  PutForeign("d/x", "");
  const auto entries = mount_->Entries();
  EXPECT_EQ(Find(entries, "f")->inode, mount_->Stat("f").inode);
  EXPECT_EQ(Find(entries, "d")->inode, mount_->Stat("d").inode);
}

TEST_F(ReaddirTest, OffsetAskedTwiceAnswersTheSame) {
  for (int i = 0; i < 1500; ++i) store_.SetObject("name-" + std::to_string(i), "");
  const HandleId handle = *fs().OpenDirectory({}, NodeId::kRoot);
  const auto first = ReadFrom(handle, 0, 100);
  ASSERT_EQ(first.size(), 100U);
  const uint64_t offset = first.back().next_offset;
  const auto once = ReadFrom(handle, offset, 10);
  ReadFrom(handle, once.back().next_offset, 5000);
  const auto twice = ReadFrom(handle, offset, 10);
  for (size_t i = 0; i < 10; ++i) EXPECT_EQ(once[i].name, twice[i].name);
  fs().ReleaseDirectory(handle);
}

TEST_F(ReaddirTest, RewindShowsTheDirectoryAsItIsThen) {
  PutForeign("a", "");
  const HandleId handle = *fs().OpenDirectory({}, NodeId::kRoot);
  EXPECT_EQ(ReadFrom(handle, 0, 10).size(), 3U);
  EXPECT_TRUE(mount_->WriteFile("b", "").has_value());
  EXPECT_EQ(ReadFrom(handle, 0, 10).size(), 4U);
  ExpireAll();
  store_.SetObject("c", "");
  EXPECT_EQ(ReadFrom(handle, 0, 10).size(), 5U);
  fs().ReleaseDirectory(handle);
}

TEST_F(ReaddirTest, RefusedEntryCountsNoLookup) {
  PutForeign("d/x", "");
  const HandleId handle = *fs().OpenDirectory({}, NodeId::kRoot);
  EXPECT_EQ(ReadFrom(handle, 0, 2).size(), 2U);
  EXPECT_EQ(fs().nodes(), 1U);
  const auto taken = ReadFrom(handle, 2, 1);
  EXPECT_EQ(fs().nodes(), 2U);
  fs().Forget(taken[0].entry->node, 1);
  EXPECT_EQ(fs().nodes(), 1U);
  fs().ReleaseDirectory(handle);
}

TEST_F(ReaddirTest, SecondListingOfASortedDirectoryShowsNamesBeforeItsEnd) {
  for (int i = 0; i < 1500; ++i) store_.SetObject("name-" + std::to_string(i), "");
  mount_->Names();
  ExpireAll();
  store_.ForgetOperations();
  const HandleId handle = *fs().OpenDirectory({}, NodeId::kRoot);
  ReadFrom(handle, 0, 10);
  EXPECT_EQ(store_.Count(StoreOperation::kList), 1U);
  fs().ReleaseDirectory(handle);
}

TEST_F(ReaddirTest, Pitfall28_ChangesOfOursWhilePagesArrive) {
  for (int i = 0; i < 1500; ++i) store_.SetObject("name-" + std::to_string(10'000 + i), "");
  int lists = 0;
  store_.SetHooks({}, [&](const RecordedOperation& call) {
    if (call.operation != StoreOperation::kList || ++lists != 1) return;
    EXPECT_TRUE(fs().Unlink({}, NodeId::kRoot, "name-10001").has_value());
    EXPECT_TRUE(mount_->WriteFile("a-first", "x").has_value());
  });
  mount_->Names();
  store_.SetHooks({});
  const auto kept = mount_->Names();
  EXPECT_EQ(std::ranges::count(kept, "name-10001"), 0);
  EXPECT_EQ(std::ranges::count(kept, "a-first"), 1);
  EXPECT_EQ(kept.size(), 1500U);
}

TEST_F(ReaddirTest, FailureIsAnErrorAndTheNextCallGoesOn) {
  for (int i = 0; i < 1500; ++i) store_.SetObject("name-" + std::to_string(i), "");
  const HandleId handle = *fs().OpenDirectory({}, NodeId::kRoot);
  faulty_.FailNext(StoreOperation::kList, Error(ErrorCode::kUnavailable, "injected"));
  const auto sink = [](const DirectoryEntry&) { return true; };
  EXPECT_EQ(CodeOf(fs().ReadDirectory({}, handle, 2, true, sink)), ErrorCode::kUnavailable);
  EXPECT_EQ(ReadFrom(handle, 2, 5000).size(), 1500U);
  fs().ReleaseDirectory(handle);
}

TEST_F(ReaddirTest, ImmediateContextAnswersFromAFreshListingOnly) {
  PutForeign("f", "");
  const HandleId handle = *fs().OpenDirectory({}, NodeId::kRoot);
  size_t seen = 0;
  const auto sink = [&](const DirectoryEntry&) { return ++seen > 0; };
  EXPECT_EQ(CodeOf(fs().ReadDirectory(OpContext::Immediate(), handle, 2, true, sink)), ErrorCode::kWouldWait);
  mount_->Names();
  EXPECT_TRUE(fs().ReadDirectory(OpContext::Immediate(), handle, 0, true, sink).has_value());
  EXPECT_EQ(seen, 3U);
  fs().ReleaseDirectory(handle);
}

TEST_F(ReaddirTest, Pitfall34_OddKeysDoNoHarm) {
  const std::vector<ObjectKey> keys = {"a//b", "./x", "../y", "d/", "new\nline", "%2F", "a+b&<c>", "\xff\xfe", "\x01"};
  for (const ObjectKey& key : keys) store_.SetObject(key, "content of " + key);
  EXPECT_THAT(mount_->Names(), UnorderedElementsAre("a/", "d/", "new\nline", "%2F", "a+b&<c>", "\xff\xfe", "\x01"));
  EXPECT_THAT(mount_->Names(mount_->Node("a")), IsEmpty());
  EXPECT_EQ(mount_->MustRead("\xff\xfe"), "content of \xff\xfe");
  EXPECT_EQ(store_.Keys().size(), keys.size());
}

TEST_F(ReaddirTest, Pitfall29_OldMarkerOfADirectoryIsNoFileBesideIt) {
  ObjectMetadata old_marker;
  old_marker.user = {{"mode", std::to_string(S_IFDIR | 0711)}};
  PutForeign("old", "", old_marker);
  PutForeign("old/x", "x");
  PutForeign("both", "");
  PutForeign("both/x", "x");
  TakeRequests();
  EXPECT_THAT(mount_->Names(), UnorderedElementsAre("old/", "both/", "both%file"));
  EXPECT_EQ(TakeRequests(), "HeadObject HeadObject ListObjectsV2");
  EXPECT_EQ(mount_->Stat("old").mode, static_cast<mode_t>(S_IFDIR | 0711));
  // What cannot be found out at the moment is shown.
  ExpireAll();
  faulty_.FailNext(StoreOperation::kHead, Error(ErrorCode::kUnavailable, "injected"), 2);
  EXPECT_THAT(mount_->Names(), UnorderedElementsAre("old/", "old%file", "both/", "both%file"));
}

TEST_F(ReaddirTest, Pitfall29_DirectoryWithAnOldMarkerIsTheSameAfterAListingOfItsParent) {
  ObjectMetadata old_marker;
  old_marker.user = {{"mode", std::to_string(S_IFDIR | 0711)}};
  PutForeign("old", "", old_marker);
  PutForeign("old/x", "x");
  const auto entries = mount_->Entries();
  const DirectoryEntry* const listed = Find(entries, "old");
  ASSERT_TRUE(listed != nullptr && listed->entry);
  EXPECT_EQ(fs().GetAttributes({}, listed->entry->node)->attributes.mode, static_cast<mode_t>(S_IFDIR | 0711));
  ExpireAll();
  EXPECT_EQ(mount_->Stat("old").mode, static_cast<mode_t>(S_IFDIR | 0711)) << "asked again";
  EXPECT_TRUE(fs().Unlink({}, listed->entry->node, "x").has_value());
  ExpireAll();
  EXPECT_EQ(mount_->Stat("old").mode, static_cast<mode_t>(S_IFDIR | 0711)) << "without anything below";
  EXPECT_TRUE(fs().RemoveDirectory({}, NodeId::kRoot, "old").has_value());
  EXPECT_THAT(store_.Keys(), IsEmpty());
}

TEST_F(ReaddirTest, Pitfall29_DirectoryWithAnOldMarkerThatAListingShowedIsRemovedWithIt) {
  ObjectMetadata old_marker;
  old_marker.user = {{"mode", std::to_string(S_IFDIR | 0711)}};
  PutForeign("old", "", old_marker);
  PutForeign("old/x", "x");
  // A plain listing: nobody holds the directory any more, and what is known of its parent is still fresh.
  EXPECT_EQ(mount_->Entries(NodeId::kRoot, false).size(), 3U) << "with the dots";
  const NodeId directory = mount_->Node("old");
  EXPECT_TRUE(fs().Unlink({}, directory, "x").has_value());
  EXPECT_TRUE(fs().RemoveDirectory({}, NodeId::kRoot, "old").has_value());
  EXPECT_THAT(store_.Keys(), IsEmpty());
}

TEST_F(ReaddirTest, DirectoriesBeyondTheBudgetAreShownWithoutANode) {
  constexpr size_t kCount = 33'000;
  for (size_t i = 0; i < kCount; ++i) store_.SetObject("d" + std::to_string(i) + "/x", "");
  const HandleId handle = *fs().OpenDirectory({}, NodeId::kRoot);
  size_t with_node = 0;
  size_t without = 0;
  EXPECT_TRUE(fs().ReadDirectory({}, handle, 2, true, [&](const DirectoryEntry& entry) {
    EXPECT_EQ(entry.type, static_cast<mode_t>(S_IFDIR));
    ++(entry.entry ? with_node : without);
    return true;
  }));
  EXPECT_EQ(with_node + without, kCount);
  EXPECT_EQ(without, kCount - 32'767) << "the root is a node, too";
  fs().ReleaseDirectory(handle);
}

TEST_F(ReaddirTest, FileThatIsStoredWhileTheStoreIsListedIsShown) {
  const HandleId handle = mount_->MustCreate("f");
  bool closed = false;
  store_.SetHooks({}, [&](const RecordedOperation& call) {
    // The listing has been made without it, and is not read yet.
    if (call.operation != StoreOperation::kList || std::exchange(closed, true)) return;
    EXPECT_TRUE(mount_->Close(handle));
  });
  EXPECT_THAT(mount_->Names(), ElementsAre("f"));
  EXPECT_TRUE(closed);
}

}  // namespace
}  // namespace cosfuse
