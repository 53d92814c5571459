#include <atomic>
#include <random>

#include "base/thread.h"
#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

/// Many threads at once on few names, without the locks that the kernel takes: whatever comes out of single calls, no
/// thread hangs, each content is whole, and nothing is left behind.
class StressTest : public FileSystemTest {
 protected:
  static constexpr int kThreads = 6;
  static constexpr int kSteps = 250;
  static constexpr size_t kSize = 3000;

  /// One thread's program.
  class Program {
   public:
    Program(TestMount& mount, uint64_t seed) : mount_(mount), engine_(seed) {}

    void Run() {
      for (int i = 0; i < kSteps; ++i) Step();
    }

   private:
    BucketFileSystem& fs() { return mount_.fs(); }
    uint64_t Draw(uint64_t below) { return engine_() % below; }
    std::string Name() { return std::string(1, static_cast<char>('a' + Draw(5))); }
    /// The root or the one directory; gives the lookup back when the step ends.
    NodeId Parent() {
      if (Draw(2) == 0) return NodeId::kRoot;
      const auto entry = mount_.Lookup("dir");
      if (!entry) return NodeId::kRoot;
      taken_.push_back(entry->node);
      return entry->node;
    }
    void Take(const Result<NodeEntry>& entry) {
      if (entry) taken_.push_back(entry->node);
    }

    void Step() {
      const NodeId parent = Parent();
      switch (Draw(9)) {
        case 0:
        case 1: Write(parent); break;
        case 2:
        case 3: Read(parent); break;
        case 4: static_cast<void>(fs().Unlink({}, parent, Name())); break;
        case 5: static_cast<void>(fs().Rename({}, parent, Name(), Parent(), Name(), false)); break;
        case 6: List(parent); break;
        case 7: Chmod(parent); break;
        case 8: Directory(); break;
        default: break;
      }
      for (const NodeId node : taken_) fs().Forget(node, 1);
      taken_.clear();
    }

    void Write(NodeId parent) {
      const std::string name = Name();
      const auto created = fs().Create({}, mount_.caller, parent, name, 0644, O_CREAT | O_WRONLY | O_TRUNC);
      if (!created) return;
      taken_.push_back(created->entry.node);
      const std::string content(kSize, static_cast<char>('A' + Draw(26)));
      static_cast<void>(mount_.Write(created->file.handle, 0, content));
      if (Draw(4) > 0) static_cast<void>(fs().Flush({}, created->file.handle, Draw(3) > 0));
      fs().Release(created->file.handle);
    }

    void Read(NodeId parent) {
      const auto entry = mount_.Lookup(Name(), parent);
      if (!entry) return;
      taken_.push_back(entry->node);
      const auto opened = fs().Open({}, mount_.caller, entry->node, O_RDONLY);
      if (!opened) return;
      static_cast<void>(mount_.Read(opened->handle));
      fs().Release(opened->handle);
    }

    void List(NodeId parent) {
      const auto handle = fs().OpenDirectory({}, parent);
      if (!handle) return;
      static_cast<void>(fs().ReadDirectory({}, *handle, 0, true, [&](const DirectoryEntry& entry) {
        if (entry.entry) taken_.push_back(entry.entry->node);
        return true;
      }));
      fs().ReleaseDirectory(*handle);
    }

    void Chmod(NodeId parent) {
      const auto entry = mount_.Lookup(Name(), parent);
      Take(entry);
      if (entry) static_cast<void>(mount_.Chmod(entry->node, Draw(2) == 0 ? 0600 : 0644));
    }

    void Directory() {
      if (Draw(2) == 0) {
        Take(fs().MakeDirectory({}, mount_.caller, NodeId::kRoot, "dir", 0755));
      } else if (Draw(2) == 0) {
        static_cast<void>(fs().RemoveDirectory({}, NodeId::kRoot, "dir"));
      } else {
        static_cast<void>(fs().Rename({}, NodeId::kRoot, "dir", NodeId::kRoot, "other", false));
        static_cast<void>(fs().Rename({}, NodeId::kRoot, "other", NodeId::kRoot, "dir", false));
      }
    }

    TestMount& mount_;
    std::mt19937_64 engine_;
    std::vector<NodeId> taken_;
  };

  void RunAll(const std::vector<TestMount*>& mounts) {
    std::vector<Thread> threads;
    threads.reserve(kThreads);
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back("stress", [&, t] { Program(*mounts[t % mounts.size()], t + 1).Run(); });
    }
    threads.clear();
  }

  void ExpectNothingIsLeft(TestMount& mount) {
    EXPECT_TRUE(mount.cache().Drain({}).has_value());
    EXPECT_EQ(mount.cache().statistics().dirty_bytes, 0U);
    // Each call lets go of a few nodes whose uploads have ended; a pool's thread may be about to.
    const SystemClock clock;
    const MonotonicTime end = clock.Now() + std::chrono::seconds(10);
    while (mount.fs().nodes() > 1 && clock.Now() < end) {
      clock_.Advance(std::chrono::seconds(1));
      mount.fs().Forget(NodeId{0}, 1);
    }
    EXPECT_EQ(mount.fs().handles(), 0U);
    EXPECT_EQ(mount.fs().nodes(), 1U);
    EXPECT_EQ(store_.open_uploads(), 0U);
  }

  /// An upload never catches a write half way, and never mixes two versions.
  void ExpectWholeContents() {
    for (const ObjectKey& key : store_.Keys()) {
      const std::string content = Content(key);
      if (content.empty()) continue;
      EXPECT_EQ(content, std::string(kSize, content.front())) << key;
    }
  }
};

TEST_F(StressTest, Pitfall44_ThreadsOnFewNamesLeaveNothingBehind) {
  RunAll({mount_.get()});
  ExpectNothingIsLeft(*mount_);
  ExpectWholeContents();
}

TEST_F(StressTest, Pitfall44_WithAZeroTtlAndAnotherMount) {
  options_.ttl = Duration(0);
  Mount();
  const auto other = AnotherMount();
  RunAll({mount_.get(), other.get()});
  ExpectNothingIsLeft(*mount_);
  ExpectNothingIsLeft(*other);
  ExpectWholeContents();
}

}  // namespace
}  // namespace cosfuse
