#include "http/transport.h"

#include <gtest/gtest.h>

#include <array>

#include "base/encoding.h"

namespace cosfuse {
namespace {

TEST(HttpHeaders, NamesCompareWithoutCase) {
  HttpHeaders headers;
  headers.Add("ETag", "\"a\"");
  EXPECT_EQ(headers.Get("etag"), "\"a\"");
  EXPECT_EQ(headers.Get("ETa"), std::nullopt);
}

TEST(HttpHeaders, RepeatedFieldsAreJoinedInOrder) {
  HttpHeaders headers;
  headers.Add("x-amz-meta-a", "1");
  headers.Add("other", "x");
  headers.Add("X-Amz-Meta-A", "2");
  EXPECT_EQ(headers.Get("x-amz-meta-a"), "1");
  EXPECT_EQ(headers.GetJoined("x-amz-meta-a"), "1, 2");
  EXPECT_EQ(headers.GetJoined("absent"), std::nullopt);
}

TEST(HttpHeaders, SetReplacesEveryFieldOfTheName) {
  HttpHeaders headers;
  headers.Add("Range", "bytes=0-1");
  headers.Add("range", "bytes=2-3");
  headers.Set("RANGE", "bytes=4-5");
  EXPECT_EQ(headers.fields().size(), 1U);
  EXPECT_EQ(headers.GetJoined("range"), "bytes=4-5");
}

TEST(SpanBodySource, ReadsFromAnyOffsetToItsEnd) {
  SpanBodySource source(AsBytes("abcdef"));
  std::array<std::byte, 4> buffer{};
  EXPECT_EQ(source.size(), 6U);
  EXPECT_EQ(source.Read(0, buffer), 4U);
  EXPECT_EQ(AsText(buffer), "abcd");
  EXPECT_EQ(source.Read(4, buffer), 2U);
  EXPECT_EQ(AsText(std::span(buffer).first(2)), "ef");
  EXPECT_EQ(source.Read(6, buffer), 0U);
  EXPECT_EQ(source.Read(0, buffer), 4U);  // From the start again, for another try.
}

TEST(StringBodySink, TakesUpToItsLimit) {
  StringBodySink sink(5);
  EXPECT_TRUE(sink.OnData(AsBytes("abc")));
  EXPECT_TRUE(sink.OnData(AsBytes("de")));
  EXPECT_EQ(sink.OnData(AsBytes("f")).error().code(), ErrorCode::kTooLarge);
  EXPECT_EQ(sink.body(), "abcde");
}

TEST(StringBodySink, StartsAnewWithEachHead) {
  StringBodySink sink(100);
  EXPECT_TRUE(sink.OnData(AsBytes("first try")));
  EXPECT_TRUE(sink.OnHead({}));
  EXPECT_TRUE(sink.OnData(AsBytes("second")));
  EXPECT_EQ(sink.body(), "second");
}

TEST(HttpMethod, NamesAreThoseOfTheWire) {
  EXPECT_EQ(HttpMethodName(HttpMethod::kGet), "GET");
  EXPECT_EQ(HttpMethodName(HttpMethod::kHead), "HEAD");
  EXPECT_EQ(HttpMethodName(HttpMethod::kPut), "PUT");
  EXPECT_EQ(HttpMethodName(HttpMethod::kPost), "POST");
  EXPECT_EQ(HttpMethodName(HttpMethod::kDelete), "DELETE");
}

}  // namespace
}  // namespace cosfuse
