#include <dirent.h>
#include <signal.h>

#include <fstream>
#include <map>
#include <memory>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

/// A million in a campaign; here as many as show what pages do.
size_t NameCount() { return LongCampaign() ? 1'000'000 : 20'000; }

constexpr ByteCount kMostListingMemory = 160 * kMiB;
/// What may stay of a listing, or of a walk.
constexpr ByteCount kMostLeftMemory = 32 * kMiB;

/// Objects `many/stays-0000000` and so on. Larger than any symbolic link: a listing tells that they are files.
void MakeManyObjects(const EmulatorProcess& emulator, size_t count, const std::string& directory = "many",
                     size_t bytes = 5000) {
  emulator.PutObject("original", PatternBytes(bytes, 1));
  emulator.Post("copies?bucket=" + emulator.bucket() + "&key=original&prefix=" + directory +
                "/stays-&count=" + std::to_string(count));
}

/// How often each name comes.
std::map<std::string, int> CountNames(const std::string& directory) {
  std::map<std::string, int> names;
  DIR* const stream = opendir(directory.c_str());
  EXPECT_NE(stream, nullptr) << directory;
  if (stream == nullptr) return names;
  errno = 0;
  while (const dirent* entry = readdir(stream)) ++names[entry->d_name];
  EXPECT_EQ(errno, 0);
  closedir(stream);
  return names;
}

void ExpectAllThatStay(const std::map<std::string, int>& names, size_t count) {
  size_t stay = 0;
  for (const auto& [name, times] : names) {
    EXPECT_EQ(times, 1) << name;
    if (name.starts_with("stays-")) ++stay;
  }
  EXPECT_EQ(stay, count);
}

/// Makes and removes names as fast as it can, a few at a time, until it is ended.
std::unique_ptr<Subprocess> StartChanging(const std::string& directory, int number) {
  const std::string name = directory + "/moves-" + std::to_string(number) + "-";
  const std::string script = "for ((i = 0;; i++)); do echo x >" + name + "$i; rm -f " + name + "$((i - 5)); done";
  return std::make_unique<Subprocess>(std::vector<std::string>{"bash", "-c", script},
                                      std::map<std::string, std::string>{}, "/dev/null", "/dev/null");
}

TEST_F(UncachedMountTest, Pitfall36_EachNameThatStaysComesOnceWhileFourOthersMakeAndRemoveNames) {
  const size_t count = NameCount();
  MakeManyObjects(emulator_, count);
  std::vector<std::unique_ptr<Subprocess>> others;
  others.reserve(4);
  for (int i = 0; i < 4; ++i) others.push_back(StartChanging(Path("many"), i));
  ASSERT_TRUE(Eventually(
      [&] { return emulator_.RequestCount("DeleteObject") + emulator_.RequestCount("DeleteObjects") >= 4; }));
  // The first listing does not trust the store's order yet, later ones do.
  for (int listing = 0; listing < 3; ++listing) {
    const uint64_t puts = emulator_.RequestCount("PutObject");
    ExpectAllThatStay(CountNames(Path("many")), count);
    EXPECT_TRUE(Eventually([&] { return emulator_.RequestCount("PutObject") > puts; })) << "nobody changes anything";
  }
  for (const auto& other : others) {
    EXPECT_TRUE(other->running());
    other->Signal(SIGKILL);
    other->Wait(std::chrono::seconds(40));
  }
}

/// A field of a process's status that is in kB.
ByteCount StatusField(pid_t process, const std::string& field) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) return std::stoull(line.substr(field.size() + 1)) * kKiB;
  }
  return 0;
}

ByteCount PeakMemory(pid_t process) { return StatusField(process, "VmHWM"); }
ByteCount Memory(pid_t process) { return StatusField(process, "VmRSS"); }

/// The peak is that from now on.
void ForgetPeak(pid_t process) { WriteWholeFile("/proc/" + std::to_string(process) + "/clear_refs", "5"); }

/// The kernel forgets the names and inodes that nobody uses. False where this machine does not let us.
bool DropCaches() {
  std::ofstream file("/proc/sys/vm/drop_caches");
  file << "2" << std::flush;
  return file.good();
}

/// A sanitizer keeps what is freed.
#ifdef COSFUSE_SANITIZED
constexpr bool kMemoryReturns = false;
#else
constexpr bool kMemoryReturns = true;
#endif

/// A million inodes are not forgotten within seconds.
void ExpectMemoryReturns(pid_t daemon, ByteCount idle) {
  if (!kMemoryReturns) return;
  if (!DropCaches()) GTEST_SKIP() << "the kernel's caches cannot be dropped here";
  EXPECT_TRUE(Eventually([&] { return Memory(daemon) <= idle + kMostLeftMemory; },
                         std::chrono::seconds(LongCampaign() ? 600 : 60)))
      << "idle " << idle << ", now " << Memory(daemon);
}

TEST_F(TrustingMountTest, Pitfall41_ListingCostsAListForEach1000NamesAndMemoryThatReturns) {
  const size_t count = NameCount();
  MakeManyObjects(emulator_, count);
  MustStat(Path("many"));
  const pid_t daemon = mount_.DaemonPid();
  const ByteCount idle = Memory(daemon);
  ASSERT_GT(idle, 0U);
  ForgetPeak(daemon);
  emulator_.ResetCounters();
  ExpectAllThatStay(CountNames(Path("many")), count);
  EXPECT_EQ(emulator_.RequestCount("ListObjectsV2"), (count + 999) / 1000);
  EXPECT_EQ(emulator_.RequestCount("HeadObject"), 0U);
  EXPECT_LE(PeakMemory(daemon), idle + kMostListingMemory);
  ExpectMemoryReturns(daemon, idle);
}

TEST_F(TrustingMountTest, Pitfall41_MemoryOfAWalkOverManyFilesReturns) {
  // Small ones: each has to be looked up, and is a node.
  const size_t count = LongCampaign() ? 1'000'000 : 2'000;
  MakeManyObjects(emulator_, count, "small", 10);
  const pid_t daemon = mount_.DaemonPid();
  const ByteCount idle = Memory(daemon);
  const CommandResult found =
      RunCommand({"find", Path("small"), "-type", "f", "-size", "-20c", "-printf", "x"}, {}, std::chrono::hours(2));
  EXPECT_EQ(found.status.code, 0) << found.errors;
  EXPECT_EQ(found.output.size(), count);
  ExpectMemoryReturns(daemon, idle);
}

}  // namespace
}  // namespace cosfuse::testing
