#include <gtest/gtest.h>

#include "base/encoding.h"
#include "cos/fake_service.h"

namespace cosfuse {
namespace {

const std::string kObject = "0123456789";

HttpHeaders WholeHeaders() {
  return HeadersOf({{"Content-Length", "10"}, {"ETag", "\"e\""}, {"x-amz-meta-mode", "420"}});
}
HttpHeaders PartHeaders(ByteRange range, const std::string& etag = "e") {
  return HeadersOf(
      {{"Content-Length", std::to_string(range.length)},
       {"Content-Range", "bytes " + std::to_string(range.offset) + "-" + std::to_string(range.end() - 1) + "/10"},
       {"ETag", '"' + etag + '"'}});
}

/// Collects what a Get delivers and checks that it comes in order.
struct Consumer {
  std::string bytes;
  ByteCount next = 0;
  ObjectStore::DataCallback callback() {
    return [this](const ObjectInfo&, ByteCount offset, std::span<const std::byte> data) -> Result<> {
      EXPECT_EQ(offset, next);
      next = offset + data.size();
      bytes += AsText(data);
      return {};
    };
  }
};

TEST(ClientRead, HeadDescribesTheObject) {
  FakeService service;
  service.Answer(200, WholeHeaders());
  const auto info = service.client.Head(service.context, "dir/k", {});
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->size, 10U);
  EXPECT_EQ(info->metadata.user.at("mode"), "420");
  EXPECT_EQ(service.request(0).method, HttpMethod::kHead);
  EXPECT_EQ(service.request(0).url, "https://cos.test/b/dir/k");
}

TEST(ClientRead, EmptyKeyNeverLeavesTheProcess) {
  FakeService service;
  EXPECT_EQ(service.client.Head(service.context, "", {}).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(service.client.Delete(service.context, "").error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(service.transport.request_count(), 0U);
}

TEST(ClientRead, ThreadThatMayNotWaitSendsNothing) {
  FakeService service;
  EXPECT_EQ(service.client.Head(OpContext::Immediate(), "k", {}).error().code(), ErrorCode::kWouldWait);
  EXPECT_EQ(service.transport.request_count(), 0U);
}

TEST(ClientRead, GetStreamsTheObject) {
  FakeService service;
  service.Answer(200, WholeHeaders(), kObject);
  Consumer consumer;
  const auto info = service.client.Get(service.context, "k", {}, {}, consumer.callback());
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->etag.value, "e");
  EXPECT_EQ(consumer.bytes, kObject);
}

TEST(ClientRead, GetOfARange) {
  FakeService service;
  service.Answer(206, PartHeaders({3, 4}), "3456");
  Consumer consumer{.bytes = {}, .next = 3};
  ASSERT_TRUE(service.client.Get(service.context, "k", {3, 4}, {.if_match = {"e"}}, consumer.callback()));
  EXPECT_EQ(consumer.bytes, "3456");
  EXPECT_EQ(service.request(0).headers.Get("Range"), "bytes=3-6");
  EXPECT_EQ(service.request(0).headers.Get("If-Match"), "\"e\"");
}

TEST(ClientRead, Pitfall18_CutAtEveryByteIsContinuedThere) {
  for (size_t cut = 0; cut < kObject.size(); ++cut) {
    FakeService service;
    service.BreakAfter(200, WholeHeaders(), kObject.substr(0, cut));
    service.Answer(cut == 0 ? 200 : 206, cut == 0 ? WholeHeaders() : PartHeaders({cut, 10 - cut}), kObject.substr(cut));
    Consumer consumer;
    ASSERT_TRUE(service.client.Get(service.context, "k", {}, {}, consumer.callback())) << cut;
    EXPECT_EQ(consumer.bytes, kObject);
    EXPECT_EQ(service.request(1).headers.Get("If-Match"), "\"e\"") << "pinned to the first answer's version";
    if (cut > 0) {
      EXPECT_EQ(service.request(1).headers.Get("Range"), "bytes=" + std::to_string(cut) + "-9");
    }
  }
}

TEST(ClientRead, Pitfall18_BrokenForEverIsAnErrorNeverZeros) {
  FakeService service;
  service.transport.SetHandler([](const FakeTransport::Request&) {
    return FakeTransport::Answer{.status = 200,
                                 .headers = WholeHeaders(),
                                 .body = "0123",
                                 .error = Error(ErrorCode::kCorrupt, "cut"),
                                 .body_before_error = true};
  });
  Consumer consumer;
  EXPECT_EQ(service.client.Get(service.context, "k", {}, {}, consumer.callback()).error().code(), ErrorCode::kCorrupt);
  EXPECT_EQ(consumer.bytes, "0123");
}

TEST(ClientRead, ShortAnswerIsContinuedToo) {
  FakeService service;
  service.Answer(206, PartHeaders({0, 4}), "0123");
  service.Answer(206, PartHeaders({4, 4}), "4567");
  Consumer consumer;
  ASSERT_TRUE(service.client.Get(service.context, "k", {0, 8}, {}, consumer.callback()));
  EXPECT_EQ(consumer.bytes, "01234567");
}

TEST(ClientRead, Pitfall23_VersionThatIsGoneWhileReadingIsStale) {
  FakeService service;
  service.BreakAfter(200, WholeHeaders(), "01234");
  service.Refuse(412, "PreconditionFailed");
  Consumer consumer;
  EXPECT_EQ(service.client.Get(service.context, "k", {}, {}, consumer.callback()).error().code(), ErrorCode::kStale);
}

TEST(ClientRead, Pitfall23_ServerThatIgnoresIfMatchIsFoundOut) {
  FakeService service;
  service.BreakAfter(200, WholeHeaders(), "01234");
  service.Answer(206, PartHeaders({5, 5}, "other"), "XXXXX");
  Consumer consumer;
  EXPECT_EQ(service.client.Get(service.context, "k", {}, {}, consumer.callback()).error().code(), ErrorCode::kStale);
  EXPECT_EQ(consumer.bytes, "01234");
}

TEST(ClientRead, WholeObjectInsteadOfARangeGivesTheRange) {
  FakeService service;
  service.Answer(200, WholeHeaders(), kObject);
  Consumer consumer{.bytes = {}, .next = 4};
  ASSERT_TRUE(service.client.Get(service.context, "k", {4, 3}, {}, consumer.callback()));
  EXPECT_EQ(consumer.bytes, "456");
}

TEST(ClientRead, RangeOfAnEmptyObjectIsEmpty) {
  FakeService service;
  service.Refuse(416, "InvalidRange");
  service.Answer(200, HeadersOf({{"Content-Length", "0"}, {"ETag", "\"empty\""}}));
  Consumer consumer;
  const auto info = service.client.Get(service.context, "k", {0, 100}, {}, consumer.callback());
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->size, 0U);
  EXPECT_EQ(info->etag.value, "empty");
  EXPECT_EQ(service.request(1).method, HttpMethod::kHead);
}

TEST(ClientRead, ObjectThatGrewAfterItsRefusalIsReadAgain) {
  FakeService service;
  service.Refuse(416, "InvalidRange");
  service.Answer(200, WholeHeaders());
  service.Answer(206, PartHeaders({0, 3}), "012");
  Consumer consumer;
  ASSERT_TRUE(service.client.Get(service.context, "k", {0, 3}, {}, consumer.callback()));
  EXPECT_EQ(consumer.bytes, "012");
}

TEST(ClientRead, RangeBeyondTheEndIsRefused) {
  FakeService service;
  service.Refuse(416, "InvalidRange");
  Consumer consumer;
  EXPECT_EQ(service.client.Get(service.context, "k", {10, 1}, {}, consumer.callback()).error().code(),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(service.transport.request_count(), 1U);
}

TEST(ClientRead, ConsumersErrorEndsTheDownloadAsItIs) {
  FakeService service;
  service.Answer(200, WholeHeaders(), kObject);
  const auto got = service.client.Get(service.context, "k", {}, {}, [](const ObjectInfo&, ByteCount, auto) -> Result<> {
    return Fail(ErrorCode::kUnavailable, "mine");
  });
  EXPECT_EQ(got.error().message(), "mine");
  EXPECT_EQ(service.transport.request_count(), 1U) << "though a store's error of that kind is tried again";
}

TEST(ClientRead, WrongChecksumOfTheWholeIsCorruptAndNotTriedAgain) {
  FakeService service;
  HttpHeaders headers = WholeHeaders();
  headers.Add("x-amz-checksum-crc32c", "AAAAAA==");
  service.Answer(200, headers, kObject);
  Consumer consumer;
  EXPECT_EQ(service.client.Get(service.context, "k", {}, {}, consumer.callback()).error().code(), ErrorCode::kCorrupt);
  EXPECT_EQ(service.transport.request_count(), 1U);
}

TEST(ClientRead, ConditionalGetOfAnUnchangedObject) {
  FakeService service;
  service.Answer(304);
  Consumer consumer;
  EXPECT_EQ(service.client.Get(service.context, "k", {}, {.if_none_match = {"e"}}, consumer.callback()).error().code(),
            ErrorCode::kNotModified);
  EXPECT_EQ(service.request(0).headers.Get("If-None-Match"), "\"e\"");
}

TEST(ClientRead, TransientFailuresAreTriedAgain) {
  FakeService service;
  service.Break(ErrorCode::kUnavailable);
  service.Answer(503);
  service.Refuse(409, "OperationAborted");
  service.Answer(429);
  service.Answer(200, WholeHeaders());
  EXPECT_TRUE(service.client.Head(service.context, "k", {}));
  EXPECT_EQ(service.transport.request_count(), 5U);
}

TEST(ClientRead, FinalFailuresAreNot) {
  for (const int status : {400, 403, 404, 412, 501, 507}) {
    FakeService service;
    service.tokens.AllowRenewals(0);
    service.Answer(status);
    EXPECT_FALSE(service.client.Head(service.context, "k", {}));
    EXPECT_EQ(service.transport.request_count(), 1U) << status;
  }
}

TEST(ClientRead, RetryAfterIsWaitedFor) {
  FakeService service;
  service.Answer(503, HeadersOf({{"Retry-After", "7"}}));
  service.Answer(200, WholeHeaders());
  ASSERT_TRUE(service.client.Head(service.context, "k", {}));
  EXPECT_GE(service.clock.slept(), std::chrono::seconds(7));
}

TEST(ClientRead, OutageEndsWithThePatience) {
  FakeService service;
  service.transport.SetHandler([](const FakeTransport::Request&) {
    return FakeTransport::Answer{.status = 500, .headers = {}, .body = {}, .error = {}};
  });
  EXPECT_EQ(service.client.Head(service.context.WithPatience(std::chrono::seconds(30)), "k", {}).error().code(),
            ErrorCode::kUnavailable);
  EXPECT_LE(service.clock.slept(), std::chrono::seconds(30));
}

TEST(ClientRead, Pitfall44_SlowButSteadyDownloadOutlivesThePatience) {
  FakeService service;
  const auto context = service.context.WithPatience(std::chrono::seconds(10));
  service.transport.SetHandler([&](const FakeTransport::Request& request) {
    const auto range = request.headers.Get("Range");
    const size_t from = range ? static_cast<size_t>(range->at(6) - '0') : 0;
    service.clock.Advance(std::chrono::seconds(6));
    return FakeTransport::Answer{.status = 206,
                                 .headers = PartHeaders({from, 10 - from}),
                                 .body = kObject.substr(from, 1),
                                 .error = Error(ErrorCode::kUnavailable, "cut"),
                                 .body_before_error = true};
  });
  Consumer consumer;
  ASSERT_TRUE(service.client.Get(context, "k", {0, 10}, {}, consumer.callback()));
  EXPECT_EQ(consumer.bytes, kObject);
}

TEST(ClientRead, ListReadsAPageAndItsDate) {
  FakeService service;
  service.Answer(200, HeadersOf({{"Date", "Thu, 01 Jan 1970 00:02:00 GMT"}}),
                 "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>p/a</Key><Size>3</Size></Contents>"
                 "</ListBucketResult>");
  const auto page = service.client.List(service.context, {.prefix = "p/"});
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->objects.at(0).key, "p/a");
  EXPECT_EQ(page->answered_at, WallTime(std::chrono::seconds(120)));
}

TEST(ClientRead, Pitfall27_ListThatIsRefusedIsNotAnEmptyOne) {
  for (const int status : {403, 404, 500}) {
    FakeService service;
    service.tokens.AllowRenewals(0);
    service.transport.SetHandler([status](const FakeTransport::Request&) {
      return FakeTransport::Answer{.status = status, .headers = {}, .body = {}, .error = {}};
    });
    const auto page = service.client.List(service.context, {.prefix = "p/"});
    ASSERT_FALSE(page.has_value());
    EXPECT_NE(page.error().code(), ErrorCode::kNotFound);
  }
}

TEST(ClientRead, ContinuedDownloadStaysWithItsVersion) {
  FakeService service;
  service.BreakAfter(200, HeadersOf({{"ETag", "\"e\""}, {"Content-Length", "4"}}), "ab");
  service.Answer(206, HeadersOf({{"ETag", "\"e\""}, {"Content-Length", "2"}, {"Content-Range", "bytes 2-3/4"}}), "cd");
  std::string bytes;
  ASSERT_TRUE(service.client.Get(service.context, "k", {}, {.version_id = "v"}, [&](auto&, ByteCount, auto data) {
    bytes += AsText(data);
    return Result<>();
  }));
  EXPECT_EQ(bytes, "abcd");
  EXPECT_EQ(service.request(1).url, "https://cos.test/b/k?versionId=v");
  EXPECT_EQ(service.request(1).headers.Get("If-Match"), "\"e\"");
}

TEST(ClientRead, ListingThatGoesOnWhereItBeganIsNotFollowed) {
  FakeService service;
  service.Answer(200, {},
                 "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"
                 "</ListBucketResult>");
  ListRequest request;
  request.continuation_token = "t";
  EXPECT_EQ(service.client.List(service.context, request).error().code(), ErrorCode::kProtocol);
}

TEST(ClientRead, Pitfall17_ErrorInsideASuccessfulGetIsNeverTheFile) {
  FakeService service;
  service.Answer(200, HeadersOf({{"Content-Type", "application/xml"}, {"Content-Length", "20"}}),
                 "<Error><Code>InternalError</Code></Error>");
  service.Answer(200, WholeHeaders(), kObject);
  std::string bytes;
  ASSERT_TRUE(service.client.Get(service.context, "k", {}, {}, [&](auto&, ByteCount, auto data) {
    bytes += AsText(data);
    return Result<>();
  }));
  EXPECT_EQ(bytes, kObject);
  EXPECT_EQ(service.transport.request_count(), 2U);
}

}  // namespace
}  // namespace cosfuse
