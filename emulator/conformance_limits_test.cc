#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/encoding.h"
#include "emulator/cos/digest.h"
#include "emulator/fake_emulator_bed.h"

namespace cosfuse::emulator {
namespace {

class LimitsConformance : public EmulatorTest {
 protected:
  /// Puts an object of `size` bytes that are one chunk over and over: nothing has to be sent or kept.
  void PlantLarge(const std::string& key, ByteCount size) {
    const Body chunk = Body::FromText(std::string(16 * kMiB, 'z'));
    auto object = std::make_shared<Object>();
    object->attributes.headers = {{"content-type", "application/octet-stream"}};
    object->etag = "large";
    for (ByteCount left = size; left > 0;) {
      const ByteCount piece = std::min(left, chunk.size());
      object->body.Append(chunk.Sub({0, piece}));
      left -= piece;
    }
    ASSERT_TRUE(emulator_->services().cos.FindBucket("bucket")->Put(key, std::move(object), {}));
  }
  /// The code of the answer to a PUT that announces so many bytes; they are never sent.
  std::string CodeOfAnnounced(const std::string& target, ByteCount length) {
    HttpClient client = NewClient("Writer");
    client.Send(
        client.FormatHead("PUT", target, {{"Content-Length", std::to_string(length)}, {"Expect", "100-continue"}}));
    const HttpAnswer answer = client.ReadAnswer("PUT");
    return answer.status == 100 ? "100" : XmlText(answer.body, "Code");
  }
  std::string CodeOf(const HttpAnswer& answer) { return XmlText(answer.body, "Code"); }
  static std::string ChecksumOf(ChecksumAlgorithm algorithm, std::string_view text) {
    const auto digest = NewChecksum(algorithm);
    digest->Update(AsBytes(text));
    return Base64Encode(AsBytes(digest->Finish()));
  }
};

TEST_F(LimitsConformance, AnUploadHasFiveGibAtMost) {
  EXPECT_EQ(CodeOfAnnounced("/bucket/k", 5 * kGiB), "100");
  EXPECT_EQ(CodeOfAnnounced("/bucket/k", 5 * kGiB + 1), "EntityTooLarge");
}

TEST_F(LimitsConformance, APartHasFiveGibAtMost) {
  EXPECT_EQ(CodeOfAnnounced("/bucket/k?partNumber=1&uploadId=u", 5 * kGiB + 1), "EntityTooLarge");
}

TEST_F(LimitsConformance, ACopyHasFiveGibAtMost) {
  PlantLarge("most", 5 * kGiB);
  PlantLarge("more", 5 * kGiB + 1);
  EXPECT_EQ(Do("PUT", "/bucket/c", {{"x-amz-copy-source", "/bucket/most"}}).status, 200);
  const HttpAnswer refused = Do("PUT", "/bucket/d", {{"x-amz-copy-source", "/bucket/more"}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(CodeOf(refused), "InvalidRequest");
  EXPECT_EQ(Do("HEAD", "/bucket/d").status, 404);
}

TEST_F(LimitsConformance, ACopiedPartHasFiveGibAtMost) {
  PlantLarge("more", 5 * kGiB + 1);
  const std::string id = XmlText(Do("POST", "/bucket/k?uploads").body, "UploadId");
  EXPECT_EQ(CodeOf(Do("PUT", "/bucket/k?partNumber=1&uploadId=" + id, {{"x-amz-copy-source", "/bucket/more"}})),
            "InvalidRequest");
}

TEST_F(LimitsConformance, RangesReachBeyondFourGib) {
  PlantLarge("more", 5 * kGiB + 1);
  const HttpAnswer answer = Do("GET", "/bucket/more", {{"Range", "bytes=5368709119-"}});
  EXPECT_EQ(answer.status, 206);
  EXPECT_EQ(answer.body, "zz");
  EXPECT_EQ(answer.Header("content-range"), "bytes 5368709119-5368709120/5368709121");
  EXPECT_EQ(XmlText(Do("GET", "/bucket?list-type=2").body, "Size"), "5368709121");
}

TEST_F(LimitsConformance, KeysAreMeasuredInBytes) {
  std::string key;
  for (int i = 0; i < 512; ++i) key += "%C3%A9";
  EXPECT_EQ(Do("PUT", "/bucket/" + key, {}, "x").status, 200);
  EXPECT_EQ(CodeOf(Do("PUT", "/bucket/" + key + "k", {}, "x")), "KeyTooLong");
  EXPECT_EQ(CodeOf(Do("POST", "/bucket/" + key + "k?uploads")), "KeyTooLong");
}

TEST_F(LimitsConformance, MetadataHas2048BytesOfNamesAndValues) {
  EXPECT_EQ(Do("PUT", "/bucket/k", {{"x-amz-meta-ab", std::string(2046, 'v')}}, "x").status, 200);
  EXPECT_EQ(CodeOf(Do("PUT", "/bucket/k", {{"x-amz-meta-ab", std::string(2047, 'v')}}, "x")), "MetadataTooLarge");
  EXPECT_EQ(CodeOf(Do("POST", "/bucket/k?uploads", {{"x-amz-meta-ab", std::string(2047, 'v')}})), "MetadataTooLarge");
}

TEST_F(LimitsConformance, RepeatedMetadataIsJoinedWithCommas) {
  Do("PUT", "/bucket/k", {{"x-amz-meta-a", "1"}, {"X-Amz-Meta-A", "2"}}, "x");
  EXPECT_EQ(Do("HEAD", "/bucket/k").Header("x-amz-meta-a"), "1,2");
}

TEST_F(LimitsConformance, TagsAreTenAtMost) {
  std::string tags;
  for (int i = 0; i < 10; ++i) tags += (i > 0 ? "&t" : "t") + std::to_string(i) + "=v";
  EXPECT_EQ(Do("PUT", "/bucket/k", {{"x-amz-tagging", tags}}, "x").status, 200);
  EXPECT_EQ(Do("HEAD", "/bucket/k").Header("x-amz-tagging-count"), "10");
  EXPECT_EQ(CodeOf(Do("PUT", "/bucket/k", {{"x-amz-tagging", tags + "&more=v"}}, "x")), "InvalidTag");
  EXPECT_EQ(CodeOf(Do("PUT", "/bucket/k", {{"x-amz-tagging", "a=1&a=2"}}, "x")), "InvalidTag");
}

TEST_F(LimitsConformance, TagsOfACopyHaveTheirDirective) {
  Do("PUT", "/bucket/k", {{"x-amz-tagging", "a=1"}}, "x");
  Do("PUT", "/bucket/c", {{"x-amz-copy-source", "/bucket/k"}, {"x-amz-tagging", "b=2"}});
  EXPECT_EQ(XmlTexts(Do("GET", "/bucket/c?tagging").body, "Key"), "a");
  Do("PUT", "/bucket/c",
     {{"x-amz-copy-source", "/bucket/k"}, {"x-amz-tagging-directive", "REPLACE"}, {"x-amz-tagging", "b=2"}});
  EXPECT_EQ(XmlTexts(Do("GET", "/bucket/c?tagging").body, "Key"), "b");
}

TEST_F(LimitsConformance, TagsOfAnUploadAreThoseOfItsInitiate) {
  const std::string id = XmlText(Do("POST", "/bucket/k?uploads", {{"x-amz-tagging", "a=1"}}).body, "UploadId");
  const std::string etag = Do("PUT", "/bucket/k?partNumber=1&uploadId=" + id, {}, "x").Header("etag");
  Do("POST", "/bucket/k?uploadId=" + id, {},
     "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + etag +
         "</ETag></Part></CompleteMultipartUpload>");
  EXPECT_EQ(XmlTexts(Do("GET", "/bucket/k?tagging").body, "Key"), "a");
}

TEST_F(LimitsConformance, IfUnmodifiedSinceIsJudgedOnWrites) {
  clock_.Advance(std::chrono::seconds(10));
  Put("/bucket/k", "x");
  EXPECT_EQ(Do("PUT", "/bucket/k", {{"If-Unmodified-Since", "Thu, 01 Jan 2026 00:00:09 GMT"}}, "y").status, 412);
  EXPECT_EQ(Do("PUT", "/bucket/k", {{"If-Unmodified-Since", "Thu, 01 Jan 2026 00:00:10 GMT"}}, "y").status, 200);
  EXPECT_EQ(Do("PUT", "/bucket/n", {{"If-Unmodified-Since", "Thu, 01 Jan 2026 00:00:09 GMT"}}, "y").status, 200);
}

TEST_F(LimitsConformance, MultiDeleteTakesAThousandKeys) {
  std::string keys;
  for (int i = 0; i < 1000; ++i) keys += "<Object><Key>k" + std::to_string(i) + "</Key></Object>";
  const auto send = [this](const std::string& list) {
    const std::string body = "<Delete><Quiet>true</Quiet>" + list + "</Delete>";
    return Do("POST", "/bucket?delete", {{"Content-MD5", Base64Encode(AsBytes(Md5(body)))}}, body);
  };
  EXPECT_EQ(send(keys).status, 200);
  EXPECT_EQ(CodeOf(send(keys + "<Object><Key>one more</Key></Object>")), "MalformedXML");
}

TEST_F(LimitsConformance, EveryByteOfAKeyIsCarriedByUrlEncoding) {
  std::string expected;
  for (int byte = 1; byte < 256; ++byte) {
    const std::string key(1, static_cast<char>(byte));
    EXPECT_EQ(Do("PUT", "/bucket/" + PercentEncode(key), {}, "x").status, 200) << byte;
    expected += (expected.empty() ? "" : ",") + PercentEncode(key, "/");
  }
  EXPECT_EQ(XmlTexts(Do("GET", "/bucket?list-type=2&encoding-type=url").body, "Key"), expected);
  std::string paged;
  std::string start_after;
  for (int page = 0; page < 40; ++page) {
    const std::string xml =
        Do("GET", "/bucket?list-type=2&encoding-type=url&max-keys=9&start-after=" + start_after).body;
    const std::string keys = XmlTexts(xml, "Key");
    paged += (paged.empty() ? "" : ",") + keys;
    if (XmlText(xml, "IsTruncated") == "false") break;
    start_after = keys.substr(keys.rfind(',') + 1);
  }
  EXPECT_EQ(paged, expected);
}

TEST_F(LimitsConformance, StartAfterIsIgnoredBesideAToken) {
  for (const char* key : {"a", "b", "c", "d"}) Put(std::string("/bucket/") + key, "x");
  const std::string token = XmlText(Do("GET", "/bucket?list-type=2&max-keys=1").body, "NextContinuationToken");
  const std::string xml =
      Do("GET", "/bucket?list-type=2&start-after=c&continuation-token=" + PercentEncode(token)).body;
  EXPECT_EQ(XmlTexts(xml, "Key"), "b,c,d");
  EXPECT_EQ(XmlText(xml, "ContinuationToken"), token);
}

TEST_F(LimitsConformance, ListingsAreInByteOrder) {
  for (const char* key : {"a", "B", "%C3%A9", "a-", "a/", "a0", "_", "~"}) Put(std::string("/bucket/") + key, "x");
  EXPECT_EQ(XmlTexts(Do("GET", "/bucket?list-type=2&encoding-type=url").body, "Key"), "B,_,a,a-,a/,a0,~,%C3%A9");
}

/// Each algorithm, with its header.
class ChecksumConformance : public LimitsConformance, public testing::WithParamInterface<ChecksumAlgorithm> {
 protected:
  std::string Header() const { return std::string(ChecksumHeader(GetParam())); }
  std::string Wrong() const { return ChecksumOf(GetParam(), "other"); }
  std::string Right() const { return ChecksumOf(GetParam(), "hello"); }
};

TEST_P(ChecksumConformance, OfAPutIsVerified) {
  EXPECT_EQ(CodeOf(Do("PUT", "/bucket/k", {{Header(), Wrong()}}, "hello")), "BadDigest");
  EXPECT_EQ(CodeOf(Do("PUT", "/bucket/k", {{Header(), "AA=="}}, "hello")), "InvalidRequest");
  EXPECT_EQ(Do("HEAD", "/bucket/k").status, 404);
  const HttpAnswer put = Do("PUT", "/bucket/k", {{Header(), Right()}}, "hello");
  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(put.Header(Header()), Right());
}

TEST_P(ChecksumConformance, IsGivenBackWhenItIsAskedFor) {
  Do("PUT", "/bucket/k", {{Header(), Right()}}, "hello");
  for (const char* method : {"GET", "HEAD"}) {
    EXPECT_EQ(Do(method, "/bucket/k").Header(Header()), "");
    const HttpAnswer answer = Do(method, "/bucket/k", {{"x-amz-checksum-mode", "ENABLED"}});
    EXPECT_EQ(answer.Header(Header()), Right());
    EXPECT_EQ(answer.Header("x-amz-checksum-type"), "FULL_OBJECT");
  }
  EXPECT_EQ(Do("GET", "/bucket/k", {{"x-amz-checksum-mode", "ENABLED"}, {"Range", "bytes=0-1"}}).Header(Header()), "");
}

TEST_P(ChecksumConformance, OfAPartIsVerified) {
  const std::string id = XmlText(Do("POST", "/bucket/k?uploads").body, "UploadId");
  const std::string target = "/bucket/k?partNumber=1&uploadId=" + id;
  EXPECT_EQ(CodeOf(Do("PUT", target, {{Header(), Wrong()}}, "hello")), "BadDigest");
  EXPECT_EQ(Do("PUT", target, {{Header(), Right()}}, "hello").Header(Header()), Right());
}

INSTANTIATE_TEST_SUITE_P(All, ChecksumConformance,
                         testing::Values(ChecksumAlgorithm::kCrc32, ChecksumAlgorithm::kCrc32c,
                                         ChecksumAlgorithm::kCrc64Nvme, ChecksumAlgorithm::kSha1,
                                         ChecksumAlgorithm::kSha256));

}  // namespace
}  // namespace cosfuse::emulator
