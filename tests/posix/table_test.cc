#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "tests/posix/rows.h"
#include "tests/posix/script.h"
#include "tests/posix/snapshot.h"
#include "tests/support/mount_process.h"

namespace cosfuse::testing {
namespace {

constexpr std::array<Topic, 7> kTopics = {{{"Paths", PathRows},
                                           {"Names", NameRows},
                                           {"Renames", RenameRows},
                                           {"Files", FileRows},
                                           {"Attributes", AttributeRows},
                                           {"Permissions", PermissionRows},
                                           {"Locks", LockRows}}};

/// What one row did at one place.
struct Outcome {
  std::string directory;
  Snapshot before;
  std::string said;
  std::string left;  ///< The directory afterwards, in words.
};

const AllowedDifference* FindAllowed(const Row& row) {
  const auto& all = AllowedDifferences();
  const auto found = std::ranges::find_if(
      all, [&](const AllowedDifference& one) { return one.state == row.state && one.action == row.action; });
  return found == all.end() ? nullptr : &*found;
}

std::string Name(const Row& row) { return "[" + row.state + "] " + row.action; }

/// The rows at one place, side by side: first every state, then, a tick of its clock later, every action.
class Place {
 public:
  explicit Place(std::string directory) : directory_(std::move(directory)) {}

  void MakeStates(const std::vector<Row>& rows) {
    outcomes_.resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      Outcome& outcome = outcomes_[i];
      outcome.directory = directory_ + "/" + std::to_string(i);
      ASSERT_EQ(mkdir(outcome.directory.c_str(), 0777), 0) << outcome.directory;
      ASSERT_EQ(chmod(outcome.directory.c_str(), 0777), 0);
      // Here and not in a child, whose making takes longer than the rest: a state changes nothing of the process.
      ASSERT_EQ(chdir(outcome.directory.c_str()), 0);
      EXPECT_EQ(RunScript(rows[i].state), "") << "the state of " << Name(rows[i]);
      outcome.before = TakeSnapshot(outcome.directory);
    }
    ASSERT_EQ(chdir("/"), 0);
  }

  /// Whatever happens from now on has later times than what has happened so far, on a clock that is only as fine as the
  /// file system's.
  void WaitForTheNextTick() const {
    const std::string probe = directory_ + "/probe";
    const auto now = [&] {
      WriteWholeFile(probe, "");
      struct stat status{};
      EXPECT_EQ(stat(probe.c_str(), &status), 0);
      return std::pair(status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    };
    const auto begun = now();
    EXPECT_TRUE(Eventually([&] { return now() > begun; }));
  }

  void RunActions(const std::vector<Row>& rows) {
    for (size_t i = 0; i < rows.size(); ++i) {
      Outcome& outcome = outcomes_[i];
      outcome.said = RunInChild(outcome.directory, rows[i].action);
      outcome.left = Describe(outcome.before, TakeSnapshot(outcome.directory));
    }
  }

  const Outcome& operator[](size_t i) const { return outcomes_[i]; }

 private:
  const std::string directory_;
  std::vector<Outcome> outcomes_;
};

/// A directory of the local disk whose access times move, where devices may be made and programs run, however the disk
/// itself is mounted.
class LocalDirectory {
 public:
  LocalDirectory() {
    const std::string path = directory_.path();
    EXPECT_EQ(mount(path.c_str(), path.c_str(), nullptr, MS_BIND, nullptr), 0);
    EXPECT_EQ(mount(nullptr, path.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RELATIME, nullptr), 0);
  }
  ~LocalDirectory() { umount2(directory_.path().c_str(), MNT_DETACH); }
  LocalDirectory(const LocalDirectory&) = delete;
  LocalDirectory& operator=(const LocalDirectory&) = delete;

  const std::string& path() const { return directory_.path(); }

 private:
  const TemporaryDirectory directory_;
};

class PosixTable : public ::testing::TestWithParam<Topic> {
 protected:
  static void SetUpTestSuite() {
    emulator_ = std::make_unique<EmulatorProcess>();
    mount_ = std::make_unique<MountProcess>(*emulator_);
    local_ = std::make_unique<LocalDirectory>();
  }
  static void TearDownTestSuite() {
    local_.reset();
    mount_.reset();
    emulator_.reset();
  }

  static std::string MakeDirectory(const std::string& parent) {
    const std::string path = parent + "/" + GetParam().name;
    EXPECT_EQ(mkdir(path.c_str(), 0755), 0) << path;
    return path;
  }

  static std::unique_ptr<EmulatorProcess> emulator_;
  static std::unique_ptr<MountProcess> mount_;
  static std::unique_ptr<LocalDirectory> local_;
};

std::unique_ptr<EmulatorProcess> PosixTable::emulator_;
std::unique_ptr<MountProcess> PosixTable::mount_;
std::unique_ptr<LocalDirectory> PosixTable::local_;

TEST_P(PosixTable, EachRowDoesTheSameOnTheMountAndOnALocalDisk) {
  const std::vector<Row> rows = GetParam().rows();
  Place local(MakeDirectory(local_->path()));
  Place mount(MakeDirectory(mount_->mountpoint()));
  for (Place* const place : {&local, &mount}) place->MakeStates(rows);
  for (Place* const place : {&local, &mount}) place->WaitForTheNextTick();
  for (Place* const place : {&local, &mount}) place->RunActions(rows);
  for (size_t i = 0; i < rows.size(); ++i) {
    const AllowedDifference* const allowed = FindAllowed(rows[i]);
    EXPECT_EQ(local[i].said, rows[i].result) << Name(rows[i]) << ": the local disk says something else";
    EXPECT_EQ(mount[i].said, allowed == nullptr ? rows[i].result : allowed->on_mount) << Name(rows[i]);
    if (allowed != nullptr) continue;
    EXPECT_EQ(mount[i].left, local[i].left) << Name(rows[i]) << ": what it leaves differs";
  }
}

INSTANTIATE_TEST_SUITE_P(Each, PosixTable, ::testing::ValuesIn(kTopics),
                         [](const auto& topic) { return topic.param.name; });

TEST(PosixTableItself, HasFourHundredRowsAndAtMostTenDifferences) {
  std::set<std::string> names;
  size_t rows = 0;
  size_t differences = 0;
  for (const Topic& topic : kTopics) {
    for (const Row& row : topic.rows()) {
      EXPECT_TRUE(names.insert(Name(row)).second) << Name(row) << " is there twice";
      ++rows;
      if (FindAllowed(row) != nullptr) ++differences;
    }
  }
  EXPECT_GE(rows, 400U);
  EXPECT_EQ(differences, AllowedDifferences().size());
  EXPECT_LE(differences, 10U);
}

}  // namespace
}  // namespace cosfuse::testing
