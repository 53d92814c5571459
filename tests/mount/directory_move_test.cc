#include <signal.h>
#include <stdio.h>

#include <map>
#include <random>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

/// A directory of many small files that is renamed, while copies fail and mounts are killed.
class DirectoryMoveTest : public MountTest {
 protected:
  void Fill(int files) {
    for (int i = 0; i < files; ++i) {
      const std::string name = (i % 3 == 0 ? "deep/er/" : "") + std::to_string(i);
      emulator_.PutObject("old/" + name, "content of " + name, {{"x-amz-meta-mode", std::to_string(0100600 + i % 64)}});
    }
    files_ = Describe("old/");
    ASSERT_EQ(files_.size(), static_cast<size_t>(files));
  }
  /// What the bucket has below a prefix, by the rest of the key.
  std::map<std::string, std::string> Describe(const std::string& prefix) {
    std::map<std::string, std::string> found;
    for (const auto& [key, description] : emulator_.Objects()) {
      if (key.starts_with(prefix)) found[key.substr(prefix.size())] = description;
    }
    return found;
  }
  /// Each object once, with the bytes and the metadata that it had, below one of the names: that one; else empty.
  std::string WhereAllIs() {
    const auto below_old = Describe("old/");
    const auto below_new = Describe("new/");
    if (below_old == files_ && below_new.empty()) return "old";
    if (below_new == files_ && below_old.empty()) return "new";
    return {};
  }
  int RenameStatus(const std::string& from, const std::string& to) {
    return ErrnoOf(rename(Path(from).c_str(), Path(to).c_str()));
  }

  std::map<std::string, std::string> files_;
};

TEST_F(DirectoryMoveTest, Pitfall31_OneFailedCopyOfManyIsUndoneAndTheRenameCanBeRunAgain) {
  const int files = LongCampaign() ? 5000 : 300;
  Fill(files);
  // A refusal that is not tried again.
  emulator_.Post("fault?op=CopyObject&status=400&code=InvalidRequest&skip=" + std::to_string(files / 2 - 1));
  EXPECT_NE(RenameStatus("old", "new"), 0);
  EXPECT_EQ(WhereAllIs(), "old");
  EXPECT_EQ(StatErrno(Path("new")), ENOENT);
  EXPECT_EQ(ReadWholeFile(Path("old/1")), "content of 1");
  EXPECT_EQ(RenameStatus("old", "new"), 0);
  EXPECT_EQ(WhereAllIs(), "new");
  EXPECT_EQ(ReadWholeFile(Path("new/deep/er/3")), "content of deep/er/3");
  EXPECT_EQ(StatErrno(Path("old")), ENOENT);
}

TEST_F(DirectoryMoveTest, Pitfall31_KilledAtAnyMomentEachObjectIsThereOnceAfterTheNextStart) {
  const int files = LongCampaign() ? 5000 : 300;
  const int kills = LongCampaign() ? 50 : 8;
  Fill(files);
  const SystemClock clock;
  const MonotonicTime begin = clock.Now();
  ASSERT_EQ(RenameStatus("old", "new"), 0);
  const Duration whole = clock.Now() - begin;
  ASSERT_EQ(WhereAllIs(), "new");

  std::mt19937_64 dice(31);
  std::map<std::string, int> outcomes;
  for (int kill = 1; kill <= kills; ++kill) {
    SCOPED_TRACE(::testing::Message() << "kill " << kill);
    const std::string from = WhereAllIs();
    const std::string to = from == "old" ? "new" : "old";
    const TemporaryDirectory scratch;
    emulator_.ResetCounters();
    Subprocess mover({"mv", "-T", Path(from), Path(to)}, {}, scratch.path() + "/out", scratch.path() + "/errors");
    // Copies take most of the time: each third kill comes with the deletes.
    const MonotonicTime end = clock.Now() + whole * static_cast<int64_t>(dice() % 1000) / 1000;
    while (kill % 3 == 0 ? emulator_.RequestCount("DeleteObjects") == 0 && mover.running() : clock.Now() < end) {
      PollPause();
    }
    mount_.Kill();
    const bool told = mover.Wait(std::chrono::seconds(60)).code == 0;
    mount_.Restart();
    ASSERT_TRUE(Eventually([&] { return !WhereAllIs().empty(); }, std::chrono::seconds(120)))
        << Describe("old/").size() << " and " << Describe("new/").size() << " objects\n"
        << mount_.Log();
    const std::string where = WhereAllIs();
    ASSERT_TRUE(!told || where == to) << mount_.Log();
    ++outcomes[told ? "told" : where == from ? "undone" : "finished"];
    ASSERT_EQ(ReadWholeFile(Path(where + "/1")), "content of 1");
    ASSERT_EQ(StatErrno(Path(where == "old" ? "new" : "old")), ENOENT);
  }
  for (const auto& [outcome, count] : outcomes) RecordProperty(outcome, count);
}

TEST_F(DirectoryMoveTest, Pitfall31_AKillBetweenTheCopiesAndTheDeletesIsCarriedOn) {
  // Of 5,000 objects, two requests of 1,000 keys are carried out.
  Fill(LongCampaign() ? 5000 : 50);
  const size_t carried_out = LongCampaign() ? 2 : 0;
  emulator_.Post("fault?op=DeleteObjects&kind=black-hole&rate=1&skip=" + std::to_string(carried_out));
  const TemporaryDirectory scratch;
  Subprocess mover({"mv", "-T", Path("old"), Path("new")}, {}, scratch.path() + "/out", scratch.path() + "/errors");
  ASSERT_TRUE(Eventually([&] { return emulator_.RequestCount("DeleteObjects") > carried_out; }));
  EXPECT_TRUE(Eventually([&] { return Describe("old/").size() == files_.size() - 1000 * carried_out; }));
  EXPECT_EQ(Describe("new/"), files_);
  mount_.Kill();
  mover.Wait(std::chrono::seconds(60));
  emulator_.Post("fault/clear");
  mount_.Restart();
  EXPECT_TRUE(Eventually([&] { return WhereAllIs() == "new"; })) << mount_.Log();
  EXPECT_NE(mount_.Log().find("an earlier process has left half way"), std::string::npos) << mount_.Log();
}

}  // namespace
}  // namespace cosfuse::testing
