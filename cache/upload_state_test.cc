#include "cache/upload_state.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

const Error kFailure(ErrorCode::kUnavailable, "no answer");

ErrorCode CodeOf(const std::optional<Result<>>& answer) { return answer.value().error().code(); }
bool Stored(const std::optional<Result<>>& answer) { return answer && answer->has_value(); }

UploadState Dirty() {
  UploadState state;
  state.OnChange();
  return state;
}

TEST(UploadState, ACleanFileHasNothingToUpload) {
  UploadState state;
  EXPECT_FALSE(state.dirty());
  EXPECT_FALSE(state.Request(true));
  EXPECT_FALSE(state.Begin());
}

TEST(UploadState, NothingBeginsUnlessItIsAskedFor) {
  UploadState state = Dirty();
  EXPECT_TRUE(state.dirty());
  EXPECT_FALSE(state.Begin());
  EXPECT_TRUE(state.Request(true));
  EXPECT_TRUE(state.Begin());
}

TEST(UploadState, ATicketWaitsUntilItsGenerationIsStored) {
  UploadState state = Dirty();
  const auto ticket = state.Request(true);
  EXPECT_FALSE(state.Answer(*ticket));
  ASSERT_TRUE(state.Begin());
  EXPECT_FALSE(state.Answer(*ticket));
  EXPECT_TRUE(state.dirty());
  state.Succeeded();
  EXPECT_TRUE(Stored(state.Answer(*ticket)));
  EXPECT_FALSE(state.dirty());
}

TEST(UploadState, AtMostOneAttemptIsInProgress) {
  UploadState state = Dirty();
  state.Request(true);
  ASSERT_TRUE(state.Begin());
  state.OnChange();
  state.Request(true);
  EXPECT_FALSE(state.Begin());
  state.Succeeded();
  EXPECT_TRUE(state.Begin());
}

TEST(UploadState, ARequestJoinsAnAttemptThatCoversIt) {
  UploadState state = Dirty();
  state.Request(true);
  ASSERT_TRUE(state.Begin());
  const auto second = state.Request(true);
  state.Succeeded();
  EXPECT_TRUE(Stored(state.Answer(*second)));
  EXPECT_FALSE(state.Begin());
}

TEST(UploadState, AWriteDuringAnAttemptNeedsAnother) {
  UploadState state = Dirty();
  const auto first = state.Request(true);
  ASSERT_TRUE(state.Begin());
  state.OnChange();
  const auto second = state.Request(true);
  state.Succeeded();
  EXPECT_TRUE(Stored(state.Answer(*first)));
  EXPECT_FALSE(state.Answer(*second));
  EXPECT_TRUE(state.dirty());
  ASSERT_TRUE(state.Begin());
  state.Succeeded();
  EXPECT_TRUE(Stored(state.Answer(*second)));
}

TEST(UploadState, ASteadyWriterDoesNotHoldBackAWaiter) {
  UploadState state = Dirty();
  const auto ticket = state.Request(true);
  state.OnChange();
  ASSERT_TRUE(state.Begin());
  state.OnChange();
  state.Succeeded();
  EXPECT_TRUE(Stored(state.Answer(*ticket)));
}

TEST(UploadState, AnotherTargetIsNotServedByTheAttemptInProgress) {
  UploadState state = Dirty();
  state.Request(true);
  ASSERT_TRUE(state.Begin());
  const auto renamed = state.Request(false);
  state.Succeeded();
  EXPECT_FALSE(state.Answer(*renamed));
  ASSERT_TRUE(state.Begin());
  state.Succeeded();
  EXPECT_TRUE(Stored(state.Answer(*renamed)));
}

TEST(UploadState, Pitfall1_AFailureReachesEachWaiterAndLeavesAllDirty) {
  UploadState state = Dirty();
  const auto first = state.Request(true);
  const auto second = state.Request(true);
  ASSERT_TRUE(state.Begin());
  const auto third = state.Request(true);
  state.Failed(kFailure);
  for (const auto& ticket : {first, second, third}) {
    EXPECT_EQ(CodeOf(state.Answer(*ticket)), ErrorCode::kUnavailable);
  }
  EXPECT_TRUE(state.dirty());
}

TEST(UploadState, Pitfall1_TheSecondRequestSendsAgainAndMeetsItsOwnResult) {
  UploadState state = Dirty();
  state.Request(true);
  state.Begin();
  state.Failed(kFailure);
  const auto again = state.Request(true);
  ASSERT_TRUE(again);
  EXPECT_FALSE(state.Answer(*again)) << "the earlier failure is not the answer";
  ASSERT_TRUE(state.Begin());
  state.Succeeded();
  EXPECT_TRUE(Stored(state.Answer(*again)));
  EXPECT_FALSE(state.dirty());
}

TEST(UploadState, AFailureOfALaterGenerationDoesNotTouchAnEarlierTicket) {
  UploadState state = Dirty();
  const auto first = state.Request(true);
  state.Begin();
  state.Succeeded();
  state.OnChange();
  const auto second = state.Request(true);
  state.Begin();
  state.Failed(kFailure);
  EXPECT_TRUE(Stored(state.Answer(*first)));
  EXPECT_EQ(CodeOf(state.Answer(*second)), ErrorCode::kUnavailable);
}

TEST(UploadState, ARequestDuringAFailingAttemptThatDoesNotCoverItWaitsForTheNext) {
  UploadState state = Dirty();
  state.Request(true);
  state.Begin();
  state.OnChange();
  const auto later = state.Request(true);
  state.Failed(kFailure);
  EXPECT_FALSE(state.Answer(*later));
  ASSERT_TRUE(state.Begin());
  state.Succeeded();
  EXPECT_TRUE(Stored(state.Answer(*later)));
}

TEST(UploadState, ABackgroundRequestPersistsUntilItIsStored) {
  UploadState state = Dirty();
  EXPECT_FALSE(state.persistent());
  state.RequestInBackground(true);
  ASSERT_TRUE(state.Begin());
  state.Failed(kFailure);
  EXPECT_TRUE(state.persistent());
  EXPECT_FALSE(state.Begin());
  state.RequestAgain();
  ASSERT_TRUE(state.Begin());
  state.Succeeded();
  EXPECT_FALSE(state.persistent());
}

TEST(UploadState, ARetryThatMeetsAnAttemptWhichStoresAllIsNoRequestForLaterChanges) {
  UploadState state = Dirty();
  state.RequestInBackground(true);
  ASSERT_TRUE(state.Begin());
  state.RequestAgain();
  state.Succeeded();
  state.OnChange();
  EXPECT_TRUE(state.dirty());
  EXPECT_FALSE(state.pending()) << "nobody is at it, and who waits for it would wait for ever";
}

TEST(UploadState, ARetryThatComesAfterAllWasStoredIsNoRequestForLaterChanges) {
  UploadState state = Dirty();
  state.RequestInBackground(true);
  ASSERT_TRUE(state.Begin());
  state.Failed(kFailure);
  ASSERT_TRUE(state.Request(true));
  ASSERT_TRUE(state.Begin());
  state.OnChange();
  state.Succeeded();
  EXPECT_TRUE(state.dirty());
  EXPECT_FALSE(state.persistent());
  state.RequestAgain();
  EXPECT_FALSE(state.Begin()) << "half of what somebody is writing";
}

TEST(UploadState, WhatWasSealedIsSentWithoutLaterChanges) {
  UploadState state = Dirty();
  const Generation sealed = state.Seal();
  state.OnChange();
  state.RequestSealed(sealed);
  EXPECT_EQ(state.Begin(sealed), sealed);
  EXPECT_FALSE(state.attempt_covers_all());
  state.Succeeded();
  EXPECT_TRUE(state.IsStored(sealed));
  EXPECT_TRUE(state.dirty());
  EXPECT_FALSE(state.pending()) << "half of what somebody is writing";
  EXPECT_FALSE(state.persistent());
}

TEST(UploadState, WhoAsksForLaterChangesGetsThemToo) {
  UploadState state = Dirty();
  const Generation sealed = state.Seal();
  state.RequestSealed(sealed);
  state.OnChange();
  const auto ticket = state.Request(true);
  EXPECT_GT(state.Begin(sealed), sealed);
  state.Succeeded();
  EXPECT_TRUE(Stored(state.Answer(*ticket)));
  EXPECT_FALSE(state.dirty());
}

TEST(UploadState, ARetryOfWhatWasSealedIsThatAgain) {
  UploadState state = Dirty();
  const Generation sealed = state.Seal();
  state.RequestSealed(sealed);
  ASSERT_EQ(state.Begin(sealed), sealed);
  state.OnChange();
  state.Failed(kFailure);
  EXPECT_TRUE(state.persistent());
  state.RequestAgain();
  EXPECT_EQ(state.Begin(sealed), sealed);
}

TEST(UploadState, SealingIsForWhatIsDirty) {
  UploadState state = Dirty();
  const Generation first = state.Seal();
  EXPECT_EQ(state.Seal(), first) << "nothing has changed since";
  state.OnChange();
  EXPECT_GT(state.Seal(), first);
  state.RequestSealed(first);
  ASSERT_TRUE(state.Begin(first));
  state.RequestSealed(first);
  state.Succeeded();
  EXPECT_FALSE(state.pending()) << "the attempt in progress was it";
  state.RequestSealed(first);
  EXPECT_FALSE(state.Begin(first)) << "stored already";
}

TEST(UploadState, AfterDiscardNothingIsSentAndEverybodyIsServed) {
  UploadState state = Dirty();
  const auto waiting = state.Request(true);
  state.RequestInBackground(true);
  state.Discard();
  EXPECT_FALSE(state.dirty());
  EXPECT_FALSE(state.persistent());
  EXPECT_TRUE(Stored(state.Answer(*waiting)));
  state.OnChange();
  EXPECT_FALSE(state.Request(true));
  state.RequestAgain();
  EXPECT_FALSE(state.Begin());
}

TEST(UploadState, DiscardLetsAnAttemptInProgressEnd) {
  UploadState state = Dirty();
  state.Request(true);
  ASSERT_TRUE(state.Begin());
  state.Discard();
  EXPECT_TRUE(state.in_progress());
  state.Failed(kFailure);
  EXPECT_FALSE(state.in_progress());
  EXPECT_FALSE(state.dirty());
}

}  // namespace
}  // namespace cosfuse
