#include "auth/api_key_grant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "auth/fake_token_disk.h"
#include "auth/iam_token_source.h"
#include "base/fake_clock.h"
#include "http/fake_transport.h"

namespace cosfuse {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kKeyPath[] = "/keys/cos";

TEST(ApiKeyGrant, ReadsTheKeyAnewAndTrimsIt) {
  FakeTokenDisk disk("first-key\n");
  const ApiKeyGrant grant(disk, kKeyPath);
  EXPECT_EQ(grant.label(), "the API key in /keys/cos");
  const auto first = grant.Prepare();
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(first->credential.Reveal(), "first-key");
  EXPECT_THAT(first->form.Reveal(), ::testing::EndsWith("grant-type%3Aapikey&apikey=first-key"));
  EXPECT_EQ(first->context.kind, GrantKind::kApiKey);
  EXPECT_EQ(first->context.file, kKeyPath);
  disk.SetContent(" second-key ");
  EXPECT_EQ(grant.Prepare()->credential.Reveal(), "second-key");
}

TEST(ApiKeyGrant, WhatIsNoKeyIsRefusedWithoutShowingIt) {
  for (const char* content :
       {R"({"name": "k", "apikey": "aB3"})", "two words", "\"quoted\"", "apikey=\x01", "line\nline"}) {
    FakeTokenDisk disk(content);
    const auto prepared = ApiKeyGrant(disk, kKeyPath).Prepare();
    ASSERT_FALSE(prepared) << content;
    EXPECT_EQ(prepared.error().code(), ErrorCode::kUnauthenticated);
    EXPECT_THAT(prepared.error().message(),
                AllOf(HasSubstr("/keys/cos holds more than a key"), HasSubstr("bare key"), Not(HasSubstr("aB3"))));
  }
}

TEST(ApiKeyGrant, AFileThatIsMissingOrEmptyNamesTheOption) {
  FakeTokenDisk disk("");
  const ApiKeyGrant grant(disk, kKeyPath);
  EXPECT_THAT(grant.Prepare().error().message(),
              AllOf(HasSubstr("the API key file /keys/cos is empty"), HasSubstr("COSFUSE_API_KEY_FILE")));
  disk.SetError(Error(ErrorCode::kNotFound, "no such file"));
  const auto missing = grant.Prepare();
  EXPECT_EQ(missing.error().code(), ErrorCode::kUnauthenticated);
  EXPECT_THAT(missing.error().message(), AllOf(HasSubstr("/keys/cos does not exist"), HasSubstr("--api-key-file")));
}

/// The same machinery under the other grant: what is the grant's own is seen from outside.
class ApiKeyTokensTest : public ::testing::Test {
 protected:
  ApiKeyTokensTest() {
    transport_.SetHandler([this](const FakeTransport::Request& request) {
      if (!request.body.ends_with("&apikey=" + valid_key_)) {
        return FakeTransport::Answer::Of(400, R"({"errorCode":"BXNIM0415E","errorMessage":"could not be found"})");
      }
      return FakeTransport::Answer::Of(
          200, R"({"access_token":"token-)" + std::to_string(++issued_) + R"(","expires_in":3600})");
    });
  }

  std::string Get() {
    const auto token = source_.Get(OpContext());
    return token ? token->bearer.Reveal() : token.error().ToString();
  }

  FakeClock clock_;
  SeededRandom random_{1};
  FakeTokenDisk disk_{"key-1\n"};
  FakeTransport transport_;
  std::string valid_key_ = "key-1";
  std::atomic<int> issued_ = 0;
  IamTokenSource source_{{}, std::make_unique<ApiKeyGrant>(disk_, kKeyPath), transport_, clock_, random_};
};

TEST_F(ApiKeyTokensTest, AKeyIsExchangedOnceAndRenewedUnderItsRotatedFile) {
  EXPECT_EQ(Get(), "token-1");
  EXPECT_EQ(Get(), "token-1");
  EXPECT_EQ(transport_.request_count(), 1U);
  disk_.SetContent("key-2");
  valid_key_ = "key-2";
  clock_.Advance(std::chrono::minutes(61));
  EXPECT_EQ(Get(), "token-2");
}

TEST_F(ApiKeyTokensTest, AKeyThatWasRotatedDuringTheExchangeIsReadAgainOnce) {
  valid_key_ = "key-2";
  disk_.ReplaceAfterRead("key-2");
  EXPECT_EQ(Get(), "token-1");
  EXPECT_EQ(transport_.request_count(), 2U);
}

TEST_F(ApiKeyTokensTest, AnUnknownKeyIsOneQuestionToIamAndNeverShown) {
  valid_key_ = "another";
  const std::string failure = Get();
  EXPECT_THAT(failure, AllOf(HasSubstr("BXNIM0415E"), HasSubstr("/keys/cos"), Not(HasSubstr("key-1"))));
  EXPECT_EQ(transport_.request_count(), 1U);
  valid_key_ = "key-1";
  clock_.Advance(std::chrono::seconds(30));
  EXPECT_EQ(Get(), "token-1");
}

}  // namespace
}  // namespace cosfuse
