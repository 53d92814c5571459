#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "auth/jwt_claims.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "http/transport.h"

namespace cosfuse {

/// Which trusted profile to become; at least one member is set, and all that are set are sent.
struct TrustedProfile {
  std::string id;  ///< "Profile-…".
  std::string name;
  std::string crn;

  /// The one to name in messages.
  const std::string& Label() const;
};

/// What an exchange yields.
struct IssuedToken {
  Secret bearer;
  Duration lifetime{0};  ///< Counted from when the request was sent.
};

/// The host used where none is named.
inline constexpr std::string_view kDefaultIamEndpoint = "https://iam.cloud.ibm.com";
/// The one that answers in private clusters. A single region's is https://private.REGION.iam.cloud.ibm.com.
/// Source: IBM Cloud documentation, "Using service endpoints to privately connect to IAM".
inline constexpr std::string_view kPrivateIamEndpoint = "https://private.iam.cloud.ibm.com";

/// The URL of the exchange: a configured endpoint may end in slashes, or in the path of the exchange itself, as IBM's
/// SDKs accept it. Pure.
std::string IamTokenUrl(std::string_view endpoint);

/// The form that exchanges a service-account token for an access token. Secret, because it holds the former. Pure.
/// Source: IBM Cloud API, "Create an IAM access token for an authorized compute resource".
Secret BuildProfileForm(const TrustedProfile& profile, const Secret& cr_token);

/// The same for an API key. Pure.
/// Source: IBM Cloud API, "Create an IAM access token for a user or service ID using an API key".
Secret BuildApiKeyForm(const Secret& api_key);

/// The request around `form`, which it borrows until it was sent. Pure.
HttpRequest BuildExchangeRequest(std::string_view endpoint, BodySource& form);

enum class GrantKind { kTrustedProfile, kApiKey };

/// What failures are explained with.
struct ExchangeContext {
  GrantKind kind = GrantKind::kTrustedProfile;
  TrustedProfile profile;           ///< kTrustedProfile.
  std::optional<JwtClaims> claims;  ///< Of the service-account token.
  std::string file;                 ///< Where the token or the key was read.
  std::string endpoint;
};

/// Reads IAM's answer, and wipes `body`.
///
/// Errors, each with IAM's code and request id where it has them (else with the id of its transaction), one line with
/// cause and remedy: kUnauthenticated (4xx: configuration has to be repaired), kThrottled (429), kUnavailable (408, 5xx
/// except 501), kProtocol (501, a redirect, an answer that is none of IAM's). Retry-After is kept in the error. `now`
/// is this machine's clock, which may be wrong: what has a time is judged by IAM's (the Date of its answer). Pure.
Result<IssuedToken> ParseExchangeAnswer(const HttpResponseHead& head, std::string& body, const ExchangeContext& context,
                                        WallTime now);

/// Whether the error means that the token or the key itself was refused: the file may hold a newer one. Pure.
bool RefusesCredential(const Error& error);

/// An error of reaching IAM at all, with the remedy: where the public host does not answer, that is most often because
/// the cluster is private, and the private host is named. Pure.
Error ExplainUnreachableIam(const Error& error, std::string_view endpoint);

}  // namespace cosfuse
