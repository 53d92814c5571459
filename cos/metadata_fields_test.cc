#include "cos/metadata_fields.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

TEST(MetadataFields, RoundTripThroughHeaders) {
  ObjectMetadata metadata;
  metadata.user = {{"mode", "33188"}, {"name", "Jos\xc3\xa9\n"}, {"percent", "100% of 50%25"}};
  metadata.content_type = "text/plain; charset=utf-8";
  metadata.standard = {{"cache-control", "no-cache"}, {"content-language", "de"}};
  HttpHeaders headers;
  AddMetadataFields(metadata, headers);
  EXPECT_EQ(ParseMetadataFields(headers), metadata);
}

TEST(MetadataFields, AreSentUnderTheirNames) {
  ObjectMetadata metadata;
  metadata.user = {{"mtime", "1"}};
  metadata.standard = {{"content-encoding", "gzip"}};
  HttpHeaders headers;
  AddMetadataFields(metadata, headers);
  EXPECT_EQ(headers.Get("x-amz-meta-mtime"), "1");
  EXPECT_EQ(headers.Get("Content-Encoding"), "gzip");
  EXPECT_EQ(headers.Get("Content-Type"), "application/octet-stream") << "libcurl would add a type of its own";
}

TEST(MetadataFields, RepeatedFieldsAreJoinedAndNamesAreLowered) {
  HttpHeaders headers;
  headers.Add("X-Amz-Meta-Tag", "a");
  headers.Add("x-amz-meta-tag", "b");
  headers.Add("Content-Disposition", "inline");
  headers.Add("Server", "not of the object");
  const ObjectMetadata metadata = ParseMetadataFields(headers);
  EXPECT_EQ(metadata.user, (UserMetadata{{"tag", "a,b"}}));
  EXPECT_EQ(metadata.standard, (std::map<std::string, std::string>{{"content-disposition", "inline"}}));
}

TEST(MetadataFields, ValueOnTheWireIsPrintableAscii) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string value = {static_cast<char>(byte)};
    const std::string wire = EncodeMetadataValue(value);
    for (const char c : wire) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << byte;
    EXPECT_EQ(DecodeMetadataValue(wire), value) << byte;
  }
}

TEST(MetadataFields, Pitfall19_ForeignValuesSurviveARewriteUnchanged) {
  for (const std::string wire :
       {"100%", "%", "%4", "a%20b", "%2F", "%c3%a9", "%C3%A9", "%25C3", "=?UTF-8?Q?x?=", "+"}) {
    EXPECT_EQ(EncodeMetadataValue(DecodeMetadataValue(wire)), wire);
  }
}

}  // namespace
}  // namespace cosfuse
