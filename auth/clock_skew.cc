#include "auth/clock_skew.h"

#include <cstdint>

namespace cosfuse {
namespace {

// An answer's way and the whole seconds of its date cost a few; clocks under NTP agree to far less.
constexpr Duration kTolerance = std::chrono::minutes(2);

/// "45 s", "20 min", "30 h", "9 days".
std::string DescribeSpan(Duration span) {
  const int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(span).count();
  if (seconds < 120) return std::to_string(seconds) + " s";
  const int64_t minutes = seconds / 60;
  if (minutes < 180) return std::to_string(minutes) + " min";
  const int64_t hours = minutes / 60;
  return hours < 72 ? std::to_string(hours) + " h" : std::to_string(hours / 24) + " days";
}

/// The sentence about this machine's clock; empty where it agrees with IAM's, or nothing is known.
std::string DescribeSkew(WallTime now, std::optional<WallTime> iam_now) {
  if (!iam_now || (now - *iam_now <= kTolerance && *iam_now - now <= kTolerance)) return "";
  const bool ahead = now > *iam_now;
  return "this node's clock is " + DescribeSpan(ahead ? now - *iam_now : *iam_now - now) +
         (ahead ? " ahead of" : " behind") + " IAM's";
}

}  // namespace

std::optional<std::string> ExplainTokenTimes(const JwtClaims& claims, WallTime now, std::optional<WallTime> iam_now) {
  const WallTime judge = iam_now.value_or(now);
  const std::string skew = DescribeSkew(now, iam_now);
  if (claims.expires_at && *claims.expires_at <= judge) {
    const std::string cause = "the service-account token expired " + DescribeSpan(judge - *claims.expires_at) + " ago";
    if (!skew.empty()) {
      return cause + " by IAM's clock, and " + skew +
             ". Set the clocks of the cluster right (NTP), so that kubelet "
             "renews the token in time";
    }
    return cause + ". Kubelet renews it only in a volume that is not mounted by subPath: check that" +
           (iam_now ? "" : ", and the clock of the node");
  }
  const std::optional<WallTime> begin = claims.not_before ? claims.not_before : claims.issued_at;
  if (begin && *begin > judge) {
    return "the service-account token is not valid yet, but in " + DescribeSpan(*begin - judge) +
           (skew.empty() ? ": the cluster's clock and IAM's differ" : " by IAM's clock, and " + skew) +
           ". Set the clocks of the cluster right (NTP)";
  }
  return std::nullopt;
}

}  // namespace cosfuse
