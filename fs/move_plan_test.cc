#include "fs/move_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/uploader.h"

namespace cosfuse {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ListedVersion Version(const std::string& etag, int modified = 1) {
  return {.etag = {etag}, .size = 1, .modified = WallTime(std::chrono::seconds(modified))};
}
JournaledCopy CopyOf(const ListedVersion& version) {
  return {.source = version.etag, .modified = version.modified, .made = {"copy of " + version.etag.value}};
}
MovedObject Copied(const std::string& etag) { return {.present = Version(etag), .copy = CopyOf(Version(etag))}; }

TEST(CopyRound, FirstRoundCopiesEverything) {
  MovedTree tree;
  const CopyRound round = PlanCopyRound(tree, {{"d/a", Version("1")}, {"d/b", Version("2")}});
  EXPECT_THAT(round.to_copy, ElementsAre("d/a", "d/b"));
  EXPECT_THAT(round.vanished, IsEmpty());
  EXPECT_EQ(tree.at("d/a").present.etag.value, "1");
}

TEST(CopyRound, NothingIsLeftWhenEveryPresentVersionHasACopy) {
  MovedTree tree = {{"d/a", Copied("1")}};
  EXPECT_THAT(PlanCopyRound(tree, {{"d/a", Version("1")}}).to_copy, IsEmpty());
}

TEST(CopyRound, ChangedAndNewObjectsAreCopiedAgain) {
  MovedTree tree = {{"d/a", Copied("1")}, {"d/b", Copied("2")}, {"d/d", Copied("4")}};
  const CopyRound round = PlanCopyRound(
      tree, {{"d/a", Version("9")}, {"d/b", Version("2")}, {"d/c", Version("3")}, {"d/d", Version("4", 2)}});
  EXPECT_THAT(round.to_copy, ElementsAre("d/a", "d/c", "d/d")) << "of the last one only the metadata has changed";
  EXPECT_TRUE(tree.at("d/a").copy) << "the copy of the old version still has to go if the move fails";
}

TEST(CopyRound, CopyThatFailedIsTriedAgain) {
  MovedTree tree = {{"d/a", {.present = Version("1")}}};
  EXPECT_THAT(PlanCopyRound(tree, {{"d/a", Version("1")}}).to_copy, ElementsAre("d/a"));
}

TEST(CopyRound, CopyOfAnObjectThatWasRemovedMeanwhileGoesToo) {
  MovedTree tree = {{"d/a", Copied("1")}, {"d/b", {.present = Version("2")}}};
  const CopyRound round = PlanCopyRound(tree, {});
  EXPECT_THAT(round.vanished, ElementsAre("d/a"));
  EXPECT_TRUE(tree.empty());
}

TEST(MovePlan, Pitfall31_AnUndoRemovesCopiesAndNothingElse) {
  struct Row {
    const char* what;
    std::optional<ListedVersion> source;
    std::optional<JournaledCopy> noted;
    ListedVersion target;
    enum { kRemoved, kDoubtful, kStays } fate;
  };
  const ListedVersion one = Version("1");
  const ListedVersion made = Version("copy of 1", 2);
  const std::vector<Row> rows = {
      {"the copy that was noted", one, CopyOf(one), made, Row::kRemoved},
      {"the same, and the source was changed since", Version("2"), CopyOf(one), made, Row::kRemoved},
      {"the last one: the source is gone", std::nullopt, CopyOf(one), made, Row::kStays},
      {"never copied from here", std::nullopt, std::nullopt, Version("foreign"), Row::kStays},
      {"nobody was told of it", one, std::nullopt, one, Row::kDoubtful},
      {"something else than was noted", one, CopyOf(one), Version("foreign"), Row::kDoubtful},
  };
  for (const Row& row : rows) {
    JournaledMove move{.from = "a/", .to = "b/"};
    if (row.noted) move.copies["a/x"] = *row.noted;
    ListedTree source;
    if (row.source) source["a/x"] = *row.source;
    const UndoPlan plan = PlanUndo(move, source, {{"b/x", row.target}});
    EXPECT_EQ(plan.copies.size(), row.fate == Row::kRemoved ? 1U : 0U) << row.what;
    EXPECT_EQ(plan.doubtful.size(), row.fate == Row::kDoubtful ? 1U : 0U) << row.what;
    EXPECT_EQ(plan.others.size(), row.fate == Row::kStays ? 1U : 0U) << row.what;
  }
}

TEST(MovePlan, TheMarkerOfADirectoryThatWasThereStays) {
  const ListedTree source = {{"a/", Version("1")}};
  const ListedTree target = {{"b/", Version("copy of 1")}};
  JournaledMove move{.from = "a/", .to = "b/", .copies = {{"a/", CopyOf(Version("1"))}}};
  EXPECT_THAT(PlanUndo(move, source, target).copies, ElementsAre("b/"));
  move.target_was_there = true;
  EXPECT_THAT(PlanUndo(move, source, target).copies, IsEmpty());
}

TEST(MovePlan, Pitfall31_OnlyTheVeryVersionThatWasCopiedIsDeleted) {
  struct Row {
    const char* what;
    ListedVersion source;
    std::optional<JournaledCopy> noted;
    bool has_target;
    bool goes;
  };
  const ListedVersion one = Version("1");
  const std::vector<Row> rows = {
      {"copied", one, CopyOf(one), true, true},
      {"changed since", Version("2"), CopyOf(one), true, false},
      {"its metadata were changed since", Version("1", 5), CopyOf(one), true, false},
      {"made since", one, std::nullopt, true, false},
      {"the last one: the copy is gone", one, CopyOf(one), false, false},
  };
  for (const Row& row : rows) {
    JournaledMove move{.from = "a/", .to = "b/", .switched = true};
    if (row.noted) move.copies["a/x"] = *row.noted;
    ListedTree target;
    if (row.has_target) target["b/x"] = Version("whatever it has become");
    const DeletionPlan plan = PlanDeletion(move, {{"a/x", row.source}}, target);
    EXPECT_EQ(plan.moved.size(), row.goes ? 1U : 0U) << row.what;
    EXPECT_EQ(plan.staying.size(), row.goes ? 0U : 1U) << row.what;
  }
}

TEST(MovePlan, ACopyIsKnownByItsMarkItsMetadataAndItsBytes) {
  const auto info = [](const std::string& etag, ByteCount size, const std::string& id, const std::string& mode) {
    ObjectInfo object;
    object.etag = {etag};
    object.size = size;
    if (!id.empty()) object.metadata.user[std::string(kUploadIdField)] = id;
    object.metadata.user["mode"] = mode;
    return object;
  };
  const std::string move = "0123";
  struct Row {
    const char* what;
    ObjectInfo source;
    ObjectInfo target;
    CopyVerdict verdict;
  };
  const std::vector<Row> rows = {
      {"equal in all", info("e", 5, "", "1"), info("e", 5, "", "1"), CopyVerdict::kCopy},
      {"made in parts by the move", info("e-2", 5, "id", "1"), info("f-2", 5, "0123abcd", "1"), CopyVerdict::kCopy},
      {"of one upload", info("e-2", 5, "id", "1"), info("f", 5, "id", "1"), CopyVerdict::kCopy},
      {"equal bytes, other metadata", info("e", 0, "", "1"), info("e", 0, "", "2"), CopyVerdict::kOther},
      {"of another upload", info("e", 5, "id", "1"), info("e", 5, "other", "1"), CopyVerdict::kOther},
      {"another size", info("e-2", 5, "", "1"), info("f", 6, "", "1"), CopyVerdict::kOther},
      {"ETags that say nothing", info("e-2", 5, "", "1"), info("f", 5, "", "1"), CopyVerdict::kCompareBytes},
  };
  for (const Row& row : rows) EXPECT_EQ(JudgeCopy(move, row.source, row.target), row.verdict) << row.what;
}

}  // namespace
}  // namespace cosfuse
