#include "app/preflight.h"

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "cos/fake_object_store.h"
#include "cos/faulty_object_store.h"

namespace cosfuse {
namespace {

/// Gives a token, or an error.
class ScriptedTokens final : public TokenSource {
 public:
  Result<AccessToken> Get(const OpContext& /*context*/) override {
    if (error) return Fail(*error);
    return AccessToken{.bearer = Secret("t"), .generation = 1};
  }
  void OnAccepted(const AccessToken& /*token*/) override {}
  bool OnRefused(const OpContext& /*context*/, const AccessToken& /*token*/) override { return false; }

  std::optional<Error> error;
};

class CheckAccessTest : public ::testing::Test {
 protected:
  auto Check(AccessRequest request) { return CheckAccess(OpContext(), tokens_, faulty_, random_, request, "prefix/"); }

  FakeClock clock_;
  SeededRandom random_{1};
  ScriptedTokens tokens_;
  FakeObjectStore store_{clock_};
  FaultyObjectStore faulty_{store_, clock_};
  const Error denied_{ErrorCode::kAccessDenied, "no"};
};

TEST_F(CheckAccessTest, AutoTakesOneListForReadWrite) {
  EXPECT_EQ(Check(AccessRequest::kAuto).value(), AccessMode::kReadWrite);
  ASSERT_EQ(store_.operations().size(), 1U);
  EXPECT_EQ(store_.operations()[0].operation, StoreOperation::kList);
  EXPECT_EQ(store_.operations()[0].key, "prefix/");
}

TEST_F(CheckAccessTest, ReadOnlyTakesOneList) {
  EXPECT_EQ(Check(AccessRequest::kReadOnly).value(), AccessMode::kReadOnly);
  EXPECT_EQ(store_.Count(StoreOperation::kList), 1U);
  EXPECT_EQ(store_.count(), 1U);
}

TEST_F(CheckAccessTest, WriteOnlyBeginsAndAbortsAnUploadAndReadsNothing) {
  EXPECT_EQ(Check(AccessRequest::kWriteOnly).value(), AccessMode::kWriteOnly);
  EXPECT_EQ(store_.Count(StoreOperation::kBeginUpload), 1U);
  EXPECT_EQ(store_.Count(StoreOperation::kAbortUpload), 1U);
  EXPECT_EQ(store_.count(), 2U);
  EXPECT_EQ(store_.open_uploads(), 0U);
  EXPECT_TRUE(store_.operations()[0].key.starts_with("prefix/"));
}

TEST_F(CheckAccessTest, ReadWriteChecksBoth) {
  EXPECT_EQ(Check(AccessRequest::kReadWrite).value(), AccessMode::kReadWrite);
  EXPECT_EQ(store_.Count(StoreOperation::kList), 1U);
  EXPECT_EQ(store_.Count(StoreOperation::kBeginUpload), 1U);
}

TEST_F(CheckAccessTest, AnUploadThatCannotBeAbortedStillProvesTheRight) {
  faulty_.FailNext(StoreOperation::kAbortUpload, denied_);
  EXPECT_TRUE(Check(AccessRequest::kWriteOnly).has_value());
}

TEST_F(CheckAccessTest, FailuresNameTheirStage) {
  faulty_.FailNext(StoreOperation::kList, denied_);
  EXPECT_EQ(Check(AccessRequest::kAuto).error().stage, StartStage::kRead);
  faulty_.FailNext(StoreOperation::kBeginUpload, denied_);
  EXPECT_EQ(Check(AccessRequest::kReadWrite).error().stage, StartStage::kWrite);
  faulty_.FailNext(StoreOperation::kBeginUpload, denied_);
  EXPECT_EQ(Check(AccessRequest::kWriteOnly).error().stage, StartStage::kWrite);
  tokens_.error = Error(ErrorCode::kUnauthenticated, "IAM says no");
  const auto access = Check(AccessRequest::kAuto);
  EXPECT_EQ(access.error().stage, StartStage::kIdentity);
  EXPECT_EQ(access.error().error.message(), "IAM says no");
}

TEST_F(CheckAccessTest, WithoutATokenNothingIsAskedOfTheStore) {
  tokens_.error = Error(ErrorCode::kUnauthenticated, "IAM says no");
  EXPECT_FALSE(Check(AccessRequest::kAuto).has_value());
  EXPECT_EQ(store_.count(), 0U);
}

}  // namespace
}  // namespace cosfuse
