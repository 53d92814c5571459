#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <sstream>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

/// A mount whose closes return when the bytes are safe on the local disk.
class JournalTest : public ::testing::Test {
 protected:
  explicit JournalTest(const std::string& max_delay = "5")
      : mount_(emulator_, {}, {{"COSFUSE_DURABILITY", "journal"}, {"COSFUSE_MAX_DELAY", max_delay}}) {}

  std::string Path(const std::string& name) const { return mount_.Path(name); }
  void KillAndRestart() {
    mount_.Kill();
    mount_.Restart();
  }
  bool IsStored(const std::string& key, const std::string& content) {
    const auto answer = emulator_.FetchObject(key);
    return answer.status == 200 && answer.body == content;
  }

  EmulatorProcess emulator_;
  MountProcess mount_;
};

TEST_F(JournalTest, ACloseReturnsBeforeTheObjectIsThereAndTheObjectFollows) {
  emulator_.Post("fault?op=PutObject&status=503&rate=1");
  WriteWholeFile(Path("f"), "closed");
  EXPECT_EQ(emulator_.FetchObject("f").status, 404);
  EXPECT_EQ(ReadWholeFile(Path("f")), "closed");
  emulator_.Post("fault/clear");
  EXPECT_TRUE(Eventually([&] { return IsStored("f", "closed"); }));
}

TEST_F(JournalTest, Pitfall39_WhatWasClosedSurvivesTheProcess) {
  const std::string large = PatternBytes(3 * kMiB, 1);
  emulator_.Post("fault?op=PutObject&status=503&rate=1");
  WriteWholeFile(Path("small"), "closed");
  WriteWholeFile(Path("large"), large);
  WriteWholeFile(Path("empty"), "");
  mount_.Kill();
  emulator_.Post("fault/clear");
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>());
  mount_.Restart();
  EXPECT_EQ(ReadWholeFile(Path("small")), "closed");
  EXPECT_TRUE(Eventually([&] { return IsStored("empty", ""); }));
  EXPECT_TRUE(IsStored("small", "closed"));
  EXPECT_TRUE(IsStored("large", large));
  // What has been stored does not come back.
  emulator_.DeleteObject("small");
  KillAndRestart();
  EXPECT_EQ(emulator_.FetchObject("small").status, 404);
}

TEST_F(JournalTest, ATemporaryFileThatIsRenamedIsOneUploadUnderItsLastName) {
  WriteWholeFile(Path("f"), "old");
  ASSERT_TRUE(Eventually([&] { return IsStored("f", "old"); }));
  emulator_.ResetCounters();
  WriteWholeFile(Path("f.tmp"), "new");
  ASSERT_EQ(chmod(Path("f.tmp").c_str(), 0640), 0);
  ASSERT_EQ(rename(Path("f.tmp").c_str(), Path("f").c_str()), 0);
  EXPECT_EQ(ReadWholeFile(Path("f")), "new");
  ASSERT_TRUE(Eventually([&] { return IsStored("f", "new"); }));
  EXPECT_EQ(MustStat(Path("f")).st_mode & 07777, 0640U);
  const auto counts = emulator_.RequestCounts();
  EXPECT_EQ(emulator_.RequestCount("PutObject"), 1U);
  EXPECT_FALSE(counts.contains("CopyObject"));
  EXPECT_FALSE(counts.contains("DeleteObject"));
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>{"f"});
}

class PatientJournalTest : public JournalTest {
 protected:
  PatientJournalTest() : JournalTest("60") {}
};

TEST_F(PatientJournalTest, WhatIsUnlinkedAtOnceIsNeverSent) {
  WriteWholeFile(Path("f"), "short-lived");
  ASSERT_EQ(unlink(Path("f").c_str()), 0);
  EXPECT_EQ(StatErrno(Path("f")), ENOENT);
  KillAndRestart();
  EXPECT_EQ(StatErrno(Path("f")), ENOENT);
  EXPECT_EQ(emulator_.RequestCount("PutObject"), 0U);
}

TEST_F(PatientJournalTest, ANameThatIsReplacedTwiceBeforeAKillHasItsLastContentAndNoConflict) {
  WriteWholeFile(Path("f"), "stored");
  const FileDescriptor directory = MustOpen(mount_.mountpoint(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(fsync(directory.get()), 0);
  emulator_.Post("fault?op=PutObject&status=503&rate=1");
  for (const std::string content : {"first", "second"}) {
    WriteWholeFile(Path("f.tmp"), content);
    ASSERT_EQ(rename(Path("f.tmp").c_str(), Path("f").c_str()), 0);
  }
  EXPECT_EQ(ReadWholeFile(Path("f")), "second");
  mount_.Kill();
  emulator_.Post("fault/clear");
  EXPECT_TRUE(IsStored("f", "stored"));
  mount_.Restart();
  EXPECT_TRUE(Eventually([&] { return IsStored("f", "second"); }));
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>{"f"});
}

TEST_F(JournalTest, WhatAMappingWritesAfterTheCloseIsStoredToo) {
  for (int i = 0; i < 5; ++i) {
    const std::string name = "mapped" + std::to_string(i);
    void* mapping = nullptr;
    {
      FileDescriptor fd = MustOpen(Path(name), O_RDWR | O_CREAT);
      MustWrite(fd, "before");
      mapping = mmap(nullptr, 6, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
      ASSERT_NE(mapping, MAP_FAILED);
    }
    std::memcpy(mapping, "after!", 6);
    ASSERT_EQ(munmap(mapping, 6), 0);
    EXPECT_TRUE(Eventually([&] { return IsStored(name, "after!"); })) << name;
  }
}

TEST_F(JournalTest, FsyncWaitsForTheStore) {
  emulator_.Post("latency?ms=200");
  {
    FileDescriptor fd = MustOpen(Path("f"), O_WRONLY | O_CREAT);
    MustWrite(fd, "synced");
    ASSERT_EQ(fsync(fd.get()), 0);
    EXPECT_TRUE(IsStored("f", "synced"));
  }
  for (int i = 0; i < 5; ++i) WriteWholeFile(Path("g" + std::to_string(i)), "synced with the directory");
  const FileDescriptor directory = MustOpen(mount_.mountpoint(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(fsync(directory.get()), 0);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(IsStored("g" + std::to_string(i), "synced with the directory"));
}

TEST_F(JournalTest, Pitfall40_AnotherProgramsChangeMeanwhileIsAConflictThatKeepsBoth) {
  WriteWholeFile(Path("f"), "base");
  ASSERT_TRUE(Eventually([&] { return IsStored("f", "base"); }));
  emulator_.Post("latency?ms=1000");
  WriteWholeFile(Path("f"), "closed here");
  mount_.Kill();
  emulator_.Post("latency?ms=0");
  emulator_.PutObject("f", "another program's");
  mount_.Restart();
  ASSERT_TRUE(Eventually([&] { return emulator_.Keys().size() == 2; }));
  EXPECT_TRUE(Eventually([&] { return ReadWholeFile(Path("f")) == "another program's"; }));
  const auto keys = emulator_.Keys();
  EXPECT_TRUE(keys[1].starts_with("f.conflict-")) << keys[1];
  EXPECT_TRUE(IsStored(keys[1], "closed here"));
}

TEST_F(PatientJournalTest, AnEmptyFileAndARemovalComeAfterWhatWasClosedEarlier) {
  WriteWholeFile(Path("old"), "to be removed");
  const FileDescriptor directory = MustOpen(mount_.mountpoint(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(fsync(directory.get()), 0);
  emulator_.Post("latency?ms=150");
  WriteWholeFile(Path("data"), "data");
  WriteWholeFile(Path("_SUCCESS"), "");
  while (emulator_.FetchObject("_SUCCESS").status != 200) {
    ASSERT_TRUE(mount_.process().running());
    PollPause();
  }
  EXPECT_TRUE(IsStored("data", "data"));
  WriteWholeFile(Path("new"), "in place of the old one");
  ASSERT_EQ(unlink(Path("old").c_str()), 0);
  EXPECT_TRUE(IsStored("new", "in place of the old one"));
}

// What a writer was told, and what is there after a kill. Plays in both modes of durability.
class KillTest : public ::testing::TestWithParam<std::string> {
 protected:
  struct Told {
    uint64_t acknowledged = 0;
    std::vector<uint64_t> since{};  ///< Begun after that, without an answer.
  };

  std::map<std::string, Told> ReadLedger() const {
    std::map<std::string, Told> told;
    std::istringstream lines(ReadWholeFile(ledger_));
    std::string what;
    std::string name;
    uint64_t version = 0;
    while (lines >> what >> name >> version) {
      if (what == "begin") {
        told[name].since.push_back(version);
      } else {
        told[name] = {version, {}};
      }
    }
    return told;
  }

  void CheckBucket() {
    const std::string script =
        "import importlib.util, sys\n"
        "spec = importlib.util.spec_from_file_location('writer', sys.argv[1])\n"
        "writer = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(writer)\n"
        "for line in sys.stdin:\n"
        "    name, path = line.split()\n"
        "    print(name, writer.check(name, open(path, 'rb').read()))\n";
    std::string input;
    const TemporaryDirectory copies;
    for (const std::string& key : emulator_.Keys()) {
      ASSERT_EQ(key.find(".conflict-"), std::string::npos) << "a conflict that was none: " << key << "\n"
                                                           << mount_.Log();
      if (key.ends_with(".tmp")) continue;
      const std::string copy = copies.path() + "/" + key;
      WriteWholeFile(copy, emulator_.FetchObject(key).body);
      input.append(key).append(" ").append(copy).append("\n");
    }
    WriteWholeFile(copies.path() + "/.list", input);
    const CommandResult checked = RunShell("python3 -c \"$(cat <<'SCRIPT'\n" + script + "SCRIPT\n)\" " +
                                               COSFUSE_CRASH_WRITER + " <" + copies.path() + "/.list",
                                           copies.path());
    ASSERT_EQ(checked.status.code, 0) << checked.errors;
    std::map<std::string, uint64_t> found;
    std::istringstream lines(checked.output);
    std::string name;
    uint64_t version = 0;
    while (lines >> name >> version) found[name] = version;
    for (const auto& [file, told] : ReadLedger()) {
      const uint64_t there = found.contains(file) ? found[file] : 0;
      ASSERT_TRUE(there == told.acknowledged || std::ranges::find(told.since, there) != told.since.end())
          << file << " is version " << there << "; a program was told " << told.acknowledged << "\n"
          << mount_.Log();
    }
  }

  EmulatorProcess emulator_;
  MountProcess mount_{emulator_, {}, {{"COSFUSE_DURABILITY", GetParam()}}};
  TemporaryDirectory scratch_;
  const std::string ledger_ = scratch_.path() + "/ledger";
};

TEST_P(KillTest, Pitfall39_NoAcknowledgedByteIsLostAndNothingComesBack) {
  const int kills = LongCampaign() ? 500 : 12;
  std::mt19937_64 dice(7);
  emulator_.Post("latency?ms=10");
  for (int round = 1; round <= kills; ++round) {
    SCOPED_TRACE(::testing::Message() << "kill " << round);
    Subprocess writer({"python3", COSFUSE_CRASH_WRITER, mount_.mountpoint(), ledger_, std::to_string(round), "6"}, {},
                      scratch_.path() + "/writer.log", scratch_.path() + "/writer.log");
    const size_t before = ReadWholeFile(ledger_).size();
    ASSERT_TRUE(Eventually([&] { return ReadWholeFile(ledger_).size() > before + 200; }));
    for (uint64_t pause = dice() % 60; pause > 0; --pause) PollPause();
    mount_.Kill();
    writer.Signal(SIGKILL);
    writer.Wait(std::chrono::seconds(20));
    mount_.Restart();
    // What was left goes on beside the new mount, and is done when that has ended.
    ASSERT_EQ(mount_.Terminate().code, 0) << mount_.Log();
    ASSERT_NO_FATAL_FAILURE(CheckBucket());
    mount_.Restart();
  }
  EXPECT_TRUE(Eventually([&] { return emulator_.Get("counters").find("\"open_uploads\":0") != std::string::npos; }));
}

INSTANTIATE_TEST_SUITE_P(Durability, KillTest, ::testing::Values("close", "journal"),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace cosfuse::testing
