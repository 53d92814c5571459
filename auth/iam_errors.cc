#include "auth/iam_errors.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "auth/iam_exchange.h"
#include "base/encoding.h"
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

IamFailure ParseFailure(const HttpResponseHead& head, std::string_view body) {
  IamFailure failure;
  const json object = json::parse(body, /*cb=*/nullptr, /*allow_exceptions=*/false);
  failure.code = GetText(object, "errorCode");
  failure.message = GetText(object, "errorMessage");
  failure.details = GetText(object, "errorDetails");
  if (object.is_object() && object.contains("context")) failure.request_id = GetText(object["context"], "requestId");
  if (failure.request_id.empty()) failure.request_id = OneLine(head.headers.Get("Transaction-Id").value_or(""));
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

std::string ExplainNotEligible(const ExchangeContext& context) {
  const JwtClaims claims = context.claims.value_or(JwtClaims());
  const std::string& profile = context.profile.Label();
  return "trusted profile " + profile + " does not exist or does not trust service account " +
         Or(claims.service_account, "(unknown)") + " of namespace " + Or(claims.kubernetes_namespace, "(unknown)") +
         " in this cluster. Link it: ibmcloud iam trusted-profile-link-create " +
         Or(context.profile.name, context.profile.Label()) +
         " --name cosfuse --cr-type IKS_SA --link-crn CLUSTER_CRN --link-namespace " +
         Or(claims.kubernetes_namespace, "NAMESPACE") + " --link-name " +
         Or(claims.service_account, "SERVICE_ACCOUNT") + " (on OpenShift: --cr-type ROKS_SA)";
}

std::string ExplainRefusedToken(const ExchangeContext& context, WallTime now) {
  if (context.claims && context.claims->expires_at && *context.claims->expires_at <= now) {
    return "the service-account token has expired. Kubelet renews it only in a volume that is not mounted by subPath; "
           "check that, and the clock of the node";
  }
  const bool for_iam = !context.claims || context.claims->audiences.empty() ||
                       std::ranges::find(context.claims->audiences, "iam") != context.claims->audiences.end();
  if (!for_iam) {
    return "the service-account token is not meant for IAM but for " + OneLine(context.claims->audiences.front()) +
           ". Set audience: iam in the volume's serviceAccountToken source";
  }
  return "IAM does not accept the service-account token. Check that the cluster belongs to the profile's account and "
         "that the volume has audience: iam and expirationSeconds of 3600 or less";
}

std::string ExplainCode(const IamFailure& failure, int status, const ExchangeContext& context, WallTime now) {
  if (failure.code == "BXNIM0398E") return ExplainNotEligible(context);
  if (failure.code == "BXNIM0407E" || failure.code == "BXNIM0408E" || failure.code == "BXNIM0439E") {
    return ExplainRefusedToken(context, now);
  }
  if (failure.code == "BXNIM0109E") {
    return "IAM misses a property of the request (" + Or(failure.message, failure.details) +
           "). Check --profile-id, --profile-name or --profile-crn";
  }
  if (failure.code.empty() && status >= 300 && status < 500 && status != 408 && status != 429) {
    return IamTokenUrl(context.endpoint) + " does not answer like IAM (HTTP " + std::to_string(status) +
           "). Check that --iam-endpoint or IBM_AUTH_ENDPOINT names IAM";
  }
  std::string text = "IAM answered HTTP " + std::to_string(status);
  if (!failure.message.empty()) text += ": " + failure.message;
  if (!failure.details.empty() && failure.details != failure.message) text += " (" + failure.details + ")";
  if (MeaningOf(status) == ErrorCode::kUnauthenticated) text += ". Check the trusted profile and its links";
  return text;
}

}  // namespace

Error ExplainIamError(const HttpResponseHead& head, std::string_view body, const ExchangeContext& context,
                      WallTime now) {
  const IamFailure failure = ParseFailure(head, body);
  Error error(MeaningOf(head.status), ExplainCode(failure, head.status, context, now));
  const auto asked = head.headers.Get("Retry-After");
  return std::move(error)
      .SetService(failure.code, failure.request_id, head.status)
      .SetRetryAfter(asked ? ParseRetryAfter(*asked, now) : std::nullopt);
}

}  // namespace cosfuse
