#include <gtest/gtest.h>

#include "emulator/fake_emulator_bed.h"

namespace cosfuse::emulator {
namespace {

class ListConformance : public EmulatorTest {
 protected:
  std::string List(const std::string& query) {
    const HttpAnswer answer = Do("GET", "/bucket?" + query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }
};

TEST_F(ListConformance, V2ShowsWhatAnEntryHas) {
  const std::string etag = Put("/bucket/a%26b", "hello");
  const std::string xml = List("list-type=2");
  EXPECT_EQ(XmlText(xml, "Name"), "bucket");
  EXPECT_EQ(XmlText(xml, "KeyCount"), "1");
  EXPECT_EQ(XmlText(xml, "MaxKeys"), "1000");
  EXPECT_EQ(XmlText(xml, "IsTruncated"), "false");
  EXPECT_EQ(XmlText(xml, "Key"), "a&amp;b");
  EXPECT_EQ(XmlText(xml, "Size"), "5");
  EXPECT_EQ(XmlText(xml, "ETag"), "&quot;" + etag.substr(1, etag.size() - 2) + "&quot;");
  EXPECT_EQ(XmlText(xml, "StorageClass"), "STANDARD");
  EXPECT_NE(xml.find("xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""), std::string::npos);
}

TEST_F(ListConformance, OfAnEmptyBucketIsEmpty) {
  const std::string xml = List("list-type=2&prefix=&delimiter=%2F");
  EXPECT_EQ(XmlText(xml, "KeyCount"), "0");
  EXPECT_EQ(XmlText(xml, "Key"), "(none)");
}

TEST_F(ListConformance, PrefixAndDelimiterMakeDirectories) {
  for (const char* key : {"a", "d/x", "d/y/z", "e"}) Put(std::string("/bucket/") + key, "x");
  const std::string root = List("list-type=2&delimiter=/");
  EXPECT_EQ(XmlTexts(root, "Key"), "a,e");
  EXPECT_EQ(XmlTexts(root, "CommonPrefixes"), "<Prefix>d/</Prefix>");
  const std::string below = List("list-type=2&delimiter=/&prefix=d/");
  EXPECT_EQ(XmlTexts(below, "Key"), "d/x");
  EXPECT_EQ(XmlTexts(below, "CommonPrefixes"), "<Prefix>d/y/</Prefix>");
}

TEST_F(ListConformance, PagesAreJoinedByTokens) {
  for (char c = 'a'; c <= 'g'; ++c) Put(std::string("/bucket/") + c, "x");
  std::string seen;
  std::string token;
  for (int pages = 0; pages < 10; ++pages) {
    const std::string xml =
        List("list-type=2&max-keys=3" + (token.empty() ? std::string() : "&continuation-token=" + token));
    seen += XmlTexts(xml, "Key") + ";";
    if (XmlText(xml, "IsTruncated") == "false") break;
    token = XmlText(xml, "NextContinuationToken");
    for (size_t at = token.find_first_of("+/="); at != std::string::npos; at = token.find_first_of("+/=", at + 1)) {
      token.replace(at, 1, token[at] == '+' ? "%2B" : token[at] == '/' ? "%2F" : "%3D");
    }
  }
  EXPECT_EQ(seen, "a,b,c;d,e,f;g;");
}

TEST_F(ListConformance, CommonPrefixesCountTowardsMaxKeys) {
  for (const char* key : {"a/1", "a/2", "b/1", "c"}) Put(std::string("/bucket/") + key, "x");
  const std::string xml = List("list-type=2&delimiter=/&max-keys=2");
  EXPECT_EQ(XmlText(xml, "KeyCount"), "2");
  EXPECT_EQ(XmlText(xml, "IsTruncated"), "true");
  EXPECT_EQ(XmlTexts(xml, "CommonPrefixes"), "<Prefix>a/</Prefix>,<Prefix>b/</Prefix>");
}

TEST_F(ListConformance, StartAfterExcludesItsKey) {
  for (const char* key : {"a", "b", "c"}) Put(std::string("/bucket/") + key, "x");
  EXPECT_EQ(XmlTexts(List("list-type=2&start-after=a"), "Key"), "b,c");
  EXPECT_EQ(XmlTexts(List("list-type=2&start-after=aa"), "Key"), "b,c");
  EXPECT_EQ(XmlText(List("list-type=2&start-after=a"), "StartAfter"), "a");
}

TEST_F(ListConformance, Pitfall34_UrlEncodingCarriesEveryByte) {
  for (const char* key : {"a%0A", "a%01", "%FF", "x%20y", "p%2Bq", "d%25/e"}) Put(std::string("/bucket/") + key, "x");
  const std::string xml = List("list-type=2&encoding-type=url");
  EXPECT_EQ(XmlText(xml, "EncodingType"), "url");
  EXPECT_EQ(XmlTexts(xml, "Key"), "a%01,a%0A,d%25/e,p%2Bq,x%20y,%FF");
  EXPECT_EQ(XmlTexts(List("list-type=2&encoding-type=url&delimiter=/&prefix=d"), "CommonPrefixes"),
            "<Prefix>d%25/</Prefix>");
}

TEST_F(ListConformance, Pitfall29_AFileAndItsDirectoryBothShow) {
  for (const char* key : {"foo", "foo/", "foo/bar"}) Put(std::string("/bucket/") + key, "x");
  const std::string xml = List("list-type=2&delimiter=/");
  EXPECT_EQ(XmlTexts(xml, "Key"), "foo");
  EXPECT_EQ(XmlTexts(xml, "CommonPrefixes"), "<Prefix>foo/</Prefix>");
}

TEST_F(ListConformance, IsUpToDateAtOnce) {
  Put("/bucket/k", "x");
  EXPECT_EQ(XmlTexts(List("list-type=2"), "Key"), "k");
  Do("DELETE", "/bucket/k");
  EXPECT_EQ(XmlTexts(List("list-type=2"), "Key"), "");
}

TEST_F(ListConformance, V1PagesByMarker) {
  for (const char* key : {"a", "d/1", "d/2", "e"}) Put(std::string("/bucket/") + key, "x");
  const std::string first = List("delimiter=/&max-keys=2");
  EXPECT_EQ(XmlText(first, "NextMarker"), "d/");
  const std::string second = List("delimiter=/&max-keys=2&marker=d/");
  EXPECT_EQ(XmlTexts(second, "Key"), "e");
  EXPECT_EQ(XmlTexts(second, "CommonPrefixes"), "");
  EXPECT_EQ(XmlText(second, "Marker"), "d/");
}

TEST_F(ListConformance, BadParametersAreInvalidArguments) {
  for (const char* query : {"list-type=2&max-keys=x", "list-type=2&max-keys=-1", "list-type=2&continuation-token=abc",
                            "list-type=2&encoding-type=base64"}) {
    const HttpAnswer answer = Do("GET", std::string("/bucket?") + query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_EQ(XmlText(answer.body, "Code"), "InvalidArgument") << query;
  }
}

TEST_F(ListConformance, MaxKeysIsCappedAndMayBeZero) {
  Put("/bucket/k", "x");
  EXPECT_EQ(XmlText(List("list-type=2&max-keys=5000"), "MaxKeys"), "1000");
  const std::string none = List("list-type=2&max-keys=0");
  EXPECT_EQ(XmlText(none, "KeyCount"), "0");
  EXPECT_EQ(XmlText(none, "IsTruncated"), "false");
}

TEST_F(ListConformance, HeadBucketAndLocation) {
  EXPECT_EQ(Do("HEAD", "/bucket").status, 200);
  const HttpAnswer location = Do("GET", "/bucket?location");
  EXPECT_EQ(location.status, 200);
  EXPECT_NE(location.body.find("LocationConstraint"), std::string::npos);
}

TEST_F(ListConformance, UnknownSubresourcesAreNotImplemented) {
  EXPECT_EQ(Do("GET", "/bucket?cors").status, 501);
  EXPECT_EQ(Do("GET", "/bucket/k?acl").status, 501);
  EXPECT_EQ(Do("PUT", "/").status, 405);
  EXPECT_EQ(Do("PUT", "/bucket", {}, "").status, 405);
}

}  // namespace
}  // namespace cosfuse::emulator
