#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "emulator/cos/dialect.h"
#include "emulator/cos/etag.h"
#include "emulator/faults/fault_rule.h"
#include "emulator/iam/credentials.h"
#include "emulator/iam/trust_policy.h"
#include "emulator/latency.h"
#include "emulator/wire/tls_certificate.h"

namespace cosfuse::emulator {

struct ListenAddress {
  std::string host = "127.0.0.1";
  uint16_t port = 0;
};

/// What the command line asks for.
struct EmulatorOptions {
  ListenAddress listen;
  std::string ready_file;
  std::vector<std::string> buckets;
  std::vector<std::string> public_buckets;
  std::vector<std::string> versioned_buckets;
  std::string data_dir;
  bool sink = false;
  ETagKind etag = ETagKind::kMd5;
  std::string kubelet_dir;
  std::string namespace_name = "default";
  std::string service_account = "default";
  std::string audience = "iam";
  Duration token_file_lifetime = std::chrono::hours(1);
  std::vector<TrustedProfile> profiles;
  std::vector<ApiKey> api_keys;
  std::vector<HmacKey> hmac_keys;
  Dialect dialect;
  Duration access_token_lifetime = std::chrono::hours(1);
  std::string signing_key;  ///< Where the key of all tokens is kept; empty: one for this run.
  LatencyModel latency;
  uint64_t bytes_per_second = 0;  ///< 0: as many as there can be.
  std::vector<FaultRule> faults;
  bool tls = false;
  Duration tls_handshake_delay{0};
  CertificateDefect certificate_defect = CertificateDefect::kNone;
  std::string tls_dir;
  std::string request_log;
  unsigned threads = 0;
};

/// The options with their defaults filled in, or the text to print (help) or complain about and the exit code.
struct CommandLine {
  std::optional<EmulatorOptions> options;
  std::string message;
  int exit_code = 0;
};
CommandLine ParseCommandLine(int argc, const char* const* argv);

/// "127.0.0.1:9000". Errors of all that follow: kInvalidArgument.
Result<ListenAddress> ParseListenAddress(std::string_view text);
/// "ID=Profile-...,name=N,namespace=NS,service-account=SA,cluster=C,role=Writer"; what is not given keeps its default.
Result<TrustedProfile> ParseProfile(std::string_view text);
/// "KEY" or "KEY=Role".
Result<ApiKey> ParseApiKey(std::string_view text);
/// "ACCESS:SECRET" or "ACCESS:SECRET:Role".
Result<HmacKey> ParseHmacKey(std::string_view text);
/// 3 to 63 lower-case letters, digits, dots and hyphens.
Result<> CheckBucketName(std::string_view name);

}  // namespace cosfuse::emulator
