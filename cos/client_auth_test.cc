#include <gtest/gtest.h>

#include "cos/fake_service.h"

namespace cosfuse {
namespace {

HttpHeaders Found() { return HeadersOf({{"Content-Length", "1"}, {"ETag", "\"e\""}}); }

TEST(ClientAuth, RequestCarriesTheToken) {
  FakeService service;
  service.Answer(200, Found());
  ASSERT_TRUE(service.client.Head(service.context, "k", {}));
  EXPECT_EQ(service.request(0).bearer.Reveal(), "fake-token-1");
  EXPECT_EQ(service.tokens.accepted(), 1);
}

TEST(ClientAuth, Pitfall46_RefusedTokenIsReplacedAndTheRequestRepeatedOnce) {
  for (const int status : {401, 403}) {
    FakeService service;
    service.Answer(status);
    service.Answer(200, Found());
    ASSERT_TRUE(service.client.Head(service.context, "k", {})) << status;
    EXPECT_EQ(service.request(1).bearer.Reveal(), "fake-token-2");
    EXPECT_EQ(service.tokens.refused(), 1);
    EXPECT_EQ(service.clock.slept(), Duration(0)) << "no back-off in between";
  }
}

TEST(ClientAuth, SecondRefusalIsTheAnswer) {
  FakeService service;
  service.Answer(403);
  service.Answer(403);
  EXPECT_EQ(service.client.Head(service.context, "k", {}).error().code(), ErrorCode::kAccessDenied);
  EXPECT_EQ(service.transport.request_count(), 2U);
  EXPECT_EQ(service.tokens.accepted(), 0);
}

TEST(ClientAuth, RefusalStandsWhereTheTokenStays) {
  FakeService service;
  service.tokens.AllowRenewals(0);
  service.Answer(403);
  EXPECT_EQ(service.client.Head(service.context, "k", {}).error().code(), ErrorCode::kAccessDenied);
  EXPECT_EQ(service.transport.request_count(), 1U);
}

TEST(ClientAuth, RightKnownToBeMissingCostsNoFurtherExchange) {
  FakeService service;
  for (int i = 0; i < 4; ++i) service.Answer(403);
  EXPECT_FALSE(service.client.Delete(service.context, "a"));
  EXPECT_EQ(service.tokens.refused(), 1);
  EXPECT_FALSE(service.client.Delete(service.context, "b"));
  EXPECT_EQ(service.tokens.refused(), 1);
  EXPECT_EQ(service.transport.request_count(), 3U);
}

TEST(ClientAuth, Pitfall46_RevokedTokenIsReplacedThoughSomeRightIsMissing) {
  FakeService service;
  service.Answer(403);
  service.Answer(403);
  EXPECT_FALSE(service.client.Delete(service.context, "a"));
  service.Answer(403);
  service.Answer(200, Found());
  EXPECT_TRUE(service.client.Head(service.context, "k", {}));
  EXPECT_EQ(service.tokens.refused(), 2);
}

TEST(ClientAuth, ArchivedObjectSaysNothingAboutTheToken) {
  FakeService service;
  service.Refuse(403, "InvalidObjectState");
  EXPECT_EQ(service.client
                .Get(service.context, "k", {}, {}, [](const ObjectInfo&, ByteCount, auto) -> Result<> { return {}; })
                .error()
                .code(),
            ErrorCode::kArchived);
  EXPECT_EQ(service.tokens.refused(), 0);
  EXPECT_EQ(service.tokens.accepted(), 1);
}

TEST(ClientAuth, OtherRefusalsAcceptTheToken) {
  FakeService service;
  service.Answer(404);
  EXPECT_EQ(service.client.Head(service.context, "k", {}).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(service.tokens.accepted(), 1);
  EXPECT_EQ(service.tokens.refused(), 0);
}

TEST(ClientAuth, EachTryAsksForTheCurrentToken) {
  FakeService service;
  service.Answer(403);
  service.Answer(503);
  service.Answer(200, Found());
  ASSERT_TRUE(service.client.Head(service.context, "k", {}));
  EXPECT_EQ(service.request(2).bearer.Reveal(), "fake-token-2");
}

}  // namespace
}  // namespace cosfuse
