#include <gtest/gtest.h>

#include "base/encoding.h"
#include "emulator/cos/digest.h"
#include "emulator/fake_emulator_bed.h"

namespace cosfuse::emulator {
namespace {

class CopyConformance : public EmulatorTest {
 protected:
  HttpAnswer Copy(const std::string& source, const std::string& target, HttpClient::HeaderList headers = {}) {
    headers.emplace_back("x-amz-copy-source", source);
    return Do("PUT", target, headers);
  }
};

TEST_F(CopyConformance, CarriesBytesAndAttributes) {
  Do("PUT", "/bucket/a%20b", {{"x-amz-meta-mode", "1"}, {"Content-Type", "text/plain"}, {"x-amz-tagging", "t=1"}},
     "hello");
  clock_.Advance(std::chrono::seconds(3));
  const HttpAnswer copy = Copy("/bucket/a%20b", "/bucket/c");
  EXPECT_EQ(copy.status, 200);
  EXPECT_EQ(XmlText(copy.body, "ETag"), "&quot;5d41402abc4b2a76b9719d911017c592&quot;");
  EXPECT_EQ(copy.Header("etag"), "\"5d41402abc4b2a76b9719d911017c592\"");
  EXPECT_EQ(XmlText(copy.body, "LastModified"), "2026-01-01T00:00:03.000Z");
  const HttpAnswer object = Do("GET", "/bucket/c");
  EXPECT_EQ(object.body, "hello");
  EXPECT_EQ(object.Header("x-amz-meta-mode"), "1");
  EXPECT_EQ(object.Header("content-type"), "text/plain");
  EXPECT_EQ(object.Header("x-amz-tagging-count"), "1");
}

TEST_F(CopyConformance, ReplacesMetadataOnRequest) {
  Do("PUT", "/bucket/a", {{"x-amz-meta-mode", "1"}, {"x-amz-tagging", "t=1"}}, "hello");
  const HttpAnswer copy =
      Copy("bucket/a", "/bucket/a", {{"x-amz-metadata-directive", "REPLACE"}, {"x-amz-meta-uid", "7"}});
  EXPECT_EQ(copy.status, 200);
  const HttpAnswer object = Do("HEAD", "/bucket/a");
  EXPECT_EQ(object.Header("x-amz-meta-mode"), "");
  EXPECT_EQ(object.Header("x-amz-meta-uid"), "7");
  EXPECT_EQ(object.Header("x-amz-tagging-count"), "1");  // Tags have a directive of their own.
}

TEST_F(CopyConformance, OntoItselfHasToChangeSomething) {
  Put("/bucket/a", "hello");
  EXPECT_EQ(XmlText(Copy("/bucket/a", "/bucket/a").body, "Code"), "InvalidRequest");
  EXPECT_EQ(XmlText(Copy("/bucket/a", "/bucket/b", {{"x-amz-metadata-directive", "MERGE"}}).body, "Code"),
            "InvalidArgument");
}

TEST_F(CopyConformance, SourceConditionsAreJudged) {
  const std::string etag = Put("/bucket/a", "hello");
  EXPECT_EQ(Copy("/bucket/a", "/bucket/b", {{"x-amz-copy-source-if-match", etag}}).status, 200);
  EXPECT_EQ(Copy("/bucket/a", "/bucket/b", {{"x-amz-copy-source-if-match", "\"x\""}}).status, 412);
  EXPECT_EQ(Copy("/bucket/a", "/bucket/b", {{"x-amz-copy-source-if-none-match", etag}}).status, 412);
  EXPECT_EQ(Copy("/bucket/a", "/bucket/b", {{"x-amz-copy-source-if-unmodified-since", "Wed, 31 Dec 2025 00:00:00 GMT"}})
                .status,
            412);
}

TEST_F(CopyConformance, MissingSourcesAreNamed) {
  EXPECT_EQ(XmlText(Copy("/bucket/none", "/bucket/b").body, "Code"), "NoSuchKey");
  EXPECT_EQ(XmlText(Copy("/nowhere/a", "/bucket/b").body, "Code"), "NoSuchBucket");
  EXPECT_EQ(XmlText(Copy("bucket", "/bucket/b").body, "Code"), "InvalidArgument");
}

TEST_F(CopyConformance, ReachesOtherBuckets) {
  Put("/bucket/a", "hello");
  EXPECT_EQ(Copy("/bucket/a", "/public-bucket/a").status, 200);
  EXPECT_EQ(Do("GET", "/public-bucket/a").body, "hello");
}

class DeleteConformance : public EmulatorTest {
 protected:
  HttpAnswer DeleteMany(const std::string& inside) {
    const std::string body = "<Delete>" + inside + "</Delete>";
    return Do("POST", "/bucket?delete", {{"Content-MD5", Base64Encode(AsBytes(Md5(body)))}}, body);
  }
};

TEST_F(DeleteConformance, ManyKeysAtOnce) {
  for (const char* key : {"a", "b%26", "c"}) Put(std::string("/bucket/") + key, "x");
  const HttpAnswer answer =
      DeleteMany("<Object><Key>a</Key></Object><Object><Key>b&amp;</Key></Object><Object><Key>none</Key></Object>");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(XmlTexts(answer.body, "Key"), "a,b&amp;,none");
  EXPECT_EQ(XmlText(answer.body, "Error"), "(none)");
  EXPECT_EQ(XmlTexts(Do("GET", "/bucket?list-type=2").body, "Key"), "c");
}

TEST_F(DeleteConformance, QuietlyShowsErrorsAlone) {
  Put("/bucket/a", "x");
  const HttpAnswer answer = DeleteMany("<Quiet>true</Quiet><Object><Key>a</Key></Object>");
  EXPECT_EQ(XmlText(answer.body, "Key"), "(none)");
  EXPECT_EQ(Do("HEAD", "/bucket/a").status, 404);
}

TEST_F(DeleteConformance, DemandsAChecksum) {
  const std::string body = "<Delete><Object><Key>a</Key></Object></Delete>";
  const HttpAnswer without = Do("POST", "/bucket?delete", {}, body);
  EXPECT_EQ(without.status, 400);
  EXPECT_EQ(XmlText(without.body, "Code"), "InvalidRequest");
  const auto crc = NewChecksum(ChecksumAlgorithm::kCrc32c);
  crc->Update(AsBytes(body));
  EXPECT_EQ(
      Do("POST", "/bucket?delete", {{"x-amz-checksum-crc32c", Base64Encode(AsBytes(crc->Finish()))}}, body).status,
      200);
  EXPECT_EQ(XmlText(Do("POST", "/bucket?delete", {{"x-amz-checksum-crc32c", "AAAAAA=="}}, body).body, "Code"),
            "BadDigest");
}

TEST_F(DeleteConformance, RefusesMalformedLists) {
  EXPECT_EQ(XmlText(DeleteMany("").body, "Code"), "MalformedXML");
  EXPECT_EQ(XmlText(DeleteMany("<Object>").body, "Code"), "MalformedXML");
}

class TaggingConformance : public EmulatorTest {};

TEST_F(TaggingConformance, TagsAreSetReadAndRemoved) {
  const std::string etag = Put("/bucket/k", "x");
  const std::string none = Do("GET", "/bucket/k?tagging").body;
  EXPECT_EQ(XmlText(none, "TagSet"), "");
  const std::string tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>1 &amp; 2</Value></Tag></TagSet></Tagging>";
  EXPECT_EQ(Do("PUT", "/bucket/k?tagging", {}, tags).status, 200);
  const std::string shown = Do("GET", "/bucket/k?tagging").body;
  EXPECT_EQ(XmlText(shown, "Key"), "a");
  EXPECT_EQ(XmlText(shown, "Value"), "1 &amp; 2");
  const HttpAnswer head = Do("HEAD", "/bucket/k");
  EXPECT_EQ(head.Header("x-amz-tagging-count"), "1");
  EXPECT_EQ(head.Header("etag"), etag);
  EXPECT_EQ(Do("DELETE", "/bucket/k?tagging").status, 204);
  EXPECT_EQ(Do("HEAD", "/bucket/k").Header("x-amz-tagging-count"), "");
}

TEST_F(TaggingConformance, OfAMissingObjectIsNoSuchKey) {
  EXPECT_EQ(Do("GET", "/bucket/none?tagging").status, 404);
  EXPECT_EQ(Do("PUT", "/bucket/none?tagging", {}, "<Tagging><TagSet/></Tagging>").status, 404);
  EXPECT_EQ(XmlText(Do("PUT", "/bucket/none?tagging", {}, "x").body, "Code"), "MalformedXML");
}

}  // namespace
}  // namespace cosfuse::emulator
