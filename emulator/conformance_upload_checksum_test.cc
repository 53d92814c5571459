#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/encoding.h"
#include "emulator/cos/digest.h"
#include "emulator/fake_emulator_bed.h"

namespace cosfuse::emulator {
namespace {

class UploadChecksumConformance : public EmulatorTest {
 protected:
  static std::string Sum(std::string_view text, ChecksumAlgorithm algorithm = ChecksumAlgorithm::kCrc32c) {
    const auto digest = NewChecksum(algorithm);
    digest->Update(AsBytes(text));
    return digest->Finish();
  }
  static std::string Shown(std::string_view raw) { return Base64Encode(AsBytes(raw)); }

  HttpAnswer Initiate(const std::string& algorithm, const std::string& type) {
    HttpAnswer answer =
        Do("POST", "/bucket/k?uploads", {{"x-amz-checksum-algorithm", algorithm}, {"x-amz-checksum-type", type}});
    id_ = XmlText(answer.body, "UploadId");
    return answer;
  }
  /// Uploads a part, with its checksum if `checked`, and adds it to the list for the completion.
  void Part(int number, std::string_view body, bool checked = true) {
    HttpClient::HeaderList headers;
    if (checked) headers.emplace_back("x-amz-checksum-crc32c", Shown(Sum(body)));
    const HttpAnswer answer = Do("PUT", PartTarget(number), headers, body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    lines_ += "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" + answer.Header("etag") +
              "</ETag><ChecksumCRC32C>" + Shown(Sum(body)) + "</ChecksumCRC32C></Part>";
  }
  std::string PartTarget(int number) const {
    return "/bucket/k?partNumber=" + std::to_string(number) + "&uploadId=" + id_;
  }
  HttpAnswer Complete(const HttpClient::HeaderList& headers = {}) {
    return Do("POST", "/bucket/k?uploadId=" + id_, headers,
              "<CompleteMultipartUpload>" + lines_ + "</CompleteMultipartUpload>");
  }

  const std::string big_ = std::string(5 * kMiB, 'x');
  std::string id_;
  std::string lines_;
};

TEST_F(UploadChecksumConformance, TheInitiateConfirmsWhatItWasAskedFor) {
  const HttpAnswer answer = Initiate("CRC32C", "FULL_OBJECT");
  EXPECT_EQ(answer.Header("x-amz-checksum-algorithm"), "CRC32C");
  EXPECT_EQ(answer.Header("x-amz-checksum-type"), "FULL_OBJECT");
  EXPECT_EQ(Initiate("SHA256", "").Header("x-amz-checksum-type"), "COMPOSITE");
  EXPECT_EQ(Initiate("CRC64NVME", "").Header("x-amz-checksum-type"), "FULL_OBJECT");
}

TEST_F(UploadChecksumConformance, PairsThatThereAreNotAreRefused) {
  for (const auto& [algorithm, type] : {std::pair("MD5", ""), std::pair("SHA1", "FULL_OBJECT"),
                                        std::pair("CRC64NVME", "COMPOSITE"), std::pair("CRC32", "WHOLE")}) {
    EXPECT_EQ(XmlText(Initiate(algorithm, type).body, "Code"), "InvalidRequest") << algorithm << type;
  }
}

TEST_F(UploadChecksumConformance, TheWholeObjectsIsJoinedFromItsParts) {
  Initiate("CRC32C", "FULL_OBJECT");
  Part(1, big_);
  Part(2, "the end");
  const HttpAnswer completed = Complete();
  EXPECT_EQ(completed.status, 200);
  EXPECT_EQ(XmlText(completed.body, "ChecksumCRC32C"), Shown(Sum(big_ + "the end")));
  EXPECT_EQ(XmlText(completed.body, "ChecksumType"), "FULL_OBJECT");
  const HttpAnswer head = Do("HEAD", "/bucket/k", {{"x-amz-checksum-mode", "ENABLED"}});
  EXPECT_EQ(head.Header("x-amz-checksum-crc32c"), Shown(Sum(big_ + "the end")));
  EXPECT_EQ(head.Header("x-amz-checksum-type"), "FULL_OBJECT");
}

TEST_F(UploadChecksumConformance, ACompositeOneTellsItsParts) {
  Initiate("CRC32C", "COMPOSITE");
  Part(1, big_);
  Part(2, "the end");
  Complete();
  const HttpAnswer head = Do("HEAD", "/bucket/k", {{"x-amz-checksum-mode", "ENABLED"}});
  EXPECT_EQ(head.Header("x-amz-checksum-crc32c"), Shown(Sum(Sum(big_) + Sum("the end"))) + "-2");
  EXPECT_EQ(head.Header("x-amz-checksum-type"), "COMPOSITE");
}

TEST_F(UploadChecksumConformance, PartsWithoutOneAreRead) {
  Put("/bucket/source", "copied");
  Initiate("CRC32C", "FULL_OBJECT");
  Part(1, big_, false);
  const HttpAnswer copied = Do("PUT", PartTarget(2), {{"x-amz-copy-source", "/bucket/source"}});
  std::string etag = XmlText(copied.body, "ETag");
  lines_ += "<Part><PartNumber>2</PartNumber><ETag>" + etag + "</ETag></Part>";
  EXPECT_EQ(XmlText(Complete().body, "ChecksumCRC32C"), Shown(Sum(big_ + "copied")));
}

TEST_F(UploadChecksumConformance, APartOfAnotherAlgorithmIsRefused) {
  Initiate("CRC32C", "FULL_OBJECT");
  const std::string crc32 = Shown(Sum("x", ChecksumAlgorithm::kCrc32));
  EXPECT_EQ(XmlText(Do("PUT", PartTarget(1), {{"x-amz-checksum-crc32", crc32}}, "x").body, "Code"), "InvalidRequest");
}

TEST_F(UploadChecksumConformance, AWrongOneInTheListOfPartsIsInvalidPart) {
  Initiate("CRC32C", "FULL_OBJECT");
  Part(1, "right");
  const std::string right = lines_;
  const std::string sum = Shown(Sum("right"));
  lines_.replace(lines_.find(sum), sum.size(), Shown(Sum("wrong")));
  EXPECT_EQ(XmlText(Complete().body, "Code"), "InvalidPart");
  lines_ = right;
  EXPECT_EQ(Complete().status, 200);
}

TEST_F(UploadChecksumConformance, OneOfTheCompletionIsOfTheObject) {
  Initiate("CRC32C", "FULL_OBJECT");
  Part(1, "right");
  EXPECT_EQ(XmlText(Complete({{"x-amz-checksum-crc32c", Shown(Sum("wrong"))}}).body, "Code"), "BadDigest");
  EXPECT_EQ(Complete({{"x-amz-checksum-crc32c", Shown(Sum("right"))}}).status, 200);
}

TEST_F(UploadChecksumConformance, ListingsTellTheKind) {
  Put("/bucket/none", "x");
  const std::string plain = Do("GET", "/bucket?list-type=2").body;
  EXPECT_EQ(XmlText(plain, "ChecksumAlgorithm"), "(none)");
  Initiate("CRC32C", "FULL_OBJECT");
  Part(1, "x");
  Complete();
  const std::string listed = Do("GET", "/bucket?list-type=2&prefix=k").body;
  EXPECT_EQ(XmlText(listed, "ChecksumAlgorithm"), "CRC32C");
  EXPECT_EQ(XmlText(listed, "ChecksumType"), "FULL_OBJECT");
}

TEST_F(UploadChecksumConformance, AnUploadWithoutOneHasNone) {
  id_ = XmlText(Do("POST", "/bucket/k?uploads").body, "UploadId");
  Part(1, "x");
  EXPECT_EQ(XmlText(Complete().body, "ChecksumCRC32C"), "(none)");
  EXPECT_EQ(Do("HEAD", "/bucket/k", {{"x-amz-checksum-mode", "ENABLED"}}).Header("x-amz-checksum-crc32c"), "");
}

}  // namespace
}  // namespace cosfuse::emulator
