#include "auth/iam_exchange.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "auth/iam_errors.h"
#include "base/encoding.h"
#include "http/url.h"

namespace cosfuse {
namespace {

using nlohmann::json;

constexpr std::string_view kTokenPath = "/identity/token";
constexpr std::string_view kProfileGrantType = "urn:ibm:params:oauth:grant-type:cr-token";
constexpr std::string_view kApiKeyGrantType = "urn:ibm:params:oauth:grant-type:apikey";

/// A whole number of seconds, as a number or as text.
std::optional<std::chrono::seconds> GetSeconds(const json& object, const char* name) {
  constexpr int64_t kLongest = int64_t{24} * 60 * 60;  // IAM's own limit is 60 minutes.
  const auto member = object.find(name);
  if (member == object.end()) return std::nullopt;
  int64_t seconds = 0;
  if (member->is_number()) {
    const double value = member->get<double>();
    if (!(value >= 1)) return std::nullopt;
    seconds = value < kLongest ? static_cast<int64_t>(value) : kLongest;
  } else if (member->is_string()) {
    const auto& text = member->get_ref<const std::string&>();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  }
  if (seconds < 1) return std::nullopt;
  return std::chrono::seconds(std::min(seconds, kLongest));
}

Result<IssuedToken> ParseSuccess(const HttpResponseHead& head, const std::string& body,
                                 const ExchangeContext& context) {
  const auto not_iam = [&](std::string_view what) {
    Error error(ErrorCode::kProtocol, "the answer of " + IamTokenUrl(context.endpoint) + " " + std::string(what) +
                                          ". Check that --iam-endpoint or IBM_AUTH_ENDPOINT names IAM, and that no "
                                          "proxy answers in its place");
    return Fail(std::move(error).SetService({}, GetTransactionId(head), head.status));
  };
  json object = json::parse(body, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return not_iam("is not JSON");
  const auto token = object.find("access_token");
  if (token == object.end() || !token->is_string()) return not_iam("holds no access token");
  Secret bearer(std::move(token->get_ref<std::string&>()));
  const auto lifetime = GetSeconds(object, "expires_in");
  const std::string& text = bearer.Reveal();
  const bool sendable = std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
  if (text.empty() || !sendable) return not_iam("holds an access token that cannot be sent");
  if (!lifetime) return not_iam("does not say how long its token lives");
  return IssuedToken{.bearer = std::move(bearer), .lifetime = *lifetime};
}

/// Appends the field without a growth that leaves a copy of the secret behind.
Secret WithSecretField(std::string form, std::string_view name, const Secret& value) {
  std::string encoded = PercentEncode(value.Reveal());
  form.reserve(form.size() + name.size() + encoded.size() + 2);
  form += '&';
  form += name;
  form += '=';
  form += encoded;
  WipeString(encoded);
  return Secret(std::move(form));
}

}  // namespace

const std::string& TrustedProfile::Label() const {
  if (!id.empty()) return id;
  return name.empty() ? crn : name;
}

std::string IamTokenUrl(std::string_view endpoint) {
  const auto strip_slashes = [&endpoint] {
    while (endpoint.ends_with('/')) endpoint.remove_suffix(1);
  };
  strip_slashes();
  if (endpoint.ends_with(kTokenPath)) endpoint.remove_suffix(kTokenPath.size());
  strip_slashes();
  return std::string(endpoint.empty() ? kDefaultIamEndpoint : endpoint) + std::string(kTokenPath);
}

Secret BuildProfileForm(const TrustedProfile& profile, const Secret& cr_token) {
  std::string form = "grant_type=" + PercentEncode(kProfileGrantType);
  const std::array<std::pair<std::string_view, const std::string*>, 3> names = {
      {{"profile_id", &profile.id}, {"profile_name", &profile.name}, {"profile_crn", &profile.crn}}};
  for (const auto& [name, value] : names) {
    if (!value->empty()) form += "&" + std::string(name) + "=" + PercentEncode(*value);
  }
  return WithSecretField(std::move(form), "cr_token", cr_token);
}

Secret BuildApiKeyForm(const Secret& api_key) {
  return WithSecretField("grant_type=" + PercentEncode(kApiKeyGrantType), "apikey", api_key);
}

HttpRequest BuildExchangeRequest(std::string_view endpoint, BodySource& form) {
  HttpRequest request;
  request.method = HttpMethod::kPost;
  request.url = IamTokenUrl(endpoint);
  request.headers.Add("Content-Type", "application/x-www-form-urlencoded");
  request.headers.Add("Accept", "application/json");
  request.body = &form;
  return request;
}

Result<IssuedToken> ParseExchangeAnswer(const HttpResponseHead& head, std::string& body, const ExchangeContext& context,
                                        WallTime now) {
  Result<IssuedToken> result = head.status == 200
                                   ? ParseSuccess(head, body, context)
                                   : Result<IssuedToken>(Fail(ExplainIamError(head, body, context, now)));
  WipeString(body);
  return result;
}

bool RefusesCredential(const Error& error) {
  constexpr std::array kCodes = {"BXNIM0407E", "BXNIM0408E", "BXNIM0439E", "BXNIM0415E"};
  return std::ranges::find(kCodes, error.service_code()) != kCodes.end();
}

Error ExplainUnreachableIam(const Error& error, std::string_view endpoint) {
  const bool network = error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kTimedOut;
  Error named = error.WithContext("IAM cannot be reached");
  if (!network) return named;
  const auto url = ParseUrl(IamTokenUrl(endpoint));
  const std::string origin = url ? url->Origin() : std::string(endpoint);
  std::string remedy = "Check --iam-endpoint (IBM_AUTH_ENDPOINT), DNS and network policies";
  if (origin == kDefaultIamEndpoint) {
    remedy = "From a private cluster use --iam-endpoint " + std::string(kPrivateIamEndpoint) +
             " (IBM_AUTH_ENDPOINT); else check DNS and network policies";
  } else if (origin.starts_with("https://private.") && origin.ends_with(".iam.cloud.ibm.com")) {
    remedy += "; the private host needs service endpoints in the account (VRF) or a gateway of the VPC, and " +
              std::string(kDefaultIamEndpoint) + " a way out of the cluster";
  }
  return Error(named.code(), named.message() + ". " + remedy)
      .SetService(named.service_code(), named.request_id(), named.http_status())
      .SetRetryAfter(named.retry_after());
}

}  // namespace cosfuse
