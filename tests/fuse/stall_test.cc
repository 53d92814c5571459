#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

#include "tests/fuse/fuse_fixture.h"

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kKilled = 128 + SIGKILL;
/// How soon a killed caller is gone: within a second on a machine that is not overloaded, instead of the minute after
/// which a stalled request ends by itself.
constexpr Duration kSoon = seconds(10);

/// Reads one byte of a file whose store does not answer.
int ReadOneByte(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY);
  char byte = 0;
  return fd >= 0 && read(fd, &byte, 1) == 1 ? 0 : 1;
}

TEST_F(FuseTest, LookupsInOneDirectoryRunSideBySide) {
  files_.AddFile("slow-lookup-1", "x");
  files_.AddFile("slow-lookup-2", "x");
  Child one([&] { return access(Path("slow-lookup-1").c_str(), F_OK); });
  Child two([&] { return access(Path("slow-lookup-2").c_str(), F_OK); });
  EXPECT_TRUE(Eventually([&] { return files_.waiting() == 2; }));
  files_.OpenGate();
  EXPECT_EQ(one.Wait(), 0);
  EXPECT_EQ(two.Wait(), 0);
}

TEST_F(FuseTest, Pitfall45_ThreeHundredStalledReadersHoldUpNobodyElse) {
  files_.AddFile("known", "content");
  std::vector<Child> readers;
  for (int i = 0; i < 300; ++i) {
    const std::string name = "direct-slow-" + std::to_string(i);
    files_.AddFile(name, "x");
    readers.emplace_back([&, name] { return ReadOneByte(Path(name)); });
  }
  ASSERT_TRUE(Eventually([&] { return files_.waiting() == 256 && files_.open_handles() == 300; })) << files_.waiting();

  Child others([&] {
    struct stat attributes;
    if (stat(Path("known").c_str(), &attributes) != 0) return 1;
    if (ReadOneByte(Path("known")) != 0) return 2;
    const int fd = open(Path("local").c_str(), O_CREAT | O_WRONLY, 0644);
    const std::string data(300'000, 'x');
    if (write(fd, data.data(), data.size()) != static_cast<ssize_t>(data.size())) return 3;
    return close(fd) == 0 ? 0 : 4;
  });
  EXPECT_EQ(others.Wait(kSoon), 0);

  // Some of them wait in the store, the others for a thread.
  for (const Child& reader : readers) reader.Signal(SIGKILL);
  for (Child& reader : readers) ASSERT_EQ(reader.Wait(seconds(20)), kKilled) << "so many deaths take their time";
  EXPECT_EQ(files_.waiting(), 0u);
}

TEST_F(FuseTest, StalledReaderIsGoneSoonAfterSigkill) {
  for (const std::string name : {"slow", "direct-slow"}) {
    files_.AddFile(name, "x");
    Child reader([&] { return ReadOneByte(Path(name)); });
    ASSERT_TRUE(Eventually([&] { return files_.waiting() > 0; }));
    reader.Signal(SIGKILL);
    EXPECT_EQ(reader.Wait(kSoon), kKilled) << name;
  }
}

TEST_F(FuseTest, SignalWithAHandlerDoesNotInterruptAReadThatRestarts) {
  files_.AddFile("direct-slow", "x");
  Child reader([&] {
    struct sigaction action{};
    action.sa_handler = [](int) {};
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, nullptr);
    return ReadOneByte(Path("direct-slow"));
  });
  ASSERT_TRUE(Eventually([&] { return files_.waiting() == 1; }));
  reader.Signal(SIGUSR1);
  EXPECT_EQ(reader.Wait(milliseconds(700)), -1);
  EXPECT_EQ(files_.waiting(), 1u) << "still the same request";
  files_.OpenGate();
  EXPECT_EQ(reader.Wait(), 0);
}

TEST_F(FuseTest, FatalSignalAfterAHarmlessOneIsSeen) {
  files_.AddFile("direct-slow", "x");
  Child reader([&] {
    signal(SIGUSR1, [](int) {});
    return ReadOneByte(Path("direct-slow"));
  });
  ASSERT_TRUE(Eventually([&] { return files_.waiting() == 1; }));
  reader.Signal(SIGUSR1);
  EXPECT_EQ(reader.Wait(milliseconds(300)), -1);
  reader.Signal(SIGTERM);
  EXPECT_EQ(reader.Wait(kSoon), 128 + SIGTERM);
}

/// Writes, then closes or ends with the file open, as `end` says.
int WriteAndEnd(const std::string& path, const std::function<int(int)>& end) {
  const int fd = open(path.c_str(), O_CREAT | O_WRONLY, 0644);
  if (fd < 0 || write(fd, "data", 4) != 4) return 1;
  return end(fd);
}

TEST_F(FuseTest, WriterInCloseIsGoneSoonAfterSigkill) {
  Child writer([&] { return WriteAndEnd(Path("slow"), [](int fd) { return close(fd); }); });
  ASSERT_TRUE(Eventually([&] { return files_.waiting() == 1; }));
  writer.Signal(SIGKILL);
  EXPECT_EQ(writer.Wait(kSoon), kKilled);
  EXPECT_TRUE(Eventually([&] { return files_.open_handles() == 0; }));
}

TEST_F(FuseTest, KilledWriterDoesNotWaitForItsLastClose) {
  Child writer([&] { return WriteAndEnd(Path("slow"), [](int) { return pause(); }); });
  ASSERT_TRUE(Eventually([&] { return files_.writes() == 1; }));
  writer.Signal(SIGKILL);
  EXPECT_EQ(writer.Wait(kSoon), kKilled);
  EXPECT_EQ(files_.hurried_flushes(), 1u);
}

TEST_F(FuseTest, WriterThatExitsWaitsForItsLastClose) {
  Child writer([&] { return WriteAndEnd(Path("slow"), [](int) { return 5; }); });
  ASSERT_TRUE(Eventually([&] { return files_.waiting() == 1; }));
  EXPECT_EQ(writer.Wait(milliseconds(500)), -1);
  EXPECT_EQ(files_.hurried_flushes(), 0u);
  files_.OpenGate();
  EXPECT_EQ(writer.Wait(), 5);
}

TEST_F(FuseTest, DescriptorsThatAnExecClosesDoNotStopTheMount) {
  // An execve holds a lock while it closes them, for which readers of /proc/PID/stat wait, without an end to it.
  Child program([&] {
    const int fd = open(Path("handed-on").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, "data", 4) != 4) return 1;
    execl("/bin/true", "true", nullptr);
    return 2;
  });
  const int code = program.Wait(seconds(10));
  // Only the end of the connection frees a mount that has stopped, and the programs that wait for it.
  if (code == -1) umount2(mountpoint_.path().c_str(), MNT_FORCE | MNT_DETACH);
  ASSERT_EQ(code, 0);
  EXPECT_EQ(files_.Content("handed-on"), "data");
  EXPECT_EQ(files_.hurried_flushes(), 0u);
}

TEST_F(FuseTest, Pitfall15_EachCloseOfASharedDescriptorFlushes) {
  EXPECT_EQ(InChild([&] {
              return WriteAndEnd(Path("shared"), [](int fd) {
                const int twin = dup(fd);
                if (close(twin) != 0 || write(fd, "more", 4) != 4) return 2;
                return close(fd);
              });
            }),
            0);
  EXPECT_EQ(files_.Content("shared"), "datamore");
}

TEST_F(FuseTest, WhatAKilledCallerNoLongerTakesIsGivenBack) {
  Child creator([&] { return open(Path("late").c_str(), O_CREAT | O_WRONLY, 0644) < 0; });
  ASSERT_TRUE(Eventually([&] { return files_.waiting() == 1; }));
  creator.Signal(SIGKILL);
  EXPECT_EQ(creator.Wait(kSoon), kKilled);
  EXPECT_TRUE(Eventually([&] { return files_.open_handles() == 0; }));
}

}  // namespace
}  // namespace cosfuse
