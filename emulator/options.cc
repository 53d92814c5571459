#include "emulator/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "emulator/faults/parameters.h"

namespace cosfuse::emulator {
namespace {

constexpr std::string_view kDefaultBucket = "demo-bucket";
constexpr int kUsageError = 2;

/// The options as CLI11 reads them, before they are checked.
struct RawOptions {
  std::string listen = "127.0.0.1:0";
  std::vector<std::string> profiles;
  std::vector<std::string> api_keys;
  std::vector<std::string> hmac_keys;
  std::string dialect;
  uint32_t token_file_lifetime = 3600;
  uint32_t access_token_lifetime = 3600;
  uint32_t latency_ms = 0;
  uint32_t tls_handshake_ms = 0;
  std::string latency;
  std::string etag = "md5";
  std::vector<std::string> faults;
};

void Define(CLI::App& app, EmulatorOptions& options, RawOptions& raw) {
  app.add_option("--listen", raw.listen, "IPv4 address and port; port 0 lets the kernel choose");
  app.add_option("--ready-file", options.ready_file,
                 "written once requests are served: a JSON object with all addresses");
  app.add_option("--bucket", options.buckets, "a bucket (may be repeated; demo-bucket)")->allow_extra_args(false);
  app.add_option("--public-bucket", options.public_buckets, "a bucket that anybody may read (may be repeated)")
      ->allow_extra_args(false);
  app.add_option("--versioned-bucket", options.versioned_buckets, "a bucket that keeps versions (may be repeated)")
      ->allow_extra_args(false);
  auto* directory =
      app.add_option("--data-dir", options.data_dir, "keep objects in this directory, across restarts; else in memory");
  app.add_flag("--sink", options.sink, "forget the bytes of objects: reading gives zeros")->excludes(directory);
  app.add_option("--etag", raw.etag, "md5, or opaque: random, and no time spent on MD5")
      ->check(CLI::IsMember({"md5", "opaque"}));
  app.add_option("--kubelet-dir", options.kubelet_dir, "keep a projected service-account token in this directory");
  app.add_option("--namespace", options.namespace_name, "namespace of that token");
  app.add_option("--service-account", options.service_account, "service account of that token");
  app.add_option("--audience", options.audience, "audience of that token, and the one that IAM demands");
  app.add_option("--token-file-lifetime", raw.token_file_lifetime, "its lifetime in seconds; renewed at 80 %");
  app.add_option("--profile", raw.profiles,
                 "a trusted profile: ID=Profile-...,name=N,namespace=NS,service-account=SA,role=ROLE (may be repeated)")
      ->allow_extra_args(false);
  app.add_option("--api-key", raw.api_keys, "an API key: KEY[=ROLE] (may be repeated)")->allow_extra_args(false);
  app.add_option("--hmac", raw.hmac_keys, "HMAC credentials: ACCESS:SECRET[:ROLE] (may be repeated)")
      ->allow_extra_args(false);
  app.add_option("--dialect", raw.dialect,
                 "where conditional headers count: multipart=complete,delete=honoured,... (docs/EMULATOR.md)");
  app.add_option("--signing-key", options.signing_key,
                 "the file of the key that signs all tokens, made if there is none; one for this run if not given");
  app.add_option("--access-token-lifetime", raw.access_token_lifetime, "lifetime of access tokens in seconds");
  auto* fixed = app.add_option("--latency-ms", raw.latency_ms, "each request waits so long");
  app.add_option("--latency", raw.latency,
                 "the same as a model: \"ms=20&jitter-ms=10&tail-rate=0.01&tail-ms=500&seed=1\"")
      ->excludes(fixed);
  app.add_option("--bandwidth", options.bytes_per_second, "capacity of the whole wire in bytes a second");
  app.add_option("--fault", raw.faults,
                 "a rule of faults, as the control interface takes it: \"op=PutObject&status=503&rate=0.1&seed=1\" "
                 "(may be repeated)")
      ->allow_extra_args(false);
  app.add_flag("--tls", options.tls, "serve HTTPS, with a certificate authority made for this run");
  static const std::map<std::string, CertificateDefect> kDefects = {{"good", CertificateDefect::kNone},
                                                                    {"expired", CertificateDefect::kExpired},
                                                                    {"other-name", CertificateDefect::kOtherName}};
  app.add_option("--tls-certificate", options.certificate_defect, "good, expired or other-name: of the server")
      ->transform(CLI::Transformer(kDefects));
  app.add_option("--tls-dir", options.tls_dir, "where ca.pem is written; a new temporary directory if not given");
  app.add_option("--tls-handshake-ms", raw.tls_handshake_ms, "each TLS handshake waits so long");
  app.add_option("--request-log", options.request_log, "append one JSON object per request to this file");
  app.add_option("--threads", options.threads, "threads that serve requests; two for each processor if not given");
}

Result<RoleSet> RolesNamed(std::string_view text) {
  const auto roles = ParseRoles(text);
  if (!roles) return Fail(ErrorCode::kInvalidArgument, "there is no role \"" + std::string(text) + "\"");
  return *roles;
}

/// The parameters of the control interface as an option's value.
template <typename T>
Result<T> ParseAs(const std::string& option, const std::string& text, Parsed<T> (*parse)(const Query&)) {
  const auto query = Query::Parse(text);
  if (!query) return Fail(ErrorCode::kInvalidArgument, option + ": \"" + text + "\" cannot be decoded");
  auto value = parse(*query);
  if (!value) return Fail(ErrorCode::kInvalidArgument, option + ": " + value.error());
  return *std::move(value);
}

Result<EmulatorOptions> Check(EmulatorOptions options, const RawOptions& raw) {
  ASSIGN_OR_RETURN(options.listen, ParseListenAddress(raw.listen));
  if (options.buckets.empty()) options.buckets.emplace_back(kDefaultBucket);
  for (const std::string& name : options.buckets) RETURN_IF_ERROR(CheckBucketName(name));
  for (const std::string& name : options.public_buckets) RETURN_IF_ERROR(CheckBucketName(name));
  for (const std::string& name : options.versioned_buckets) RETURN_IF_ERROR(CheckBucketName(name));
  ASSIGN_OR_RETURN(options.dialect, ParseDialect(raw.dialect));
  for (const std::string& text : raw.api_keys) {
    ASSIGN_OR_RETURN(options.api_keys.emplace_back(), ParseApiKey(text));
  }
  for (const std::string& text : raw.hmac_keys) {
    ASSIGN_OR_RETURN(options.hmac_keys.emplace_back(), ParseHmacKey(text));
  }
  for (const std::string& text : raw.profiles) {
    ASSIGN_OR_RETURN(options.profiles.emplace_back(), ParseProfile(text));
  }
  if (options.profiles.empty()) options.profiles.emplace_back();
  options.token_file_lifetime = std::chrono::seconds(raw.token_file_lifetime);
  options.access_token_lifetime = std::chrono::seconds(raw.access_token_lifetime);
  options.etag = raw.etag == "opaque" ? ETagKind::kOpaque : ETagKind::kMd5;
  options.tls_handshake_delay = std::chrono::milliseconds(raw.tls_handshake_ms);
  options.latency.base = std::chrono::milliseconds(raw.latency_ms);
  if (!raw.latency.empty()) {
    ASSIGN_OR_RETURN(options.latency, ParseAs("--latency", raw.latency, &ParseLatencyModel));
  }
  for (const std::string& text : raw.faults) {
    ASSIGN_OR_RETURN(options.faults.emplace_back(), ParseAs("--fault", text, &ParseFaultRule));
  }
  if (options.certificate_defect != CertificateDefect::kNone && !options.tls) {
    return Fail(ErrorCode::kInvalidArgument, "--tls-certificate needs --tls");
  }
  return options;
}

}  // namespace

CommandLine ParseCommandLine(int argc, const char* const* argv) {
  CLI::App app("IBM Cloud IAM and Object Storage in one process, for tests and demonstrations", "cosfuse-emulator");
  EmulatorOptions options;
  RawOptions raw;
  Define(app, options, raw);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return {std::nullopt, app.help(), 0};
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, std::string("cosfuse-emulator: ") + error.what() + ". See --help.\n", kUsageError};
  }
  auto checked = Check(std::move(options), raw);
  if (!checked) {
    return {std::nullopt, "cosfuse-emulator: " + checked.error().message() + ". See --help.\n", kUsageError};
  }
  return {*std::move(checked), "", 0};
}

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  ListenAddress address;
  if (colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (error == std::errc() && end == port.data() + port.size() && !port.empty()) {
      address.host = text.substr(0, colon);
      return address;
    }
  }
  return Fail(ErrorCode::kInvalidArgument, "\"" + std::string(text) + "\" is not ADDRESS:PORT");
}

Result<TrustedProfile> ParseProfile(std::string_view text) {
  TrustedProfile profile;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view field = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const size_t equals = field.find('=');
    const std::string_view name = field.substr(0, equals);
    const std::string value(equals == std::string_view::npos ? std::string_view() : field.substr(equals + 1));
    if (name == "ID" || name == "id") {
      profile.id = value;
    } else if (name == "name") {
      profile.name = value;
    } else if (name == "namespace") {
      profile.namespace_name = value;
    } else if (name == "service-account") {
      profile.service_account = value;
    } else if (name == "cluster") {
      profile.cluster = value;
    } else if (name == "role") {
      ASSIGN_OR_RETURN(profile.roles, RolesNamed(value));
    } else {
      return Fail(ErrorCode::kInvalidArgument, "a profile has no field \"" + std::string(name) + "\"");
    }
  }
  return profile;
}

Result<ApiKey> ParseApiKey(std::string_view text) {
  const size_t equals = text.rfind('=');
  ApiKey key{std::string(text.substr(0, equals))};
  if (key.key.empty()) return Fail(ErrorCode::kInvalidArgument, "an API key is KEY or KEY=ROLE");
  if (equals != std::string_view::npos) {
    ASSIGN_OR_RETURN(key.roles, RolesNamed(text.substr(equals + 1)));
  }
  return key;
}

Result<HmacKey> ParseHmacKey(std::string_view text) {
  const size_t first = text.find(':');
  const size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
  if (first == std::string_view::npos || first == 0 || first + 1 == std::min(second, text.size())) {
    return Fail(ErrorCode::kInvalidArgument, "HMAC credentials are ACCESS:SECRET or ACCESS:SECRET:ROLE");
  }
  HmacKey key{std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1))};
  if (second != std::string_view::npos) {
    ASSIGN_OR_RETURN(key.roles, RolesNamed(text.substr(second + 1)));
  }
  return key;
}

Result<> CheckBucketName(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789.-";
  if (name.size() < 3 || name.size() > 63 || name.find_first_not_of(kAllowed) != std::string_view::npos) {
    return Fail(ErrorCode::kInvalidArgument, "\"" + std::string(name) + "\" cannot be the name of a bucket");
  }
  return {};
}

}  // namespace cosfuse::emulator
