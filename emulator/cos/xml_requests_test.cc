#include "emulator/cos/xml_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/cos/xml_writer.h"

namespace cosfuse::emulator {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(DeleteRequest, KeepsKeysByteByByte) {
  const auto request = ParseDeleteRequest(
      "<Delete><Object><Key>a &amp; b</Key></Object><Object><Key> </Key></Object>"
      "<Object><Key>x&#1;y&#13;z</Key></Object><Object><Key>\xff</Key></Object></Delete>");
  ASSERT_TRUE(request);
  EXPECT_FALSE(request->quiet);
  std::vector<std::string> keys;
  for (const DeleteRequest::Entry& object : request->objects) keys.push_back(object.key);
  EXPECT_THAT(keys, ElementsAre("a & b", " ", "x\x01y\rz", "\xff"));
}

TEST(DeleteRequest, MayBeQuiet) {
  const auto request = ParseDeleteRequest("<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>");
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->quiet);
}

TEST(DeleteRequest, HoldsOneToAThousandKeys) {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "<Object><Key>k" + std::to_string(i) + "</Key></Object>";
  EXPECT_TRUE(ParseDeleteRequest("<Delete>" + many + "</Delete>"));
  EXPECT_FALSE(ParseDeleteRequest("<Delete>" + many + "<Object><Key>x</Key></Object></Delete>"));
  EXPECT_FALSE(ParseDeleteRequest("<Delete></Delete>"));
  EXPECT_FALSE(ParseDeleteRequest("<Delete><Object/></Delete>"));
  EXPECT_FALSE(ParseDeleteRequest("<Delete>"));
  EXPECT_FALSE(ParseDeleteRequest(""));
}

TEST(DeleteRequest, MayNameVersions) {
  const auto request = ParseDeleteRequest("<Delete><Object><Key>a</Key><VersionId>v</VersionId></Object></Delete>");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->objects[0].version_id, "v");
}

TEST(VersioningRequest, EnablesOrSuspends) {
  const auto parse = [](const std::string& status) {
    return ParseVersioning("<VersioningConfiguration><Status>" + status + "</Status></VersioningConfiguration>");
  };
  EXPECT_EQ(parse("Enabled"), Versioning::kEnabled);
  EXPECT_EQ(parse("Suspended"), Versioning::kSuspended);
  EXPECT_EQ(parse("Off").error().code, S3Code::kIllegalVersioning);
  EXPECT_EQ(ParseVersioning("x").error().code, S3Code::kMalformedXml);
}

TEST(CompleteRequest, ListsNumbersAndETags) {
  const auto parts = ParseCompleteRequest(
      "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag></Part>"
      "<Part><ETag>b</ETag><PartNumber>7</PartNumber></Part></CompleteMultipartUpload>");
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 2U);
  EXPECT_EQ((*parts)[0].etag, "a");
  EXPECT_EQ((*parts)[1].number, 7);
  EXPECT_EQ((*parts)[1].etag, "b");
}

TEST(CompleteRequest, RefusesNonsense) {
  const auto code_of = [](const std::string& inside) {
    return ParseCompleteRequest("<CompleteMultipartUpload>" + inside + "</CompleteMultipartUpload>").error().code;
  };
  EXPECT_EQ(code_of(""), S3Code::kMalformedXml);
  EXPECT_EQ(code_of("<Part><PartNumber>x</PartNumber></Part>"), S3Code::kMalformedXml);
  EXPECT_EQ(code_of("<Part><PartNumber>0</PartNumber></Part>"), S3Code::kInvalidArgument);
  EXPECT_EQ(code_of("<Part><PartNumber>10001</PartNumber></Part>"), S3Code::kInvalidArgument);
}

TEST(Tagging, IsASetOfAtMostTen) {
  const auto tags = ParseTagging(
      "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value/></Tag></TagSet></Tagging>");
  ASSERT_TRUE(tags);
  EXPECT_THAT(*tags, ElementsAre(Pair("a", "1"), Pair("b", "")));
  std::string many;
  for (int i = 0; i < 11; ++i) many += "<Tag><Key>k" + std::to_string(i) + "</Key><Value/></Tag>";
  EXPECT_EQ(ParseTagging("<Tagging><TagSet>" + many + "</TagSet></Tagging>").error().code, S3Code::kInvalidTag);
  EXPECT_EQ(
      ParseTagging("<Tagging><TagSet><Tag><Key>a</Key></Tag><Tag><Key>a</Key></Tag></TagSet></Tagging>").error().code,
      S3Code::kInvalidTag);
}

TEST(EscapeXml, KeepsWhatXmlCannotCarryAsReferences) {
  EXPECT_EQ(EscapeXml("a<b>&\"'\n\x01\xff"), "a&lt;b&gt;&amp;&quot;&apos;&#10;&#1;\xff");
}

}  // namespace
}  // namespace cosfuse::emulator
