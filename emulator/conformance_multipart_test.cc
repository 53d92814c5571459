#include <gtest/gtest.h>

#include "base/encoding.h"
#include "emulator/cos/digest.h"
#include "emulator/fake_emulator_bed.h"

namespace cosfuse::emulator {
namespace {

class MultipartConformance : public EmulatorTest {
 protected:
  std::string Initiate(const HttpClient::HeaderList& headers = {}) {
    const HttpAnswer answer = Do("POST", "/bucket/k?uploads", headers);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(XmlText(answer.body, "Bucket"), "bucket");
    EXPECT_EQ(XmlText(answer.body, "Key"), "k");
    return XmlText(answer.body, "UploadId");
  }
  static std::string PartTarget(const std::string& id, int number) {
    return "/bucket/k?partNumber=" + std::to_string(number) + "&uploadId=" + id;
  }
  /// Uploads a part and returns its line for the completion.
  std::string Part(const std::string& id, int number, std::string_view body) {
    const HttpAnswer answer = Do("PUT", PartTarget(id, number), {}, body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Line(number, answer.Header("etag"));
  }
  static std::string Line(int number, const std::string& etag) {
    return "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" + etag + "</ETag></Part>";
  }
  HttpAnswer Complete(const std::string& id, const std::string& lines, const HttpClient::HeaderList& headers = {}) {
    return Do("POST", "/bucket/k?uploadId=" + id, headers,
              "<CompleteMultipartUpload>" + lines + "</CompleteMultipartUpload>");
  }
  std::string CodeOfComplete(const std::string& id, const std::string& lines) {
    return XmlText(Complete(id, lines).body, "Code");
  }

  const std::string big_ = std::string(5 * kMiB, 'x');
};

TEST_F(MultipartConformance, PartsBecomeOneObject) {
  const std::string id = Initiate({{"Content-Type", "text/plain"}, {"x-amz-meta-a", "1"}});
  const std::string second = Part(id, 2, "end");
  const std::string first = Part(id, 1, big_);
  EXPECT_EQ(Do("HEAD", "/bucket/k").status, 404);
  const HttpAnswer done = Complete(id, first + second);
  EXPECT_EQ(done.status, 200);
  const std::string etag = HexEncode(AsBytes(Md5(Md5(big_) + Md5("end")))) + "-2";
  EXPECT_EQ(XmlText(done.body, "ETag"), "&quot;" + etag + "&quot;");
  EXPECT_EQ(XmlText(done.body, "Key"), "k");
  const HttpAnswer object = Do("GET", "/bucket/k");
  EXPECT_EQ(object.body, big_ + "end");
  EXPECT_EQ(object.Header("etag"), "\"" + etag + "\"");
  EXPECT_EQ(object.Header("content-type"), "text/plain");
  EXPECT_EQ(object.Header("x-amz-meta-a"), "1");
  EXPECT_EQ(Do("GET", "/bucket/k", {{"Range", "bytes=5242879-5242881"}}).body, "xen");
}

TEST_F(MultipartConformance, APartSentAgainReplacesTheFirst) {
  const std::string id = Initiate();
  const std::string old_line = Part(id, 1, "old");
  const std::string new_line = Part(id, 1, "new");
  EXPECT_EQ(CodeOfComplete(id, old_line), "InvalidPart");
  EXPECT_EQ(Complete(id, new_line).status, 200);
  EXPECT_EQ(Do("GET", "/bucket/k").body, "new");
}

TEST_F(MultipartConformance, CompletionIsStrict) {
  const std::string id = Initiate();
  const std::string first = Part(id, 1, "small");
  const std::string second = Part(id, 2, "end");
  EXPECT_EQ(CodeOfComplete(id, first + second), "EntityTooSmall");
  EXPECT_EQ(CodeOfComplete(id, second + first), "InvalidPartOrder");
  EXPECT_EQ(CodeOfComplete(id, Line(3, "\"x\"")), "InvalidPart");
  EXPECT_EQ(CodeOfComplete(id, ""), "MalformedXML");
  EXPECT_EQ(Complete(id, second).status, 200);  // The upload outlived the mistakes.
}

TEST_F(MultipartConformance, AnUploadEndsWithItsCompletion) {
  const std::string id = Initiate();
  const std::string line = Part(id, 1, "x");
  EXPECT_EQ(Complete(id, line).status, 200);
  EXPECT_EQ(CodeOfComplete(id, line), "NoSuchUpload");
  EXPECT_EQ(Do("PUT", PartTarget(id, 1), {}, "x").status, 404);
}

TEST_F(MultipartConformance, AbortForgetsTheUpload) {
  const std::string id = Initiate();
  Part(id, 1, "x");
  EXPECT_EQ(Do("DELETE", "/bucket/k?uploadId=" + id).status, 204);
  const HttpAnswer again = Do("DELETE", "/bucket/k?uploadId=" + id);
  EXPECT_EQ(again.status, 404);
  EXPECT_EQ(XmlText(again.body, "Code"), "NoSuchUpload");
}

TEST_F(MultipartConformance, PartNumbersGoFrom1To10000) {
  const std::string id = Initiate();
  for (const int number : {0, 10001}) {
    const HttpAnswer answer = Do("PUT", PartTarget(id, number), {}, "x");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(XmlText(answer.body, "Code"), "InvalidArgument");
  }
  EXPECT_EQ(Do("PUT", PartTarget(id, 10000), {}, "x").status, 200);
}

TEST_F(MultipartConformance, PartsHaveVerifiedDigests) {
  const std::string id = Initiate();
  const HttpAnswer wrong = Do("PUT", PartTarget(id, 1), {{"Content-MD5", Base64Encode(AsBytes(Md5("y")))}}, "x");
  EXPECT_EQ(XmlText(wrong.body, "Code"), "BadDigest");
  EXPECT_EQ(XmlText(Do("GET", "/bucket/k?uploadId=" + id).body, "PartNumber"), "(none)");
}

TEST_F(MultipartConformance, ConditionsAreJudgedAtTheInitiate) {
  const std::string etag = Put("/bucket/k", "base");
  EXPECT_EQ(Do("POST", "/bucket/k?uploads", {{"If-None-Match", "*"}}).status, 412);
  EXPECT_EQ(Do("POST", "/bucket/k?uploads", {{"If-Match", "\"other\""}}).status, 412);
  EXPECT_EQ(Do("POST", "/bucket/k?uploads", {{"If-Match", etag}}).status, 200);
}

TEST_F(MultipartConformance, Pitfall25_ConditionsOfTheInitiateHoldAtTheCompletion) {
  const std::string etag = Put("/bucket/k", "base");
  const std::string id = Initiate({{"If-Match", etag}});
  const std::string line = Part(id, 1, "mine");
  Put("/bucket/k", "theirs");
  EXPECT_EQ(Complete(id, line).status, 412);
  EXPECT_EQ(Do("GET", "/bucket/k").body, "theirs");
}

TEST_F(MultipartConformance, ConditionsOfTheCompletionHold) {
  const std::string id = Initiate();
  const std::string line = Part(id, 1, "mine");
  const std::string etag = Put("/bucket/k", "theirs");
  EXPECT_EQ(Complete(id, line, {{"If-None-Match", "*"}}).status, 412);
  EXPECT_EQ(Complete(id, line, {{"If-Match", "\"other\""}}).status, 412);
  EXPECT_EQ(Complete(id, line, {{"If-Match", etag}}).status, 200);
}

TEST_F(MultipartConformance, PartsMayBeCopiedFromObjects) {
  Put("/bucket/source", "0123456789");
  const std::string id = Initiate();
  const HttpAnswer copy =
      Do("PUT", PartTarget(id, 1), {{"x-amz-copy-source", "/bucket/source"}, {"x-amz-copy-source-range", "bytes=2-5"}});
  ASSERT_EQ(copy.status, 200);
  EXPECT_EQ(XmlText(copy.body, "ETag"), "&quot;" + HexEncode(AsBytes(Md5("2345"))) + "&quot;");
  EXPECT_EQ(Complete(id, Line(1, XmlText(copy.body, "ETag"))).status, 200);
  EXPECT_EQ(Do("GET", "/bucket/k").body, "2345");
  EXPECT_EQ(Requests(Operation::kUploadPartCopy), 1U);
}

TEST_F(MultipartConformance, CopiedPartsHaveConditionsAndLimits) {
  Put("/bucket/source", "0123456789");
  const std::string id = Initiate();
  const std::string target = PartTarget(id, 1);
  const std::pair<std::string, std::string> source = {"x-amz-copy-source", "bucket/source"};
  EXPECT_EQ(Do("PUT", target, {source, {"x-amz-copy-source-range", "bytes=2-10"}}).status, 400);
  EXPECT_EQ(Do("PUT", target, {source, {"x-amz-copy-source-if-match", "\"other\""}}).status, 412);
  EXPECT_EQ(Do("PUT", target, {{"x-amz-copy-source", "bucket/none"}}).status, 404);
  EXPECT_EQ(Do("PUT", target, {source}).status, 200);
}

TEST_F(MultipartConformance, PartsAreListedByNumber) {
  const std::string id = Initiate();
  for (const int number : {3, 1, 7}) Part(id, number, std::string(static_cast<size_t>(number), 'p'));
  const std::string all = Do("GET", "/bucket/k?uploadId=" + id).body;
  EXPECT_EQ(XmlTexts(all, "PartNumber"), "1,3,7");
  EXPECT_EQ(XmlTexts(all, "Size"), "1,3,7");
  EXPECT_EQ(XmlText(all, "IsTruncated"), "false");
  const std::string page = Do("GET", "/bucket/k?uploadId=" + id + "&max-parts=1&part-number-marker=1").body;
  EXPECT_EQ(XmlTexts(page, "PartNumber"), "3");
  EXPECT_EQ(XmlText(page, "IsTruncated"), "true");
  EXPECT_EQ(XmlText(page, "NextPartNumberMarker"), "3");
}

TEST_F(MultipartConformance, UploadsAreListedByKey) {
  for (const char* key : {"b", "a", "c"}) Do("POST", std::string("/bucket/") + key + "?uploads");
  const std::string all = Do("GET", "/bucket?uploads").body;
  EXPECT_EQ(XmlTexts(all, "Key"), "a,b,c");
  const std::string page = Do("GET", "/bucket?uploads&max-uploads=1").body;
  EXPECT_EQ(XmlText(page, "IsTruncated"), "true");
  const std::string next = Do("GET", "/bucket?uploads&key-marker=" + XmlText(page, "NextKeyMarker") +
                                         "&upload-id-marker=" + XmlText(page, "NextUploadIdMarker"))
                               .body;
  EXPECT_EQ(XmlTexts(next, "Key"), "b,c");
  EXPECT_EQ(XmlTexts(Do("GET", "/bucket?uploads&prefix=c").body, "Key"), "c");
  EXPECT_EQ(XmlTexts(Do("GET", "/bucket?uploads&key-marker=b").body, "Key"), "c");
}

}  // namespace
}  // namespace cosfuse::emulator
