#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "base/encoding.h"
#include "base/thread.h"
#include "emulator/cos/digest.h"
#include "emulator/fake_emulator_bed.h"

namespace cosfuse::emulator {
namespace {

using ObjectConformance = EmulatorTest;

TEST_F(ObjectConformance, PutAnswersTheMd5AsETag) {
  const HttpAnswer answer = Do("PUT", "/bucket/k", {}, "hello");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("etag"), "\"5d41402abc4b2a76b9719d911017c592\"");
  EXPECT_EQ(answer.body, "");
}

TEST_F(ObjectConformance, GetGivesBytesAndAttributes) {
  Do("PUT", "/bucket/k", {{"Content-Type", "text/plain"}, {"x-amz-meta-Mode", "33188"}, {"Cache-Control", "no-cache"}},
     "hello");
  const HttpAnswer answer = Do("GET", "/bucket/k");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.Header("content-length"), "5");
  EXPECT_EQ(answer.Header("content-type"), "text/plain");
  EXPECT_EQ(answer.Header("cache-control"), "no-cache");
  EXPECT_EQ(answer.Header("x-amz-meta-mode"), "33188");
  EXPECT_EQ(answer.Header("accept-ranges"), "bytes");
  EXPECT_EQ(answer.Header("last-modified"), "Thu, 01 Jan 2026 00:00:00 GMT");
  EXPECT_FALSE(answer.Header("x-amz-request-id").empty());
  EXPECT_EQ(answer.Header("date"), "Thu, 01 Jan 2026 00:00:00 GMT");
}

TEST_F(ObjectConformance, HeadGivesTheHeadersOfGetAndNoBody) {
  const std::string etag = Put("/bucket/k", "hello");
  const HttpAnswer head = Do("HEAD", "/bucket/k");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("content-length"), "5");
  EXPECT_EQ(head.Header("etag"), etag);
  EXPECT_EQ(Do("HEAD", "/bucket/none").status, 404);
  EXPECT_EQ(Do("GET", "/bucket/k").body, "hello");  // On the same connection: HEAD sent no body.
}

TEST_F(ObjectConformance, ReplacingChangesETagAndKeepsNothingOfTheOld) {
  Do("PUT", "/bucket/k", {{"x-amz-meta-a", "1"}}, "longer content");
  clock_.Advance(std::chrono::seconds(5));
  Put("/bucket/k", "new");
  const HttpAnswer answer = Do("GET", "/bucket/k");
  EXPECT_EQ(answer.body, "new");
  EXPECT_EQ(answer.Header("x-amz-meta-a"), "");
  EXPECT_EQ(answer.Header("last-modified"), "Thu, 01 Jan 2026 00:00:05 GMT");
}

TEST_F(ObjectConformance, LastModifiedHasWholeSeconds) {
  clock_.Advance(std::chrono::milliseconds(1999));
  Put("/bucket/k", "x");
  EXPECT_EQ(Do("HEAD", "/bucket/k").Header("last-modified"), "Thu, 01 Jan 2026 00:00:01 GMT");
  EXPECT_EQ(XmlText(Do("GET", "/bucket?list-type=2").body, "LastModified"), "2026-01-01T00:00:01.000Z");
}

TEST_F(ObjectConformance, AMissingKeyIsNoSuchKey) {
  const HttpAnswer answer = Do("GET", "/bucket/a%20b");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.Header("content-type"), "application/xml");
  EXPECT_EQ(XmlText(answer.body, "Code"), "NoSuchKey");
  EXPECT_EQ(XmlText(answer.body, "Resource"), "/bucket/a b");
  EXPECT_EQ(XmlText(answer.body, "RequestId"), answer.Header("x-amz-request-id"));
  EXPECT_EQ(XmlText(answer.body, "httpStatusCode"), "404");
}

TEST_F(ObjectConformance, AMissingBucketIsNoSuchBucket) {
  EXPECT_EQ(XmlText(Do("GET", "/nowhere/k").body, "Code"), "NoSuchBucket");
  EXPECT_EQ(Do("PUT", "/nowhere/k", {}, "x").status, 404);
  EXPECT_EQ(Do("HEAD", "/nowhere").status, 404);
}

TEST_F(ObjectConformance, EmptyObjectsAreObjects) {
  EXPECT_EQ(Put("/bucket/dir/", ""), "\"d41d8cd98f00b204e9800998ecf8427e\"");
  const HttpAnswer answer = Do("GET", "/bucket/dir/");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("content-length"), "0");
}

TEST_F(ObjectConformance, LargeBodiesComeBackByteByByte) {
  std::string body;
  body.resize(9'000'001);
  for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 31 + (i >> 13));
  EXPECT_EQ(Put("/bucket/big", body), "\"" + HexEncode(AsBytes(Md5(body))) + "\"");
  EXPECT_EQ(Do("GET", "/bucket/big").body, body);
  const HttpAnswer part = Do("GET", "/bucket/big", {{"Range", "bytes=8388600-8388620"}});
  EXPECT_EQ(part.body, body.substr(8388600, 21));
}

TEST_F(ObjectConformance, Pitfall34_OddKeysStayApart) {
  for (const char* key : {"a//b", "a/b", "/a", "..", "%2E%2E%2Fx", "a%0Ab", "%FF%FE", "a+b", "a%20b", "a%2Bb", "%C3%A9",
                          "e%CC%81", "a%25b", "a%3Fb"}) {
    Put(std::string("/bucket/") + key, key);
  }
  for (const char* key :
       {"a//b", "a/b", "/a", "..", "%2E%2E%2Fx", "a%0Ab", "%FF%FE", "a%20b", "%C3%A9", "e%CC%81", "a%25b", "a%3Fb"}) {
    EXPECT_EQ(Do("GET", std::string("/bucket/") + key).body, key);
  }
  EXPECT_EQ(Do("GET", "/bucket/a+b").body, "a%2Bb");  // A plus in a path is a plus, encoded or not.
}

TEST_F(ObjectConformance, KeysMayHave1024Bytes) {
  EXPECT_EQ(Do("PUT", "/bucket/" + std::string(1024, 'k'), {}, "x").status, 200);
  const HttpAnswer answer = Do("PUT", "/bucket/" + std::string(1025, 'k'), {}, "x");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(XmlText(answer.body, "Code"), "KeyTooLong");
}

TEST_F(ObjectConformance, RangesGivePartsWithTheirPlace) {
  Put("/bucket/k", "0123456789");
  const HttpAnswer middle = Do("GET", "/bucket/k", {{"Range", "bytes=2-4"}});
  EXPECT_EQ(middle.status, 206);
  EXPECT_EQ(middle.body, "234");
  EXPECT_EQ(middle.Header("content-range"), "bytes 2-4/10");
  EXPECT_EQ(Do("GET", "/bucket/k", {{"Range", "bytes=7-"}}).body, "789");
  EXPECT_EQ(Do("GET", "/bucket/k", {{"Range", "bytes=-2"}}).body, "89");
  EXPECT_EQ(Do("GET", "/bucket/k", {{"Range", "bytes=8-100"}}).Header("content-range"), "bytes 8-9/10");
  EXPECT_EQ(Do("GET", "/bucket/k", {{"Range", "bytes=nonsense"}}).status, 200);
}

TEST_F(ObjectConformance, ARangePastTheEndIs416) {
  Put("/bucket/k", "0123456789");
  Put("/bucket/empty", "");
  const HttpAnswer answer = Do("GET", "/bucket/k", {{"Range", "bytes=10-"}});
  EXPECT_EQ(answer.status, 416);
  EXPECT_EQ(XmlText(answer.body, "Code"), "InvalidRange");
  EXPECT_EQ(Do("GET", "/bucket/empty", {{"Range", "bytes=0-"}}).status, 416);
}

TEST_F(ObjectConformance, ConditionsOnReads) {
  const std::string etag = Put("/bucket/k", "hello");
  for (const char* method : {"GET", "HEAD"}) {
    EXPECT_EQ(Do(method, "/bucket/k", {{"If-Match", etag}}).status, 200);
    EXPECT_EQ(Do(method, "/bucket/k", {{"If-Match", "\"other\""}}).status, 412);
    EXPECT_EQ(Do(method, "/bucket/k", {{"If-None-Match", "\"other\""}}).status, 200);
    const HttpAnswer same = Do(method, "/bucket/k", {{"If-None-Match", etag}});
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(same.Header("etag"), etag);
    EXPECT_EQ(Do(method, "/bucket/k", {{"If-Modified-Since", "Thu, 01 Jan 2026 00:00:00 GMT"}}).status, 304);
    EXPECT_EQ(Do(method, "/bucket/k", {{"If-Unmodified-Since", "Wed, 31 Dec 2025 00:00:00 GMT"}}).status, 412);
  }
  EXPECT_EQ(Do("GET", "/bucket/k", {{"If-Match", "\"other\""}, {"Range", "bytes=99-"}}).status, 412);
}

TEST_F(ObjectConformance, ConditionsOnWrites) {
  const HttpClient::HeaderList create = {{"If-None-Match", "*"}};
  EXPECT_EQ(Do("PUT", "/bucket/k", create, "one").status, 200);
  const HttpAnswer again = Do("PUT", "/bucket/k", create, "two");
  EXPECT_EQ(again.status, 412);
  EXPECT_EQ(XmlText(again.body, "Code"), "PreconditionFailed");
  const std::string etag = Do("HEAD", "/bucket/k").Header("etag");
  EXPECT_EQ(Do("PUT", "/bucket/k", {{"If-Match", etag}}, "three").status, 200);
  EXPECT_EQ(Do("PUT", "/bucket/k", {{"If-Match", etag}}, "four").status, 412);
  EXPECT_EQ(Do("PUT", "/bucket/new", {{"If-Match", etag}}, "x").status, 412);
  EXPECT_EQ(Do("GET", "/bucket/k").body, "three");
}

TEST_F(ObjectConformance, Pitfall33_ParallelCreatorsHaveOneWinner) {
  constexpr int kRounds = 20;
  constexpr int kWriters = 4;
  std::atomic<int> wins{0};
  {
    std::vector<Thread> writers;
    writers.reserve(kWriters);
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back("writer", [this, &wins] {
        HttpClient client = NewClient("Writer");
        for (int round = 0; round < kRounds; ++round) {
          const HttpAnswer answer =
              client.Do("PUT", "/bucket/lock" + std::to_string(round), {{"If-None-Match", "*"}}, "me");
          if (answer.status == 200) wins.fetch_add(1);
        }
      });
    }
  }
  EXPECT_EQ(wins.load(), kRounds);
}

TEST_F(ObjectConformance, ContentMd5IsVerified) {
  const HttpAnswer wrong = Do("PUT", "/bucket/k", {{"Content-MD5", Base64Encode(AsBytes(Md5("other")))}}, "hello");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(XmlText(wrong.body, "Code"), "BadDigest");
  const HttpAnswer broken = Do("PUT", "/bucket/k", {{"Content-MD5", "???"}}, "hello");
  EXPECT_EQ(XmlText(broken.body, "Code"), "InvalidDigest");
  EXPECT_EQ(Do("HEAD", "/bucket/k").status, 404);
  EXPECT_EQ(Do("PUT", "/bucket/k", {{"Content-MD5", Base64Encode(AsBytes(Md5("hello")))}}, "hello").status, 200);
}

TEST_F(ObjectConformance, ChecksumsAreVerifiedAndGivenBack) {
  const HttpAnswer wrong = Do("PUT", "/bucket/k", {{"x-amz-checksum-crc32c", "AAAAAA=="}}, "hello");
  EXPECT_EQ(XmlText(wrong.body, "Code"), "BadDigest");
  const HttpAnswer right = Do("PUT", "/bucket/k", {{"x-amz-checksum-crc32c", "mnG7TA=="}}, "hello");
  EXPECT_EQ(right.status, 200);
  EXPECT_EQ(right.Header("x-amz-checksum-crc32c"), "mnG7TA==");
  EXPECT_EQ(Do("GET", "/bucket/k").Header("x-amz-checksum-crc32c"), "");
  const HttpAnswer asked = Do("GET", "/bucket/k", {{"x-amz-checksum-mode", "ENABLED"}});
  EXPECT_EQ(asked.Header("x-amz-checksum-crc32c"), "mnG7TA==");
  EXPECT_EQ(asked.Header("x-amz-checksum-type"), "FULL_OBJECT");
}

TEST_F(ObjectConformance, UnknownHeadersAreIgnored) {
  EXPECT_EQ(Do("PUT", "/bucket/k", {{"If-Something", "x"}, {"x-amz-future", "y"}}, "hello").status, 200);
}

TEST_F(ObjectConformance, MetadataIsLimited) {
  const HttpAnswer answer = Do("PUT", "/bucket/k", {{"x-amz-meta-a", std::string(2048, 'v')}}, "x");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(XmlText(answer.body, "Code"), "MetadataTooLarge");
}

TEST_F(ObjectConformance, DeleteSucceedsAlsoWithoutAnObject) {
  Put("/bucket/k", "x");
  EXPECT_EQ(Do("DELETE", "/bucket/k").status, 204);
  EXPECT_EQ(Do("DELETE", "/bucket/k").status, 204);
  EXPECT_EQ(Do("GET", "/bucket/k").status, 404);
}

TEST_F(ObjectConformance, ConditionsOnDeleteAreIgnoredAsUnknownHeadersAre) {
  Put("/bucket/k", "x");
  EXPECT_EQ(Do("DELETE", "/bucket/k", {{"If-Match", "\"other\""}}).status, 204);
}

TEST_F(ObjectConformance, AReaderKeepsTheVersionThatItBegan) {
  const std::string body(4'000'000, 'a');
  Put("/bucket/k", body);
  HttpClient reader = NewClient("Writer");
  reader.Send(reader.FormatHead("GET", "/bucket/k", {}));
  while (Requests(Operation::kGetObject) == 0) {
  }
  Put("/bucket/k", std::string(4'000'000, 'b'));
  const HttpAnswer answer = reader.ReadAnswer("GET");
  ASSERT_EQ(answer.body.size(), body.size());
  EXPECT_EQ(answer.body.find_first_not_of(answer.body[0]), std::string::npos);
}

TEST_F(ObjectConformance, BytesInADirectorySurviveARestart) {
  const TemporaryDirectory directory;
  options_.data_dir = directory.path();
  Restart();
  const std::string etag = Put("/bucket/a%FFb", "kept");
  Restart();
  const HttpAnswer answer = Do("GET", "/bucket/a%FFb");
  EXPECT_EQ(answer.body, "kept");
  EXPECT_EQ(answer.Header("etag"), etag);
}

}  // namespace
}  // namespace cosfuse::emulator
