#include "app/explain.h"

#include <string_view>

namespace cosfuse {
namespace {

std::string Details(const Error& error) {
  std::string details;
  if (error.http_status() != 0) details += "HTTP " + std::to_string(error.http_status());
  if (!error.service_code().empty()) details += (details.empty() ? "" : " ") + error.service_code();
  if (!error.request_id().empty()) details += (details.empty() ? "request " : ", request ") + error.request_id();
  return details.empty() ? "" : " (" + details + ")";
}

/// The private hosts of IBM COS for a public one; empty for any other host.
/// Source: IBM Cloud Object Storage documentation, "Endpoints and storage locations".
std::string PrivateHosts(const std::string& host) {
  constexpr std::string_view kSuffix = ".cloud-object-storage.appdomain.cloud";
  const bool is_public = host.starts_with("s3.") && host.ends_with(kSuffix) && !host.starts_with("s3.private.") &&
                         !host.starts_with("s3.direct.");
  if (!is_public) return "";
  return "s3.direct." + host.substr(3) + " (VPC) or s3.private." + host.substr(3) + " (classic)";
}

std::string Unreachable(const Error& error, const MountOptions& options) {
  const std::string host = HostOf(options.bucket.endpoint);
  const std::string private_hosts = PrivateHosts(host);
  std::string line = AsOneSentence("COS at " + host + " does not answer (" + error.message() + ")");
  if (private_hosts.empty()) return line + " Check COS_ENDPOINT, DNS and network policies.";
  return line + " Check COS_ENDPOINT and network policies; from a private cluster use " + private_hosts + ".";
}

std::string Denied(StartStage stage, const Error& error, const MountOptions& options) {
  const std::string who = "trusted profile " + DescribeProfile(options.identity);
  const std::string bucket = "bucket " + options.bucket.bucket;
  if (stage == StartStage::kWrite) {
    return who + " may not write to " + bucket + Details(error) +
           ". Grant it the role Object Writer (for --access=write-only) or Writer on the bucket.";
  }
  if (options.access == AccessRequest::kReadOnly) {
    return who + " may not list " + bucket + Details(error) + ". Grant it the role Content Reader on the bucket.";
  }
  return who + " may not list " + bucket + Details(error) +
         ". Grant it the role Writer (Content Reader to read only) on the bucket; if it is Object Writer and nothing "
         "else, mount with --access=write-only.";
}

/// What a failed answer of COS means to the one who configures the mount.
std::string ExplainStore(StartStage stage, const Error& error, const MountOptions& options) {
  const std::string host = HostOf(options.bucket.endpoint);
  switch (error.code()) {
    case ErrorCode::kAccessDenied: return Denied(stage, error, options);
    case ErrorCode::kUnauthenticated: return AsOneSentence(error.message());
    case ErrorCode::kMissingBucket:
      return "bucket " + options.bucket.bucket + " does not exist at " + host + Details(error) +
             ". Check COS_BUCKET, and COS_ENDPOINT: a bucket of another location looks the same.";
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimedOut: return Unreachable(error, options);
    case ErrorCode::kUntrustedPeer:
      return AsOneSentence("the certificate of " + host + " is not trusted (" + error.message() + ")") +
             " Name the CA that signed it by --ca-file (COSFUSE_CA_FILE), or correct COS_ENDPOINT.";
    case ErrorCode::kThrottled:
      return "COS at " + host + " asks for fewer requests" + Details(error) + ". Start again later.";
    default:
      return AsOneSentence("COS at " + host + " gave an unexpected answer (" + error.ToString() + ")") +
             " Check that COS_ENDPOINT is an endpoint of IBM Cloud Object Storage.";
  }
}

bool IsUnreachable(const Error& error) {
  return error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kTimedOut;
}

std::string WithRemedyFor(const Error& error, const std::string& remedy) {
  return AsOneSentence(error.message()) + " " + remedy;
}

}  // namespace

std::string AsOneSentence(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (!control) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (line.ends_with(' ')) line.pop_back();
  if (!line.ends_with('.')) line += '.';
  return line;
}

std::string HostOf(const std::string& endpoint) {
  const size_t scheme = endpoint.find("://");
  return scheme == std::string::npos ? endpoint : endpoint.substr(scheme + 3);
}

std::string DescribeProfile(const IdentityOptions& identity) {
  if (!identity.profile_id.empty()) return identity.profile_id;
  return identity.profile_name.empty() ? identity.profile_crn : identity.profile_name;
}

std::string ExplainIdentityFailure(const Error& error) {
  std::string line = AsOneSentence(error.message());
  if (!error.service_code().empty()) {
    line.pop_back();
    line += Details(error) + ".";
  }
  if (IsUnreachable(error)) line += " Check IBM_AUTH_ENDPOINT (--iam-endpoint), DNS and network policies.";
  if (error.code() == ErrorCode::kUntrustedPeer) line += " Name the CA that signed it by --ca-file (COSFUSE_CA_FILE).";
  return line;
}

std::string ExplainStartFailure(StartStage stage, const Error& error, const MountOptions& options) {
  if (error.code() == ErrorCode::kCancelled) return "stopped before the mount was ready. Start it again.";
  switch (stage) {
    case StartStage::kMountpoint:
    case StartStage::kMount: return AsOneSentence(error.message());
    case StartStage::kIdentity: return ExplainIdentityFailure(error);
    case StartStage::kCacheDirectory:
      return WithRemedyFor(error, "Give this mount a directory of its own by --cache-dir (COSFUSE_CACHE_DIR).");
    case StartStage::kTransport: return WithRemedyFor(error, "Check --ca-file (COSFUSE_CA_FILE).");
    case StartStage::kRead:
    case StartStage::kWrite: return ExplainStore(stage, error, options);
  }
  return AsOneSentence(error.message());
}

}  // namespace cosfuse
