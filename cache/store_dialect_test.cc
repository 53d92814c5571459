#include "cache/store_dialect.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

constexpr StoreDialect kNothing = {};
constexpr StoreDialect kAtBegin = {.conditions_at_begin = true, .conditions_at_complete = false};
constexpr StoreDialect kAtComplete = {.conditions_at_begin = false, .conditions_at_complete = true};
constexpr StoreDialect kEverywhere = {.conditions_at_begin = true, .conditions_at_complete = true};

const WallTime kFound(std::chrono::seconds(1'800'000'000));

TEST(StoreDialect, AStoreThatHonoursNothingIsLookedAtBeforeAConditionalCompletion) {
  const Conditions create = {.create_only = true};
  const Conditions rewrite = {.if_match = {"e"}};
  struct Row {
    StoreDialect dialect;
    Conditions conditions;
    bool look;
  };
  for (const Row& row : {Row{kNothing, create, true}, Row{kNothing, rewrite, true}, Row{kNothing, {}, false},
                         Row{kAtBegin, create, false}, Row{kAtBegin, rewrite, false}, Row{kAtComplete, create, false},
                         Row{kAtComplete, rewrite, false}, Row{kEverywhere, rewrite, false}}) {
    EXPECT_EQ(MustLookBeforeComplete(row.dialect, row.conditions), row.look);
  }
}

TEST(StoreDialect, WhatALookMeans) {
  ObjectInfo current;
  current.etag = {"e"};
  const Result<ObjectInfo> there = current;
  const auto failure = [](ErrorCode code) -> Result<ObjectInfo> { return Fail(code, "injected"); };
  const Conditions create = {.create_only = true};
  const Conditions same = {.if_match = {"e"}};
  const Conditions other = {.if_match = {"f"}};
  struct Row {
    Conditions conditions;
    Result<ObjectInfo> seen;
    std::optional<ErrorCode> error;
  };
  for (const Row& row :
       {Row{create, failure(ErrorCode::kNotFound), std::nullopt}, Row{create, there, ErrorCode::kAlreadyExists},
        Row{same, there, std::nullopt}, Row{other, there, ErrorCode::kStale},
        Row{same, failure(ErrorCode::kNotFound), ErrorCode::kStale},
        Row{create, failure(ErrorCode::kUnavailable), ErrorCode::kUnavailable},
        Row{same, failure(ErrorCode::kTimedOut), ErrorCode::kTimedOut},
        Row{same, failure(ErrorCode::kCancelled), ErrorCode::kCancelled}}) {
    for (const bool may_be_blind : {false, true}) {
      const auto judged = JudgeLookBeforeComplete(row.conditions, row.seen, may_be_blind);
      EXPECT_EQ(judged ? std::nullopt : std::optional(judged.error().code()), row.error);
    }
  }
}

TEST(StoreDialect, OnlyADropBoxCompletesWithoutLooking) {
  const Result<ObjectInfo> refused = Fail(ErrorCode::kAccessDenied, "injected");
  for (const Conditions& conditions : {Conditions{.if_match = {"e"}}, Conditions{.create_only = true}}) {
    EXPECT_TRUE(JudgeLookBeforeComplete(conditions, refused, true));
    const auto judged = JudgeLookBeforeComplete(conditions, refused, false);
    ASSERT_FALSE(judged);
    EXPECT_EQ(judged.error().code(), ErrorCode::kAccessDenied);
  }
}

TEST(StoreDialect, IsReadBackForAWeek) {
  for (const StoreDialect& dialect : {kNothing, kAtBegin, kAtComplete, kEverywhere}) {
    const std::string text = FormatStoreDialect(dialect, "https://cos/b", kFound);
    EXPECT_EQ(ParseStoreDialect(text, "https://cos/b", kFound), dialect);
    EXPECT_EQ(ParseStoreDialect(text, "https://cos/b", kFound + std::chrono::days(7)), dialect);
    EXPECT_EQ(ParseStoreDialect(text, "https://cos/b", kFound + std::chrono::days(7) + std::chrono::seconds(1)),
              std::nullopt);
    EXPECT_EQ(ParseStoreDialect(text, "https://cos/b", kFound - std::chrono::seconds(1)), std::nullopt);
  }
}

TEST(StoreDialect, IsThatOfOneStore) {
  const std::string text = FormatStoreDialect(kAtBegin, "https://cos/b", kFound);
  EXPECT_EQ(ParseStoreDialect(text, "https://cos/c", kFound), std::nullopt);
  EXPECT_EQ(ParseStoreDialect(text, "", kFound), std::nullopt);
}

TEST(StoreDialect, ATextThatIsNotWholeIsNoDialect) {
  const std::string text = FormatStoreDialect(kEverywhere, "s", kFound);
  EXPECT_EQ(text,
            "cosfuse store dialect 1\nstore s\nfound at 1800000000\nconditions at begin yes\n"
            "conditions at complete yes\nend\n");
  for (size_t length = 0; length < text.size(); ++length) {
    EXPECT_EQ(ParseStoreDialect(text.substr(0, length), "s", kFound), std::nullopt) << length;
  }
  EXPECT_EQ(ParseStoreDialect(text + "more\n", "s", kFound), std::nullopt);
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    std::string damaged = text;
    damaged[i] = '#';
    EXPECT_EQ(ParseStoreDialect(damaged, "s", kFound), std::nullopt) << i;
  }
  EXPECT_EQ(ParseStoreDialect("cosfuse store dialect 1\nstore s\nfound at 99999999999999999999\n", "s", kFound),
            std::nullopt);
}

}  // namespace
}  // namespace cosfuse
