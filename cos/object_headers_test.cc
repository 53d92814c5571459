#include "cos/object_headers.h"

#include <gtest/gtest.h>

#include "cos/fake_service.h"

namespace cosfuse {
namespace {

using std::chrono::seconds;

TEST(ObjectHeaders, ETagLosesQuotesAndWeakness) {
  EXPECT_EQ(ParseETag("\"abc-2\"").value, "abc-2");
  EXPECT_EQ(ParseETag("W/\"abc\"").value, "abc");
  EXPECT_EQ(ParseETag(" abc ").value, "abc");
  EXPECT_EQ(ParseETag("\"\"").value, "");
  EXPECT_EQ(ParseETag("\"").value, "\"");
}

TEST(ObjectHeaders, ContentRange) {
  EXPECT_EQ(ParseContentRange("bytes 0-99/1234"), (ContentRange{{0, 100}, 1234}));
  EXPECT_EQ(ParseContentRange("bytes 5-5/6"), (ContentRange{{5, 1}, 6}));
  for (const auto* text : {"", "bytes */1234", "bytes 0-99/*", "bytes 9-5/20", "bytes 0-20/20", "items 0-1/2",
                           "bytes 0-1/2x", "bytes -1/2", "bytes 0-/2", "bytes 0-99999999999999999999/5"}) {
    EXPECT_FALSE(ParseContentRange(text).has_value()) << text;
  }
}

TEST(ObjectHeaders, DescribeAWholeObject) {
  const auto info = ParseObjectInfo(HeadersOf({{"Content-Length", "5"},
                                               {"ETag", "\"e\""},
                                               {"Last-Modified", "Thu, 01 Jan 1970 00:01:40 GMT"},
                                               {"Date", "Thu, 01 Jan 1970 00:02:00 GMT"},
                                               {"Content-Type", "text/plain"},
                                               {"x-amz-meta-mode", "420"},
                                               {"x-amz-storage-class", "GLACIER"},
                                               {"x-amz-version-id", "v1"},
                                               {"x-amz-tagging-count", "3"}}));
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->size, 5U);
  EXPECT_EQ(info->etag.value, "e");
  EXPECT_EQ(info->last_modified, WallTime(seconds(100)));
  EXPECT_EQ(info->answered_at, WallTime(seconds(120)));
  EXPECT_EQ(info->metadata.content_type, "text/plain");
  EXPECT_EQ(info->metadata.user.at("mode"), "420");
  EXPECT_EQ(info->storage_class, "GLACIER");
  EXPECT_EQ(info->version_id, "v1");
  EXPECT_EQ(info->metadata.tag_count, 3);
}

TEST(ObjectHeaders, SizeOfARangeIsThatOfTheObject) {
  EXPECT_EQ(
      ParseObjectInfo(HeadersOf({{"ETag", "e"}, {"Content-Length", "10"}, {"Content-Range", "bytes 0-9/77"}}))->size,
      77U);
}

TEST(ObjectHeaders, Pitfall17_WithoutSizeAndVersionItIsNoDescription) {
  using Fields = std::initializer_list<std::pair<std::string, std::string>>;
  for (const Fields& fields : {Fields{{"ETag", "e"}}, Fields{{"ETag", "e"}, {"Content-Length", "many"}},
                               Fields{{"ETag", "e"}, {"Content-Length", "5"}, {"Content-Range", "bytes 0-4/*"}},
                               Fields{{"Content-Length", "5"}, {"Content-Type", "application/xml"}}}) {
    const auto info = ParseObjectInfo(HeadersOf(fields));
    ASSERT_FALSE(info.has_value());
    EXPECT_EQ(info.error().code(), ErrorCode::kCorrupt);
  }
}

TEST(ObjectHeaders, WriteWithoutAnETagMakesNoSense) {
  EXPECT_EQ(ParseWrittenVersion(HeadersOf({{"ETag", "\"e\""}, {"x-amz-version-id", "v"}}))->version_id, "v");
  EXPECT_EQ(ParseWrittenVersion({}).error().code(), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace cosfuse
