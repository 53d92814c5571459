#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "tests/semantics/survival_table.h"
#include "tests/semantics/survival_world.h"

namespace cosfuse::testing {
namespace {

using World = SurvivalWorld;

const MountMode kClose{};
const MountMode kJournal{.journal = true};
const MountMode kFsyncJournal{.journal = true, .fsync_journal = true};
const MountMode kJournalSync{.journal = true, .journal_sync = std::chrono::milliseconds(100)};

/// A line of the table as a program: what it finds, what it does until it is told, and how the mount was started.
struct Script {
  std::string told;
  std::string with;
  std::vector<MountMode> modes;
  std::function<void(World&)> before;
  std::function<void(World&)> act;
  /// What has to wait for a person where the cell says so.
  std::map<std::string, std::string> waits{};
  /// What the call makes, where `act` does not get so far.
  std::function<void(World&)> whole{};
};

void Nothing(World& /*world*/) {}
void HasStoredFile(World& world) { world.WriteStored("f", "as it was"); }
void HasStoredFileAndMayDelete(World& world) {
  world.WriteStored("other", "");
  // The first one waits, and shows that the role may.
  world.Unlink("other");
  world.FinishRemovals();
  HasStoredFile(world);
}
void HasUnsentFile(World& world) { world.WriteFile("f", "closed"); }
void HasDirectory(World& world) {
  world.MakeDirectory("from");
  for (const std::string name : {"a", "b", "c"}) world.PutObject("from/" + name, name);
}

std::vector<Script> FileScripts() {
  const std::vector<MountMode> both = {kClose, kJournal};
  const auto write = [](World& world) { world.Write(world.Create("f"), "written"); };
  const auto close = [](World& world) { world.WriteFile("f", "closed"); };
  const auto fsync = [](World& world) {
    const HandleId handle = world.Create("f");
    world.Write(handle, "synced");
    world.Fsync(handle);
  };
  const auto close_here = [](World& world) {
    world.StopStore();
    world.WriteFile("f", "closed");
  };
  return {
      {"`write` returned", "either", both, Nothing, write, {{"d/f", "written"}}},
      {"`write` to a stored file returned", "either", both, HasStoredFile, write, {{"d/f", "written"}}},
      {"`close` returned 0", "close", {kClose}, Nothing, close},
      {"`close` returned 0", "journal", {kJournal}, Nothing, close_here},
      {"`close` returned 0",
       "`--journal-sync`, within that time",
       {kJournalSync},
       Nothing,
       [](World& world) {
         world.StopSyncs();
         world.StopStore();
         world.WriteFile("f", "closed");
       }},
      {"`close` returned 0",
       "`--journal-sync`, after it",
       {kJournalSync},
       Nothing,
       [](World& world) {
         world.StopStore();
         const size_t syncs = world.syncs();
         world.WriteFile("f", "closed");
         world.WaitForSync(syncs);
       }},
      {"`close` returned an error",
       "close",
       {kClose},
       Nothing,
       [](World& world) {
         world.RefusePuts();
         const HandleId handle = world.Create("f");
         world.Write(handle, "refused");
         EXPECT_FALSE(world.Close(handle));
       },
       {{"d/f", "refused"}}},
      {"`fsync` returned 0", "either", both, Nothing, fsync},
      {"`fsync` of a stored file returned 0", "either", both, HasStoredFile, fsync},
      {"`fsync` returned 0",
       "`--fsync=journal`",
       {kFsyncJournal},
       Nothing,
       [fsync](World& world) {
         world.StopStore();
         fsync(world);
       }},
      {"`fsync` of a directory returned 0", "either", both, Nothing,
       [close](World& world) {
         close(world);
         world.FsyncDirectory();
       }},
      {"`truncate` of a stored file returned 0", "either", both, HasStoredFile,
       [](World& world) { world.Truncate("f", 3); }},
      {"`chmod`, `setxattr` of a stored file returned 0", "either", both, HasStoredFile,
       [](World& world) {
         world.Chmod("f", 0600);
         world.SetAttribute("f", "noted");
       }},
      {"`chmod` of an unsent file returned 0",
       "journal",
       {kJournal},
       HasUnsentFile,
       [](World& world) { world.Chmod("f", 0600); }},
      {"exclusive `open` of a lock returned", "either", both, Nothing,
       [](World& world) { world.Create("f.lock", O_EXCL); }},
  };
}

std::vector<Script> NameScripts() {
  const std::vector<MountMode> both = {kClose, kJournal};
  const auto rename_directory = [](World& world) { EXPECT_TRUE(world.RenameDirectory("from", "to")); };
  return {
      {"`mkdir`, `rmdir`, `symlink` returned 0", "either", both, [](World& world) { world.MakeDirectory("old"); },
       [](World& world) {
         world.MakeDirectory("new");
         world.MakeLink("link");
         world.RemoveDirectory("old");
       }},
      {"`unlink` returned 0, its request not sent yet", "either", both, HasStoredFileAndMayDelete,
       [](World& world) {
         world.StopStoreAtDelete();
         world.Unlink("f");
       }},
      {"`unlink` returned 0, its request answered", "either", both, HasStoredFile,
       [](World& world) {
         world.Unlink("f");
         world.FinishRemovals();
       }},
      {"`unlink` of an unsent file returned 0",
       "journal",
       {kJournal},
       HasUnsentFile,
       [](World& world) { world.Unlink("f"); }},
      {"`rename` of a stored file returned 0", "either", both, HasStoredFile,
       [](World& world) { world.Rename("f", "g"); }},
      {"`rename` of an unsent file returned 0",
       "journal",
       {kJournal},
       HasUnsentFile,
       [](World& world) { world.Rename("f", "g"); }},
      {"`rename` of a directory returned 0", "either", both, HasDirectory, rename_directory},
      {"nothing yet: `rename` of a directory, not all copied",
       "either",
       both,
       HasDirectory,
       [](World& world) {
         world.DieAt(StoreOperation::kCopy, 2);
         EXPECT_FALSE(world.RenameDirectory("from", "to"));
       },
       {},
       rename_directory},
      {"nothing yet: `rename` of a directory, all copied",
       "either",
       both,
       HasDirectory,
       [](World& world) {
         world.DieAt(StoreOperation::kDeleteMany, 1);
         EXPECT_FALSE(world.RenameDirectory("from", "to"));
       },
       {},
       rename_directory},
  };
}

std::vector<Script> Scripts() {
  std::vector<Script> scripts = FileScripts();
  std::ranges::move(NameScripts(), std::back_inserter(scripts));
  return scripts;
}

/// What would be in the bucket had nothing been lost: before the call, and after it.
World::Objects Undisturbed(const MountMode& mode, const Script& script, bool with_call) {
  World world(mode);
  script.before(world);
  if (with_call) (script.whole ? script.whole : script.act)(world);
  world.EndWell();
  return world.objects();
}

/// Each object of `all` is there, under whatever name.
bool HoldsAll(const World::Objects& found, const World::Objects& all) {
  return std::ranges::all_of(all, [&](const auto& object) {
    return std::ranges::any_of(found, [&](const auto& each) { return each.second == object.second; });
  });
}

std::string Describe(const World::Objects& objects) {
  std::string text = "in the bucket:";
  for (const auto& [key, bytes] : objects) text.append(" ").append(key).append("=").append(bytes);
  return text;
}

/// What the table has to say of this loss: `yes`, `recover`, `no`, or of a call without an answer `undone`,
/// `carried on`, `at both names`. Anything else is no answer.
std::string Observe(const MountMode& mode, const Script& script, Loss loss, uint64_t seed) {
  const World::Objects before = Undisturbed(mode, script, false);
  const World::Objects after = Undisturbed(mode, script, true);
  World world(mode);
  script.before(world);
  const World::Objects stored_before = world.objects();
  script.act(world);
  world.Lose(loss, seed);
  const World::Objects found = world.objects();
  const auto kept = world.kept();
  const bool answered = !script.whole;
  const bool as_before = found == before || found == stored_before;
  if (found == after && kept.empty()) return answered ? "yes" : "carried on";
  if (as_before && kept.empty()) return answered ? "no" : "undone";
  if (as_before && kept == script.waits) return "recover";
  if (!answered && HoldsAll(found, before)) return "at both names";
  return Describe(found) + ", " + std::to_string(kept.size()) + " wait";
}

std::vector<SurvivalLine> Table() {
  std::ifstream file(COSFUSE_SEMANTICS);
  return ParseSurvivalTable(std::string(std::istreambuf_iterator<char>(file), {}));
}

TEST(Survival, TheTableHasALineForEachCallAndMode) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const SurvivalLine& line : Table()) lines.emplace_back(line.told, line.with);
  std::vector<std::pair<std::string, std::string>> scripts;
  for (const Script& script : Scripts()) scripts.emplace_back(script.told, script.with);
  EXPECT_EQ(lines, scripts);
}

class SurvivalTest : public ::testing::TestWithParam<size_t> {};

TEST_P(SurvivalTest, Pitfall39_EachCellIsTrue) {
  const Script script = Scripts()[GetParam()];
  const auto table = Table();
  const auto line = std::ranges::find_if(
      table, [&](const SurvivalLine& each) { return each.told == script.told && each.with == script.with; });
  ASSERT_NE(line, table.end()) << "docs/SEMANTICS.md has no line " << script.told << ", " << script.with;
  constexpr uint64_t kSeeds = 4;
  for (const Loss loss : kLosses) {
    for (const MountMode& mode : script.modes) {
      // Chance decides what a node keeps of what it was not told to keep.
      for (uint64_t seed = 1; seed <= (loss == Loss::kNode ? kSeeds : 1); ++seed) {
        SCOPED_TRACE(::testing::Message() << script.told << ", loss of the " << NameOf(loss)
                                          << (mode.journal ? ", journal" : ", close") << ", seed " << seed);
        const std::string observed = Observe(mode, script, loss, seed);
        if (line->cell(loss) == "perhaps") {
          EXPECT_THAT(observed, ::testing::AnyOf("yes", "no"));
        } else {
          EXPECT_EQ(observed, line->cell(loss));
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Line, SurvivalTest, ::testing::Range<size_t>(0, Scripts().size()));

}  // namespace
}  // namespace cosfuse::testing
