#include "auth/iam_errors.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "auth/clock_skew.h"
#include "auth/iam_exchange.h"
#include "base/encoding.h"
#include "http/http_date.h"
#include "http/retry_after.h"

namespace cosfuse {
namespace {

using nlohmann::json;

/// The parts of IAM's error body; empty where it has none, or is no JSON.
struct IamFailure {
  std::string code;
  std::string message;
  std::string details;
  std::string request_id;
};

/// One line of limited length: what comes over the wire ends up on a terminal.
std::string OneLine(std::string_view text) {
  constexpr size_t kLongest = 300;
  std::string line(TrimWhitespace(text.substr(0, kLongest)));
  std::ranges::replace_if(line, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  return line;
}

std::string GetText(const json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? OneLine(member->get<std::string>()) : std::string();
}

/// Without its full stop: it becomes part of another sentence.
std::string GetSentence(const json& object, const char* name) {
  std::string text = GetText(object, name);
  while (text.ends_with('.')) text.pop_back();
  return text;
}

IamFailure ParseFailure(const HttpResponseHead& head, std::string_view body) {
  IamFailure failure;
  const json object = json::parse(body, /*cb=*/nullptr, /*allow_exceptions=*/false);
  failure.code = GetText(object, "errorCode");
  failure.message = GetSentence(object, "errorMessage");
  failure.details = GetSentence(object, "errorDetails");
  if (object.is_object() && object.contains("context")) failure.request_id = GetText(object["context"], "requestId");
  if (failure.request_id.empty()) failure.request_id = GetTransactionId(head);
  return failure;
}

/// 4xx: final until someone repairs the configuration. Source of what is tried again: the retry policy of IBM's SDKs.
ErrorCode MeaningOf(int status) {
  if (status == 429) return ErrorCode::kThrottled;
  if (status == 408) return ErrorCode::kUnavailable;
  if (status >= 400 && status < 500) return ErrorCode::kUnauthenticated;
  if (status >= 500 && status != 501) return ErrorCode::kUnavailable;
  return ErrorCode::kProtocol;
}

std::string Or(const std::string& text, std::string_view otherwise) {
  return text.empty() ? std::string(otherwise) : text;
}

/// What an explanation is made of.
struct Facts {
  const ExchangeContext& context;
  const IamFailure& failure;
  WallTime now;
  std::optional<WallTime> iam_now;  ///< By the Date of the answer.
};

std::string ExplainNotEligible(const Facts& facts) {
  const JwtClaims claims = facts.context.claims.value_or(JwtClaims());
  const TrustedProfile& profile = facts.context.profile;
  return "trusted profile " + profile.Label() + " does not exist or does not trust service account " +
         Or(claims.service_account, "(unknown)") + " of namespace " + Or(claims.kubernetes_namespace, "(unknown)") +
         " in this cluster. Link it: ibmcloud iam trusted-profile-link-create " + Or(profile.name, profile.Label()) +
         " --name cosfuse --cr-type IKS_SA --link-crn CLUSTER_CRN --link-namespace " +
         Or(claims.kubernetes_namespace, "NAMESPACE") + " --link-name " +
         Or(claims.service_account, "SERVICE_ACCOUNT") + " (on OpenShift: --cr-type ROKS_SA)";
}

std::string ExplainRefusedToken(const Facts& facts) {
  const JwtClaims claims = facts.context.claims.value_or(JwtClaims());
  if (auto explained = ExplainTokenTimes(claims, facts.now, facts.iam_now)) return *std::move(explained);
  if (!claims.audiences.empty() && std::ranges::find(claims.audiences, "iam") == claims.audiences.end()) {
    return "the service-account token is not meant for IAM but for " + OneLine(claims.audiences.front()) +
           ". Set audience: iam in the volume's serviceAccountToken source";
  }
  return "IAM does not accept the service-account token in " + facts.context.file +
         ". Check that the cluster belongs to the profile's account and that the volume has audience: iam and "
         "expirationSeconds of 3600 or less";
}

std::string ExplainRefusedKey(const Facts& facts) {
  return "IAM does not know the API key in " + facts.context.file +
         ": mistyped, deleted, or of another cloud. Put a valid key into the file (ibmcloud iam service-api-key-create "
         "makes one); it is read again at the next try";
}

std::string ExplainRefusedCredential(const Facts& facts) {
  return facts.context.kind == GrantKind::kApiKey ? ExplainRefusedKey(facts) : ExplainRefusedToken(facts);
}

std::string ExplainProperty(const Facts& facts) {
  const std::string remedy = facts.context.kind == GrantKind::kApiKey
                                 ? "the content of " + facts.context.file
                                 : std::string("--profile-id, --profile-name or --profile-crn");
  return "IAM misses a property of the request or does not accept its value (" +
         Or(facts.failure.details, facts.failure.message) + "). Check " + remedy;
}

/// The codes whose cause is known well enough to name the remedy; all others are told in IAM's own words.
/// Source: IBM Cloud API docs of IAM Identity Services, and the reports of their users.
constexpr std::array<std::pair<std::string_view, std::string (*)(const Facts&)>, 7> kKnownCodes = {{
    {"BXNIM0106E", &ExplainProperty},           // Validation of a property failed.
    {"BXNIM0109E", &ExplainProperty},           // Property missing or empty.
    {"BXNIM0398E", &ExplainNotEligible},        // The profile is not eligible.
    {"BXNIM0407E", &ExplainRefusedCredential},  // The token is invalid.
    {"BXNIM0408E", &ExplainRefusedCredential},  // The token is malformed or expired.
    {"BXNIM0415E", &ExplainRefusedCredential},  // The API key could not be found.
    {"BXNIM0439E", &ExplainRefusedCredential},  // The compute resource token is invalid.
}};

std::string ExplainCode(const Facts& facts, int status) {
  const IamFailure& failure = facts.failure;
  const auto known = std::ranges::find(kKnownCodes, failure.code, [](const auto& row) { return row.first; });
  if (known != kKnownCodes.end()) return known->second(facts);
  if (failure.code.empty() && status >= 300 && status < 500 && status != 408 && status != 429) {
    return IamTokenUrl(facts.context.endpoint) + " does not answer like IAM (HTTP " + std::to_string(status) +
           "). Check that --iam-endpoint or IBM_AUTH_ENDPOINT names IAM, and that no proxy answers in its place";
  }
  std::string text = "IAM answered HTTP " + std::to_string(status);
  if (!failure.message.empty()) text += ": " + failure.message;
  if (!failure.details.empty() && failure.details != failure.message) text += " (" + failure.details + ")";
  if (MeaningOf(status) != ErrorCode::kUnauthenticated) return text + ". Try again later";
  return text + (facts.context.kind == GrantKind::kApiKey ? ". Check the API key and whom it belongs to"
                                                          : ". Check the trusted profile and its links");
}

}  // namespace

Error ExplainIamError(const HttpResponseHead& head, std::string_view body, const ExchangeContext& context,
                      WallTime now) {
  const IamFailure failure = ParseFailure(head, body);
  const auto date = head.headers.Get("Date");
  const Facts facts{
      .context = context, .failure = failure, .now = now, .iam_now = date ? ParseHttpDate(*date, now) : std::nullopt};
  Error error(MeaningOf(head.status), ExplainCode(facts, head.status));
  const auto asked = head.headers.Get("Retry-After");
  return std::move(error)
      .SetService(failure.code, failure.request_id, head.status)
      .SetRetryAfter(asked ? ParseRetryAfter(*asked, facts.iam_now.value_or(now)) : std::nullopt);
}

std::string GetTransactionId(const HttpResponseHead& head) {
  return OneLine(head.headers.Get("Transaction-Id").value_or(""));
}

}  // namespace cosfuse
