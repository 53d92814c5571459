#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/fake_clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/thread.h"
#include "cache/fake_disk.h"
#include "cache/file_cache.h"
#include "cache/recovery.h"
#include "cos/fake_object_store.h"
#include "cos/faulty_object_store.h"
#include "fs/bucket_file_system.h"

namespace cosfuse {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Holds the requests for objects whose keys begin so, until it is opened.
class PutGate {
 public:
  void Hold(std::string prefix) {
    MutexLock lock(mutex_);
    held_ = std::move(prefix);
  }
  void Open() {
    MutexLock lock(mutex_);
    held_.reset();
    changed_.NotifyAll();
  }
  void Pass(StoreOperation operation, const ObjectKey& key) {
    MutexLock lock(mutex_);
    if (operation != StoreOperation::kPut) return;
    ++waiting_;
    most_ = std::max(most_, waiting_);
    changed_.NotifyAll();
    while (held_ && key.starts_with(*held_)) changed_.Wait(mutex_);
    --waiting_;
  }
  void WaitFor(int puts) {
    MutexLock lock(mutex_);
    while (waiting_ < puts) changed_.Wait(mutex_);
  }
  int most() const {
    MutexLock lock(mutex_);
    return most_;
  }

 private:
  mutable Mutex mutex_;
  CondVar changed_;
  std::optional<std::string> held_ GUARDED_BY(mutex_);
  int waiting_ GUARDED_BY(mutex_) = 0;
  int most_ GUARDED_BY(mutex_) = 0;
};

/// A mount whose closes are promises, over a bucket and a disk that survive it.
class LeftAdoptionTest : public ::testing::Test {
 protected:
  LeftAdoptionTest() {
    options_.close_promises = true;
    options_.barrier_names = NamePatterns::Parse("_SUCCESS").value_or(NamePatterns());
    faulty_.SetHook([this](StoreOperation operation, const ObjectKey& key) { gate_.Pass(operation, key); });
    Start();
  }
  ~LeftAdoptionTest() override {
    gate_.Open();
    End();
  }

  void Start() {
    auto recovered = RecoverCacheDirectory(disk_, {.store = "https://s3/bucket", .boot_id = "boot"}, clock_.WallNow());
    ASSERT_TRUE(recovered) << recovered.error().ToString();
    recovered_ = *std::move(recovered);
    cache_ = MakeFileCache({}, faulty_, disk_, clock_, random_, recovered_.journal.get());
    size_t unreadable = 0;
    auto left = RestoreLeft(*cache_, recovered_.uploads, unreadable);
    ASSERT_EQ(unreadable, 0U);
    fs_ = std::make_unique<BucketFileSystem>(options_, faulty_, *cache_, clock_, recovered_.journal.get());
    fs_->AdoptLeft({.files = std::move(left), .moves = recovered_.moves, .removals = recovered_.removals});
    cache_->StoreLeft();
  }
  void End() {
    fs_.reset();
    cache_.reset();
    recovered_ = {};
  }

  /// Files are closed, and the process ends before any of them is stored.
  void Leave(const std::vector<std::pair<std::string, std::string>>& files) {
    std::vector<HandleId> handles;
    handles.reserve(files.size());
    for (const auto& [path, content] : files) handles.push_back(MustWrite(path, content));
    faulty_.StopAnswering();
    for (const HandleId handle : handles) MustClose(handle);
    End();
    faulty_.Answer();
    store_.ForgetOperations();
  }
  /// What was left waits at the gate.
  void StartHeld(const std::string& prefix = "") {
    gate_.Hold(prefix);
    Start();
  }
  void StoreAll() {
    gate_.Open();
    const auto drained = cache_->Drain({});
    EXPECT_TRUE(drained) << drained.error().ToString();
  }

  Result<NodeEntry> Walk(std::string_view path) {
    NodeId parent = NodeId::kRoot;
    for (;;) {
      const size_t slash = path.find('/');
      auto entry = fs_->Lookup({}, parent, path.substr(0, slash));
      if (!entry || slash == std::string_view::npos) return entry;
      parent = entry->node;
      path.remove_prefix(slash + 1);
    }
  }
  NodeId Node(std::string_view path) {
    const auto entry = Walk(path);
    EXPECT_TRUE(entry) << path << ": " << entry.error().ToString();
    return entry ? entry->node : NodeId{};
  }
  HandleId MustWrite(const std::string& path, std::string_view content) {
    const size_t slash = path.rfind('/');
    const NodeId parent = slash == std::string::npos ? NodeId::kRoot : Node(path.substr(0, slash));
    const std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
    const auto created = fs_->Create({}, caller_, parent, name, 0640, O_WRONLY | O_CREAT | O_TRUNC);
    EXPECT_TRUE(created) << path << ": " << created.error().ToString();
    if (!created) return {};
    EXPECT_TRUE(fs_->Write({}, created->file.handle, 0, AsBytes(content)));
    return created->file.handle;
  }
  void MustClose(HandleId handle) {
    const auto flushed = fs_->Flush({}, handle, true);
    EXPECT_TRUE(flushed) << flushed.error().ToString();
    fs_->Release(handle);
  }
  std::string Read(std::string_view path) {
    const auto opened = fs_->Open({}, caller_, Node(path), O_RDONLY);
    if (!opened) return opened.error().ToString();
    std::string out(kMiB, '?');
    const auto read = fs_->Read({}, opened->handle, 0, std::as_writable_bytes(std::span(out)));
    fs_->Release(opened->handle);
    return read ? out.substr(0, *read) : read.error().ToString();
  }
  std::vector<std::string> Names(NodeId directory) {
    std::vector<std::string> names;
    const auto handle = fs_->OpenDirectory({}, directory);
    EXPECT_TRUE(handle);
    if (!handle) return names;
    EXPECT_TRUE(fs_->ReadDirectory({}, *handle, 0, true, [&](const DirectoryEntry& entry) {
      if (entry.name != "." && entry.name != "..") names.push_back(entry.name + (S_ISDIR(entry.type) ? "/" : ""));
      return true;
    }));
    fs_->ReleaseDirectory(*handle);
    return names;
  }
  std::vector<ObjectKey> Puts() const {
    std::vector<ObjectKey> keys;
    for (const RecordedOperation& call : store_.operations()) {
      if (call.operation == StoreOperation::kPut) keys.push_back(call.key);
    }
    return keys;
  }
  std::string Content(const ObjectKey& key) { return store_.GetContent(key).value_or("no such object"); }

  const Caller caller_ = {.uid = 1000, .gid = 1000, .pid = 1, .umask = 022};
  FakeClock clock_;
  FakeObjectStore store_{clock_};
  FaultyObjectStore faulty_{store_, clock_};
  FakeDisk disk_;
  SeededRandom random_{1};
  PutGate gate_;
  FileSystemOptions options_;
  Recovered recovered_;
  std::unique_ptr<FileCache> cache_;
  std::unique_ptr<BucketFileSystem> fs_;
};

TEST_F(LeftAdoptionTest, Pitfall39_WhatWasClosedIsThereBeforeTheStoreHasIt) {
  ASSERT_TRUE(fs_->MakeDirectory({}, caller_, NodeId::kRoot, "d", 0755));
  Leave({{"d/left", "closed"}, {"top", "also"}});
  store_.RemoveObject("d/");  // Nothing but what was left says that there is such a directory.
  StartHeld();
  EXPECT_THAT(Names(NodeId::kRoot), ::testing::UnorderedElementsAre("d/", "top"));
  EXPECT_THAT(Names(Node("d")), ElementsAre("left"));
  const auto attributes = Walk("d/left")->attributes.attributes;
  EXPECT_EQ(attributes.size, 6U);
  EXPECT_EQ(attributes.mode, static_cast<mode_t>(S_IFREG | 0640));
  EXPECT_EQ(attributes.uid, 1000U);
  EXPECT_EQ(Read("d/left"), "closed");
  EXPECT_THAT(store_.Keys(), IsEmpty());
  StoreAll();
  EXPECT_THAT(store_.Keys(), ElementsAre("d/left", "top"));
  EXPECT_EQ(Read("d/left"), "closed");
}

TEST_F(LeftAdoptionTest, ManyNeedNoDescriptorsAndAreSentOnceSomeAtATime) {
  constexpr int kFiles = 300;
  std::vector<std::pair<std::string, std::string>> files;
  files.reserve(kFiles);
  for (int i = 0; i < kFiles; ++i) files.emplace_back("left" + std::to_string(i), "content " + std::to_string(i));
  Leave(files);
  StartHeld("left");
  gate_.WaitFor(16);
  EXPECT_LE(disk_.open_files(), 1U + 16U) << "the journal, and what is being sent";
  // Who writes and waits for the store meanwhile does not wait for them.
  const HandleId fresh = MustWrite("new", "written meanwhile");
  EXPECT_TRUE(fs_->Fsync({}, fresh));
  EXPECT_EQ(Content("new"), "written meanwhile");
  MustClose(fresh);
  EXPECT_EQ(Read("left299"), "content 299");
  EXPECT_LE(gate_.most(), 16 + 1);
  StoreAll();
  for (const auto& [key, content] : files) EXPECT_EQ(Content(key), content);
  EXPECT_EQ(Puts().size(), kFiles + 1U);
  EXPECT_EQ(store_.Keys().size(), kFiles + 1U);
  // What is stored does not come back.
  for (const ObjectKey& key : store_.Keys()) store_.RemoveObject(key);
  End();
  Start();
  EXPECT_TRUE(recovered_.uploads.empty());
  EXPECT_THAT(Names(NodeId::kRoot), IsEmpty());
}

TEST_F(LeftAdoptionTest, AnotherEndInBetweenLosesNothingAndSendsNothingTwice) {
  std::vector<std::pair<std::string, std::string>> files;
  files.reserve(40);
  for (int i = 0; i < 40; ++i) files.emplace_back("f" + std::to_string(i), "content " + std::to_string(i));
  Leave(files);
  StartHeld("f1");
  gate_.WaitFor(1);
  faulty_.StopAnswering();
  gate_.Open();
  End();
  faulty_.Answer();
  Start();
  StoreAll();
  for (const auto& [key, content] : files) EXPECT_EQ(Content(key), content);
  auto puts = Puts();
  std::ranges::sort(puts);
  EXPECT_TRUE(std::ranges::adjacent_find(puts) == puts.end());
  EXPECT_EQ(store_.Keys().size(), files.size());
}

TEST_F(LeftAdoptionTest, WhoWritesToOneGoesOnFromWhatWasClosed) {
  Leave({{"f", "closed"}});
  StartHeld();
  const auto opened = fs_->Open({}, caller_, Node("f"), O_WRONLY);
  ASSERT_TRUE(opened) << opened.error().ToString();
  ASSERT_TRUE(fs_->Write({}, opened->handle, 6, AsBytes(" and on")));
  EXPECT_EQ(Read("f"), "closed and on");
  MustClose(opened->handle);
  StoreAll();
  EXPECT_EQ(Content("f"), "closed and on");
  EXPECT_THAT(store_.Keys(), ElementsAre("f"));
}

TEST_F(LeftAdoptionTest, WhoTruncatesOneReplacesIt) {
  Leave({{"f", "closed"}});
  StartHeld();
  MustClose(MustWrite("f", "new"));
  EXPECT_EQ(Read("f"), "new");
  StoreAll();
  EXPECT_EQ(Content("f"), "new");
  EXPECT_THAT(store_.Keys(), ElementsAre("f"));
}

TEST_F(LeftAdoptionTest, ANameIsTaken) {
  ASSERT_TRUE(fs_->MakeDirectory({}, caller_, NodeId::kRoot, "d", 0755));
  Leave({{"f", "closed"}, {"d/g", "closed, too"}});
  store_.RemoveObject("d/");
  StartHeld();
  const auto exclusive = fs_->Create({}, caller_, NodeId::kRoot, "f", 0644, O_WRONLY | O_CREAT | O_EXCL);
  ASSERT_FALSE(exclusive);
  EXPECT_EQ(exclusive.error().code(), ErrorCode::kAlreadyExists);
  for (const std::string name : {"f", "d"}) {
    const auto made = fs_->MakeDirectory({}, caller_, NodeId::kRoot, name, 0755);
    ASSERT_FALSE(made) << name;
    EXPECT_EQ(made.error().code(), ErrorCode::kAlreadyExists) << name;
  }
  const auto removed = fs_->RemoveDirectory({}, NodeId::kRoot, "d");
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code(), ErrorCode::kNotEmpty);
  StoreAll();
  EXPECT_THAT(store_.Keys(), ElementsAre("d/g", "f"));
}

TEST_F(LeftAdoptionTest, WhatIsUnlinkedNeverComesBack) {
  Leave({{"f", "closed"}, {"g", "stays"}});
  StartHeld();
  // Who gives up waiting has changed nothing.
  const auto cancelled = std::make_shared<Cancellation>();
  cancelled->Cancel();
  EXPECT_FALSE(fs_->Unlink(OpContext().WithCancellation(cancelled), NodeId::kRoot, "f"));
  EXPECT_EQ(Read("f"), "closed");
  gate_.Open();
  const auto removed = fs_->Unlink({}, NodeId::kRoot, "f");
  EXPECT_TRUE(removed) << removed.error().ToString();
  StoreAll();
  End();
  Start();
  StoreAll();
  EXPECT_THAT(store_.Keys(), ElementsAre("g"));
  EXPECT_THAT(Names(NodeId::kRoot), ElementsAre("g"));
}

TEST_F(LeftAdoptionTest, ARenamedOneIsStoredUnderItsNewName) {
  Leave({{"f", "closed"}});
  gate_.Hold("f");
  Start();
  {
    Thread opener("opener", [this] {
      gate_.WaitFor(1);
      gate_.Open();
    });
    const auto renamed = fs_->Rename({}, NodeId::kRoot, "f", NodeId::kRoot, "g", false);
    EXPECT_TRUE(renamed) << renamed.error().ToString();
    gate_.Open();
    opener.Join();
  }
  EXPECT_EQ(Read("g"), "closed");
  StoreAll();
  EXPECT_THAT(store_.Keys(), ElementsAre("g"));
  EXPECT_EQ(Content("g"), "closed");
}

TEST_F(LeftAdoptionTest, OneThatIsReplacedByARenameIsGone) {
  Leave({{"f", "closed"}});
  store_.SetObject("other", "another program's");
  Start();
  const auto renamed = fs_->Rename({}, NodeId::kRoot, "other", NodeId::kRoot, "f", false);
  EXPECT_TRUE(renamed) << renamed.error().ToString();
  StoreAll();
  EXPECT_THAT(store_.Keys(), ElementsAre("f"));
  EXPECT_EQ(Content("f"), "another program's");
  EXPECT_EQ(Read("f"), "another program's");
}

TEST_F(LeftAdoptionTest, ADirectoryTakesThemAlongWhenItIsRenamed) {
  ASSERT_TRUE(fs_->MakeDirectory({}, caller_, NodeId::kRoot, "d", 0755));
  Leave({{"d/f", "closed"}});
  Start();
  const auto renamed = fs_->Rename({}, NodeId::kRoot, "d", NodeId::kRoot, "e", false);
  EXPECT_TRUE(renamed) << renamed.error().ToString();
  StoreAll();
  EXPECT_EQ(Read("e/f"), "closed");
  EXPECT_THAT(store_.Keys(), ElementsAre("e/", "e/f"));
}

TEST_F(LeftAdoptionTest, Pitfall39_AttributesThatItIsGivenSurviveTheNextEndAsWell) {
  for (const bool under_way : {false, true}) {
    std::vector<std::pair<std::string, std::string>> files = {{"f", "closed"}};
    // More than are sent at once go before it.
    for (int i = 0; !under_way && i < 40; ++i) files.emplace(files.begin(), "a" + std::to_string(i), "first");
    Leave(files);
    faulty_.StopAnswering();
    Start();
    while (faulty_.hanging() == 0) sched_yield();
    ASSERT_TRUE(fs_->SetAttributes({}, caller_, Node("f"), std::nullopt, {.permissions = 0600}));
    End();
    faulty_.Answer();
    Start();
    EXPECT_EQ(Walk("f")->attributes.attributes.mode, static_cast<mode_t>(S_IFREG | 0600)) << under_way;
    StoreAll();
    EXPECT_EQ(store_.GetInfo("f")->metadata.user.at("mode"), std::to_string(S_IFREG | 0600)) << under_way;
    ASSERT_TRUE(fs_->Unlink({}, NodeId::kRoot, "f"));
  }
}

TEST_F(LeftAdoptionTest, Pitfall40_AnotherProgramsVersionKeepsTheNameAndNoByteIsLost) {
  for (const bool seen_before : {true, false}) {
    SCOPED_TRACE(seen_before);
    const std::string name = seen_before ? "seen" : "unseen";
    Leave({{name, "closed here"}});
    store_.SetObject(name, "another program's");
    StartHeld();
    if (seen_before) {
      EXPECT_EQ(Read(name), "closed here");
    }
    StoreAll();
    EXPECT_EQ(Content(name), "another program's");
    std::vector<ObjectKey> siblings;
    for (const ObjectKey& key : store_.Keys()) {
      if (key.starts_with(name + ".conflict-")) siblings.push_back(key);
    }
    ASSERT_EQ(siblings.size(), 1U);
    EXPECT_EQ(Content(siblings[0]), "closed here");
    // As the kernel does: what is stale is looked up again.
    const std::string shown = Read(name);
    EXPECT_EQ(shown == "another program's" ? shown : Read(name), "another program's");
  }
}

TEST_F(LeftAdoptionTest, WhatSaysThatOthersAreCompleteComesAfterThem) {
  std::vector<std::pair<std::string, std::string>> files = {{"empty", ""}, {"_SUCCESS", "all of them"}};
  for (int i = 0; i < 30; ++i) files.emplace_back("data" + std::to_string(i), "bytes");
  Leave(files);
  Start();
  // Whoever waits for all of them by fsync or at the end of the mount asks for no order.
  while (store_.Keys().size() < files.size()) sched_yield();
  const auto puts = Puts();
  ASSERT_EQ(puts.size(), files.size());
  EXPECT_THAT(std::vector(puts.end() - 2, puts.end()), ::testing::UnorderedElementsAre("empty", "_SUCCESS"));
}

TEST_F(LeftAdoptionTest, Pitfall39_FilesThatProgramsEmptyBeforeTheirTurnHoldUpNobody) {
  std::vector<std::pair<std::string, std::string>> files;
  files.reserve(60);
  for (int i = 10; i < 70; ++i) files.emplace_back("f" + std::to_string(i), "bytes");
  Leave(files);
  StartHeld();
  gate_.WaitFor(1);
  // More than have a turn at a time. An empty file waits for all that were closed before, also for those behind it.
  for (int i = 30; i < 60; ++i) MustClose(MustWrite("f" + std::to_string(i), ""));
  gate_.Open();
  SystemClock clock;
  for (int i = 0; i < 3000 && store_.Keys().size() < files.size(); ++i) {
    static_cast<void>(clock.Sleep({}, std::chrono::milliseconds(10)));
  }
  EXPECT_EQ(Content("f69"), "bytes");
  EXPECT_EQ(Content("f30"), "");
}

/// What is removed goes from the store after what was closed before.
class LeftOrderTest : public LeftAdoptionTest {
 protected:
  LeftOrderTest() {
    for (const char* const key : {"removed", "first"}) store_.SetObject(key, "x");
    clock_.Advance(std::chrono::seconds(5));
  }
  ~LeftOrderTest() override {
    gate_.Open();
    End();
  }
  void Unlink(const std::string& name) {
    EXPECT_TRUE(fs_->Lookup({}, NodeId::kRoot, name));
    const auto unlinked = fs_->Unlink({}, NodeId::kRoot, name);
    EXPECT_TRUE(unlinked) << unlinked.error().ToString();
  }
  /// From here on the store does not get it before `closed`.
  void Watch(const std::string& closed) {
    faulty_.SetHook([this, closed](StoreOperation operation, const ObjectKey& key) {
      gate_.Pass(operation, key);
      if (operation != StoreOperation::kDelete || key != "removed") return;
      too_early_ = !store_.GetContent(closed);
      deleted_ = true;
    });
  }
  /// Time enough for a DELETE that does not wait; none where it does.
  void OpenTheGate() {
    SystemClock clock;
    for (int i = 0; i < 200 && !deleted_; ++i) static_cast<void>(clock.Sleep({}, std::chrono::microseconds(100)));
    gate_.Open();
  }

  /// A removal and a barrier before it are left to a mount whose closes are promises, or are not.
  void LeaveARemoval(bool promises) {
    Unlink("first");
    EXPECT_TRUE(fs_->Lookup({}, NodeId::kRoot, "removed"));
    const HandleId handle = MustWrite("_SUCCESS", "all of them");
    faulty_.StopAnswering();
    MustClose(handle);
    EXPECT_TRUE(fs_->Unlink({}, NodeId::kRoot, "removed"));
    End();
    faulty_.Answer();
    EXPECT_EQ(Content("removed"), "x");
    options_.close_promises = promises;
    Watch("_SUCCESS");
    StartHeld("_SUCCESS");
    OpenTheGate();
    const auto removed = fs_->FinishRemovals({});
    EXPECT_TRUE(removed) << removed.error().ToString();
    EXPECT_TRUE(deleted_);
    EXPECT_FALSE(too_early_);
  }

  std::atomic<bool> deleted_ = false;
  std::atomic<bool> too_early_ = false;
};

TEST_F(LeftOrderTest, Pitfall39_AMountWhoseClosesWaitForTheStoreWaitsForWhatWasLeftAsWell) {
  Leave({{"closed", "bytes"}});
  options_.close_promises = false;
  Watch("closed");
  StartHeld("closed");
  Thread opener("opener", [this] { OpenTheGate(); });
  Unlink("removed");
  opener.Join();
  EXPECT_TRUE(deleted_);
  EXPECT_FALSE(too_early_);
}

TEST_F(LeftOrderTest, Pitfall39_FsyncOfADirectoryWaitsForWhatWasLeftInAMountWhoseClosesWait) {
  Leave({{"closed", "bytes"}});
  options_.close_promises = false;
  StartHeld("closed");
  Thread opener("opener", [this] { OpenTheGate(); });
  const auto root = fs_->OpenDirectory({}, NodeId::kRoot);
  ASSERT_TRUE(root);
  EXPECT_TRUE(fs_->FsyncDirectory({}, *root));
  EXPECT_EQ(Content("closed"), "bytes");
  fs_->ReleaseDirectory(*root);
  opener.Join();
}

TEST_F(LeftOrderTest, Pitfall39_ARemovalThatWasLeftDoesNotOvertakeWhatSaysThatOthersAreComplete) {
  LeaveARemoval(true);
}

TEST_F(LeftOrderTest, Pitfall39_NorDoesItInAMountWhoseClosesWait) { LeaveARemoval(false); }

}  // namespace
}  // namespace cosfuse
