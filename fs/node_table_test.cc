#include "fs/node_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/thread.h"

namespace cosfuse {
namespace {

using ::testing::ElementsAre;

class NodeTableTest : public ::testing::Test {
 protected:
  NodeTableTest() : root_(std::static_pointer_cast<DirectoryNode>(table_.Find(NodeId::kRoot))) {}

  FileRef AddFile(const DirectoryRef& parent, std::string_view name, const Node* expected = nullptr,
                  bool same_file = false) {
    return table_.AddFile(*parent, name, expected, same_file, {});
  }
  DirectoryRef AddDirectory(const DirectoryRef& parent, std::string_view name) {
    return table_.AddDirectory(*parent, name, nullptr, {});
  }

  NodeTable table_{"prefix/", {}};
  DirectoryRef root_;
};

TEST_F(NodeTableTest, KeysFollowTheTree) {
  const DirectoryRef d = AddDirectory(root_, "d");
  const FileRef f = AddFile(d, "f");
  EXPECT_EQ(table_.KeyOf(*root_), "prefix/");
  EXPECT_EQ(table_.KeyOf(*d), "prefix/d/");
  EXPECT_EQ(table_.KeyOf(*f), "prefix/d/f");
  EXPECT_EQ(table_.KeyOfChild(*d, "new"), "prefix/d/new");
  EXPECT_EQ(table_.KeyOfChild(*d, "x%%file"), "prefix/d/x%file");
  EXPECT_EQ(table_.KeyOfChild(*d, ".."), std::nullopt);
}

TEST_F(NodeTableTest, NameBelongsToOneNode) {
  const FileRef first = AddFile(root_, "f");
  EXPECT_EQ(AddFile(root_, "f"), nullptr);
  EXPECT_EQ(table_.FindChild(*root_, "f"), first);
  const FileRef second = AddFile(root_, "f", first.get(), true);
  ASSERT_NE(second, nullptr);
  EXPECT_NE(second->id(), first->id());
  EXPECT_EQ(second->inode(), first->inode());
  EXPECT_EQ(table_.FindChild(*root_, "f"), second);
  EXPECT_EQ(table_.KeyOf(*first), std::nullopt);
  EXPECT_EQ(AddFile(root_, "f", first.get()), nullptr) << "the name has moved on";
}

TEST_F(NodeTableTest, AnotherFileUnderTheNameHasAnotherInode) {
  const FileRef first = AddFile(root_, "f");
  const uint64_t expected = first->inode();
  EXPECT_EQ(table_.InodeOfChild(*root_, "f"), expected);
  table_.Detach(*first);
  EXPECT_NE(table_.InodeOfChild(*root_, "f"), expected);
  EXPECT_NE(AddFile(root_, "f")->inode(), expected);
}

TEST_F(NodeTableTest, ReferenceKeepsANode) {
  FileRef f = AddFile(root_, "f");
  const NodeId id = f->id();
  EXPECT_EQ(table_.size(), 2U);
  f.reset();
  EXPECT_EQ(table_.size(), 1U);
  EXPECT_EQ(table_.Find(id), nullptr);
  EXPECT_EQ(table_.FindChild(*root_, "f"), nullptr);
}

TEST_F(NodeTableTest, LookupsKeepANodeUntilTheyAreForgotten) {
  FileRef f = AddFile(root_, "f");
  const NodeId id = f->id();
  table_.AddLookup(*f);
  table_.AddLookup(*f);
  f.reset();
  table_.Forget(id, 1);
  EXPECT_NE(table_.Find(id), nullptr);
  table_.Forget(id, 1);
  EXPECT_EQ(table_.size(), 1U);
  table_.Forget(id, 1);
  table_.Forget(NodeId{999}, 1);
}

TEST_F(NodeTableTest, NamedChildrenKeepTheirParents) {
  FileRef f = AddFile(AddDirectory(AddDirectory(root_, "d"), "e"), "f");
  EXPECT_EQ(table_.size(), 4U);
  EXPECT_EQ(table_.KeyOf(*f), "prefix/d/e/f");
  f.reset();
  EXPECT_EQ(table_.size(), 1U);
}

TEST_F(NodeTableTest, DetachedNodeHasNoPlaceAndNeitherHasWhatIsBelow) {
  const DirectoryRef d = AddDirectory(root_, "d");
  const FileRef f = AddFile(d, "f");
  table_.Detach(*d);
  EXPECT_EQ(table_.Locate(*d), std::nullopt);
  EXPECT_EQ(table_.Locate(*f), std::nullopt);
  EXPECT_EQ(AddFile(d, "g"), nullptr);
  EXPECT_EQ(table_.FindChild(*root_, "d"), nullptr);
}

TEST_F(NodeTableTest, MoveTakesEverythingBelowAlong) {
  const DirectoryRef d = AddDirectory(root_, "d");
  const DirectoryRef e = AddDirectory(root_, "e");
  const FileRef f = AddFile(d, "f");
  EXPECT_TRUE(table_.Move(*d, *e, "moved"));
  EXPECT_EQ(table_.KeyOf(*f), "prefix/e/moved/f");
  EXPECT_EQ(table_.FindChild(*root_, "d"), nullptr);
  const auto place = table_.Locate(*d);
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->parent, e);
  EXPECT_EQ(place->name, "moved");
}

TEST_F(NodeTableTest, MoveOverANodeTakesItsName) {
  const FileRef from = AddFile(root_, "from");
  const FileRef to = AddFile(root_, "to");
  EXPECT_TRUE(table_.Move(*from, *root_, "to"));
  EXPECT_EQ(table_.FindChild(*root_, "to"), from);
  EXPECT_EQ(table_.KeyOf(*to), std::nullopt);
  EXPECT_TRUE(table_.Move(*from, *root_, "to")) << "onto itself";
}

TEST_F(NodeTableTest, DescendantsAreAllNamedNodesBelow) {
  const DirectoryRef d = AddDirectory(root_, "d");
  const FileRef a = AddFile(d, "a");
  const FileRef b = AddFile(AddDirectory(d, "e"), "b");
  const FileRef gone = AddFile(d, "gone");
  table_.Detach(*gone);
  EXPECT_EQ(table_.Descendants(*d).size(), 3U);
  EXPECT_EQ(table_.Children(*d).size(), 2U);
}

TEST_F(NodeTableTest, SurvivesThreadsThatAddForgetAndMove) {
  constexpr int kThreads = 4;
  std::vector<Thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back("table", [&, t] {
      for (int i = 0; i < 2000; ++i) {
        const std::string name = std::to_string((i + t) % 7);
        const NodeRef present = table_.FindChild(*root_, name);
        if (const FileRef added = table_.AddFile(*root_, name, present.get(), true, {})) {
          table_.AddLookup(*added);
          if (i % 3 == 0) table_.Move(*added, *root_, std::to_string(i % 5));
          if (i % 4 == 0) table_.Detach(*added);
          table_.Forget(added->id(), 1);
        }
      }
    });
  }
  threads.clear();
  EXPECT_EQ(table_.size(), 1U);
}

TEST_F(NodeTableTest, UnsentBytesKeepTheirNameAndThoseAbove) {
  const DirectoryRef d = AddDirectory(root_, "d");
  const DirectoryRef e = AddDirectory(d, "e");
  const FileRef f = AddFile(e, "f");
  EXPECT_FALSE(table_.HoldsUnsent(*d));
  {
    MutexLock lock(f->mutex);
    f->state().writers = 1;
  }
  EXPECT_TRUE(table_.HoldsUnsent(*f));
  EXPECT_TRUE(table_.HoldsUnsent(*d));
  EXPECT_FALSE(table_.DetachUnlessUnsent(*d));
  EXPECT_FALSE(table_.DetachUnlessUnsent(*f));
  EXPECT_EQ(AddFile(e, "f", f.get()), nullptr);
  EXPECT_EQ(table_.KeyOf(*f), "prefix/d/e/f");
  {
    MutexLock lock(f->mutex);
    f->state().writers = 0;
  }
  EXPECT_TRUE(table_.DetachUnlessUnsent(*d));
  EXPECT_EQ(table_.KeyOf(*f), std::nullopt);
}

TEST_F(NodeTableTest, LastKeyOutlivesTheName) {
  const DirectoryRef d = AddDirectory(root_, "d");
  const FileRef f = AddFile(d, "f");
  EXPECT_EQ(table_.LastKeyOf(*f), "prefix/d/f");
  table_.Detach(*d);
  EXPECT_EQ(table_.LastKeyOf(*d), "prefix/d/");
  EXPECT_EQ(table_.LastKeyOf(*f), "prefix/d/f");
  table_.Detach(*f);
  EXPECT_EQ(table_.LastKeyOf(*f), "prefix/d/f");
  ASSERT_TRUE(table_.Move(*f, *root_, "g"));
  EXPECT_EQ(table_.LastKeyOf(*f), "prefix/g");
}

}  // namespace
}  // namespace cosfuse
