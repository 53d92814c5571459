#include "cos/requests.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace cosfuse {
namespace {

const BucketAddress kBucket = {.endpoint = "https://cos.test:8443", .bucket = "b.c"};

HttpHeaders::Field Header(std::string name, std::string value) { return {std::move(name), std::move(value)}; }

TEST(Requests, AreAddressedByPath) {
  EXPECT_EQ(HeadObjectRequest(kBucket, "dir/a b", {}).url, "https://cos.test:8443/b.c/dir/a%20b");
  EXPECT_EQ(HeadObjectRequest(kBucket, "/x", {}).url, "https://cos.test:8443/b.c//x");
}

TEST(Requests, HeadCarriesConditionsWithQuotedETags) {
  const HttpRequest request = HeadObjectRequest(kBucket, "k", {.if_match = {"e1"}, .if_none_match = {"e2"}});
  EXPECT_EQ(request.method, HttpMethod::kHead);
  EXPECT_EQ(request.headers.Get("If-Match"), "\"e1\"");
  EXPECT_EQ(request.headers.Get("If-None-Match"), "\"e2\"");
}

TEST(Requests, WithoutConditionsNoConditionalHeaders) {
  EXPECT_TRUE(HeadObjectRequest(kBucket, "k", {}).headers.fields().empty());
}

TEST(Requests, GetOfARangeNamesFirstAndLastByte) {
  const HttpRequest request = GetObjectRequest(kBucket, "k", ByteRange{10, 5}, {});
  EXPECT_EQ(request.method, HttpMethod::kGet);
  EXPECT_EQ(request.headers.Get("Range"), "bytes=10-14");
  EXPECT_FALSE(request.headers.Get("x-amz-checksum-mode").has_value());
}

TEST(Requests, GetOfAWholeObjectAsksForItsChecksum) {
  const HttpRequest request = GetObjectRequest(kBucket, "k", std::nullopt, {});
  EXPECT_FALSE(request.headers.Get("Range").has_value());
  EXPECT_EQ(request.headers.Get("x-amz-checksum-mode"), "ENABLED");
}

TEST(Requests, PutCarriesMetadataChecksumAndCreateOnly) {
  SpanBodySource body(AsBytes("123456789"));
  ObjectMetadata metadata;
  metadata.user = {{"mode", "420"}};
  metadata.content_type = "text/plain";
  const HttpRequest request = PutObjectRequest(kBucket, "k", body, 0xe3069283, metadata, {.create_only = true});
  EXPECT_EQ(request.method, HttpMethod::kPut);
  EXPECT_EQ(request.body, &body);
  EXPECT_EQ(request.headers.fields(), (std::vector<HttpHeaders::Field>{
                                          Header("Content-Type", "text/plain"), Header("x-amz-meta-mode", "420"),
                                          Header("If-None-Match", "*"), Header("x-amz-checksum-crc32c", "4waSgw==")}));
}

TEST(Requests, ListEncodesEveryParameter) {
  ListRequest list;
  list.prefix = "a&b/";
  list.start_after = "a&b/c d";
  list.max_keys = 2;
  const HttpRequest request = ListObjectsRequest(kBucket, list);
  EXPECT_EQ(request.method, HttpMethod::kGet);
  EXPECT_EQ(request.url,
            "https://cos.test:8443/b.c?list-type=2&encoding-type=url&max-keys=2&prefix=a%26b%2F&delimiter=%2F"
            "&start-after=a%26b%2Fc%20d");
}

TEST(Requests, ListGoesOnByTokenAlone) {
  ListRequest list;
  list.delimited = false;
  list.continuation_token = "t+/=";
  list.start_after = "ignored";
  EXPECT_EQ(ListObjectsRequest(kBucket, list).url,
            "https://cos.test:8443/b.c?list-type=2&encoding-type=url&max-keys=1000&prefix="
            "&continuation-token=t%2B%2F%3D");
}

TEST(Requests, ListNeverAsksForMoreThanAPage) {
  ListRequest list;
  list.max_keys = 5000;
  EXPECT_NE(ListObjectsRequest(kBucket, list).url.find("max-keys=1000&"), std::string::npos);
  list.max_keys = 0;
  EXPECT_NE(ListObjectsRequest(kBucket, list).url.find("max-keys=1&"), std::string::npos);
}

TEST(Requests, CopyKeepsMetadataUnlessGivenNew) {
  const CopySource source = {.key = "from me?", .if_match = {"e"}};
  const HttpRequest kept = CopyObjectRequest(kBucket, source, "to", std::nullopt);
  EXPECT_EQ(kept.method, HttpMethod::kPut);
  EXPECT_EQ(kept.url, "https://cos.test:8443/b.c/to");
  EXPECT_EQ(kept.body, nullptr);
  EXPECT_EQ(kept.headers.Get("x-amz-copy-source"), "/b.c/from%20me%3F");
  EXPECT_EQ(kept.headers.Get("x-amz-copy-source-if-match"), "\"e\"");
  EXPECT_EQ(kept.headers.Get("x-amz-metadata-directive"), "COPY");
  EXPECT_FALSE(kept.headers.Get("Content-Type").has_value());
  ObjectMetadata metadata;
  metadata.user = {{"mode", "1"}};
  const HttpRequest replaced = CopyObjectRequest(kBucket, source, "to", metadata);
  EXPECT_EQ(replaced.headers.Get("x-amz-metadata-directive"), "REPLACE");
  EXPECT_EQ(replaced.headers.Get("x-amz-meta-mode"), "1");
  for (const HttpRequest& request : {kept, replaced}) {
    EXPECT_EQ(request.headers.Get("x-amz-tagging-directive"), "COPY");
    EXPECT_FALSE(request.headers.Get("x-amz-tagging").has_value());
  }
}

TEST(Requests, CopyMayReadAVersionAndAskForAnotherOne) {
  const HttpRequest request =
      CopyObjectRequest(kBucket, {.key = "a?", .if_none_match = {"e"}, .version_id = "v/1"}, "to", std::nullopt);
  EXPECT_EQ(request.headers.Get("x-amz-copy-source"), "/b.c/a%3F?versionId=v%2F1");
  EXPECT_EQ(request.headers.Get("x-amz-copy-source-if-none-match"), "\"e\"");
  EXPECT_FALSE(request.headers.Get("x-amz-copy-source-if-match").has_value());
}

TEST(Requests, ReadsMayNameAVersion) {
  EXPECT_EQ(HeadObjectRequest(kBucket, "k", {.version_id = "v+"}).url, "https://cos.test:8443/b.c/k?versionId=v%2B");
  EXPECT_EQ(GetObjectRequest(kBucket, "k", std::nullopt, {.version_id = "v"}).url,
            "https://cos.test:8443/b.c/k?versionId=v");
}

TEST(Requests, TimesAreConditionsInTheFormOfHttp) {
  const Conditions conditions = {.if_unmodified_since = WallTime(std::chrono::seconds(784111777))};
  SpanBodySource body({});
  for (const HttpRequest& request :
       {HeadObjectRequest(kBucket, "k", conditions), GetObjectRequest(kBucket, "k", std::nullopt, conditions),
        PutObjectRequest(kBucket, "k", body, 0, {}, conditions)}) {
    EXPECT_EQ(request.headers.Get("If-Unmodified-Since"), "Sun, 06 Nov 1994 08:49:37 GMT");
  }
}

TEST(Requests, UploadsCarryTagsAsAForm) {
  ObjectMetadata metadata;
  metadata.tags = {{"a b", "1&2"}, {"c", ""}};
  SpanBodySource body({});
  EXPECT_EQ(PutObjectRequest(kBucket, "k", body, 0, metadata, {}).headers.Get("x-amz-tagging"), "a%20b=1%262&c=");
  EXPECT_EQ(BeginUploadRequest(kBucket, "k", metadata, {}).headers.Get("x-amz-tagging"), "a%20b=1%262&c=");
}

TEST(Requests, ListsOfPartsAndUploadsGoOnBehindAMarker) {
  EXPECT_EQ(ListPartsRequest(kBucket, "k", "u", 0).url, "https://cos.test:8443/b.c/k?uploadId=u");
  EXPECT_EQ(ListPartsRequest(kBucket, "k", "u", 7).url, "https://cos.test:8443/b.c/k?uploadId=u&part-number-marker=7");
  EXPECT_EQ(ListVersionsRequest(kBucket, "a&b", {}).url,
            "https://cos.test:8443/b.c?versions=&encoding-type=url&prefix=a%26b");
  EXPECT_EQ(ListVersionsRequest(kBucket, "", {.key = "a&b", .version_id = "v+"}).url,
            "https://cos.test:8443/b.c?versions=&encoding-type=url&prefix=&key-marker=a%26b&version-id-marker=v%2B");
  EXPECT_EQ(ListUploadsRequest(kBucket, "a/", {}).url,
            "https://cos.test:8443/b.c?uploads=&encoding-type=url&prefix=a%2F");
  EXPECT_EQ(ListUploadsRequest(kBucket, "", {.key = "a&b", .upload_id = "u+"}).url,
            "https://cos.test:8443/b.c?uploads=&encoding-type=url&prefix=&key-marker=a%26b&upload-id-marker=u%2B");
}

TEST(Requests, TagsAreADocument) {
  EXPECT_EQ(GetTagsRequest(kBucket, "k", {}).url, "https://cos.test:8443/b.c/k?tagging=");
  EXPECT_EQ(GetTagsRequest(kBucket, "k", "v 1").url, "https://cos.test:8443/b.c/k?tagging=&versionId=v%201");
  EXPECT_EQ(SetTagsBody({{"a<", "b&"}, {"c", ""}}),
            "<Tagging><TagSet><Tag><Key>a&lt;</Key><Value>b&amp;</Value></Tag><Tag><Key>c</Key><Value></Value></Tag>"
            "</TagSet></Tagging>");
  EXPECT_EQ(SetTagsBody({}), "<Tagging><TagSet></TagSet></Tagging>");
  SpanBodySource body({});
  const HttpRequest request = SetTagsRequest(kBucket, "k", body, 0xe3069283);
  EXPECT_EQ(request.method, HttpMethod::kPut);
  EXPECT_EQ(request.url, "https://cos.test:8443/b.c/k?tagging=");
  EXPECT_EQ(request.headers.Get("x-amz-checksum-crc32c"), "4waSgw==");
}

TEST(Requests, ServerSideWorkMayTakeLongerToBeAnswered) {
  EXPECT_GT(CopyObjectRequest(kBucket, {.key = "a"}, "b", std::nullopt).answer_allowance, Duration(0));
  const auto part = [](ByteCount length) {
    return UploadPartCopyRequest(kBucket, "k", "u", 1, {.key = "a"}, {0, length}).answer_allowance;
  };
  EXPECT_GT(part(kGiB), part(kMiB));
  EXPECT_EQ(HeadObjectRequest(kBucket, "a", {}).answer_allowance, Duration(0));
}

TEST(Requests, BeginUploadNamesTheChecksumOfItsParts) {
  const HttpRequest request = BeginUploadRequest(kBucket, "k", {}, {.if_match = {"e"}});
  EXPECT_EQ(request.method, HttpMethod::kPost);
  EXPECT_EQ(request.url, "https://cos.test:8443/b.c/k?uploads=");
  EXPECT_EQ(request.headers.Get("If-Match"), "\"e\"");
  EXPECT_EQ(request.headers.Get("x-amz-checksum-algorithm"), "CRC32C");
  EXPECT_EQ(request.headers.Get("x-amz-checksum-type"), "FULL_OBJECT");
}

TEST(Requests, PartsNameTheirNumberAndUpload) {
  SpanBodySource body({});
  EXPECT_EQ(UploadPartRequest(kBucket, "k", "id/+", 7, body, 0).url,
            "https://cos.test:8443/b.c/k?partNumber=7&uploadId=id%2F%2B");
  const HttpRequest copy =
      UploadPartCopyRequest(kBucket, "k", "u", 8, {.key = "src", .if_match = {"e"}}, {5 * kMiB, 5 * kMiB});
  EXPECT_EQ(copy.url, "https://cos.test:8443/b.c/k?partNumber=8&uploadId=u");
  EXPECT_EQ(copy.headers.Get("x-amz-copy-source-range"), "bytes=5242880-10485759");
  EXPECT_EQ(copy.headers.Get("x-amz-copy-source-if-match"), "\"e\"");
}

TEST(Requests, CompleteListsPartsWithQuotedETags) {
  const std::vector<UploadedPart> parts = {{.number = 1, .etag = {"a"}}, {.number = 3, .etag = {"b"}}};
  EXPECT_EQ(CompleteUploadBody(parts),
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag></Part>"
            "<Part><PartNumber>3</PartNumber><ETag>&quot;b&quot;</ETag></Part></CompleteMultipartUpload>");
  const UploadedPart checked = {.number = 1, .etag = {"a"}, .size = 9, .crc32c = 0xe3069283};
  EXPECT_EQ(CompleteUploadBody({&checked, 1}),
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag>"
            "<ChecksumCRC32C>4waSgw==</ChecksumCRC32C></Part></CompleteMultipartUpload>");
  SpanBodySource body({});
  const HttpRequest request = CompleteUploadRequest(kBucket, "k", "u", body, {.create_only = true});
  EXPECT_EQ(request.method, HttpMethod::kPost);
  EXPECT_EQ(request.url, "https://cos.test:8443/b.c/k?uploadId=u");
  EXPECT_EQ(request.headers.Get("If-None-Match"), "*");
}

TEST(Requests, DeletesOfOneAndMany) {
  EXPECT_EQ(DeleteObjectRequest(kBucket, "k").method, HttpMethod::kDelete);
  EXPECT_EQ(AbortUploadRequest(kBucket, "k", "u").method, HttpMethod::kDelete);
  EXPECT_EQ(AbortUploadRequest(kBucket, "k", "u").url, "https://cos.test:8443/b.c/k?uploadId=u");
  const std::vector<ObjectKey> keys = {"a<b", "c\rd"};
  EXPECT_EQ(
      DeleteObjectsBody(keys),
      "<Delete><Quiet>true</Quiet><Object><Key>a&lt;b</Key></Object><Object><Key>c&#13;d</Key></Object></Delete>");
  SpanBodySource body({});
  const HttpRequest request = DeleteObjectsRequest(kBucket, body, {.header = "Content-MD5", .value = "md5"});
  EXPECT_EQ(request.method, HttpMethod::kPost);
  EXPECT_EQ(request.url, "https://cos.test:8443/b.c?delete=");
  EXPECT_EQ(request.headers.Get("Content-MD5"), "md5");
}

TEST(Requests, NeverHoldABearer) {
  EXPECT_TRUE(HeadObjectRequest(kBucket, "k", {}).bearer.empty());
  EXPECT_FALSE(HeadObjectRequest(kBucket, "k", {}).headers.Get("Authorization").has_value());
}

}  // namespace
}  // namespace cosfuse
