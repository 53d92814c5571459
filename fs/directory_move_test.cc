#include "fs/directory_move.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cosfuse {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

MovedObject Version(const std::string& etag) { return {.etag = {etag}, .size = 1}; }
MovedObject Copied(const std::string& etag) {
  MovedObject object = Version(etag);
  object.copy = {"copy of " + etag};
  object.has_copy = true;
  return object;
}

TEST(CopyRound, FirstRoundCopiesEverything) {
  MovedTree tree;
  const CopyRound round = PlanCopyRound(tree, {{"d/a", Version("1")}, {"d/b", Version("2")}});
  EXPECT_THAT(round.to_copy, ElementsAre("d/a", "d/b"));
  EXPECT_THAT(round.vanished, IsEmpty());
  EXPECT_EQ(tree.at("d/a").etag.value, "1");
}

TEST(CopyRound, NothingIsLeftWhenEveryPresentVersionHasACopy) {
  MovedTree tree = {{"d/a", Copied("1")}};
  EXPECT_THAT(PlanCopyRound(tree, {{"d/a", Version("1")}}).to_copy, IsEmpty());
}

TEST(CopyRound, ChangedAndNewObjectsAreCopiedAgain) {
  MovedTree tree = {{"d/a", Copied("1")}, {"d/b", Copied("2")}};
  const CopyRound round = PlanCopyRound(tree, {{"d/a", Version("9")}, {"d/b", Version("2")}, {"d/c", Version("3")}});
  EXPECT_THAT(round.to_copy, ElementsAre("d/a", "d/c"));
  EXPECT_TRUE(tree.at("d/a").copy.empty()) << "the copy is of an old version";
  EXPECT_TRUE(tree.at("d/a").has_copy) << "and still has to go if the move fails";
}

TEST(CopyRound, CopyThatFailedIsTriedAgain) {
  MovedTree tree = {{"d/a", Version("1")}};
  EXPECT_THAT(PlanCopyRound(tree, {{"d/a", Version("1")}}).to_copy, ElementsAre("d/a"));
}

TEST(CopyRound, CopyOfAnObjectThatWasRemovedMeanwhileGoesToo) {
  MovedTree tree = {{"d/a", Copied("1")}, {"d/b", Version("2")}};
  const CopyRound round = PlanCopyRound(tree, {});
  EXPECT_THAT(round.vanished, ElementsAre("d/a"));
  EXPECT_TRUE(tree.empty());
}

}  // namespace
}  // namespace cosfuse
