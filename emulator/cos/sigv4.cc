#include "emulator/cos/sigv4.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>

#include "base/encoding.h"
#include "emulator/cos/digest.h"
#include "emulator/wire/target.h"

namespace cosfuse::emulator {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";
constexpr auto kLargestSkew = std::chrono::minutes(15);

std::string HmacSha256(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), value.data(), &length);
  return {reinterpret_cast<const char*>(value.data()), length};
}

std::string HmacHex(std::string_view key, std::string_view text) { return HexEncode(AsBytes(HmacSha256(key, text))); }

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// Reads "20260101T000000Z".
std::optional<WallTime> ParseTimestamp(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  const auto number = [text](size_t start, size_t length) {
    int value = -1;
    const char* first = text.data() + start;
    const auto [end, error] = std::from_chars(first, first + length, value);
    return error == std::errc() && end == first + length ? value : -1;
  };
  const std::chrono::year_month_day date{std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(4, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(6, 2)))};
  const int hours = number(9, 2);
  const int minutes = number(11, 2);
  const int seconds = number(13, 2);
  if (!date.ok() || hours < 0 || minutes < 0 || seconds < 0) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
         std::chrono::seconds(seconds);
}

/// "Credential=…, SignedHeaders=…, Signature=…" by name.
std::map<std::string, std::string> ParseFields(std::string_view text) {
  std::map<std::string, std::string> fields;
  for (const std::string& field : Split(text, ',')) {
    const std::string_view trimmed = TrimWhitespace(field);
    const size_t equals = trimmed.find('=');
    if (equals != std::string_view::npos) fields.emplace(trimmed.substr(0, equals), trimmed.substr(equals + 1));
  }
  return fields;
}

/// Trimmed, and runs of spaces are one.
std::string CanonicalValue(std::string_view value) {
  std::string canonical(TrimWhitespace(value));
  const auto both_spaces = [](char a, char b) { return a == ' ' && b == ' '; };
  canonical.erase(std::ranges::unique(canonical, both_spaces).begin(), canonical.end());
  return canonical;
}

std::string CanonicalQuery(const Query& query) {
  std::vector<std::string> pairs;
  for (const auto& [name, value] : query.parameters())
    pairs.push_back(PercentEncode(name) + "=" + PercentEncode(value));
  std::ranges::sort(pairs);
  std::string text;
  for (const std::string& pair : pairs) text.append(text.empty() ? "" : "&").append(pair);
  return text;
}

}  // namespace

bool IsSigned(std::string_view authorization) { return authorization.starts_with(kAlgorithm); }

S3Result<SignatureClaim> ParseSignature(const Headers& headers, WallTime now) {
  const std::string_view authorization = headers.Get("authorization");
  if (!IsSigned(authorization)) return Refuse(S3Code::kAuthorizationMalformed);
  auto fields = ParseFields(authorization.substr(kAlgorithm.size()));
  const std::vector<std::string> credential = Split(fields["Credential"], '/');
  if (credential.size() != 5 || credential[3] != "s3" || credential[4] != kTerminator || fields["Signature"].empty()) {
    return Refuse(S3Code::kAuthorizationMalformed);
  }
  SignatureClaim claim;
  claim.access_key = credential[0];
  claim.scope = fields["Credential"].substr(credential[0].size() + 1);
  claim.signed_headers = Split(fields["SignedHeaders"], ';');
  claim.signature = fields["Signature"];
  claim.timestamp = headers.Get("x-amz-date");
  claim.payload_hash = headers.Get("x-amz-content-sha256");
  if (std::ranges::find(claim.signed_headers, "host") == claim.signed_headers.end()) {
    return Refuse(S3Code::kAuthorizationMalformed, "The signature has to cover the header Host.");
  }
  const auto time = ParseTimestamp(claim.timestamp);
  if (!time) return Refuse(S3Code::kInvalidRequest, "Missing required header for this request: x-amz-date");
  if (claim.payload_hash.empty()) {
    return Refuse(S3Code::kInvalidRequest, "Missing required header for this request: x-amz-content-sha256");
  }
  if (!claim.timestamp.starts_with(credential[1])) {
    return Refuse(S3Code::kAuthorizationMalformed, "The date of the credential is not that of the request.");
  }
  if (*time > now + kLargestSkew || *time < now - kLargestSkew) return Refuse(S3Code::kRequestTimeTooSkewed);
  return claim;
}

std::string DeriveSigningKey(std::string_view secret, std::string_view scope) {
  std::string key = "AWS4" + std::string(secret);
  for (const std::string& part : Split(scope, '/')) key = HmacSha256(key, part);
  return key;
}

std::optional<std::string> SignRequest(const SignatureClaim& claim, std::string_view signing_key,
                                       std::string_view method, std::string_view raw_target, const Headers& headers) {
  const auto target = ParseTarget(raw_target);
  if (!target) return std::nullopt;
  std::string canonical(method);
  // S3 encodes the path once, unlike all other services.
  canonical.append("\n").append(PercentEncode(target->path, "/"));
  canonical.append("\n").append(CanonicalQuery(target->query)).append("\n");
  std::string names;
  for (const std::string& name : claim.signed_headers) {
    canonical.append(name).append(":").append(CanonicalValue(headers.Get(name))).append("\n");
    names.append(names.empty() ? "" : ";").append(name);
  }
  canonical.append("\n").append(names).append("\n").append(claim.payload_hash);
  std::string to_sign(kAlgorithm);
  to_sign.append("\n").append(claim.timestamp).append("\n").append(claim.scope).append("\n");
  to_sign.append(Sha256Hex(canonical));
  return HmacHex(signing_key, to_sign);
}

std::string ChunkSigner::SignChunk(std::string_view sha256_hex) {
  std::string text = "AWS4-HMAC-SHA256-PAYLOAD\n" + timestamp_ + "\n" + scope_ + "\n" + previous_ + "\n";
  text.append(Sha256Hex("")).append("\n").append(sha256_hex);
  previous_ = HmacHex(key_, text);
  return previous_;
}

std::string ChunkSigner::SignTrailer(std::string_view sha256_hex) {
  std::string text = "AWS4-HMAC-SHA256-TRAILER\n" + timestamp_ + "\n" + scope_ + "\n" + previous_ + "\n";
  text.append(sha256_hex);
  return HmacHex(key_, text);
}

std::string Sha256Hex(std::string_view bytes) {
  const auto digest = NewChecksum(ChecksumAlgorithm::kSha256);
  digest->Update(AsBytes(bytes));
  return HexEncode(AsBytes(digest->Finish()));
}

}  // namespace cosfuse::emulator
