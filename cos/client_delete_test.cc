#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "base/encoding.h"
#include "cos/body_digest.h"
#include "cos/fake_service.h"

namespace cosfuse {
namespace {

std::string Failed(const std::string& key, const std::string& code) {
  return "<Error><Key>" + key + "</Key><Code>" + code + "</Code><Message>m</Message></Error>";
}
std::string Result200(const std::string& inside) { return "<DeleteResult>" + inside + "</DeleteResult>"; }

TEST(ClientDelete, MissingObjectCountsAsDeleted) {
  FakeService service;
  service.Answer(204);
  EXPECT_TRUE(service.client.Delete(service.context, "k"));
  service.Refuse(404, "NoSuchKey");
  EXPECT_TRUE(service.client.Delete(service.context, "k"));
  service.Refuse(404, "NoSuchBucket");
  EXPECT_EQ(service.client.Delete(service.context, "k").error().code(), ErrorCode::kMissingBucket);
}

TEST(ClientDelete, ManyGoInOneRequest) {
  FakeService service;
  service.Answer(200, {}, Result200(""));
  const std::vector<ObjectKey> keys = {"a", "b<", "c"};
  const auto failures = service.client.DeleteMany(service.context, keys);
  ASSERT_TRUE(failures.has_value());
  EXPECT_TRUE(failures->empty());
  ASSERT_EQ(service.transport.request_count(), 1U);
  EXPECT_EQ(service.request(0).headers.Get("x-amz-checksum-crc32c"),
            EncodeCrc32c(ExtendCrc32c(0, AsBytes(service.request(0).body))));
  EXPECT_FALSE(service.request(0).headers.Get("Content-MD5").has_value());
}

TEST(ClientDelete, StoreThatKnowsNoChecksumsGetsContentMd5FromThenOn) {
  FakeService service;
  service.Refuse(400, "InvalidRequest");
  service.Answer(200, {}, Result200(""));
  const std::vector<ObjectKey> keys = {"a", "b"};
  EXPECT_TRUE(service.client.DeleteMany(service.context, keys)->empty());
  ASSERT_EQ(service.transport.request_count(), 2U);
  EXPECT_EQ(service.request(1).headers.Get("Content-MD5"), ContentMd5(service.request(1).body));
  service.Answer(200, {}, Result200(""));
  EXPECT_TRUE(service.client.DeleteMany(service.context, keys)->empty());
  EXPECT_TRUE(service.request(2).headers.Get("Content-MD5").has_value());
  service.Refuse(400, "InvalidRequest");
  EXPECT_EQ(service.client.DeleteMany(service.context, keys).error().code(), ErrorCode::kInvalidArgument)
      << "asked once more, not for ever";
  EXPECT_EQ(service.transport.request_count(), 4U);
}

TEST(ClientDelete, NoKeysNoRequest) {
  FakeService service;
  EXPECT_TRUE(service.client.DeleteMany(service.context, {}));
  EXPECT_EQ(service.transport.request_count(), 0U);
}

TEST(ClientDelete, OneKeyNeedsNoDocument) {
  FakeService service;
  service.Answer(204);
  const std::vector<ObjectKey> keys = {"a"};
  EXPECT_TRUE(service.client.DeleteMany(service.context, keys)->empty());
  EXPECT_EQ(service.request(0).method, HttpMethod::kDelete);
}

TEST(ClientDelete, FailuresOfSingleKeysAreReturned) {
  FakeService service;
  service.Answer(200, {}, Result200(Failed("b", "AccessDenied") + Failed("c", "NoSuchKey")));
  const std::vector<ObjectKey> keys = {"a", "b", "c"};
  const auto failures = service.client.DeleteMany(service.context, keys);
  ASSERT_TRUE(failures.has_value());
  ASSERT_EQ(failures->size(), 1U) << "a missing key counts as deleted";
  EXPECT_EQ(failures->front().key, "b");
  EXPECT_EQ(failures->front().error.code(), ErrorCode::kAccessDenied);
}

TEST(ClientDelete, TransientFailuresOfKeysAreTriedAgainAlone) {
  FakeService service;
  service.Answer(200, {}, Result200(Failed("a", "InternalError") + Failed("b", "AccessDenied")));
  service.Answer(200, {}, Result200(""));
  const std::vector<ObjectKey> keys = {"a", "b", "c"};
  const auto failures = service.client.DeleteMany(service.context, keys);
  ASSERT_TRUE(failures.has_value());
  ASSERT_EQ(failures->size(), 1U);
  EXPECT_EQ(failures->front().key, "b");
  EXPECT_EQ(service.request(1).body, "<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>");
}

TEST(ClientDelete, KeysThatFailForEverAreReturned) {
  FakeService service;
  service.transport.SetHandler([](const FakeTransport::Request&) {
    return FakeTransport::Answer{.status = 200, .headers = {}, .body = Result200(Failed("a", "SlowDown")), .error = {}};
  });
  const std::vector<ObjectKey> keys = {"a", "b"};
  const auto failures = service.client.DeleteMany(service.context, keys);
  ASSERT_TRUE(failures.has_value());
  ASSERT_EQ(failures->size(), 1U);
  EXPECT_EQ(failures->front().error.code(), ErrorCode::kThrottled);
}

TEST(ClientDelete, Pitfall34_KeysThatXmlCannotCarryGoAlone) {
  FakeService service;
  service.Answer(200, {}, Result200(""));
  service.Answer(204);
  const std::vector<ObjectKey> keys = {"a", "bad\x01", "c"};
  EXPECT_TRUE(service.client.DeleteMany(service.context, keys)->empty());
  EXPECT_EQ(service.request(0).body.find("bad"), std::string::npos);
  EXPECT_EQ(service.request(1).url, "https://cos.test/b/bad%01");
}

TEST(ClientDelete, RoleWithoutMultiDeleteDeletesOneByOneFromThenOn) {
  FakeService service;
  service.tokens.AllowRenewals(0);
  service.Refuse(403, "AccessDenied");
  for (int i = 0; i < 4; ++i) service.Answer(204);
  const std::vector<ObjectKey> keys = {"a", "b"};
  EXPECT_TRUE(service.client.DeleteMany(service.context, keys)->empty());
  EXPECT_EQ(service.transport.request_count(), 3U);
  EXPECT_TRUE(service.client.DeleteMany(service.context, keys)->empty());
  EXPECT_EQ(service.transport.request_count(), 5U) << "not asked again";
}

TEST(ClientDelete, RoleThatMayDeleteNothingIsAskedOnceAlone) {
  FakeService service;
  service.tokens.AllowRenewals(0);
  service.Refuse(403, "AccessDenied");
  service.Refuse(403, "AccessDenied");
  const std::vector<ObjectKey> keys = {"a", "b", "c"};
  const auto failures = service.client.DeleteMany(service.context, keys);
  ASSERT_TRUE(failures.has_value());
  EXPECT_EQ(failures->size(), 3U);
  EXPECT_EQ(service.transport.request_count(), 2U);
}

TEST(ClientDelete, FailureOfTheWholeIsAnError) {
  FakeService service;
  service.Refuse(404, "NoSuchBucket");
  const std::vector<ObjectKey> keys = {"a", "b"};
  EXPECT_EQ(service.client.DeleteMany(service.context, keys).error().code(), ErrorCode::kMissingBucket);
  const std::vector<ObjectKey> too_many(1001, "k");
  EXPECT_EQ(service.client.DeleteMany(service.context, too_many).error().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace cosfuse
