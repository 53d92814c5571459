#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

/// Names that are removed before the bucket knows.
class RemovalTest : public MountTest {
 protected:
  RemovalTest() {
    // The first unlink of a mount waits.
    WriteWholeFile(Path("first"), "");
    EXPECT_EQ(unlink(Path("first").c_str()), 0);
  }
  bool IsGone(const std::string& key) { return emulator_.FetchObject(key).status == 404; }
  void SyncRoot() {
    const FileDescriptor root = MustOpen(mount_.mountpoint(), O_RDONLY | O_DIRECTORY);
    EXPECT_EQ(fsync(root.get()), 0);
  }
};

TEST_F(TrustingMountTest, ManyRemovalsOfKnownFilesCostFewRequests) {
  constexpr int kFiles = 600;
  for (int i = 0; i < kFiles; ++i) emulator_.PutObject("d/f" + std::to_string(i), "x");
  // What is known of them is known for ten minutes; the first removal of a mount waits.
  ASSERT_EQ(RunShell("ls -l d && rm d/f0", mount_.mountpoint()).status.code, 0);
  emulator_.Post("latency?ms=20");
  emulator_.ResetCounters();
  ASSERT_EQ(RunShell("rm -r d", mount_.mountpoint()).status.code, 0);
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>());
  EXPECT_EQ(StatErrno(Path("d")), ENOENT);
  // Each would take one for each name, and a look before it.
  EXPECT_LT(emulator_.RequestCount("DeleteObject") + emulator_.RequestCount("DeleteObjects"), kFiles / 4);
  EXPECT_LT(emulator_.RequestCount("HeadObject") + emulator_.RequestCount("ListObjectsV2"), kFiles / 4);
}

TEST_F(RemovalTest, Pitfall39_WhatWasUnlinkedBeforeAKillStaysAwayAndIsRemoved) {
  for (const char* const name : {"a", "b", "c"}) WriteWholeFile(Path(name), "content");
  emulator_.Post("fault?op=DeleteObject&status=503&rate=1");
  emulator_.Post("fault?op=DeleteObjects&status=503&rate=1");
  for (const char* const name : {"a", "b", "c"}) ASSERT_EQ(unlink(Path(name).c_str()), 0);
  mount_.Kill();
  // Another client has put something under one of the names.
  emulator_.PutObject("b", "of another");
  EXPECT_FALSE(IsGone("a"));
  mount_.Restart();
  EXPECT_EQ(StatErrno(Path("a")), ENOENT);
  EXPECT_EQ(ReadWholeFile(Path("b")), "of another");
  emulator_.Post("fault/clear");
  SyncRoot();
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>{"b"});
  EXPECT_EQ(emulator_.FetchObject("b").body, "of another");
}

TEST_F(RemovalTest, Pitfall25_FilesThatAnotherMountMakesUnderTheNameStay) {
  const MountProcess other(emulator_, {"--ttl", "0"});
  const int rounds = LongCampaign() ? 500 : 12;
  emulator_.Post("latency?ms=5");
  // The DELETEs of this mount are late, answered for and not carried out, or carried out and not answered for.
  emulator_.Post("fault?op=DeleteObject&status=503&rate=0.3&seed=1");
  emulator_.Post("fault?op=DeleteObject&kind=reset-after&rate=0.3&seed=2");
  for (int round = 0; round < rounds; ++round) {
    const std::string name = "f" + std::to_string(round % 3);
    const std::string text = "round " + std::to_string(round);
    WriteWholeFile(Path(name), "old");
    ASSERT_EQ(unlink(Path(name).c_str()), 0);
    // What it sees is gone; from then on the name is its own.
    ASSERT_TRUE(Eventually([&] { return StatErrno(other.Path(name)) == ENOENT; }));
    WriteWholeFile(other.Path(name), text);
    SyncRoot();
    ASSERT_EQ(emulator_.FetchObject(name).body, text) << round;
    ASSERT_EQ(unlink(other.Path(name).c_str()), 0);
    const FileDescriptor there = MustOpen(other.mountpoint(), O_RDONLY | O_DIRECTORY);
    ASSERT_EQ(fsync(there.get()), 0);
    ASSERT_TRUE(Eventually([&] { return StatErrno(Path(name)) == ENOENT; }));
  }
}

TEST_F(RemovalTest, NamesComeBackWhereTheStoreRefuses) {
  WriteWholeFile(Path("f"), "content");
  emulator_.Post("fault?op=DeleteObject&status=403&code=AccessDenied&rate=1");
  ASSERT_EQ(unlink(Path("f").c_str()), 0);
  const FileDescriptor root = MustOpen(mount_.mountpoint(), O_RDONLY | O_DIRECTORY);
  EXPECT_EQ(ErrnoOf(fsync(root.get())), EACCES) << mount_.Log();
  EXPECT_EQ(fsync(root.get()), 0);
  EXPECT_TRUE(Eventually([&] { return StatErrno(Path("f")) == 0; }));
  EXPECT_EQ(ReadWholeFile(Path("f")), "content");
  EXPECT_EQ(ErrnoOf(unlink(Path("f").c_str())), EACCES) << "from here on it waits";
}

TEST_F(RemovalTest, AnUnmountFinishesThem) {
  for (int i = 0; i < 50; ++i) WriteWholeFile(Path("f" + std::to_string(i)), "content");
  emulator_.Post("latency?ms=20");
  for (int i = 0; i < 50; ++i) ASSERT_EQ(unlink(Path("f" + std::to_string(i)).c_str()), 0);
  EXPECT_EQ(mount_.Terminate().code, 0);
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>());
}

}  // namespace
}  // namespace cosfuse::testing
