#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

/// Many files that were closed and are not in the bucket when their mount is killed.
class LeftFilesTest : public ::testing::Test {
 protected:
  static int Count() { return LongCampaign() ? 10'000 : 2'000; }
  static std::string Key(int i) { return "d" + std::to_string(i % 10) + "/f" + std::to_string(i); }
  static std::string Content(int i) { return "closed, number " + std::to_string(i); }

  std::string Path(const std::string& name) const { return mount_.Path(name); }
  /// No PUT of these keys gets an answer, or gets there, until `fault/clear`.
  void HoldPuts(const std::string& keys) { emulator_.Post("fault?op=PutObject&kind=black-hole&rate=1&key=" + keys); }
  void LeaveMany() {
    for (int i = 0; i < 10; ++i) ASSERT_EQ(mkdir(Path("d" + std::to_string(i)).c_str(), 0755), 0);
    HoldPuts("d*/f*");
    for (int i = 0; i < Count(); ++i) WriteWholeFile(Path(Key(i)), Content(i));
    mount_.Kill();
    emulator_.Post("fault/clear");  // What was under way got nowhere.
  }
  bool IsStored(const std::string& key, const std::string& content) {
    const auto answer = emulator_.FetchObject(key);
    return answer.status == 200 && answer.body == content;
  }
  size_t DaemonDescriptors() const {
    const std::filesystem::directory_iterator all("/proc/" + std::to_string(mount_.DaemonPid()) + "/fd");
    return static_cast<size_t>(std::distance(begin(all), end(all)));
  }

  EmulatorProcess emulator_;
  MountProcess mount_{emulator_, {}, {{"COSFUSE_DURABILITY", "journal"}, {"COSFUSE_MAX_DELAY", "60"}}};
};

TEST_F(LeftFilesTest, Pitfall39_AMountIsReadyBeforeTheyAreStoredAndShowsThemAsTheyWereClosed) {
  emulator_.PutObject("foreign", "another program's");
  LeaveMany();
  const CommandResult waiting =
      RunCommand({COSFUSE_BINARY, "recover", "list", "--cache-dir", mount_.cache_directory()});
  EXPECT_NE(waiting.output.find(std::to_string(Count()) + " closed files"), std::string::npos) << waiting.output;
  emulator_.PutObject(Key(3), "another program's, meanwhile");
  emulator_.PutObject(Key(5), "to be replaced");
  HoldPuts("d*/f*");
  emulator_.Post("latency?ms=20");
  mount_.Restart();
  // Nothing of what was left is in the bucket, and this mount answers.
  EXPECT_EQ(MustStat(Path("foreign")).st_size, 17);
  EXPECT_EQ(ReadWholeFile(Path("foreign")), "another program's");
  for (const int i : {0, 3, Count() / 2, Count() - 1}) EXPECT_EQ(ReadWholeFile(Path(Key(i))), Content(i));
  size_t names = 0;
  for (const auto& entry : std::filesystem::directory_iterator(Path("d7"))) names += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(names, static_cast<size_t>(Count()) / 10);
  // What is new does not wait behind what was left.
  WriteWholeFile(Path("new"), "written meanwhile");
  {
    const FileDescriptor fd = MustOpen(Path("new"), O_WRONLY);
    ASSERT_EQ(fsync(fd.get()), 0);
  }
  EXPECT_TRUE(IsStored("new", "written meanwhile"));
  EXPECT_EQ(emulator_.Keys().size(), 10U + 2U + 2U) << "directories, what others have put, and what left PUTs made";
  EXPECT_LT(DaemonDescriptors(), 200U);
  WriteWholeFile(Path(Key(9)), "rewritten");

  emulator_.Post("latency?ms=0");
  emulator_.Post("fault/clear");
  const size_t all = 10 + 2 + static_cast<size_t>(Count()) + 2;
  ASSERT_TRUE(Eventually([&] { return emulator_.Keys().size() >= all; }, std::chrono::minutes(3)));
  EXPECT_TRUE(Eventually([&] { return IsStored(Key(9), "rewritten"); }));
  EXPECT_EQ(emulator_.Keys().size(), all);
  for (int i = 0; i < Count(); i += std::max(1, Count() / 100)) {
    if (i == 3 || i == 5 || i == 9) continue;
    EXPECT_TRUE(IsStored(Key(i), Content(i))) << Key(i);
  }
  // What others have made meanwhile keeps its name, and what was closed here lies beside it.
  EXPECT_TRUE(IsStored(Key(3), "another program's, meanwhile"));
  EXPECT_TRUE(IsStored(Key(5), "to be replaced"));
  size_t conflicts = 0;
  for (const std::string& key : emulator_.Keys()) {
    if (key.find(".conflict-") == std::string::npos) continue;
    ++conflicts;
    EXPECT_TRUE(key.starts_with(Key(3) + ".") || key.starts_with(Key(5) + ".")) << key;
    EXPECT_TRUE(IsStored(key, Content(3)) || IsStored(key, Content(5))) << key;
  }
  EXPECT_EQ(conflicts, 2U);
  // Nothing is left, and nothing comes back.
  emulator_.DeleteObject(Key(1));
  mount_.Kill();
  emulator_.ResetCounters();
  mount_.Restart();
  EXPECT_EQ(StatErrno(Path(Key(1))), ENOENT);
  EXPECT_EQ(emulator_.RequestCount("PutObject"), 0U);
}

}  // namespace
}  // namespace cosfuse::testing
