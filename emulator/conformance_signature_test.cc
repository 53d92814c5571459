#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "emulator/cos/digest.h"
#include "emulator/cos/sigv4.h"
#include "emulator/fake_emulator_bed.h"

namespace cosfuse::emulator {
namespace {

constexpr const char* kScope = "20260101/us-south/s3/aws4_request";
constexpr const char* kUnsigned = "UNSIGNED-PAYLOAD";
constexpr const char* kStreaming = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
constexpr const char* kTrailing = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

class SignatureConformance : public EmulatorTest {
 protected:
  SignatureConformance() {
    options_.hmac_keys = {{"access", "secret", Role::kWriter}, {"reader", "secret2", Role::kContentReader}};
    Restart();
    client_ = std::make_unique<HttpClient>(port());  // Nothing but signatures opens the bucket here.
  }

  /// The claim of a request by `access`, which is signed over Host and the x-amz headers.
  static SignatureClaim ClaimFor(const std::string& access, const std::string& payload_hash) {
    SignatureClaim claim;
    claim.access_key = access;
    claim.scope = kScope;
    claim.signed_headers = {"host", "x-amz-content-sha256", "x-amz-date"};
    claim.timestamp = "20260101T000000Z";
    claim.payload_hash = payload_hash;
    return claim;
  }
  /// The headers that make a request signed; the claim gets its signature.
  static HttpClient::HeaderList Sign(SignatureClaim& claim, const std::string& secret, std::string_view method,
                                     std::string_view target) {
    Headers headers;
    headers.Add("host", "127.0.0.1");
    headers.Add("x-amz-date", claim.timestamp);
    headers.Add("x-amz-content-sha256", claim.payload_hash);
    claim.signature = SignRequest(claim, DeriveSigningKey(secret, claim.scope), method, target, headers).value();
    return {{"Authorization", "AWS4-HMAC-SHA256 Credential=" + claim.access_key + "/" + claim.scope +
                                  ", SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=" + claim.signature},
            {"x-amz-date", claim.timestamp},
            {"x-amz-content-sha256", claim.payload_hash}};
  }
  /// A request that is signed by a Writer and carries the hash of its body.
  HttpAnswer DoSigned(std::string_view method, std::string_view target, const std::string& body = {}) {
    SignatureClaim claim = ClaimFor("access", Sha256Hex(body));
    return Do(method, target, Sign(claim, "secret", method, target), body);
  }
  /// A PUT of `body`, which is framed already and decodes to `decoded` bytes.
  HttpAnswer PutFramed(const char* payload, size_t decoded, const std::string& body,
                       const HttpClient::HeaderList& more = {}) {
    SignatureClaim claim = ClaimFor("access", payload);
    HttpClient::HeaderList headers = Sign(claim, "secret", "PUT", "/bucket/k");
    headers.emplace_back("Content-Encoding", "aws-chunked");
    headers.emplace_back("x-amz-decoded-content-length", std::to_string(decoded));
    headers.insert(headers.end(), more.begin(), more.end());
    return Do("PUT", "/bucket/k", headers, body);
  }
  /// `chunks` as a signed aws-chunked body.
  static std::string FrameSigned(const std::vector<std::string>& chunks) {
    SignatureClaim claim = ClaimFor("access", kStreaming);
    Sign(claim, "secret", "PUT", "/bucket/k");
    ChunkSigner signer(claim, DeriveSigningKey("secret", kScope));
    std::string body;
    for (const std::string& chunk : chunks) {
      std::array<char, 20> size{};
      snprintf(size.data(), size.size(), "%zx", chunk.size());
      body.append(size.data()).append(";chunk-signature=").append(signer.SignChunk(Sha256Hex(chunk)));
      body.append("\r\n").append(chunk).append("\r\n");
    }
    return body;
  }
};

TEST_F(SignatureConformance, OpensTheBucket) {
  EXPECT_EQ(DoSigned("PUT", "/bucket/k", "hello").status, 200);
  EXPECT_EQ(DoSigned("GET", "/bucket/k").body, "hello");
  EXPECT_EQ(DoSigned("GET", "/bucket?list-type=2&prefix=k&delimiter=%2F").status, 200);
  EXPECT_EQ(DoSigned("DELETE", "/bucket/k").status, 204);
}

TEST_F(SignatureConformance, CoversOddKeys) {
  for (const char* target : {"/bucket/a%20b", "/bucket/a%2Bb", "/bucket/%C3%A9", "/bucket/a~b", "/bucket/a//b/",
                             "/bucket/%25", "/bucket/a%3Db%26"}) {
    EXPECT_EQ(DoSigned("PUT", target, "x").status, 200) << target;
  }
  EXPECT_EQ(DoSigned("PUT", "/bucket/plus+", "x").status, 200);
}

TEST_F(SignatureConformance, CoversTheQuery) {
  SignatureClaim claim = ClaimFor("access", kUnsigned);
  const auto headers = Sign(claim, "secret", "GET", "/bucket?list-type=2&prefix=a");
  EXPECT_EQ(Do("GET", "/bucket?list-type=2&prefix=a", headers).status, 200);
  EXPECT_EQ(Do("GET", "/bucket?prefix=a&list-type=2", headers).status, 200);
  EXPECT_EQ(Do("GET", "/bucket?list-type=2&prefix=b", headers).status, 403);
}

TEST_F(SignatureConformance, AWrongSecretIsSignatureDoesNotMatch) {
  SignatureClaim claim = ClaimFor("access", kUnsigned);
  const HttpAnswer answer = Do("GET", "/bucket/k", Sign(claim, "wrong", "GET", "/bucket/k"));
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(XmlText(answer.body, "Code"), "SignatureDoesNotMatch");
}

TEST_F(SignatureConformance, AnUnknownKeyIsInvalidAccessKeyId) {
  SignatureClaim claim = ClaimFor("nobody", kUnsigned);
  const HttpAnswer answer = Do("GET", "/bucket/k", Sign(claim, "secret", "GET", "/bucket/k"));
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(XmlText(answer.body, "Code"), "InvalidAccessKeyId");
}

TEST_F(SignatureConformance, AWrongClockIsRequestTimeTooSkewed) {
  clock_.AdvanceWall(std::chrono::minutes(16));
  const HttpAnswer answer = DoSigned("GET", "/bucket/k");
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(XmlText(answer.body, "Code"), "RequestTimeTooSkewed");
}

TEST_F(SignatureConformance, AMalformedHeaderSaysSo) {
  const HttpAnswer answer = Do("GET", "/bucket/k", {{"Authorization", "AWS4-HMAC-SHA256 nonsense"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(XmlText(answer.body, "Code"), "AuthorizationHeaderMalformed");
}

TEST_F(SignatureConformance, KeysHaveRoles) {
  DoSigned("PUT", "/bucket/k", "hello");
  SignatureClaim read = ClaimFor("reader", kUnsigned);
  EXPECT_EQ(Do("GET", "/bucket/k", Sign(read, "secret2", "GET", "/bucket/k")).body, "hello");
  SignatureClaim write = ClaimFor("reader", kUnsigned);
  EXPECT_EQ(Do("PUT", "/bucket/k", Sign(write, "secret2", "PUT", "/bucket/k"), "x").status, 403);
}

TEST_F(SignatureConformance, ABodyHasToHaveTheHashThatIsSigned) {
  SignatureClaim claim = ClaimFor("access", Sha256Hex("other"));
  const HttpAnswer answer = Do("PUT", "/bucket/k", Sign(claim, "secret", "PUT", "/bucket/k"), "hello");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(XmlText(answer.body, "Code"), "XAmzContentSHA256Mismatch");
  EXPECT_EQ(DoSigned("HEAD", "/bucket/k").status, 404);
}

TEST_F(SignatureConformance, ABodyMayBeUnsigned) {
  SignatureClaim claim = ClaimFor("access", kUnsigned);
  EXPECT_EQ(Do("PUT", "/bucket/k", Sign(claim, "secret", "PUT", "/bucket/k"), "hello").status, 200);
  EXPECT_EQ(DoSigned("GET", "/bucket/k").body, "hello");
}

TEST_F(SignatureConformance, SignedChunksMakeAnObject) {
  const std::string long_chunk(70'000, 'c');
  const HttpAnswer put = PutFramed(kStreaming, 70'005, FrameSigned({long_chunk, "hello", ""}));
  EXPECT_EQ(put.status, 200) << put.body;
  const HttpAnswer got = DoSigned("GET", "/bucket/k");
  EXPECT_EQ(got.body, long_chunk + "hello");
  EXPECT_EQ(got.Header("content-encoding"), "");
  EXPECT_EQ(put.Header("etag"), "\"" + HexEncode(AsBytes(Md5(long_chunk + "hello"))) + "\"");
}

TEST_F(SignatureConformance, AChunkThatWasChangedIsRefused) {
  std::string body = FrameSigned({"hello", ""});
  body[body.find("hello")] = 'J';
  const HttpAnswer answer = PutFramed(kStreaming, 5, body);
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(XmlText(answer.body, "Code"), "SignatureDoesNotMatch");
  EXPECT_EQ(DoSigned("HEAD", "/bucket/k").status, 404);
}

TEST_F(SignatureConformance, ChunksWithoutAnEndAreIncomplete) {
  EXPECT_EQ(XmlText(PutFramed(kStreaming, 5, FrameSigned({"hello"})).body, "Code"), "IncompleteBody");
  EXPECT_EQ(XmlText(PutFramed(kStreaming, 6, FrameSigned({"hello", ""})).body, "Code"), "IncompleteBody");
  EXPECT_EQ(DoSigned("HEAD", "/bucket/k").status, 404);
}

TEST_F(SignatureConformance, ChunksNeedTheirDecodedLength) {
  SignatureClaim claim = ClaimFor("access", kStreaming);
  const auto headers = Sign(claim, "secret", "PUT", "/bucket/k");
  EXPECT_EQ(Do("PUT", "/bucket/k", headers, FrameSigned({"hello", ""})).status, 411);
}

TEST_F(SignatureConformance, UnsignedChunksMayHaveATrailingChecksum) {
  const std::string body = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
  const HttpAnswer put = PutFramed(kTrailing, 5, body, {{"x-amz-trailer", "x-amz-checksum-crc32"}});
  EXPECT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(put.Header("x-amz-checksum-crc32"), "NhCmhg==");
  EXPECT_EQ(DoSigned("GET", "/bucket/k").body, "hello");
}

TEST_F(SignatureConformance, ATrailingChecksumIsVerified) {
  const std::string wrong = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
  EXPECT_EQ(XmlText(PutFramed(kTrailing, 5, wrong, {{"x-amz-trailer", "x-amz-checksum-crc32"}}).body, "Code"),
            "BadDigest");
  const std::string missing = "5\r\nhello\r\n0\r\n\r\n";
  EXPECT_EQ(XmlText(PutFramed(kTrailing, 5, missing, {{"x-amz-trailer", "x-amz-checksum-crc32"}}).body, "Code"),
            "InvalidRequest");
}

TEST_F(SignatureConformance, OtherContentEncodingsStay) {
  PutFramed(kTrailing, 5, "5\r\nhello\r\n0\r\n\r\n");
  EXPECT_EQ(DoSigned("HEAD", "/bucket/k").Header("content-encoding"), "");
  SignatureClaim claim = ClaimFor("access", kTrailing);
  HttpClient::HeaderList headers = Sign(claim, "secret", "PUT", "/bucket/k");
  headers.emplace_back("Content-Encoding", "aws-chunked,gzip");
  headers.emplace_back("x-amz-decoded-content-length", "5");
  EXPECT_EQ(Do("PUT", "/bucket/k", headers, "5\r\nhello\r\n0\r\n\r\n").status, 200);
  EXPECT_EQ(DoSigned("HEAD", "/bucket/k").Header("content-encoding"), "gzip");
}

TEST_F(SignatureConformance, TokensMayFrameTheirBodiesToo) {
  HttpClient bearer = NewClient("Writer");
  EXPECT_EQ(bearer
                .Do("PUT", "/bucket/k", {{"x-amz-content-sha256", kTrailing}, {"x-amz-decoded-content-length", "5"}},
                    "5\r\nhello\r\n0\r\n\r\n")
                .status,
            200);
  EXPECT_EQ(bearer.Do("GET", "/bucket/k").body, "hello");
  // What a token's request says of its plain body is no promise: an unknown header.
  EXPECT_EQ(bearer.Do("PUT", "/bucket/k", {{"x-amz-content-sha256", "00"}}, "plain").status, 200);
}

TEST_F(SignatureConformance, BucketsAreListed) {
  const HttpAnswer answer = DoSigned("GET", "/");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(XmlTexts(XmlText(answer.body, "Buckets"), "Name"), "bucket,public-bucket");
  EXPECT_EQ(XmlText(answer.body, "CreationDate"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(HttpClient(port()).Do("GET", "/").status, 403);
  EXPECT_EQ(NewClient("ContentReader").Do("GET", "/").status, 403);
}

}  // namespace
}  // namespace cosfuse::emulator
