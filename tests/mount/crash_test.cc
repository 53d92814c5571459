#include <unistd.h>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

/// A mount that is killed, and `cosfuse recover` beside it.
class CrashTest : public MountTest {
 protected:
  CommandResult Recover(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {COSFUSE_BINARY, "recover"});
    arguments.insert(arguments.end(), {"--cache-dir", mount_.cache_directory()});
    return RunCommand(arguments, emulator_.PodEnvironment());
  }
  void KillAndRestart() {
    mount_.Kill();
    mount_.Restart();
  }
  /// The only entry that waits.
  std::string Entry() {
    const CommandResult list = Recover({"list"});
    EXPECT_EQ(list.status.code, 0) << list.errors;
    const size_t begin = list.output.find("\n  ");
    if (begin == std::string::npos) return {};
    return list.output.substr(begin + 3, list.output.find(' ', begin + 3) - begin - 3);
  }
};

TEST_F(CrashTest, Pitfall39_WhatWasWrittenAndNotClosedWaitsForAPerson) {
  const std::string content = PatternBytes(300'000, 1);
  {
    const FileDescriptor fd = MustOpen(Path("results.csv"), O_WRONLY | O_CREAT);
    MustWrite(fd, content);
    mount_.Kill();
  }
  mount_.Restart();
  EXPECT_TRUE(Eventually([&] { return mount_.Log().find("cosfuse recover list") != std::string::npos; }))
      << mount_.Log();
  // It is not sent as if the program had finished it.
  EXPECT_EQ(StatErrno(Path("results.csv")), ENOENT);

  const std::string entry = Entry();
  ASSERT_NE(entry, "");
  EXPECT_NE(Recover({"list"}).output.find("results.csv"), std::string::npos);
  const TemporaryDirectory out;
  const CommandResult exported = Recover({"export", entry, out.path() + "/file"});
  EXPECT_EQ(exported.status.code, 0) << exported.errors;
  EXPECT_TRUE(ReadWholeFile(out.path() + "/file") == content);
  EXPECT_TRUE(Recover({"export", entry, "-"}).output == content);
  // Nothing that is there is replaced.
  EXPECT_EQ(Recover({"export", entry, out.path() + "/file"}).status.code, 1);

  const CommandResult uploaded = Recover({"upload", entry});
  EXPECT_EQ(uploaded.status.code, 0) << uploaded.errors;
  EXPECT_EQ(uploaded.output, "stored as results.csv\n");
  EXPECT_TRUE(emulator_.FetchObject("results.csv").body == content);
  EXPECT_EQ(Recover({"list"}).output, "nothing waits\n");
}

TEST_F(CrashTest, AnEditThatWasNotClosedIsWholeWithTheVersionItWasMadeOn) {
  std::string content = PatternBytes(200'000, 2);
  WriteWholeFile(Path("f"), content);
  {
    const FileDescriptor fd = MustOpen(Path("f"), O_WRONLY);
    ASSERT_EQ(pwrite(fd.get(), "edited", 6, 100'000), 6);
    ASSERT_EQ(ftruncate(fd.get(), 150'000), 0);
    mount_.Kill();
  }
  mount_.Restart();
  EXPECT_TRUE(ReadWholeFile(Path("f")) == content);
  const std::string entry = Entry();
  ASSERT_NE(entry, "");
  content.replace(100'000, 6, "edited");
  content.resize(150'000);
  EXPECT_TRUE(Recover({"export", entry, "-"}).output == content);
  // Another program is faster: its version stays, and what waited goes beside it.
  emulator_.PutObject("f", "another program's");
  const CommandResult uploaded = Recover({"upload", entry});
  EXPECT_EQ(uploaded.status.code, 0) << uploaded.errors;
  EXPECT_NE(uploaded.output.find("f.conflict-"), std::string::npos) << uploaded.output;
  EXPECT_EQ(emulator_.FetchObject("f").body, "another program's");
  EXPECT_EQ(Recover({"list"}).output, "nothing waits\n");
}

TEST_F(CrashTest, WhatWasClosedIsInTheBucketAndNothingWaits) {
  for (int i = 0; i < 20; ++i) WriteWholeFile(Path("f" + std::to_string(i)), PatternBytes(5000, i));
  KillAndRestart();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(ReadWholeFile(Path("f" + std::to_string(i))) == PatternBytes(5000, i));
  EXPECT_EQ(Recover({"list"}).output, "nothing waits\n");
}

TEST_F(CrashTest, AnEntryIsThereUntilItIsDiscarded) {
  {
    const FileDescriptor fd = MustOpen(Path("f"), O_WRONLY | O_CREAT);
    MustWrite(fd, "written");
    mount_.Kill();
  }
  mount_.Restart();
  const std::string entry = Entry();
  ASSERT_NE(entry, "");
  KillAndRestart();
  EXPECT_EQ(Entry(), entry);
  EXPECT_EQ(Recover({"discard", "no-such-entry"}).status.code, 1);
  EXPECT_EQ(Recover({"discard", entry}).status.code, 0);
  EXPECT_EQ(Recover({"discard", entry}).status.code, 1);
  EXPECT_EQ(Recover({"list"}).output, "nothing waits\n");
  KillAndRestart();
  EXPECT_EQ(mount_.Log().find("cosfuse recover list"), std::string::npos) << mount_.Log();
}

TEST_F(CrashTest, Pitfall48_AnUploadInPartsThatAKillLeftOpenIsAborted) {
  emulator_.Post("latency?ms=300");
  {
    const FileDescriptor fd = MustOpen(Path("large"), O_WRONLY | O_CREAT);
    for (int i = 0; i < 48; ++i) MustWrite(fd, PatternBytes(kMiB, i));
    ASSERT_TRUE(Eventually([&] { return emulator_.RequestCount("UploadPart") > 0; }));
    mount_.Kill();
  }
  emulator_.Post("latency?ms=0");
  mount_.Restart();
  EXPECT_TRUE(Eventually([&] { return emulator_.RequestCount("AbortMultipartUpload") == 1; }));
}

TEST(RecoverTest, AJournalThatCannotBeReadIsNotNothing) {
  const TemporaryDirectory cache;
  ASSERT_EQ(mkdir((cache.path() + "/journal").c_str(), 0700), 0);
  const CommandResult listed = RunCommand({COSFUSE_BINARY, "recover", "list", "--cache-dir", cache.path()});
  EXPECT_NE(listed.status.code, 0);
  EXPECT_EQ(listed.output.find("nothing waits"), std::string::npos) << listed.output;
  EXPECT_NE(listed.errors.find(cache.path()), std::string::npos) << listed.errors;
}

}  // namespace
}  // namespace cosfuse::testing
