#include "emulator/cos/attributes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Pair;

TEST(Attributes, KeepContentHeadersAndMetadata) {
  Headers headers;
  headers.Add("Content-Type", "text/plain");
  headers.Add("Cache-Control", "no-cache");
  headers.Add("X-Amz-Meta-Mode", "33188");
  headers.Add("x-amz-meta-mode", "2");
  headers.Add("X-Unknown", "ignored");
  headers.Add("x-amz-tagging", "a=1&b=%20");
  const auto attributes = ParseAttributes(headers);
  ASSERT_TRUE(attributes);
  EXPECT_THAT(attributes->headers, ElementsAre(Pair("cache-control", "no-cache"), Pair("content-type", "text/plain")));
  EXPECT_THAT(attributes->metadata, ElementsAre(Pair("mode", "33188,2")));
  EXPECT_THAT(attributes->tags, ElementsAre(Pair("a", "1"), Pair("b", " ")));
}

TEST(Attributes, HaveADefaultContentType) {
  EXPECT_THAT(ParseAttributes({})->headers, ElementsAre(Pair("content-type", "application/octet-stream")));
}

TEST(Attributes, LimitMetadataTo2048Bytes) {
  Headers headers;
  headers.Add("x-amz-meta-a", std::string(2047, 'v'));
  EXPECT_TRUE(ParseAttributes(headers));
  headers.Add("x-amz-meta-b", "");
  EXPECT_EQ(ParseAttributes(headers).error().code, S3Code::kMetadataTooLarge);
}

TEST(Attributes, RefuseBrokenTags) {
  Headers twice;
  twice.Add("x-amz-tagging", "a=1&a=2");
  EXPECT_EQ(ParseAttributes(twice).error().code, S3Code::kInvalidTag);
  Headers many;
  many.Add("x-amz-tagging", "a&b&c&d&e&f&g&h&i&j&k");
  EXPECT_EQ(ParseAttributes(many).error().code, S3Code::kInvalidTag);
}

TEST(ObjectHeaders, ShowWhatAClientNeeds) {
  Object object;
  object.etag = "e";
  object.last_modified = WallTime(std::chrono::seconds(1'767'225'600));
  object.attributes.headers = {{"content-type", "text/plain"}};
  object.attributes.metadata = {{"uid", "7"}};
  object.attributes.tags = {{"a", "1"}, {"b", "2"}};
  Reply reply;
  AddObjectHeaders(object, reply);
  EXPECT_THAT(reply.headers, Contains(Pair("ETag", "\"e\"")));
  EXPECT_THAT(reply.headers, Contains(Pair("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")));
  EXPECT_THAT(reply.headers, Contains(Pair("Content-Type", "text/plain")));
  EXPECT_THAT(reply.headers, Contains(Pair("x-amz-meta-uid", "7")));
  EXPECT_THAT(reply.headers, Contains(Pair("x-amz-tagging-count", "2")));
}

}  // namespace
}  // namespace cosfuse::emulator
