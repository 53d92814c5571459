#include <unistd.h>

#include <map>
#include <string>

#include "base/thread_pool.h"
#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

/// `count` new files with 4 KiB each, by so many threads, in one directory.
void MakeSmallFiles(const std::string& directory, int threads, int count) {
  const std::string content(4096, 'x');
  ThreadPool workers({.name = "writers", .max_threads = static_cast<size_t>(threads)});
  for (int thread = 0; thread < threads; ++thread) {
    workers.Post([&, thread] {
      for (int i = thread; i < count; i += threads) {
        FileDescriptor fd = MustOpen(directory + "/new-" + std::to_string(i), O_CREAT | O_WRONLY);
        MustWrite(fd, content);
        EXPECT_EQ(CloseStatus(fd), 0);
      }
    });
  }
  workers.Join();
}

using RequestCounts = std::map<std::string, uint64_t>;

RequestCounts StoreRequests(const EmulatorProcess& emulator) {
  RequestCounts counts = emulator.RequestCounts();
  counts.erase("TokenExchange");
  return counts;
}

TEST_F(TrustingMountTest, NewFileInADirectoryMadeHereCostsOnePut) {
  ASSERT_EQ(mkdir(Path("d").c_str(), 0755), 0);
  for (const int threads : {1, 16}) {
    emulator_.ResetCounters();
    MakeSmallFiles(Path("d"), threads, 200);
    EXPECT_EQ(StoreRequests(emulator_), (RequestCounts{{"PutObject", 200}}));
    ASSERT_EQ(RunShell("rm d/* && sync d", mount_.mountpoint()).status.code, 0);
  }
}

TEST_F(TrustingMountTest, NewFileInAListedDirectoryCostsOnePut) {
  for (int i = 0; i < 10; ++i) emulator_.PutObject("d/old-" + std::to_string(i), "old");
  ASSERT_EQ(RunShell("ls d", mount_.mountpoint()).status.code, 0);
  emulator_.ResetCounters();
  MakeSmallFiles(Path("d"), 16, 200);
  EXPECT_EQ(emulator_.RequestCount("PutObject"), 200U);
  // Of the directory's own attributes.
  EXPECT_LE(emulator_.RequestCount("HeadObject") + emulator_.RequestCount("ListObjectsV2"), 32U);
}

TEST_F(TrustingMountTest, RowOfNewFilesInAnUnknownDirectoryCostsAFewListingsInAll) {
  for (int i = 0; i < 10; ++i) emulator_.PutObject("d/old-" + std::to_string(i), "old");
  ASSERT_EQ(StatErrno(Path("d")), 0);
  emulator_.ResetCounters();
  MakeSmallFiles(Path("d"), 1, 100);
  EXPECT_EQ(StoreRequests(emulator_), (RequestCounts{{"HeadObject", 1}, {"ListObjectsV2", 2}, {"PutObject", 100}}));
}

TEST_F(MountTest, Pitfall28_FileMadeElsewhereInADirectoryMadeHereAppearsWhenTheTtlHasPassed) {
  ASSERT_EQ(mkdir(Path("d").c_str(), 0755), 0);
  EXPECT_EQ(StatErrno(Path("d/theirs")), ENOENT);
  emulator_.PutObject("d/theirs", "x");
  EXPECT_TRUE(Eventually([&] { return StatErrno(Path("d/theirs")) == 0; }));
}

TEST_F(TrustingMountTest, Pitfall25_FileThatAnotherHasMadeUnseenIsNotOverwritten) {
  ASSERT_EQ(mkdir(Path("d").c_str(), 0755), 0);
  emulator_.PutObject("d/f", "theirs");
  FileDescriptor fd = MustOpen(Path("d/f"), O_CREAT | O_EXCL | O_WRONLY);
  MustWrite(fd, "ours");
  EXPECT_EQ(CloseStatus(fd), ESTALE);
  EXPECT_EQ(emulator_.FetchObject("d/f").body, "theirs");
  const auto keys = emulator_.Keys();
  ASSERT_EQ(keys.size(), 3U);
  EXPECT_TRUE(keys[2].starts_with("d/f.conflict-")) << keys[2];
  EXPECT_EQ(emulator_.FetchObject(keys[2]).body, "ours");
  EXPECT_EQ(ReadWholeFile(Path("d/f")), "theirs");
}

}  // namespace
}  // namespace cosfuse::testing
