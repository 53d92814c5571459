#include "cos/download.h"

#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "base/encoding.h"
#include "cos/fake_service.h"

namespace cosfuse {
namespace {

HttpHeaders Whole(size_t size, const std::string& etag = "e") {
  return HeadersOf({{"Content-Length", std::to_string(size)}, {"ETag", '"' + etag + '"'}});
}

HttpHeaders Part(ByteRange range, size_t size, const std::string& etag = "e") {
  return HeadersOf({{"Content-Length", std::to_string(range.length)},
                    {"Content-Range", "bytes " + std::to_string(range.offset) + "-" + std::to_string(range.end() - 1) +
                                          "/" + std::to_string(size)},
                    {"ETag", '"' + etag + '"'}});
}

std::string TakeText(Download& download, std::string_view data) {
  return std::string(AsText(download.Take(AsBytes(data)).data));
}

TEST(Download, WholeObjectNeedsNoRange) {
  Download download({});
  EXPECT_EQ(download.RangeToAsk(), std::nullopt);
  ASSERT_TRUE(download.OnAnswer(200, Whole(4)));
  EXPECT_FALSE(download.complete());
  EXPECT_EQ(TakeText(download, "abcd"), "abcd");
  EXPECT_TRUE(download.complete());
  EXPECT_EQ(download.info()->etag.value, "e");
}

TEST(Download, EmptyObjectIsCompleteAtOnce) {
  Download download({});
  ASSERT_TRUE(download.OnAnswer(200, Whole(0)));
  EXPECT_TRUE(download.complete());
}

TEST(Download, RangeIsCutAtTheEndOfTheObject) {
  Download download({2, 100});
  EXPECT_EQ(download.RangeToAsk(), (ByteRange{2, 100}));
  ASSERT_TRUE(download.OnAnswer(206, Part({2, 3}, 5)));
  EXPECT_EQ(TakeText(download, "cde"), "cde");
  EXPECT_TRUE(download.complete());
  EXPECT_EQ(download.info()->size, 5U);
}

TEST(Download, Pitfall18_BrokenAnswerIsContinuedAtTheByteWhereItBroke) {
  Download download({10, 10});
  ASSERT_TRUE(download.OnAnswer(206, Part({10, 10}, 50)));
  EXPECT_EQ(download.Take(AsBytes("abc")).offset, 10U);
  EXPECT_EQ(download.RangeToAsk(), (ByteRange{13, 7}));
  EXPECT_EQ(download.pin().value, "e");
  ASSERT_TRUE(download.OnAnswer(206, Part({13, 7}, 50)));
  const Download::Piece piece = download.Take(AsBytes("defghij"));
  EXPECT_EQ(piece.offset, 13U);
  EXPECT_EQ(AsText(piece.data), "defghij");
  EXPECT_TRUE(download.complete());
}

TEST(Download, Pitfall18_WholeObjectIsContinuedByRange) {
  Download download({});
  ASSERT_TRUE(download.OnAnswer(200, Whole(6)));
  EXPECT_EQ(TakeText(download, "ab"), "ab");
  EXPECT_EQ(download.RangeToAsk(), (ByteRange{2, 4}));
}

TEST(Download, WholeObjectInsteadOfTheRangeIsSkippedThrough) {
  Download download({3, 2});
  ASSERT_TRUE(download.OnAnswer(200, Whole(8)));
  EXPECT_EQ(TakeText(download, "ab"), "");
  EXPECT_EQ(TakeText(download, "cde"), "de");
  EXPECT_TRUE(download.complete());
  EXPECT_EQ(TakeText(download, "fgh"), "") << "beyond the range";
}

TEST(Download, Pitfall18_WholeObjectAgainGivesNoByteTwice) {
  Download download({});
  ASSERT_TRUE(download.OnAnswer(200, Whole(6)));
  EXPECT_EQ(TakeText(download, "abc"), "abc");
  ASSERT_TRUE(download.OnAnswer(200, Whole(6)));
  EXPECT_EQ(TakeText(download, "ab"), "");
  EXPECT_EQ(TakeText(download, "cd"), "d");
  EXPECT_EQ(TakeText(download, "ef"), "ef");
}

TEST(Download, Pitfall18_HoleIsRefused) {
  Download download({10, 10});
  EXPECT_EQ(download.OnAnswer(206, Part({11, 9}, 50)).error().code(), ErrorCode::kCorrupt);
}

TEST(Download, ShorterRangeThanAskedLeavesTheRest) {
  Download download({0, 10});
  ASSERT_TRUE(download.OnAnswer(206, Part({0, 4}, 50)));
  EXPECT_EQ(TakeText(download, "abcd"), "abcd");
  EXPECT_FALSE(download.complete());
  EXPECT_EQ(download.RangeToAsk(), (ByteRange{4, 6}));
}

TEST(Download, Pitfall23_AnotherVersionIsStale) {
  Download download({0, 4});
  ASSERT_TRUE(download.OnAnswer(206, Part({0, 4}, 8)));
  EXPECT_EQ(download.OnAnswer(206, Part({0, 4}, 8, "other")).error().code(), ErrorCode::kStale);
  EXPECT_EQ(download.OnAnswer(206, Part({0, 4}, 9)).error().code(), ErrorCode::kStale);
}

TEST(Download, AnswersThatMakeNoSenseAreRefused) {
  EXPECT_EQ(Download({}).OnAnswer(200, {}).error().code(), ErrorCode::kCorrupt) << "no length";
  EXPECT_EQ(Download({}).OnAnswer(200, HeadersOf({{"Content-Length", "3"}})).error().code(), ErrorCode::kCorrupt)
      << "no version";
  EXPECT_EQ(Download({}).OnAnswer(204, Whole(0)).error().code(), ErrorCode::kProtocol) << "no content";
  EXPECT_EQ(Download({0, 4}).OnAnswer(206, Whole(4)).error().code(), ErrorCode::kCorrupt) << "no range";
  EXPECT_EQ(Download({0, 4})
                .OnAnswer(206, HeadersOf({{"ETag", "e"}, {"Content-Length", "3"}, {"Content-Range", "bytes 0-3/8"}}))
                .error()
                .code(),
            ErrorCode::kCorrupt)
      << "length and range differ";
}

TEST(Download, RangeBeyondTheEndIsTheCallersMistake) {
  EXPECT_EQ(Download({9, 1}).OnAnswer(200, Whole(9)).error().code(), ErrorCode::kInvalidArgument);
  Download at_start({0, 5});
  EXPECT_TRUE(at_start.OnAnswer(200, Whole(0)));
  EXPECT_TRUE(at_start.complete());
}

TEST(Download, ChecksumOfTheWholeObjectIsVerified) {
  for (const bool intact : {true, false}) {
    Download download({});
    HttpHeaders headers = Whole(9);
    headers.Add("x-amz-checksum-crc32c", "4waSgw==");
    ASSERT_TRUE(download.OnAnswer(200, headers));
    TakeText(download, "12345");
    TakeText(download, intact ? "6789" : "6780");
    EXPECT_EQ(download.checksum_differs(), !intact);
  }
}

TEST(Download, ChecksumThatIsNotOfTheseBytesIsIgnored) {
  Download part({0, 3});
  HttpHeaders headers = Part({0, 3}, 9);
  headers.Add("x-amz-checksum-crc32c", "4waSgw==");
  ASSERT_TRUE(part.OnAnswer(206, headers));
  TakeText(part, "123");
  EXPECT_FALSE(part.checksum_differs()) << "not all bytes";

  for (const auto& [name, value] : {std::pair("x-amz-checksum-crc32c", "4waSgw==-3"), std::pair("x-other", "x")}) {
    Download download({});
    HttpHeaders composite = Whole(3);
    composite.Add(name, value);
    composite.Add("x-amz-checksum-type", "COMPOSITE");
    ASSERT_TRUE(download.OnAnswer(200, composite));
    TakeText(download, "abc");
    EXPECT_FALSE(download.checksum_differs());
  }
}

TEST(Download, RandomCutsGiveEachByteOnce) {
  const std::string object = SeededRandom(3).Hex(500);
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SeededRandom random(seed);
    const ByteRange wanted = {random.Next() % object.size(), 1 + random.Next() % 1200};
    Download download(wanted);
    std::string got;
    for (int tries = 0; !download.complete(); ++tries) {
      ASSERT_LT(tries, 2000) << "seed " << seed;
      ByteRange sent = download.RangeToAsk().value().Intersect({0, object.size()});
      const bool whole = random.Next() % 4 == 0;
      if (whole) sent = {0, object.size()};
      ASSERT_TRUE(download.OnAnswer(whole ? 200 : 206, whole ? Whole(object.size()) : Part(sent, object.size())));
      std::string_view body = std::string_view(object).substr(sent.offset, random.Next() % (sent.length + 1));
      while (!body.empty()) {
        const size_t length = 1 + random.Next() % body.size();
        got += TakeText(download, body.substr(0, length));
        body.remove_prefix(length);
      }
    }
    ASSERT_EQ(got, object.substr(wanted.offset, wanted.length)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace cosfuse
