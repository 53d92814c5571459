#include <gtest/gtest.h>

#include <algorithm>

#include "base/encoding.h"
#include "emulator/cos/digest.h"
#include "emulator/fake_emulator_bed.h"

namespace cosfuse::emulator {
namespace {

class DialectConformance : public EmulatorTest {
 protected:
  DialectConformance() : etag_(Put("/bucket/k", "old")) {}

  void Speak(const std::string& switches) { EXPECT_EQ(Command("POST", "dialect?" + switches).status, 200) << switches; }
  /// The statuses of an initiate and of a completion under a condition that does not hold; the second is 0 where the
  /// first failed.
  std::pair<int, int> Upload(const HttpClient::HeaderList& at_initiate, const HttpClient::HeaderList& at_complete) {
    const HttpAnswer initiated = Do("POST", "/bucket/k?uploads", at_initiate);
    if (initiated.status != 200) return {initiated.status, 0};
    const std::string id = XmlText(initiated.body, "UploadId");
    const std::string etag = Do("PUT", "/bucket/k?partNumber=1&uploadId=" + id, {}, "new").Header("etag");
    const HttpAnswer completed = Do("POST", "/bucket/k?uploadId=" + id, at_complete,
                                    "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + etag +
                                        "</ETag></Part></CompleteMultipartUpload>");
    return {initiated.status, completed.status};
  }

  const HttpClient::HeaderList wrong_ = {{"If-Match", "\"other\""}};
  const std::string etag_;
};

using Statuses = std::pair<int, int>;

TEST_F(DialectConformance, ShowsItsSwitches) {
  EXPECT_EQ(Command("POST", "dialect").body,
            "put=honoured,multipart=initiate-and-complete,delete=ignored,copy-target=ignored\n");
  EXPECT_EQ(Command("POST", "dialect?multipart=complete&copy-target=honoured").body,
            "put=honoured,multipart=complete,delete=ignored,copy-target=honoured\n");
  EXPECT_EQ(Command("POST", "dialect?delete=honoured").body,
            "put=honoured,multipart=complete,delete=honoured,copy-target=honoured\n");
}

TEST_F(DialectConformance, AMistakeChangesNothing) {
  EXPECT_EQ(Command("POST", "dialect?delete=honoured&put=maybe").status, 400);
  EXPECT_EQ(Do("DELETE", "/bucket/k", wrong_).status, 204);
}

TEST_F(DialectConformance, MultipartAtInitiateAndComplete) {
  EXPECT_EQ(Upload(wrong_, {}), Statuses(412, 0));
  EXPECT_EQ(Upload({}, wrong_), Statuses(200, 412));
}

TEST_F(DialectConformance, MultipartAtCompleteAlone) {
  Speak("multipart=complete");
  EXPECT_EQ(Upload({}, wrong_), Statuses(200, 412));
  EXPECT_EQ(Upload(wrong_, {}), Statuses(200, 200));
}

TEST_F(DialectConformance, MultipartNotAtAll) {
  Speak("multipart=ignored");
  EXPECT_EQ(Upload(wrong_, wrong_), Statuses(200, 200));
}

TEST_F(DialectConformance, DeleteHonoured) {
  Speak("delete=honoured");
  EXPECT_EQ(Do("DELETE", "/bucket/k", wrong_).status, 412);
  EXPECT_EQ(Do("DELETE", "/bucket/k", {{"If-Match", etag_}}).status, 204);
  EXPECT_EQ(Do("DELETE", "/bucket/k", {{"If-Match", etag_}}).status, 412);
}

TEST_F(DialectConformance, DeleteIgnored) {
  Speak("delete=ignored");
  EXPECT_EQ(Do("DELETE", "/bucket/k", wrong_).status, 204);
}

TEST_F(DialectConformance, CopyTargetHonoured) {
  Speak("copy-target=honoured");
  Put("/bucket/s", "source");
  EXPECT_EQ(Do("PUT", "/bucket/k", {{"x-amz-copy-source", "/bucket/s"}, {"If-None-Match", "*"}}).status, 412);
  EXPECT_EQ(Do("PUT", "/bucket/n", {{"x-amz-copy-source", "/bucket/s"}, {"If-None-Match", "*"}}).status, 200);
}

TEST_F(DialectConformance, CopyTargetIgnored) {
  Put("/bucket/s", "source");
  EXPECT_EQ(Do("PUT", "/bucket/k", {{"x-amz-copy-source", "/bucket/s"}, {"If-None-Match", "*"}}).status, 200);
}

TEST_F(DialectConformance, PutIgnored) {
  Speak("put=ignored");
  EXPECT_EQ(Do("PUT", "/bucket/k", wrong_, "new").status, 200);
  EXPECT_EQ(Do("PUT", "/bucket/k", {{"If-None-Match", "*"}}, "newer").status, 200);
  EXPECT_EQ(Do("GET", "/bucket/k", wrong_).status, 412);  // Reads are judged in every dialect.
}

TEST_F(DialectConformance, MayBeSpokenFromTheStart) {
  options_.dialect.conditions_on_delete = true;
  Restart();
  Put("/bucket/k", "x");
  EXPECT_EQ(Do("DELETE", "/bucket/k", wrong_).status, 412);
}

class RulesConformance : public EmulatorTest {
 protected:
  void Rule(const std::string& rule) { EXPECT_EQ(Command("POST", "bucket?bucket=bucket&" + rule).status, 200) << rule; }
  /// A PUT with a checksum, as a bucket under retention demands one.
  HttpAnswer PutChecked(const std::string& target) {
    return Do("PUT", target, {{"Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="}}, "hello");
  }
};

TEST_F(RulesConformance, RetentionProtectsFromOverwriteAndDelete) {
  Rule("retention-seconds=60");
  EXPECT_EQ(PutChecked("/bucket/k").status, 200);
  const HttpAnswer overwritten = PutChecked("/bucket/k");
  EXPECT_EQ(overwritten.status, 403);
  EXPECT_EQ(XmlText(overwritten.body, "Code"), "AccessDenied");
  EXPECT_EQ(Do("DELETE", "/bucket/k").status, 403);
  EXPECT_EQ(
      Do("PUT", "/bucket/k", {{"x-amz-copy-source", "/bucket/k"}, {"x-amz-metadata-directive", "REPLACE"}}).status,
      403);
  EXPECT_EQ(Do("GET", "/bucket/k").body, "hello");
}

TEST_F(RulesConformance, RetentionEnds) {
  Rule("retention-seconds=60");
  PutChecked("/bucket/k");
  clock_.Advance(std::chrono::seconds(60));
  EXPECT_EQ(Do("DELETE", "/bucket/k").status, 204);
}

TEST_F(RulesConformance, RetentionMayBeLifted) {
  Rule("retention-seconds=60");
  PutChecked("/bucket/k");
  Rule("retention-seconds=0");
  EXPECT_EQ(Do("PUT", "/bucket/k", {}, "new").status, 200);
}

TEST_F(RulesConformance, RetentionDemandsAChecksumOnEachUpload) {
  Rule("retention-seconds=60");
  EXPECT_EQ(XmlText(Do("PUT", "/bucket/k", {}, "hello").body, "Code"), "InvalidRequest");
  EXPECT_EQ(Do("PUT", "/bucket/k", {{"x-amz-checksum-crc32", "NhCmhg=="}}, "hello").status, 200);
  const std::string id = XmlText(Do("POST", "/bucket/u?uploads").body, "UploadId");
  EXPECT_EQ(Do("PUT", "/bucket/u?partNumber=1&uploadId=" + id, {}, "hello").status, 400);
}

TEST_F(RulesConformance, MultiDeleteTellsWhatIsUnderRetention) {
  Rule("retention-seconds=60");
  PutChecked("/bucket/k");
  const std::string body =
      "<Delete><Quiet>true</Quiet><Object><Key>k</Key></Object><Object><Key>n</Key></Object></Delete>";
  const HttpAnswer answer = Do("POST", "/bucket?delete", {{"Content-MD5", Base64Encode(AsBytes(Md5(body)))}}, body);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(XmlTexts(answer.body, "Key"), "k");
  EXPECT_EQ(XmlTexts(answer.body, "Code"), "AccessDenied");
}

TEST_F(RulesConformance, AQuotaEndsUploads) {
  Rule("quota-bytes=8");
  EXPECT_EQ(Do("PUT", "/bucket/a", {}, "12345").status, 200);
  const HttpAnswer full = Do("PUT", "/bucket/b", {}, "1234");
  EXPECT_EQ(full.status, 507);
  EXPECT_EQ(XmlText(full.body, "Code"), "VaultQuotaExceeded");
  EXPECT_EQ(Do("PUT", "/bucket/a", {}, "12345678").status, 200);  // It replaces what counted before.
  EXPECT_EQ(Do("DELETE", "/bucket/a").status, 204);
  EXPECT_EQ(Do("PUT", "/bucket/b", {}, "1234").status, 200);
}

TEST_F(RulesConformance, AQuotaEndsCopiesAndCompletions) {
  Put("/bucket/a", "12345");
  Rule("quota-bytes=8");
  EXPECT_EQ(Do("PUT", "/bucket/b", {{"x-amz-copy-source", "/bucket/a"}}).status, 507);
  const std::string id = XmlText(Do("POST", "/bucket/c?uploads").body, "UploadId");
  const std::string etag = Do("PUT", "/bucket/c?partNumber=1&uploadId=" + id, {}, "1234").Header("etag");
  EXPECT_EQ(Do("POST", "/bucket/c?uploadId=" + id, {},
               "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + etag +
                   "</ETag></Part></CompleteMultipartUpload>")
                .status,
            507);
}

TEST_F(RulesConformance, AnArchivedObjectIsSeenAndNotRead) {
  Put("/bucket/k", "cold");
  EXPECT_EQ(Command("POST", "archive?bucket=bucket&key=k&class=GLACIER").status, 200);
  const HttpAnswer head = Do("HEAD", "/bucket/k");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("x-amz-storage-class"), "GLACIER");
  const HttpAnswer get = Do("GET", "/bucket/k");
  EXPECT_EQ(get.status, 403);
  EXPECT_EQ(XmlText(get.body, "Code"), "InvalidObjectState");
  EXPECT_EQ(XmlText(Do("GET", "/bucket?list-type=2").body, "StorageClass"), "STANDARD");
}

TEST_F(RulesConformance, AnArchivedObjectIsNoCopySource) {
  Put("/bucket/k", "cold");
  Command("POST", "archive?bucket=bucket&key=k&class=ACCELERATED");
  const HttpAnswer copy = Do("PUT", "/bucket/c", {{"x-amz-copy-source", "/bucket/k"}});
  EXPECT_EQ(copy.status, 403);
  EXPECT_EQ(XmlText(copy.body, "Code"), "InvalidObjectState");
}

TEST_F(RulesConformance, ARestoredObjectIsRead) {
  const std::string etag = Put("/bucket/k", "cold");
  Command("POST", "archive?bucket=bucket&key=k&class=GLACIER");
  EXPECT_EQ(Command("POST", "archive?bucket=bucket&key=k&class=STANDARD").status, 200);
  const HttpAnswer get = Do("GET", "/bucket/k");
  EXPECT_EQ(get.body, "cold");
  EXPECT_EQ(get.Header("etag"), etag);
  EXPECT_EQ(get.Header("x-amz-storage-class"), "");
}

TEST_F(RulesConformance, AnOverwriteEndsTheArchive) {
  Put("/bucket/k", "cold");
  Command("POST", "archive?bucket=bucket&key=k&class=GLACIER");
  Put("/bucket/k", "warm");
  EXPECT_EQ(Do("GET", "/bucket/k").body, "warm");
}

TEST_F(RulesConformance, MistakesAreExplained) {
  for (const char* command :
       {"bucket?bucket=none", "bucket?bucket=bucket&versioning=off", "bucket?bucket=bucket&retention-seconds=x",
        "bucket?bucket=bucket&quota-bytes=", "archive?bucket=bucket&key=none&class=GLACIER",
        "archive?bucket=bucket&key=k&class=COLD", "archive?bucket=none&key=k&class=GLACIER"}) {
    const HttpAnswer answer = Command("POST", command);
    EXPECT_EQ(answer.status, 400) << command;
    EXPECT_EQ(std::ranges::count(answer.body, '\n'), 1) << command;
  }
}

}  // namespace
}  // namespace cosfuse::emulator
