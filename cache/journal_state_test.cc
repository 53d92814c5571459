#include "cache/journal_state.h"

#include <gtest/gtest.h>

#include "cache/content_layers.h"

namespace cosfuse {
namespace {

constexpr JournalFileId kJournalFile{3};

JournalState StateOf(const std::vector<JournalRecord>& records) {
  JournalState state;
  for (const JournalRecord& record : records) state.Apply(record);
  return state;
}

JournalFileRecord NewJournaled(const std::string& key) {
  JournaledFile file;
  file.target.key = key;
  return {kJournalFile, file};
}

TEST(JournalState, WritesAddUp) {
  const auto state =
      StateOf({NewJournaled("key"), JournalWrite{kJournalFile, LayerId{1}, {0, 10}},
               JournalWrite{kJournalFile, LayerId{1}, {10, 10}}, JournalTruncate{kJournalFile, LayerId{2}, 15}});
  const ContentImage& content = state.files().at(kJournalFile).content;
  EXPECT_EQ(content.size, 15U);
  ASSERT_EQ(content.layers.size(), 2U);
  EXPECT_EQ(content.layers[0].written.ranges(), (std::vector<ByteRange>{{0, 20}}));
  EXPECT_EQ(content.layers[1].clip, 15U);
}

TEST(JournalState, WhatIsStoredIsTheBaseAndTheRestStays) {
  const BaseVersion version{"key", {"etag"}, 10, ""};
  auto records = std::vector<JournalRecord>{NewJournaled("key"),
                                            JournalWrite{kJournalFile, LayerId{1}, {0, 10}},
                                            JournalUpload{kJournalFile, "id"},
                                            JournalClosed{kJournalFile, {LayerId{1}, 10}},
                                            JournalWrite{kJournalFile, LayerId{2}, {5, 1}},
                                            JournalStored{kJournalFile, {LayerId{1}, 10}, version}};
  const auto state = StateOf(records);
  const JournaledFile& file = state.files().at(kJournalFile);
  EXPECT_EQ(file.base, version);
  EXPECT_EQ(file.content.base_size, 10U);
  ASSERT_EQ(file.content.layers.size(), 1U);
  EXPECT_EQ(file.content.layers[0].id, LayerId{2});
  EXPECT_TRUE(file.upload_ids.empty());
  EXPECT_FALSE(file.closed);
}

TEST(JournalState, AMomentThatWasClosedLaterThanTheStoredOneStays) {
  const auto state =
      StateOf({NewJournaled("key"), JournalWrite{kJournalFile, LayerId{1}, {0, 10}},
               JournalWrite{kJournalFile, LayerId{2}, {0, 20}}, JournalClosed{kJournalFile, {LayerId{2}, 20}},
               JournalStored{kJournalFile, {LayerId{1}, 10}, {"key", {"etag"}, 10, ""}}});
  EXPECT_EQ(state.files().at(kJournalFile).closed, (ContentSnapshot{LayerId{2}, 20}));
}

TEST(JournalState, AMergeMovesTheClosedMomentAlong) {
  const auto state =
      StateOf({NewJournaled("key"), JournalWrite{kJournalFile, LayerId{1}, {0, 10}},
               JournalWrite{kJournalFile, LayerId{2}, {5, 10}}, JournalClosed{kJournalFile, {LayerId{2}, 15}},
               JournalMerge{kJournalFile, LayerId{2}, LayerId{1}}});
  const JournaledFile& file = state.files().at(kJournalFile);
  EXPECT_EQ(file.closed, (ContentSnapshot{LayerId{1}, 15}));
  ASSERT_EQ(file.content.layers.size(), 1U);
  EXPECT_EQ(file.content.layers[0].written.ranges(), (std::vector<ByteRange>{{0, 15}}));
}

TEST(JournalState, WhatIsGoneIsForgottenAndItsNumberIsNotUsedAgain) {
  const auto state =
      StateOf({NewJournaled("key"), JournalGone{kJournalFile}, JournalWrite{kJournalFile, LayerId{1}, {0, 5}}});
  EXPECT_TRUE(state.files().empty());
  EXPECT_EQ(state.next_id(), JournalFileId{4});
}

TEST(JournalState, WhatWasClosedLastIsKnownHoweverTheFilesAreDescribed) {
  JournalState state;
  const auto closed = [&](uint64_t id) { state.Apply(JournalClosed{JournalFileId{id}, {LayerId{1}, 10}}); };
  const auto order = [&](uint64_t id) { return state.files().at(JournalFileId{id}).closed_order; };
  for (const uint64_t id : {1, 2}) state.Apply(JournalFileRecord{JournalFileId{id}, {}});
  closed(2);
  closed(1);
  EXPECT_LT(order(2), order(1));
  state.Apply(JournalFileRecord{JournalFileId{2}, {.closed = ContentSnapshot{}}});
  EXPECT_LT(order(2), order(1)) << "described anew, not closed again";
  JournalState summed_up;
  for (const JournalRecord& record : state.Summary()) summed_up.Apply(record);
  EXPECT_EQ(summed_up.files(), state.files());
  summed_up.Apply(JournalClosed{JournalFileId{2}, {LayerId{1}, 10}});
  EXPECT_GT(summed_up.files().at(JournalFileId{2}).closed_order, order(1));
}

TEST(JournalState, UploadsInPartsAreKnownUntilTheyEnd) {
  const auto state = StateOf({JournalPartsBegun{"a", "1"}, JournalPartsBegun{"b", "2"}, JournalPartsEnded{"1"}});
  EXPECT_EQ(state.open_uploads(), (std::map<std::string, ObjectKey>{{"2", "b"}}));
}

TEST(JournalState, ItsSummarySaysTheSame) {
  const auto state = StateOf({NewJournaled("key"), JournalWrite{kJournalFile, LayerId{1}, {0, 10}},
                              JournalZero{kJournalFile, LayerId{2}, {2, 3}},
                              JournalClosed{kJournalFile, {LayerId{2}, 10}}, JournalPartsBegun{"b", "2"}});
  const auto again = StateOf(state.Summary());
  EXPECT_EQ(again.files(), state.files());
  EXPECT_EQ(again.open_uploads(), state.open_uploads());
}

TEST(JournalState, AMoveIsKnownUntilItEndsAndItsSummarySaysTheSame) {
  const JournaledCopy first{{"etag-1"}, WallTime(std::chrono::seconds(5)), {"copy-1"}};
  const JournaledCopy again{{"etag-2"}, WallTime(std::chrono::seconds(6)), {"copy-2"}};
  std::vector<JournalRecord> records = {
      JournalMoveBegun{"m", "a/", "b/", true},    JournalMoveBegun{"n", "c/", "d/", false},
      JournalMoveCopied{"m", "a/x", first},       JournalMoveCopied{"m", "a/x", again},
      JournalMoveCopied{"m", "a/y", first},       JournalMoveSwitched{"m"},
      JournalMoveCopied{"unknown", "e/z", first}, JournalMoveSwitched{"unknown"}};
  const auto state = StateOf(records);
  const std::map<std::string, JournaledMove> expected = {{"m",
                                                          {.from = "a/",
                                                           .to = "b/",
                                                           .target_was_there = true,
                                                           .switched = true,
                                                           .copies = {{"a/x", again}, {"a/y", first}}}},
                                                         {"n", {.from = "c/", .to = "d/"}}};
  EXPECT_EQ(state.moves(), expected);
  EXPECT_EQ(StateOf(state.Summary()).moves(), expected);
  records.emplace_back(JournalMoveEnded{"m"});
  records.emplace_back(JournalMoveEnded{"n"});
  EXPECT_TRUE(StateOf(records).moves().empty());
}

TEST(JournalState, ARemovalIsKnownUntilItEndsAndItsSummarySaysTheSame) {
  const JournaledRemoval first{{"etag-1"}, WallTime(std::chrono::seconds(5))};
  const JournaledRemoval second{{"etag-2"}};
  const auto state =
      StateOf({JournalRemovalBegun{"a", first}, JournalRemovalBegun{"b", first}, JournalRemovalBegun{"c", first},
               JournalRemovalEnded{"b"}, JournalRemovalEnded{"c"}, JournalRemovalBegun{"c", second}});
  const std::map<ObjectKey, JournaledRemoval> expected = {{"a", first}, {"c", second}};
  EXPECT_EQ(state.removals(), expected);
  EXPECT_EQ(StateOf(state.Summary()).removals(), expected);
  EXPECT_FALSE(state.empty());
}

}  // namespace
}  // namespace cosfuse
