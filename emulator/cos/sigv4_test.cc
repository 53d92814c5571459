#include "emulator/cos/sigv4.h"

#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

/// The examples of Amazon's reference, "Signature Calculations for the Authorization Header": key, secret, date.
class Sigv4Example : public testing::Test {
 protected:
  static constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  static constexpr WallTime kThen{std::chrono::seconds(1'369'353'600)};  // 2013-05-24T00:00:00Z

  static Headers Signed(const std::string& signed_headers, const std::string& signature) {
    Headers headers;
    headers.Add("Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=" +
                    signed_headers + ",Signature=" + signature);
    headers.Add("x-amz-date", "20130524T000000Z");
    return headers;
  }
  static std::optional<std::string> Sign(const SignatureClaim& claim, std::string_view method, std::string_view target,
                                         const Headers& headers) {
    return SignRequest(claim, DeriveSigningKey(kSecret, claim.scope), method, target, headers);
  }
};

TEST_F(Sigv4Example, GetObject) {
  const std::string signature = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
  Headers headers = Signed("host;range;x-amz-content-sha256;x-amz-date", signature);
  headers.Add("Host", "examplebucket.s3.amazonaws.com");
  headers.Add("Range", "bytes=0-9");
  headers.Add("x-amz-content-sha256", Sha256Hex(""));
  const auto claim = ParseSignature(headers, kThen);
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->access_key, "AKIAIOSFODNN7EXAMPLE");
  EXPECT_EQ(Sign(*claim, "GET", "/test.txt", headers), signature);
  EXPECT_NE(Sign(*claim, "GET", "/other.txt", headers), signature);
  EXPECT_NE(Sign(*claim, "HEAD", "/test.txt", headers), signature);
}

TEST_F(Sigv4Example, ListObjects) {
  const std::string signature = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7";
  Headers headers = Signed("host;x-amz-content-sha256;x-amz-date", signature);
  headers.Add("Host", "examplebucket.s3.amazonaws.com");
  headers.Add("x-amz-content-sha256", Sha256Hex(""));
  const auto claim = ParseSignature(headers, kThen);
  ASSERT_TRUE(claim);
  EXPECT_EQ(Sign(*claim, "GET", "/?max-keys=2&prefix=J", headers), signature);
  EXPECT_EQ(Sign(*claim, "GET", "/?prefix=J&max-keys=2", headers), signature);
}

TEST_F(Sigv4Example, ChunkedUpload) {
  const std::string seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
  Headers headers = Signed(
      "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
      "x-amz-storage-class",
      seed);
  headers.Add("Host", "s3.amazonaws.com");
  headers.Add("Content-Encoding", "aws-chunked");
  headers.Add("Content-Length", "66824");
  headers.Add("x-amz-storage-class", "REDUCED_REDUNDANCY");
  headers.Add("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
  headers.Add("x-amz-decoded-content-length", "66560");
  const auto claim = ParseSignature(headers, kThen);
  ASSERT_TRUE(claim);
  EXPECT_EQ(Sign(*claim, "PUT", "/examplebucket/chunkObject.txt", headers), seed);
  ChunkSigner signer(*claim, DeriveSigningKey(kSecret, claim->scope));
  EXPECT_EQ(signer.SignChunk(Sha256Hex(std::string(65536, 'a'))),
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
  EXPECT_EQ(signer.SignChunk(Sha256Hex(std::string(1024, 'a'))),
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497");
  EXPECT_EQ(signer.SignChunk(Sha256Hex("")), "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9");
}

TEST_F(Sigv4Example, MistakesAreNamed) {
  const auto code_of = [](const Headers& headers, WallTime now = kThen) {
    const auto claim = ParseSignature(headers, now);
    return claim ? S3Code::kInternalError : claim.error().code;
  };
  Headers good = Signed("host;x-amz-date", "00");
  EXPECT_EQ(code_of(good), S3Code::kInvalidRequest);  // No x-amz-content-sha256.
  good.Add("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
  EXPECT_TRUE(ParseSignature(good, kThen));
  EXPECT_EQ(code_of(good, kThen + std::chrono::minutes(16)), S3Code::kRequestTimeTooSkewed);
  EXPECT_EQ(code_of(good, kThen - std::chrono::minutes(16)), S3Code::kRequestTimeTooSkewed);
  EXPECT_EQ(code_of(Signed("x-amz-date", "00")), S3Code::kAuthorizationMalformed);
  for (const char* text :
       {"AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256 Credential=a/20130524/r/ec2/aws4_request,SignedHeaders=host,Signature=0"}) {
    Headers headers;
    headers.Add("Authorization", text);
    EXPECT_EQ(code_of(headers), S3Code::kAuthorizationMalformed) << text;
  }
}

}  // namespace
}  // namespace cosfuse::emulator
