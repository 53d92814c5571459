#include "app/explain.h"

#include <string_view>

namespace cosfuse {
namespace {

/// What a service's support asks for: "HTTP 403 AccessDenied, request 1a2b"; empty where no answer came.
std::string AnswerOf(const Error& error) {
  std::string answer;
  if (error.http_status() != 0) answer += "HTTP " + std::to_string(error.http_status());
  if (!error.service_code().empty()) answer += (answer.empty() ? "" : " ") + error.service_code();
  if (!error.request_id().empty()) answer += (answer.empty() ? "request " : ", request ") + error.request_id();
  return answer;
}

std::string Details(const Error& error) {
  const std::string answer = AnswerOf(error);
  return answer.empty() ? "" : " (" + answer + ")";
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
  if (error.message().starts_with("no TLS connection")) {
    return line + " Check COS_ENDPOINT: the host and port of a service that speaks https.";
  }
  if (private_hosts.empty()) return line + " Check COS_ENDPOINT, DNS and network policies.";
  return line + " Check COS_ENDPOINT and network policies; from a private cluster use " + private_hosts + ".";
}

/// The role to grant for what was refused at `stage`, as the mount was asked for.
std::string RemedyForDenial(StartStage stage, const MountOptions& options) {
  switch (options.access) {
    case AccessRequest::kReadOnly: return "the role Content Reader";
    case AccessRequest::kWriteOnly: return "the role Object Writer";
    case AccessRequest::kReadWrite:
      if (stage == StartStage::kWrite) return "the role Writer, or mount with --access=read-only";
      break;
    case AccessRequest::kAuto: break;
  }
  return "the role Writer (Content Reader to read only); if it is an Object Writer and nothing else, mount with "
         "--access=write-only";
}

std::string Denied(StartStage stage, const Error& error, const MountOptions& options) {
  const std::string bucket = "bucket " + options.bucket.bucket;
  const std::string what = stage == StartStage::kWrite ? " may not write to " : " may not list ";
  if (options.identity.anonymous) {
    return "anybody" + what + bucket + Details(error) +
           ". Give the access group Public Access the role Content Reader on it, or leave --anonymous out and name a "
           "trusted profile.";
  }
  const std::string whose = options.identity.api_key_file.empty() ? "it" : "the key's owner";
  return DescribeIdentity(options.identity) + what + bucket + Details(error) + ". On this bucket grant " + whose + " " +
         RemedyForDenial(stage, options) + ". Where the role is right, look at the bucket's firewall.";
}

/// What to do about a certificate that was not accepted, by what OpenSSL says of it.
std::string RemedyForUntrusted(const Error& error, std::string_view endpoint_option) {
  const auto says = [&error](std::string_view text) { return error.message().find(text) != std::string::npos; };
  if (says("has expired")) {
    return "Renew the certificate of the host in " + std::string(endpoint_option) +
           ", or set this node's clock right if it runs ahead.";
  }
  if (says("not yet valid")) return "Set this node's clock right: it runs behind.";
  if (says("subject name")) {
    return "The certificate is for another name: write the host in " + std::string(endpoint_option) +
           " as the certificate has it.";
  }
  return "Name the CA that signed it by --ca-file (COSFUSE_CA_FILE), or correct " + std::string(endpoint_option) + ".";
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
      return AsOneSentence("the certificate of " + host + " is not trusted (" + error.message() + ")") + " " +
             RemedyForUntrusted(error, "COS_ENDPOINT");
    case ErrorCode::kThrottled:
      return "COS at " + host + " asks for fewer requests" + Details(error) + ". Start again later.";
    default:
      return AsOneSentence("COS at " + host + " gave an unexpected answer (" + error.ToString() + ")") +
             " Check that COS_ENDPOINT is an endpoint of IBM Cloud Object Storage.";
  }
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

std::string DescribeIdentity(const IdentityOptions& identity) {
  if (identity.anonymous) return "anybody";
  if (!identity.api_key_file.empty()) return "the API key in " + identity.api_key_file;
  const std::string& name = identity.profile_name.empty() ? identity.profile_crn : identity.profile_name;
  return "trusted profile " + (identity.profile_id.empty() ? name : identity.profile_id);
}

std::string ExplainIdentityFailure(const Error& error) {
  std::string line = AsOneSentence(error.message());
  if (const std::string answer = AnswerOf(error); !answer.empty()) line += " IAM's answer: " + answer + ".";
  if (error.code() == ErrorCode::kUntrustedPeer) line += " " + RemedyForUntrusted(error, "IBM_AUTH_ENDPOINT");
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
