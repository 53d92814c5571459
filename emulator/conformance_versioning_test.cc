#include <gtest/gtest.h>

#include "base/encoding.h"
#include "emulator/cos/digest.h"
#include "emulator/fake_emulator_bed.h"

namespace cosfuse::emulator {
namespace {

class VersioningConformance : public EmulatorTest {
 protected:
  VersioningConformance() { EXPECT_EQ(SetStatus("Enabled").status, 200); }

  HttpAnswer SetStatus(const std::string& status) {
    return Do("PUT", "/bucket?versioning", {},
              "<VersioningConfiguration><Status>" + status + "</Status></VersioningConfiguration>");
  }
  /// Puts a version and returns its id.
  std::string PutVersion(std::string_view body) {
    const HttpAnswer answer = Do("PUT", "/bucket/k", {}, body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.Header("x-amz-version-id");
  }
  std::string Versions(const std::string& query = "") {
    const HttpAnswer answer = Do("GET", "/bucket?versions" + query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }
};

TEST_F(VersioningConformance, IsOffUntilItIsEnabled) {
  EXPECT_EQ(XmlText(Do("GET", "/public-bucket?versioning").body, "Status"), "(none)");
  EXPECT_EQ(XmlText(Do("GET", "/bucket?versioning").body, "Status"), "Enabled");
  EXPECT_EQ(SetStatus("Suspended").status, 200);
  EXPECT_EQ(XmlText(Do("GET", "/bucket?versioning").body, "Status"), "Suspended");
  EXPECT_EQ(Do("PUT", "/public-bucket/k", {}, "x").Header("x-amz-version-id"), "");
  EXPECT_EQ(Do("HEAD", "/public-bucket/k").Header("x-amz-version-id"), "");
}

TEST_F(VersioningConformance, MistakesInItsConfigurationAreRefused) {
  EXPECT_EQ(XmlText(SetStatus("On").body, "Code"), "IllegalVersioningConfigurationException");
  EXPECT_EQ(XmlText(Do("PUT", "/bucket?versioning", {}, "x").body, "Code"), "MalformedXML");
}

TEST_F(VersioningConformance, NeedsAWriter) {
  EXPECT_EQ(NewClient("ContentReader+ObjectWriter").Do("PUT", "/bucket?versioning", {}, "x").status, 403);
}

TEST_F(VersioningConformance, OldVersionsAreReadById) {
  const std::string first = PutVersion("one");
  const std::string second = PutVersion("second");
  EXPECT_NE(first, second);
  EXPECT_EQ(Do("GET", "/bucket/k").body, "second");
  EXPECT_EQ(Do("GET", "/bucket/k").Header("x-amz-version-id"), second);
  const HttpAnswer old = Do("GET", "/bucket/k?versionId=" + first);
  EXPECT_EQ(old.body, "one");
  EXPECT_EQ(old.Header("x-amz-version-id"), first);
  EXPECT_EQ(Do("HEAD", "/bucket/k?versionId=" + first).Header("content-length"), "3");
}

TEST_F(VersioningConformance, AnUnknownVersionIsNoSuchVersion) {
  PutVersion("one");
  const HttpAnswer answer = Do("GET", "/bucket/k?versionId=none");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(XmlText(answer.body, "Code"), "NoSuchVersion");
}

TEST_F(VersioningConformance, ADeleteLeavesAMarker) {
  const std::string version = PutVersion("one");
  const HttpAnswer deleted = Do("DELETE", "/bucket/k");
  EXPECT_EQ(deleted.status, 204);
  EXPECT_EQ(deleted.Header("x-amz-delete-marker"), "true");
  const std::string marker = deleted.Header("x-amz-version-id");
  EXPECT_FALSE(marker.empty());
  const HttpAnswer gone = Do("GET", "/bucket/k");
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(XmlText(gone.body, "Code"), "NoSuchKey");
  EXPECT_EQ(gone.Header("x-amz-delete-marker"), "true");
  EXPECT_EQ(gone.Header("x-amz-version-id"), marker);
  EXPECT_EQ(Do("GET", "/bucket/k?versionId=" + version).body, "one");
}

TEST_F(VersioningConformance, AMarkerCannotBeRead) {
  PutVersion("one");
  const std::string marker = Do("DELETE", "/bucket/k").Header("x-amz-version-id");
  const HttpAnswer answer = Do("GET", "/bucket/k?versionId=" + marker);
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.Header("x-amz-delete-marker"), "true");
}

TEST_F(VersioningConformance, AListingShowsNoMarkers) {
  PutVersion("one");
  Do("DELETE", "/bucket/k");
  EXPECT_EQ(XmlText(Do("GET", "/bucket?list-type=2").body, "KeyCount"), "0");
}

TEST_F(VersioningConformance, RemovingTheMarkerBringsTheObjectBack) {
  const std::string version = PutVersion("one");
  const std::string marker = Do("DELETE", "/bucket/k").Header("x-amz-version-id");
  const HttpAnswer removed = Do("DELETE", "/bucket/k?versionId=" + marker);
  EXPECT_EQ(removed.status, 204);
  EXPECT_EQ(removed.Header("x-amz-delete-marker"), "true");
  EXPECT_EQ(removed.Header("x-amz-version-id"), marker);
  EXPECT_EQ(Do("GET", "/bucket/k").body, "one");
  EXPECT_EQ(Do("GET", "/bucket/k").Header("x-amz-version-id"), version);
}

TEST_F(VersioningConformance, RemovingAVersionIsForGood) {
  const std::string first = PutVersion("one");
  const std::string second = PutVersion("two");
  const HttpAnswer removed = Do("DELETE", "/bucket/k?versionId=" + second);
  EXPECT_EQ(removed.status, 204);
  EXPECT_EQ(removed.Header("x-amz-delete-marker"), "");
  EXPECT_EQ(Do("GET", "/bucket/k").body, "one");
  EXPECT_EQ(Do("GET", "/bucket/k?versionId=" + second).status, 404);
  EXPECT_EQ(Do("DELETE", "/bucket/k?versionId=" + first).status, 204);
  EXPECT_EQ(Do("DELETE", "/bucket/k?versionId=" + first).status, 204);
  EXPECT_EQ(Do("GET", "/bucket/k").status, 404);
}

TEST_F(VersioningConformance, WhatWasThereBeforeIsTheNullVersion) {
  Do("PUT", "/public-bucket/k", {}, "old");
  Command("POST", "bucket?bucket=public-bucket&versioning=enabled");
  EXPECT_EQ(Do("HEAD", "/public-bucket/k").Header("x-amz-version-id"), "null");
  Do("PUT", "/public-bucket/k", {}, "new");
  EXPECT_EQ(Do("GET", "/public-bucket/k?versionId=null").body, "old");
}

TEST_F(VersioningConformance, SuspendedWritesTheNullVersion) {
  const std::string first = PutVersion("one");
  SetStatus("Suspended");
  EXPECT_EQ(PutVersion("two"), "null");
  EXPECT_EQ(PutVersion("three"), "null");
  EXPECT_EQ(XmlTexts(Versions(), "VersionId"), "null," + first);
  EXPECT_EQ(Do("GET", "/bucket/k").body, "three");
}

TEST_F(VersioningConformance, AnOldVersionIsCopied) {
  const std::string first = PutVersion("one");
  PutVersion("two");
  const HttpAnswer copied = Do("PUT", "/bucket/k", {{"x-amz-copy-source", "/bucket/k?versionId=" + first}});
  EXPECT_EQ(copied.status, 200) << copied.body;
  EXPECT_EQ(copied.Header("x-amz-copy-source-version-id"), first);
  EXPECT_FALSE(copied.Header("x-amz-version-id").empty());
  EXPECT_EQ(Do("GET", "/bucket/k").body, "one");
  EXPECT_EQ(Do("PUT", "/bucket/c", {{"x-amz-copy-source", "/bucket/k?versionId=none"}}).status, 404);
}

TEST_F(VersioningConformance, VersionsAreListedTheLatestFirst) {
  const std::string first = PutVersion("one");
  clock_.Advance(std::chrono::seconds(2));
  const std::string second = PutVersion("second");
  const std::string marker = Do("DELETE", "/bucket/k").Header("x-amz-version-id");
  const std::string xml = Versions();
  EXPECT_EQ(XmlTexts(xml, "VersionId"), marker + "," + second + "," + first);
  EXPECT_EQ(XmlTexts(xml, "IsLatest"), "true,false,false");
  EXPECT_EQ(XmlTexts(xml, "Size"), "6,3");
  EXPECT_EQ(XmlText(XmlText(xml, "DeleteMarker"), "Key"), "k");
  EXPECT_EQ(XmlText(XmlText(xml, "Version"), "LastModified"), "2026-01-01T00:00:02.000Z");
}

TEST_F(VersioningConformance, VersionListingsArePaged) {
  for (const char* key : {"a", "b", "c"}) {
    for (const char* body : {"1", "2", "3"}) Put(std::string("/bucket/") + key, body);
  }
  std::string keys;
  std::string markers;
  for (int page = 0; page < 10; ++page) {
    const std::string xml = Versions("&max-keys=2" + markers);
    keys += XmlTexts(xml, "Key") + ";";
    if (XmlText(xml, "IsTruncated") == "false") break;
    markers = "&key-marker=" + XmlText(xml, "NextKeyMarker");
    markers += "&version-id-marker=" + XmlText(xml, "NextVersionIdMarker");
  }
  EXPECT_EQ(keys, "a,a;a,b;b,b;c,c;c;");
  EXPECT_EQ(Do("GET", "/bucket?versions&version-id-marker=x").status, 400);
}

TEST_F(VersioningConformance, VersionListingsHaveDirectories) {
  for (const char* key : {"a", "d/1", "d/2", "e"}) Put(std::string("/bucket/") + key, "x");
  const std::string xml = Versions("&delimiter=/");
  EXPECT_EQ(XmlTexts(xml, "Key"), "a,e");
  EXPECT_EQ(XmlTexts(xml, "CommonPrefixes"), "<Prefix>d/</Prefix>");
  EXPECT_EQ(XmlTexts(Versions("&prefix=d/"), "Key"), "d/1,d/2");
  const std::string page = Versions("&delimiter=/&max-keys=2");
  EXPECT_EQ(XmlText(page, "NextKeyMarker"), "d/");
  EXPECT_EQ(XmlTexts(Versions("&delimiter=/&key-marker=d/"), "Key"), "e");
}

TEST_F(VersioningConformance, MultiDeleteLeavesMarkersAndRemovesVersions) {
  const std::string first = PutVersion("one");
  PutVersion("two");
  const std::string body =
      "<Delete><Object><Key>k</Key></Object><Object><Key>k</Key><VersionId>" + first + "</VersionId></Object></Delete>";
  const HttpAnswer answer = Do("POST", "/bucket?delete", {{"Content-MD5", Base64Encode(AsBytes(Md5(body)))}}, body);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(XmlTexts(answer.body, "DeleteMarker"), "true");
  EXPECT_EQ(XmlTexts(answer.body, "VersionId"), first);
  EXPECT_EQ(Do("HEAD", "/bucket/k").status, 404);
  EXPECT_EQ(Do("HEAD", "/bucket/k?versionId=" + first).status, 404);
}

TEST_F(VersioningConformance, ConditionsAreOnTheCurrentVersion) {
  PutVersion("one");
  const std::string etag = Do("HEAD", "/bucket/k").Header("etag");
  PutVersion("two");
  EXPECT_EQ(Do("PUT", "/bucket/k", {{"If-Match", etag}}, "x").status, 412);
  Do("DELETE", "/bucket/k");
  EXPECT_EQ(Do("PUT", "/bucket/k", {{"If-None-Match", "*"}}, "x").status, 200);
}

TEST_F(VersioningConformance, ACompletedUploadIsAVersion) {
  PutVersion("one");
  const std::string id = XmlText(Do("POST", "/bucket/k?uploads").body, "UploadId");
  const std::string etag = Do("PUT", "/bucket/k?partNumber=1&uploadId=" + id, {}, "part").Header("etag");
  const HttpAnswer completed = Do("POST", "/bucket/k?uploadId=" + id, {},
                                  "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + etag +
                                      "</ETag></Part></CompleteMultipartUpload>");
  EXPECT_EQ(completed.status, 200);
  EXPECT_EQ(Do("HEAD", "/bucket/k").Header("x-amz-version-id"), completed.Header("x-amz-version-id"));
  EXPECT_FALSE(completed.Header("x-amz-version-id").empty());
}

TEST_F(VersioningConformance, TagsAreOfAVersion) {
  const std::string first = PutVersion("one");
  Do("PUT", "/bucket/k?tagging", {}, "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>");
  PutVersion("two");
  EXPECT_EQ(XmlText(Do("GET", "/bucket/k?tagging").body, "TagSet"), "");
  EXPECT_EQ(XmlText(Do("GET", "/bucket/k?tagging&versionId=" + first).body, "Key"), "a");
}

TEST_F(VersioningConformance, ABucketMayStartWithIt) {
  options_.versioned_buckets = {"versioned"};
  Restart();
  EXPECT_EQ(XmlText(Do("GET", "/versioned?versioning").body, "Status"), "Enabled");
}

TEST_F(VersioningConformance, ARestartKeepsTheCurrentVersions) {
  const TemporaryDirectory directory;
  options_.data_dir = directory.path();
  options_.versioned_buckets = {"versioned"};
  Restart();
  Do("PUT", "/versioned/k", {}, "one");
  const std::string second = Do("PUT", "/versioned/k", {}, "two").Header("x-amz-version-id");
  Do("DELETE", "/versioned/k?versionId=" + second);
  Do("PUT", "/versioned/gone", {}, "x");
  Do("DELETE", "/versioned/gone");
  Restart();
  EXPECT_EQ(Do("GET", "/versioned/k").body, "one");
  EXPECT_EQ(Do("HEAD", "/versioned/gone").status, 404);
  Restart();
  EXPECT_EQ(Do("GET", "/versioned/k").Header("x-amz-version-id"), "null");
}

}  // namespace
}  // namespace cosfuse::emulator
