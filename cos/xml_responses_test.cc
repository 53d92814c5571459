#include "cos/xml_responses.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kListing = R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Name>b</Name><Prefix>dir%2F</Prefix><KeyCount>3</KeyCount><MaxKeys>1000</MaxKeys><Delimiter>%2F</Delimiter>
  <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
  <NextContinuationToken>1-token/+=</NextContinuationToken>
  <Contents><Key>dir/a+b%2Bc%0A%01</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified>
    <ETag>&quot;e1&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>
    <Size>12</Size><StorageClass>STANDARD</StorageClass></Contents>
  <Contents><Key>dir/z</Key><LastModified>2026-01-02T03:04:05Z</LastModified><ETag>"e2-3"</ETag><Size>0</Size>
    <StorageClass>GLACIER</StorageClass></Contents>
  <CommonPrefixes><Prefix>dir/sub%20dir/</Prefix></CommonPrefixes>
</ListBucketResult>)";

TEST(XmlResponses, ListingIsReadWhole) {
  const auto page = ParseListObjects(kListing, "dir/");
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ(page->objects.size(), 2U);
  EXPECT_EQ(page->objects[0].key, "dir/a b+c\n\x01");
  EXPECT_EQ(page->objects[0].size, 12U);
  EXPECT_EQ(page->objects[0].etag.value, "e1");
  EXPECT_EQ(page->objects[0].last_modified, WallTime(seconds(1767323045) + milliseconds(678)));
  EXPECT_EQ(page->objects[0].storage_class, "STANDARD");
  EXPECT_EQ(page->objects[1].key, "dir/z");
  EXPECT_EQ(page->objects[1].etag.value, "e2-3");
  EXPECT_EQ(page->common_prefixes, std::vector<std::string>{"dir/sub dir/"});
  EXPECT_EQ(page->next_token, "1-token/+=");
}

std::string Listing(const std::string& inside) { return "<ListBucketResult>" + inside + "</ListBucketResult>"; }

std::string Listed(const std::string& key) { return "<Contents><Key>" + key + "</Key><Size>1</Size></Contents>"; }

TEST(XmlResponses, Pitfall34_KeysAreDecodedOnlyIfTheAnswerSaysSo) {
  EXPECT_EQ(ParseListObjects(Listing(Listed("a%20b+c")), "")->objects[0].key, "a%20b+c");
  EXPECT_EQ(ParseListObjects(Listing("<EncodingType>url</EncodingType>" + Listed("a%20b+c")), "")->objects[0].key,
            "a b c");
}

TEST(XmlResponses, Pitfall34_KeyOfWhiteSpaceIsKept) {
  EXPECT_EQ(ParseListObjects(Listing(Listed(" ")), "")->objects[0].key, " ");
  EXPECT_EQ(ParseListObjects(Listing(Listed("&#13;&#10;")), "")->objects[0].key, "\r\n");
}

TEST(XmlResponses, RawCommonPrefixesAreToldFromEncodedOnes) {
  const auto prefix_of = [](const std::string& text, std::string_view asked) {
    const auto page = ParseListObjects(
        Listing("<EncodingType>url</EncodingType><CommonPrefixes><Prefix>" + text + "</Prefix></CommonPrefixes>"),
        asked);
    return page->common_prefixes.at(0);
  };
  EXPECT_EQ(prefix_of("a%2Fb%20c/", "a/"), "a/b c/") << "encoded";
  EXPECT_EQ(prefix_of("a b%20/", ""), "a b%20/") << "a space is never encoded text";
  EXPECT_EQ(prefix_of("\xc3\xa9%20/", ""), "\xc3\xa9%20/") << "nor are bytes beyond ASCII";
  EXPECT_EQ(prefix_of("100%/", ""), "100%/") << "not decodable";
  EXPECT_EQ(prefix_of("x%41/sub/", "x%41/"), "x%41/sub/") << "begins with what was asked for only as it stands";
}

TEST(XmlResponses, LastPageHasNoToken) {
  EXPECT_EQ(ParseListObjects(Listing("<IsTruncated>false</IsTruncated>"), "")->next_token, "");
}

TEST(XmlResponses, Pitfall27_ListingThatCannotBeTrustedIsAnError) {
  EXPECT_EQ(ParseListObjects(Listing("<IsTruncated>true</IsTruncated>"), "").error().code(), ErrorCode::kProtocol);
  EXPECT_EQ(ParseListObjects(Listing("<Contents><Key>a</Key></Contents>"), "").error().code(), ErrorCode::kProtocol);
  EXPECT_EQ(ParseListObjects(Listing("<Contents><Size>1</Size></Contents>"), "").error().code(), ErrorCode::kProtocol);
  EXPECT_EQ(ParseListObjects(Listing("<EncodingType>url</EncodingType>" + Listed("%zz")), "").error().code(),
            ErrorCode::kProtocol);
  EXPECT_EQ(ParseListObjects(kListing.substr(0, 700), "").error().code(), ErrorCode::kCorrupt);
  EXPECT_EQ(ParseListObjects("<html><body>gateway</body></html>", "").error().code(), ErrorCode::kProtocol);
  EXPECT_EQ(ParseListObjects("", "").error().code(), ErrorCode::kCorrupt);
}

TEST(XmlResponses, Pitfall17_ErrorIsFoundBehindKeepAliveWhiteSpace) {
  const auto error = FindServiceError(
      "  \n \n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n <!-- late --><Error><Code>InternalError</Code>"
      "<Message>We encountered an internal error.</Message><Resource>/b/k</Resource><RequestId>r-1</RequestId>"
      "<httpStatusCode>500</httpStatusCode></Error>");
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, "InternalError");
  EXPECT_EQ(error->message, "We encountered an internal error.");
  EXPECT_EQ(error->request_id, "r-1");
}

TEST(XmlResponses, OtherDocumentsAreNoErrors) {
  EXPECT_FALSE(FindServiceError("").has_value());
  EXPECT_FALSE(FindServiceError("Error").has_value());
  EXPECT_FALSE(FindServiceError(kListing).has_value());
  EXPECT_FALSE(FindServiceError("<DeleteResult><Error><Code>AccessDenied</Code></Error></DeleteResult>").has_value());
  EXPECT_FALSE(FindServiceError("<Errors/>").has_value());
}

TEST(XmlResponses, DeleteResultNamesWhatIsLeft) {
  const auto errors = ParseDeleteObjects(
      "<?xml version=\"1.0\"?><DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<Deleted><Key>gone</Key></Deleted><Error><Key>a&#13;&lt;</Key><Code>AccessDenied</Code><Message>Access Denied"
      "</Message></Error></DeleteResult>");
  ASSERT_TRUE(errors.has_value());
  ASSERT_EQ(errors->size(), 1U);
  EXPECT_EQ(errors->front().key, "a\r<");
  EXPECT_EQ(errors->front().error.code, "AccessDenied");
  EXPECT_TRUE(ParseDeleteObjects("<DeleteResult/>")->empty());
}

TEST(XmlResponses, CopiesOfObjectsAndParts) {
  EXPECT_EQ(ParseCopyResult("<CopyObjectResult><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
                            "<ETag>\"e\"</ETag></CopyObjectResult>")
                ->etag.value,
            "e");
  EXPECT_EQ(ParseCopyResult("<CopyPartResult><ETag>&quot;p&quot;</ETag></CopyPartResult>")->etag.value, "p");
  EXPECT_EQ(ParseCopyResult("<CopyObjectResult/>").error().code(), ErrorCode::kProtocol);
  EXPECT_EQ(ParseCopyResult(" \n ").error().code(), ErrorCode::kCorrupt);
  EXPECT_EQ(ParseCopyResult("<CopyPartResult><ETag>p</ETag></CopyPartResult").error().code(), ErrorCode::kCorrupt)
      << "cut short by one byte";
}

TEST(XmlResponses, BeginAndEndOfAnUpload) {
  EXPECT_EQ(ParseBeginUpload("<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><UploadId>u-1</UploadId>"
                             "</InitiateMultipartUploadResult>"),
            "u-1");
  EXPECT_EQ(ParseBeginUpload("<InitiateMultipartUploadResult/>").error().code(), ErrorCode::kProtocol);
  EXPECT_EQ(
      ParseCompleteUpload("\n\n<CompleteMultipartUploadResult><Location>l</Location><Bucket>b</Bucket><Key>k</Key>"
                          "<ETag>\"e-2\"</ETag></CompleteMultipartUploadResult>")
          ->etag.value,
      "e-2");
  EXPECT_EQ(ParseCompleteUpload("<Error><Code>x</Code></Error>").error().code(), ErrorCode::kProtocol);
}

TEST(XmlResponses, ChecksumsOfPartsAndObjectsAreReadWhereTheyStand) {
  EXPECT_EQ(ParseCopyResult("<CopyPartResult><ETag>p</ETag><ChecksumCRC32C>4waSgw==</ChecksumCRC32C></CopyPartResult>")
                ->crc32c,
            0xe3069283);
  const auto completed = [](const std::string& inside) {
    return ParseCompleteUpload("<CompleteMultipartUploadResult><ETag>e</ETag>" + inside +
                               "</CompleteMultipartUploadResult>")
        ->crc32c;
  };
  const std::string checksum = "<ChecksumCRC32C>4waSgw==</ChecksumCRC32C>";
  EXPECT_EQ(completed(checksum), 0xe3069283);
  EXPECT_EQ(completed(checksum + "<ChecksumType>FULL_OBJECT</ChecksumType>"), 0xe3069283);
  EXPECT_EQ(completed(checksum + "<ChecksumType>COMPOSITE</ChecksumType>"), std::nullopt);
  EXPECT_EQ(completed("<ChecksumCRC32C>4waSgw==-2</ChecksumCRC32C>"), std::nullopt);
  EXPECT_EQ(completed(""), std::nullopt);
}

TEST(XmlResponses, PartsOfAnUpload) {
  const auto page = ParseListParts(
      "<ListPartsResult><Part><PartNumber>2</PartNumber><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
      "<ETag>\"p2\"</ETag><Size>10</Size><ChecksumCRC32C>4waSgw==</ChecksumCRC32C></Part>"
      "<Part><PartNumber>5</PartNumber><ETag>&quot;p5&quot;</ETag><Size>3</Size></Part>"
      "<NextPartNumberMarker>5</NextPartNumberMarker><IsTruncated>true</IsTruncated></ListPartsResult>");
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ(page->parts.size(), 2U);
  EXPECT_EQ(page->parts[0].number, 2);
  EXPECT_EQ(page->parts[0].etag.value, "p2");
  EXPECT_EQ(page->parts[0].size, 10U);
  EXPECT_EQ(page->parts[0].crc32c, 0xe3069283);
  EXPECT_EQ(page->parts[1].crc32c, std::nullopt);
  EXPECT_EQ(page->next_after, 5);
  EXPECT_EQ(ParseListParts("<ListPartsResult><NextPartNumberMarker>5</NextPartNumberMarker><IsTruncated>false"
                           "</IsTruncated></ListPartsResult>")
                ->next_after,
            0);
  for (const char* inside : {"<IsTruncated>true</IsTruncated>", "<Part><PartNumber>1</PartNumber></Part>",
                             "<Part><PartNumber>1</PartNumber><Size>1</Size></Part>"}) {
    EXPECT_EQ(ParseListParts("<ListPartsResult>" + std::string(inside) + "</ListPartsResult>").error().code(),
              ErrorCode::kProtocol)
        << inside;
  }
}

TEST(XmlResponses, VersionsWithoutTheMarkersOfDeletes) {
  const auto page = ParseListVersions(
      "<ListVersionsResult><EncodingType>url</EncodingType>"
      "<DeleteMarker><Key>a%20b</Key><VersionId>v3</VersionId></DeleteMarker>"
      "<Version><Key>a%20b</Key><VersionId>v2</VersionId><ETag>&quot;e2&quot;</ETag><Size>7</Size></Version>"
      "<NextKeyMarker>a%20b</NextKeyMarker><NextVersionIdMarker>v2</NextVersionIdMarker>"
      "<IsTruncated>true</IsTruncated></ListVersionsResult>");
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ(page->versions.size(), 1U);
  EXPECT_EQ(page->versions[0].key, "a b");
  EXPECT_EQ(page->versions[0].version_id, "v2");
  EXPECT_EQ(page->versions[0].etag.value, "e2");
  EXPECT_EQ(page->versions[0].size, 7U);
  EXPECT_EQ(page->next_after, (VersionMarker{.key = "a b", .version_id = "v2"}));
  EXPECT_EQ(ParseListVersions("<ListVersionsResult/>")->next_after, std::nullopt);
  for (const char* inside : {"<IsTruncated>true</IsTruncated>", "<Version><Key>a</Key><Size>1</Size></Version>",
                             "<Version><VersionId>v</VersionId></Version>"}) {
    EXPECT_EQ(ParseListVersions("<ListVersionsResult>" + std::string(inside) + "</ListVersionsResult>").error().code(),
              ErrorCode::kProtocol)
        << inside;
  }
}

TEST(XmlResponses, UploadsInProgress) {
  const auto page = ParseListUploads(
      "<ListMultipartUploadsResult><EncodingType>url</EncodingType>"
      "<Upload><Key>a%20b</Key><UploadId>u1</UploadId><Initiated>1970-01-01T00:00:01.000Z</Initiated></Upload>"
      "<NextKeyMarker>a%20b</NextKeyMarker><NextUploadIdMarker>u1</NextUploadIdMarker>"
      "<IsTruncated>true</IsTruncated></ListMultipartUploadsResult>");
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ(page->uploads.size(), 1U);
  EXPECT_EQ(page->uploads[0].key, "a b");
  EXPECT_EQ(page->uploads[0].upload_id, "u1");
  EXPECT_EQ(page->uploads[0].begun_at, WallTime(seconds(1)));
  EXPECT_EQ(page->next_after, (UploadMarker{.key = "a b", .upload_id = "u1"}));
  EXPECT_EQ(ParseListUploads("<ListMultipartUploadsResult/>")->next_after, std::nullopt);
  for (const char* inside : {"<IsTruncated>true</IsTruncated>", "<Upload><Key>a</Key></Upload>",
                             "<Upload><UploadId>u</UploadId></Upload>"}) {
    EXPECT_EQ(ParseListUploads("<ListMultipartUploadsResult>" + std::string(inside) + "</ListMultipartUploadsResult>")
                  .error()
                  .code(),
              ErrorCode::kProtocol)
        << inside;
  }
}

TEST(XmlResponses, Tags) {
  EXPECT_EQ(ParseTags("<Tagging><TagSet><Tag><Key>a</Key><Value>1 &amp; 2</Value></Tag><Tag><Key>b</Key><Value/></Tag>"
                      "</TagSet></Tagging>"),
            (ObjectTags{{"a", "1 & 2"}, {"b", ""}}));
  EXPECT_EQ(ParseTags("<Tagging><TagSet/></Tagging>"), ObjectTags());
  EXPECT_EQ(ParseTags("<Other/>").error().code(), ErrorCode::kProtocol);
}

TEST(XmlResponses, IsoTimes) {
  EXPECT_EQ(ParseIsoTime("1970-01-01T00:00:01Z"), WallTime(seconds(1)));
  EXPECT_EQ(ParseIsoTime("1970-01-01T00:00:01.500Z"), WallTime(milliseconds(1500)));
  for (const auto* text : {"", "1970-01-01", "1970-01-01T00:00:01", "1970-02-30T00:00:01Z", "1970-01-01 00:00:01Z",
                           "1970-01-01T00:00:01.5x0Z", "197a-01-01T00:00:01Z", "1970-01-01T00:00:01+00Z"}) {
    EXPECT_FALSE(ParseIsoTime(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace cosfuse
