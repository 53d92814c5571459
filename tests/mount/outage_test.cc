#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

/// How soon a killed program is gone. The promise is a second; a machine that is busy with other tests gets more, and
/// still far less than the 20 seconds after which a stalled request would end by itself.
Duration Soon() { return LongCampaign() ? std::chrono::seconds(1) : std::chrono::seconds(5); }

/// True once the process has the file open; it may use any descriptor.
bool HasOpen(pid_t process, const std::string& path) {
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/fd", gone)) {
    if (std::filesystem::read_symlink(entry, gone) == path) return true;
  }
  return false;
}

std::vector<pid_t> ReadNumbers(const std::string& path) {
  std::ifstream file(path);
  return {std::istream_iterator<pid_t>(file), std::istream_iterator<pid_t>()};
}

/// A mount that believes what it knows for ten minutes, so that an outage of the store shows nothing but itself.
class OutageTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return mount_.Path(name); }
  void BlackHole(bool on) const { emulator_.Post(std::string("blackhole?what=all&on=") + (on ? "1" : "0")); }
  std::unique_ptr<Subprocess> Start(std::vector<std::string> argv) const {
    return std::make_unique<Subprocess>(std::move(argv), std::map<std::string, std::string>{}, "/dev/null",
                                        "/dev/null");
  }
  /// How long `action` took.
  template <typename Action>
  static Duration Timed(Action action) {
    const SystemClock clock;
    const MonotonicTime start = clock.Now();
    action();
    return clock.Now() - start;
  }
  void TearDown() override { BlackHole(false); }

  EmulatorProcess emulator_;
  MountProcess mount_{emulator_, {"--ttl", "600"}};
};

TEST_F(OutageTest, StatOfKnownNamesIsAnsweredWithoutARequest) {
  for (int i = 0; i < 20; ++i) emulator_.PutObject("f" + std::to_string(i), "x");
  for (int i = 0; i < 20; ++i) MustStat(Path("f" + std::to_string(i)));
  emulator_.ResetCounters();
  BlackHole(true);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(StatErrno(Path("f" + std::to_string(i))), 0);
  // Requests that nobody answers count as well.
  for (const auto& [operation, count] : emulator_.RequestCounts()) EXPECT_EQ(count, 0U) << operation;
}

TEST_F(OutageTest, Pitfall45_KilledReaderIsGoneWithinASecond) {
  emulator_.PutObject("f", PatternBytes(4 * kMiB, 1));
  MustStat(Path("f"));
  BlackHole(true);
  const auto reader = Start({"cat", Path("f")});
  ASSERT_TRUE(Eventually([&] { return emulator_.RequestCount("GetObject") > 0; }));
  reader->Signal(SIGKILL);
  EXPECT_EQ(reader->Wait(Soon()).signal, SIGKILL);
  EXPECT_FALSE(reader->Wait(Soon()).timed_out);
}

TEST_F(OutageTest, KilledWriterInCloseIsGoneWithinASecondAndItsBytesArriveLater) {
  WriteWholeFile(Path("known"), "old");
  emulator_.ResetCounters();
  BlackHole(true);
  // `dd` closes its output itself: it hangs in close when the store does not answer.
  const auto writer = Start({"dd", "if=/dev/zero", "of=" + Path("known"), "bs=1000", "count=1", "conv=notrunc"});
  ASSERT_TRUE(Eventually([&] { return emulator_.RequestCount("PutObject") > 0; }));
  writer->Signal(SIGKILL);
  EXPECT_FALSE(writer->Wait(Soon()).timed_out);
  BlackHole(false);
  EXPECT_TRUE(Eventually([&] { return emulator_.FetchObject("known").body.size() == 1000; }, std::chrono::seconds(90)));
}

TEST_F(OutageTest, WriterKilledWhileItsFileIsDirtyIsGoneWithinASecond) {
  WriteWholeFile(Path("known"), "old");
  BlackHole(true);
  const auto writer = Start({"bash", "-c", "exec 7>>" + Path("known") + "; echo dirty >&7; echo ready; sleep 1000"});
  ASSERT_TRUE(Eventually([&] { return MustStat(Path("known")).st_size == 9; }));
  writer->Signal(SIGKILL);
  EXPECT_FALSE(writer->Wait(Soon()).timed_out);
}

TEST_F(OutageTest, ThreeHundredStalledReadsNeitherFreezeTheMountNorHoldUpLocalWrites) {
  constexpr int kReaders = 300;
  const std::string content = PatternBytes(2 * kMiB, 1);
  const auto path = [&](int i) { return Path("r" + std::to_string(i)); };
  for (int i = 0; i < kReaders; ++i) emulator_.PutObject("r" + std::to_string(i), content);
  for (int i = 0; i < kReaders; ++i) MustStat(path(i));
  // Its children have no descriptor of this process: closing one for writing would wait for the store as well.
  const TemporaryDirectory scratch;
  const auto readers = Start({"bash", "-c",
                              "until [ -e $0/go ]; do sleep 0.02; done; for i in $(seq 0 " +
                                  std::to_string(kReaders - 1) + "); do cat $1/r$i & echo $! >> $0/pids; done; wait",
                              scratch.path(), mount_.mountpoint()});
  FileDescriptor local = MustOpen(Path("local"), O_CREAT | O_RDWR);
  BlackHole(true);
  WriteWholeFile(scratch.path() + "/go", "");
  std::vector<pid_t> pids;
  ASSERT_TRUE(Eventually([&] { return (pids = ReadNumbers(scratch.path() + "/pids")).size() == kReaders; }));
  for (int i = 0; i < kReaders; ++i) {
    ASSERT_TRUE(Eventually([&] { return HasOpen(pids[static_cast<size_t>(i)], path(i)); })) << i << mount_.Log();
  }
  const Duration elapsed = Timed([&] {
    for (int i = 0; i < 200; ++i) MustWrite(local, std::string(4096, 'x'));
    for (int i = 0; i < kReaders; ++i) EXPECT_EQ(StatErrno(path(i)), 0);
  });
  EXPECT_LT(elapsed, 2 * Soon());
  for (int i = 0; i < kReaders; ++i) EXPECT_TRUE(HasOpen(pids[static_cast<size_t>(i)], path(i))) << i;
  for (const pid_t reader : pids) kill(reader, SIGKILL);
  EXPECT_FALSE(readers->Wait(3 * Soon()).timed_out) << "so many deaths take their time, but not that much";
  BlackHole(false);
  EXPECT_EQ(CloseStatus(local), 0);
}

TEST_F(OutageTest, Pitfall45_EverythingWorksAfterAnOutageWithoutARemount) {
  emulator_.PutObject("f", "content");
  BlackHole(true);
  const auto reader = Start({"cat", Path("f")});
  const auto writer = Start({"sh", "-c", "echo waited > " + Path("w")});
  // One looks its name up; where the kernel locks the directory for the writer, the other waits for that.
  ASSERT_TRUE(Eventually([&] { return emulator_.RequestCount("HeadObject") > 0; }));
  BlackHole(false);
  EXPECT_EQ(reader->Wait(std::chrono::seconds(60)).code, 0);
  EXPECT_EQ(writer->Wait(std::chrono::seconds(60)).code, 0);
  EXPECT_EQ(emulator_.FetchObject("w").body, "waited\n");
  WriteWholeFile(Path("again"), "x");
  EXPECT_EQ(ReadWholeFile(Path("again")), "x");
}

}  // namespace
}  // namespace cosfuse::testing
