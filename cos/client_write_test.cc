#include <gtest/gtest.h>

#include "base/encoding.h"
#include "cos/fake_service.h"

namespace cosfuse {
namespace {

const Conditions kCreateOnly = {.create_only = true};

HttpHeaders Written(const std::string& etag = "new") { return HeadersOf({{"ETag", '"' + etag + '"'}}); }

TEST(ClientWrite, PutSendsBytesAndChecksum) {
  FakeService service;
  service.Answer(200, Written());
  SpanBodySource body(AsBytes("123456789"));
  const auto version = service.client.Put(service.context, "k", body, {}, {});
  ASSERT_TRUE(version.has_value());
  EXPECT_EQ(version->etag.value, "new");
  EXPECT_EQ(service.request(0).body, "123456789");
  EXPECT_EQ(service.request(0).headers.Get("x-amz-checksum-crc32c"), "4waSgw==");
}

TEST(ClientWrite, PutIsSentAgainFromItsFirstByte) {
  FakeService service;
  service.Break(ErrorCode::kUnavailable);
  service.Answer(200, Written());
  SpanBodySource body(AsBytes("content"));
  ASSERT_TRUE(service.client.Put(service.context, "k", body, {}, {}));
  EXPECT_EQ(service.request(1).body, "content");
}

TEST(ClientWrite, FailedConditionsHaveTheirMeaning) {
  FakeService service;
  SpanBodySource body({});
  service.Refuse(412, "PreconditionFailed");
  EXPECT_EQ(service.client.Put(service.context, "k", body, {}, kCreateOnly).error().code(), ErrorCode::kAlreadyExists);
  service.Refuse(412, "PreconditionFailed");
  EXPECT_EQ(service.client.Put(service.context, "k", body, {}, {.if_match = {"e"}}).error().code(), ErrorCode::kStale);
}

TEST(ClientWrite, PutBeyondTheLimitIsNotEvenRead) {
  class Huge final : public BodySource {
   public:
    ByteCount size() const override { return 5'000'000'001; }
    Result<size_t> Read(ByteCount, std::span<std::byte>) override { return Fail(ErrorCode::kInternal, "read"); }
  };
  FakeService service;
  Huge body;
  EXPECT_EQ(service.client.Put(service.context, "k", body, {}, {}).error().code(), ErrorCode::kTooLarge);
}

TEST(ClientWrite, BodyThatCannotBeReadSendsNothing) {
  class Broken final : public BodySource {
   public:
    ByteCount size() const override { return 1; }
    Result<size_t> Read(ByteCount, std::span<std::byte>) override { return Fail(ErrorCode::kNoSpace, "disk"); }
  };
  FakeService service;
  Broken body;
  EXPECT_EQ(service.client.Put(service.context, "k", body, {}, {}).error().code(), ErrorCode::kNoSpace);
  EXPECT_EQ(service.transport.request_count(), 0U);
}

TEST(ClientWrite, CopyTakesItsETagFromTheBody) {
  FakeService service;
  service.Answer(200, {}, "  \n<CopyObjectResult><ETag>\"c\"</ETag></CopyObjectResult>");
  const auto version = service.client.Copy(service.context, {.key = "a", .if_match = {"e"}}, "b", std::nullopt);
  ASSERT_TRUE(version.has_value());
  EXPECT_EQ(version->etag.value, "c");
}

TEST(ClientWrite, Pitfall17_ErrorInsideASuccessfulCopyIsAFailure) {
  FakeService service;
  service.Answer(200, {}, "   <Error><Code>AccessDenied</Code></Error>");
  EXPECT_EQ(service.client.Copy(service.context, {.key = "a"}, "b", std::nullopt).error().code(),
            ErrorCode::kAccessDenied);
}

TEST(ClientWrite, Pitfall17_TransientErrorInsideASuccessIsTriedAgain) {
  FakeService service;
  service.Answer(200, {}, " <Error><Code>InternalError</Code></Error>");
  service.Answer(200, {}, " \n ");
  service.Answer(200, {}, "<CopyObjectResult><ETag>\"c\"</ETag></CopyObjectResult>");
  EXPECT_TRUE(service.client.Copy(service.context, {.key = "a"}, "b", std::nullopt));
  EXPECT_EQ(service.transport.request_count(), 3U);
}

TEST(ClientWrite, MissingSourceIsNotFoundEvenUnderACondition) {
  FakeService service;
  service.Refuse(404, "NoSuchKey");
  EXPECT_EQ(service.client.Copy(service.context, {.key = "a", .if_match = {"e"}}, "b", std::nullopt).error().code(),
            ErrorCode::kNotFound);
}

TEST(ClientWrite, MultipartUploadFromBeginToEnd) {
  FakeService service;
  service.Answer(200, {}, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
  service.Answer(200, Written("p1"));
  service.Answer(200, {}, "<CopyPartResult><ETag>\"p2\"</ETag></CopyPartResult>");
  service.Answer(200, HeadersOf({{"x-amz-version-id", "v"}}),
                 "<CompleteMultipartUploadResult><ETag>\"e-2\"</ETag></CompleteMultipartUploadResult>");
  const auto id = service.client.BeginUpload(service.context, "k", {}, {});
  ASSERT_EQ(id, "u");
  SpanBodySource body(AsBytes("123456789"));
  const auto first = service.client.UploadPart(service.context, "k", *id, 1, body);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(service.request(1).headers.Get("x-amz-checksum-crc32c"), "4waSgw==");
  const auto second = service.client.UploadPartCopy(service.context, "k", *id, 2, {.key = "s"}, {0, 5});
  ASSERT_TRUE(second.has_value());
  const auto version = service.client.CompleteUpload(service.context, "k", *id, std::vector{*first, *second}, {});
  ASSERT_TRUE(version.has_value());
  EXPECT_EQ(version->etag.value, "e-2");
  EXPECT_EQ(version->version_id, "v");
  EXPECT_NE(service.request(3).body.find("<PartNumber>2</PartNumber><ETag>&quot;p2&quot;</ETag>"), std::string::npos);
}

TEST(ClientWrite, Pitfall17_ErrorInsideASuccessfulCompleteIsAFailure) {
  FakeService service;
  service.Answer(200, {}, "\n\n<?xml version=\"1.0\"?><Error><Code>NoSuchUpload</Code></Error>");
  const UploadedPart part = {.number = 1, .etag = {"p"}};
  EXPECT_EQ(service.client.CompleteUpload(service.context, "k", "u", {&part, 1}, {}).error().code(),
            ErrorCode::kMissingUpload);
}

TEST(ClientWrite, ImpossiblePartsAreNotSent) {
  FakeService service;
  SpanBodySource body({});
  for (const int number : {0, -1, 10'001}) {
    EXPECT_EQ(service.client.UploadPart(service.context, "k", "u", number, body).error().code(),
              ErrorCode::kInvalidArgument);
  }
  EXPECT_FALSE(service.client.UploadPartCopy(service.context, "k", "u", 1, {.key = "s"}, {}));
  EXPECT_FALSE(service.client.CompleteUpload(service.context, "k", "u", {}, {}));
  EXPECT_EQ(service.transport.request_count(), 0U);
}

TEST(ClientWrite, AbortOfAMissingUploadIsDone) {
  FakeService service;
  service.Refuse(404, "NoSuchUpload");
  EXPECT_TRUE(service.client.AbortUpload(service.context, "k", "u"));
  service.Refuse(404, "NoSuchBucket");
  EXPECT_EQ(service.client.AbortUpload(service.context, "k", "u").error().code(), ErrorCode::kMissingBucket);
}

TEST(ClientWrite, ObjectWithoutItsPartsChecksumIsCorruptAndNotTriedAgain) {
  const auto complete = [](const std::string& checksum) {
    FakeService service;
    service.Answer(200, {},
                   "<CompleteMultipartUploadResult><ETag>e</ETag><ChecksumCRC32C>" + checksum +
                       "</ChecksumCRC32C></CompleteMultipartUploadResult>");
    const UploadedPart part = {.number = 1, .etag = {"p"}, .size = 9, .crc32c = 0xe3069283};
    const auto version = service.client.CompleteUpload(service.context, "k", "u", {&part, 1}, {});
    EXPECT_EQ(service.transport.request_count(), 1U);
    return version ? std::optional<ErrorCode>() : version.error().code();
  };
  EXPECT_EQ(complete("4waSgw=="), std::nullopt);
  EXPECT_EQ(complete("AAAAAA=="), ErrorCode::kCorrupt);
}

TEST(ClientWrite, PartsWithoutAChecksumLeaveTheObjectUnchecked) {
  FakeService service;
  service.Answer(200, {},
                 "<CompleteMultipartUploadResult><ETag>e</ETag><ChecksumCRC32C>AAAAAA==</ChecksumCRC32C>"
                 "</CompleteMultipartUploadResult>");
  const std::vector<UploadedPart> parts = {{.number = 1, .etag = {"p"}, .size = 9, .crc32c = 0xe3069283},
                                           {.number = 2, .etag = {"q"}, .size = 5}};
  EXPECT_TRUE(service.client.CompleteUpload(service.context, "k", "u", parts, {}));
}

TEST(ClientWrite, ListsThatDoNotMoveOnAreNotFollowed) {
  FakeService service;
  service.Answer(200, {},
                 "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>3</NextPartNumberMarker>"
                 "</ListPartsResult>");
  EXPECT_EQ(service.client.ListParts(service.context, "k", "u", 3).error().code(), ErrorCode::kProtocol);
  service.Answer(200, {},
                 "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker>"
                 "<NextUploadIdMarker>u</NextUploadIdMarker></ListMultipartUploadsResult>");
  EXPECT_EQ(service.client.ListUploads(service.context, "", {.key = "a", .upload_id = "u"}).error().code(),
            ErrorCode::kProtocol);
}

TEST(ClientWrite, ImpossibleTagsAreNotSent) {
  FakeService service;
  ObjectTags too_many;
  for (int i = 0; i < 11; ++i) too_many["t" + std::to_string(i)] = "x";
  for (const ObjectTags& tags : {too_many, ObjectTags{{"", "x"}}, ObjectTags{{"a\x01", "x"}}}) {
    EXPECT_EQ(service.client.SetTags(service.context, "k", tags).error().code(), ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(service.transport.request_count(), 0U);
}

}  // namespace
}  // namespace cosfuse
