#include "cache/content_layers.h"

#include <gtest/gtest.h>

#include <vector>

namespace cosfuse {
namespace {

using enum ContentSegment::Source;
using Plan = std::vector<ContentSegment>;

TEST(ContentLayers, AnUntouchedFileIsItsBase) {
  const ContentLayers layers(100);
  EXPECT_EQ(layers.size(), 100u);
  EXPECT_EQ(layers.PlanRead({10, 20}), (Plan{{kBase, {}, {10, 20}}}));
  EXPECT_EQ(layers.dirty_bytes(), 0u);
}

TEST(ContentLayers, AReadIsCutAtTheEnd) {
  const ContentLayers layers(100);
  EXPECT_EQ(layers.PlanRead({90, 50}), (Plan{{kBase, {}, {90, 10}}}));
  EXPECT_EQ(layers.PlanRead({100, 50}), Plan{});
  EXPECT_EQ(layers.PlanRead({500, 50}), Plan{});
}

TEST(ContentLayers, AWriteHidesTheBase) {
  ContentLayers layers(100);
  layers.Write({20, 10});
  const LayerId top = layers.active();
  EXPECT_EQ(layers.PlanRead({0, 100}), (Plan{{kBase, {}, {0, 20}}, {kLayer, top, {20, 10}}, {kBase, {}, {30, 70}}}));
}

TEST(ContentLayers, AGapBeyondTheEndReadsZero) {
  ContentLayers layers(10);
  layers.Write({20, 10});
  EXPECT_EQ(layers.size(), 30u);
  EXPECT_EQ(layers.PlanRead({0, 30}),
            (Plan{{kBase, {}, {0, 10}}, {kZero, {}, {10, 10}}, {kLayer, layers.active(), {20, 10}}}));
}

TEST(ContentLayers, Pitfall8_AGapAfterTruncateDownAndExtendReadsZeroWhereTheBaseHasBytes) {
  ContentLayers layers(100);
  layers.Truncate(40);
  layers.Truncate(100);
  EXPECT_EQ(layers.PlanRead({0, 100}), (Plan{{kBase, {}, {0, 40}}, {kZero, {}, {40, 60}}}));
  layers.Write({90, 20});
  EXPECT_EQ(layers.PlanRead({30, 80}),
            (Plan{{kBase, {}, {30, 10}}, {kZero, {}, {40, 50}}, {kLayer, layers.active(), {90, 20}}}));
}

TEST(ContentLayers, Pitfall8_TruncationInALaterGenerationHidesEarlierWrites) {
  ContentLayers layers(0);
  layers.Write({0, 50});
  const LayerId first = layers.active();
  const ContentSnapshot snapshot = layers.Freeze();
  layers.Truncate(10);
  layers.Write({30, 5});
  EXPECT_EQ(layers.PlanRead({0, 50}),
            (Plan{{kLayer, first, {0, 10}}, {kZero, {}, {10, 20}}, {kLayer, layers.active(), {30, 5}}}));
  EXPECT_EQ(layers.PlanSnapshot(snapshot, {0, 50}), (Plan{{kLayer, first, {0, 50}}}));
}

TEST(ContentLayers, Pitfall8_TheGapStaysZeroAfterTheUpload) {
  ContentLayers layers(100);
  layers.Truncate(40);
  layers.Write({90, 10});
  const LayerId top = layers.active();
  layers.Commit(layers.Freeze());
  EXPECT_EQ(layers.PlanRead({40, 60}), (Plan{{kZero, {}, {40, 50}}, {kLayer, top, {90, 10}}}));
  layers.DropClean();
  EXPECT_EQ(layers.PlanRead({0, 100}), (Plan{{kBase, {}, {0, 100}}}));
}

TEST(ContentLayers, ASnapshotDoesNotSeeLaterWrites) {
  ContentLayers layers(0);
  layers.Write({0, 10});
  const LayerId first = layers.active();
  const ContentSnapshot snapshot = layers.Freeze();
  layers.Write({5, 10});
  EXPECT_EQ(snapshot.size, 10u);
  EXPECT_EQ(layers.PlanSnapshot(snapshot, {0, 100}), (Plan{{kLayer, first, {0, 10}}}));
  EXPECT_EQ(layers.PlanRead({0, 100}), (Plan{{kLayer, first, {0, 5}}, {kLayer, layers.active(), {5, 10}}}));
}

TEST(ContentLayers, AFailedSnapshotStaysDirtyAndIsPartOfTheNext) {
  ContentLayers layers(0);
  layers.Write({0, 10});
  const LayerId first = layers.active();
  layers.Freeze();
  layers.Write({10, 10});
  const LayerId second = layers.active();
  EXPECT_EQ(layers.dirty_bytes(), 20u);
  EXPECT_EQ(layers.PlanSnapshot(layers.Freeze(), {0, 20}),
            (Plan{{kLayer, first, {0, 10}}, {kLayer, second, {10, 10}}}));
}

TEST(ContentLayers, FreezingAgainWithoutAWriteAddsNoLayer) {
  ContentLayers layers(0);
  layers.Write({0, 10});
  layers.Freeze();
  const size_t count = layers.layer_count();
  const ContentSnapshot again = layers.Freeze();
  EXPECT_EQ(layers.layer_count(), count);
  EXPECT_EQ(again.size, 10u);
}

TEST(ContentLayers, CommittedBytesAreCleanAndStillLocal) {
  ContentLayers layers(0);
  layers.Write({0, 10});
  const LayerId first = layers.active();
  EXPECT_TRUE(layers.Commit(layers.Freeze()).empty());
  EXPECT_EQ(layers.dirty_bytes(), 0u);
  EXPECT_EQ(layers.clean_bytes(), 10u);
  EXPECT_EQ(layers.PlanRead({0, 10}), (Plan{{kLayer, first, {0, 10}}}));
  EXPECT_EQ(layers.DropClean(), (std::vector<LayerId>{first}));
  EXPECT_EQ(layers.PlanRead({0, 10}), (Plan{{kBase, {}, {0, 10}}}));
}

TEST(ContentLayers, CommittingAnEmptyFileLeavesNoLayerBehind) {
  ContentLayers layers(0);
  EXPECT_EQ(layers.Commit(layers.Freeze()).size(), 1u);
  EXPECT_EQ(layers.layer_count(), 1u);
}

TEST(ContentLayers, ABaseCopyServesReadsAndIsClean) {
  ContentLayers layers(100);
  layers.Write({50, 10});
  const LayerId copy = layers.PrepareBaseCopy({});
  layers.AddBaseCopy(copy, {0, 50});
  EXPECT_EQ(layers.PlanRead({0, 60}), (Plan{{kLayer, copy, {0, 50}}, {kLayer, layers.active(), {50, 10}}}));
  EXPECT_EQ(layers.dirty_bytes(), 10u);
  EXPECT_EQ(layers.PrepareBaseCopy({}), copy);
  EXPECT_NE(layers.PrepareBaseCopy(copy), copy);
}

TEST(ContentLayers, AMergeCopiesTheSmallerLayer) {
  ContentLayers layers(0);
  layers.Write({0, 1000});
  const LayerId big = layers.active();
  layers.Commit(layers.Freeze());
  layers.Write({500, 10});
  const LayerId small = layers.active();
  layers.Commit(layers.Freeze());
  EXPECT_FALSE(layers.PlanMerge(2, {}));
  auto merge = layers.PlanMerge(1, {});
  ASSERT_TRUE(merge);
  EXPECT_EQ(merge->from, small);
  EXPECT_EQ(merge->into, big);
  EXPECT_EQ(merge->to_copy, (std::vector<ByteRange>{{500, 10}}));
  merge = layers.PlanMerge(1, big);
  ASSERT_TRUE(merge);
  EXPECT_EQ(merge->into, small);
  EXPECT_EQ(merge->to_copy, (std::vector<ByteRange>{{0, 500}, {510, 490}}));
  layers.ApplyMerge(*merge);
  EXPECT_EQ(layers.PlanRead({0, 1000}), (Plan{{kLayer, small, {0, 1000}}}));
}

TEST(ContentLayers, AZeroedRangeHidesWhatIsBelowAndWhatWasWritten) {
  ContentLayers layers(100);
  layers.Write({40, 20});
  const LayerId top = layers.active();
  layers.Zero({30, 20});
  EXPECT_EQ(layers.PlanRead({0, 100}),
            (Plan{{kBase, {}, {0, 30}}, {kZero, {}, {30, 20}}, {kLayer, top, {50, 10}}, {kBase, {}, {60, 40}}}));
  EXPECT_EQ(layers.dirty_bytes(), 10u);
  layers.Write({35, 5});
  EXPECT_EQ(layers.PlanRead({30, 20}), (Plan{{kZero, {}, {30, 5}}, {kLayer, top, {35, 5}}, {kZero, {}, {40, 10}}}));
}

TEST(ContentLayers, AZeroedRangeEndsAtTheEndOfTheFile) {
  ContentLayers layers(100);
  layers.Zero({90, 50});
  layers.Zero({200, 50});
  EXPECT_EQ(layers.size(), 100u);
  EXPECT_EQ(layers.PlanRead({80, 100}), (Plan{{kBase, {}, {80, 10}}, {kZero, {}, {90, 10}}}));
}

TEST(ContentLayers, AZeroedRangeOfALaterGenerationIsNotInTheSnapshot) {
  ContentLayers layers(100);
  layers.Write({0, 10});
  const LayerId first = layers.active();
  const ContentSnapshot snapshot = layers.Freeze();
  layers.Zero({5, 10});
  EXPECT_EQ(layers.PlanSnapshot(snapshot, {0, 20}), (Plan{{kLayer, first, {0, 10}}, {kBase, {}, {10, 10}}}));
  EXPECT_EQ(layers.PlanRead({0, 20}), (Plan{{kLayer, first, {0, 5}}, {kZero, {}, {5, 10}}, {kBase, {}, {15, 5}}}));
}

TEST(ContentLayers, AZeroedRangeAloneIsAChangeToFreeze) {
  ContentLayers layers(100);
  layers.Zero({0, 10});
  const ContentSnapshot snapshot = layers.Freeze();
  EXPECT_EQ(layers.PlanSnapshot(snapshot, {0, 20}), (Plan{{kZero, {}, {0, 10}}, {kBase, {}, {10, 10}}}));
  EXPECT_TRUE(layers.Commit(snapshot).empty());
  EXPECT_EQ(layers.PlanRead({0, 20}), (Plan{{kZero, {}, {0, 10}}, {kBase, {}, {10, 10}}}));
  layers.DropClean();
  EXPECT_EQ(layers.PlanRead({0, 20}), (Plan{{kBase, {}, {0, 20}}}));
}

TEST(ContentLayers, AMergeCarriesZeroedRangesAndCopiesNothingBelowThem) {
  for (const bool into_upper : {false, true}) {
    ContentLayers layers(2000);
    layers.Write({0, 1000});
    layers.Zero({1500, 100});
    const LayerId lower = layers.active();
    layers.Freeze();
    layers.Zero({200, 700});
    layers.Write({400, into_upper ? 390u : 10u});
    layers.Write({1550, 10});
    const LayerId upper = layers.active();
    layers.Freeze();
    const auto merge = layers.PlanMerge(1, {});
    ASSERT_TRUE(merge);
    EXPECT_EQ(merge->into, into_upper ? upper : lower);
    if (into_upper) {
      EXPECT_EQ(merge->to_copy, (std::vector<ByteRange>{{0, 200}, {900, 100}}));
    }
    const LayerId merged = merge->into;
    layers.ApplyMerge(*merge);
    const ByteCount written_to = into_upper ? 790 : 410;
    EXPECT_EQ(layers.PlanRead({0, 2000}), (Plan{{kLayer, merged, {0, 200}},
                                                {kZero, {}, {200, 200}},
                                                {kLayer, merged, ByteRange::FromTo(400, written_to)},
                                                {kZero, {}, ByteRange::FromTo(written_to, 900)},
                                                {kLayer, merged, {900, 100}},
                                                {kBase, {}, {1000, 500}},
                                                {kZero, {}, {1500, 50}},
                                                {kLayer, merged, {1550, 10}},
                                                {kZero, {}, {1560, 40}},
                                                {kBase, {}, {1600, 400}}}));
  }
}

TEST(ContentLayers, DataAndHolesAreFound) {
  ContentLayers layers(100);
  layers.Zero({20, 10});
  layers.Truncate(150);
  layers.Write({140, 10});
  layers.Truncate(200);
  const struct {
    ByteCount offset;
    std::optional<ByteCount> data;
    ByteCount hole;
  } rows[] = {{0, 0, 20},
              {19, 19, 20},
              {20, 30, 20},
              {25, 30, 25},
              {30, 30, 100},
              {100, 140, 100},
              {140, 140, 150},
              {149, 149, 150},
              {150, std::nullopt, 150},
              {199, std::nullopt, 199}};
  for (const auto& row : rows) {
    EXPECT_EQ(layers.FindData(row.offset), row.data) << row.offset;
    EXPECT_EQ(layers.FindHole(row.offset), row.hole) << row.offset;
  }
  EXPECT_EQ(ContentLayers(10).FindHole(3), 10u);
  EXPECT_EQ(ContentLayers(0).FindData(0), std::nullopt);
}

TEST(ContentLayers, CleanAndDirtyLayersAreNotMerged) {
  ContentLayers layers(0);
  layers.Write({0, 10});
  layers.Commit(layers.Freeze());
  layers.Write({0, 10});
  layers.Freeze();
  EXPECT_FALSE(layers.PlanMerge(0, {}));
}

TEST(ContentLayers, WhatIsParkedIsNowhereUntilItIsTheBase) {
  ContentLayers layers(0);
  layers.Write({0, 30});
  layers.Park(layers.active(), {10, 10});
  const LayerId active = layers.active();
  using enum ContentSegment::Source;
  EXPECT_EQ(layers.PlanRead({0, 30}),
            (std::vector<ContentSegment>{
                {kLayer, active, {0, 10}}, {kParked, active, {10, 10}}, {kLayer, active, {20, 10}}}));
  EXPECT_TRUE(layers.AnyParked({0, 11}));
  EXPECT_FALSE(layers.AnyParked({20, 10}));
  const auto snapshot = layers.Freeze();
  EXPECT_EQ(layers.Commit(snapshot), std::vector<LayerId>{active}) << "a layer with gaps would show what lies below";
  EXPECT_EQ(layers.PlanRead({0, 30}), (std::vector<ContentSegment>{{kBase, {}, {0, 30}}}));
}

TEST(ContentLayers, KeptIsWhatTheBaseHasAtTheSamePlace) {
  ContentLayers layers(100);
  layers.Write({40, 10});
  layers.Truncate(80);
  const auto kept = layers.FindKept(layers.Freeze());
  EXPECT_EQ(kept.ranges, (std::vector<ByteRange>{{0, 40}, {50, 30}}));
  EXPECT_EQ(kept.missing, 70u);
}

TEST(ContentLayers, ZerosThatWereStoredAreKept) {
  ContentLayers layers(0);
  layers.Write({0, 10});
  layers.Truncate(100);
  layers.Zero({2, 3});
  layers.Commit(layers.Freeze());
  layers.Zero({50, 10});
  layers.Write({20, 5});
  layers.Truncate(120);
  const auto kept = layers.FindKept(layers.Freeze());
  EXPECT_EQ(kept.ranges, (std::vector<ByteRange>{{0, 20}, {25, 25}, {60, 40}}));
  EXPECT_EQ(kept.missing, 75u) << "the zeros behind the bytes that were written, which the base alone knows";
}

TEST(ContentLayers, WhatWasStoredFromHereIsKeptAndNotMissing) {
  ContentLayers layers(0);
  layers.Write({0, 50});
  layers.Commit(layers.Freeze());
  layers.Write({50, 10});
  const auto kept = layers.FindKept(layers.Freeze());
  EXPECT_EQ(kept.ranges, (std::vector<ByteRange>{{0, 50}}));
  EXPECT_EQ(kept.missing, 0u);
}

}  // namespace
}  // namespace cosfuse
