#include <signal.h>

#include <memory>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

constexpr auto kOneSecond = std::chrono::seconds(1);

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
  BlackHole(true);
  const Duration elapsed = Timed([&] {
    for (int i = 0; i < 20; ++i) EXPECT_EQ(StatErrno(Path("f" + std::to_string(i))), 0);
  });
  EXPECT_LT(elapsed, kOneSecond);
}

TEST_F(OutageTest, Pitfall45_KilledReaderIsGoneWithinASecond) {
  emulator_.PutObject("f", PatternBytes(4 * 1024 * 1024, 1));
  MustStat(Path("f"));
  BlackHole(true);
  const auto reader = Start({"cat", Path("f")});
  PollPause();
  EXPECT_TRUE(
      Eventually([&] { return ReadWholeFile("/proc/" + std::to_string(reader->pid()) + "/wchan").size() > 1; }));
  reader->Signal(SIGKILL);
  EXPECT_EQ(reader->Wait(kOneSecond).signal, SIGKILL);
  EXPECT_LT(Timed([&] { reader->Wait(kOneSecond); }), kOneSecond);
}

TEST_F(OutageTest, KilledWriterInCloseIsGoneWithinASecondAndItsBytesArriveLater) {
  WriteWholeFile(Path("known"), "old");
  BlackHole(true);
  // `dd` closes its output itself: it hangs in close when the store does not answer.
  const auto writer = Start({"dd", "if=/dev/zero", "of=" + Path("known"), "bs=1000", "count=1", "conv=notrunc"});
  const std::string stack = "/proc/" + std::to_string(writer->pid()) + "/wchan";
  EXPECT_TRUE(Eventually([&] { return ReadWholeFile(stack).find("request_wait_answer") != std::string::npos; }));
  writer->Signal(SIGKILL);
  ExitStatus status;
  EXPECT_LT(Timed([&] { status = writer->Wait(std::chrono::seconds(5)); }), kOneSecond);
  EXPECT_FALSE(status.timed_out);
  BlackHole(false);
  EXPECT_TRUE(Eventually([&] { return emulator_.FetchObject("known").body.size() == 1000; }, std::chrono::seconds(90)));
}

TEST_F(OutageTest, WriterKilledWhileItsFileIsDirtyIsGoneWithinASecond) {
  WriteWholeFile(Path("known"), "old");
  BlackHole(true);
  const auto writer = Start({"bash", "-c", "exec 7>>" + Path("known") + "; echo dirty >&7; echo ready; sleep 1000"});
  EXPECT_TRUE(Eventually([&] { return MustStat(Path("known")).st_size == 9; }));
  writer->Signal(SIGKILL);
  ExitStatus status;
  EXPECT_LT(Timed([&] { status = writer->Wait(std::chrono::seconds(5)); }), kOneSecond);
  EXPECT_EQ(status.signal, SIGKILL);
}

TEST_F(OutageTest, ThreeHundredStalledReadsNeitherFreezeTheMountNorHoldUpLocalWrites) {
  constexpr int kReaders = 300;
  emulator_.PutObject("f", PatternBytes(8 * 1024 * 1024, 1));
  for (int i = 0; i < kReaders; ++i) emulator_.PutObject("r" + std::to_string(i), PatternBytes(2 * 1024 * 1024, 1));
  for (int i = 0; i < kReaders; ++i) MustStat(Path("r" + std::to_string(i)));
  const FileDescriptor local = MustOpen(Path("local"), O_CREAT | O_RDWR);
  BlackHole(true);
  std::vector<std::unique_ptr<Subprocess>> readers;
  for (int i = 0; i < kReaders; ++i) readers.push_back(Start({"cat", Path("r" + std::to_string(i))}));
  PollPause();
  const Duration elapsed = Timed([&] {
    for (int i = 0; i < 200; ++i) MustWrite(local, std::string(4096, 'x'));
    for (int i = 0; i < kReaders; ++i) EXPECT_EQ(StatErrno(Path("r" + std::to_string(i))), 0);
  });
  EXPECT_LT(elapsed, 2 * kOneSecond);
  for (const auto& reader : readers) reader->Signal(SIGKILL);
  const Duration dying = Timed([&] {
    for (const auto& reader : readers) EXPECT_FALSE(reader->Wait(std::chrono::seconds(5)).timed_out);
  });
  EXPECT_LT(dying, 3 * kOneSecond);
}

TEST_F(OutageTest, Pitfall45_EverythingWorksAfterAnOutageWithoutARemount) {
  emulator_.PutObject("f", "content");
  BlackHole(true);
  const auto reader = Start({"cat", Path("f")});
  const auto writer = Start({"sh", "-c", "echo waited > " + Path("w")});
  PollPause();
  BlackHole(false);
  EXPECT_EQ(reader->Wait(std::chrono::seconds(60)).code, 0);
  EXPECT_EQ(writer->Wait(std::chrono::seconds(60)).code, 0);
  EXPECT_EQ(emulator_.FetchObject("w").body, "waited\n");
  WriteWholeFile(Path("again"), "x");
  EXPECT_EQ(ReadWholeFile(Path("again")), "x");
}

}  // namespace
}  // namespace cosfuse::testing
