#include "tests/support/emulator_process.h"

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/encoding.h"

namespace cosfuse::testing {
namespace {

constexpr ByteCount kBodyLimit = 256 * kMiB;

[[noreturn]] void GiveUp(const std::string& why) {
  std::cerr << why << "\n";
  std::abort();
}

}  // namespace

EmulatorProcess::EmulatorProcess(const std::vector<std::string>& arguments) {
  const std::string ready = directory_.path() + "/ready.json";
  const std::string log = directory_.path() + "/log";
  std::vector<std::string> argv = {COSFUSE_EMULATOR_BINARY,
                                   "--listen",
                                   "127.0.0.1:0",
                                   "--ready-file",
                                   ready,
                                   "--kubelet-dir",
                                   directory_.path() + "/tokens",
                                   "--tls-dir",
                                   directory_.path() + "/tls",
                                   "--signing-key",
                                   std::string(COSFUSE_EMULATOR_BINARY) + ".signing-key.pem"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  process_ = std::make_unique<Subprocess>(argv, std::map<std::string, std::string>{}, log, log);
  // The RSA key that all of them share takes the first one a second of a processor, and more of a busy one.
  const bool up =
      Eventually([&] { return !ReadWholeFile(ready).empty() || !process_->running(); }, std::chrono::seconds(60));
  if (!up || ReadWholeFile(ready).empty()) GiveUp("the emulator did not start: " + ReadWholeFile(log));
  const auto facts = nlohmann::json::parse(ReadWholeFile(ready));
  endpoint_ = facts.at("endpoint");
  bucket_ = facts.at("bucket");
  profile_id_ = facts.at("profile_id");
  token_file_ = facts.at("token_file");
  ca_file_ = facts.value("ca_file", "");
  CurlTransport::Options options;
  options.network_threads = 1;
  options.ca_file = ca_file_;
  transport_ = std::make_unique<CurlTransport>(options, clock_);
  // A server whose certificate nobody takes cannot be asked for anything.
  if (std::ranges::find(arguments, "--tls-certificate") != arguments.end()) return;
  bearer_ = Secret(std::string(TrimWhitespace(Get("token?role=Manager"))));
}

EmulatorProcess::~EmulatorProcess() {
  process_->Signal(SIGTERM);
  process_->Wait(std::chrono::seconds(5));
}

std::map<std::string, std::string> EmulatorProcess::PodEnvironment() const {
  std::map<std::string, std::string> environment = {{"TRUSTED_PROFILE_ID", profile_id_},
                                                    {"COS_ENDPOINT", endpoint_},
                                                    {"COS_BUCKET", bucket_},
                                                    {"IBM_AUTH_ENDPOINT", endpoint_},
                                                    {"CR_TOKEN_FILE_PATH", token_file_},
                                                    {"COS_OBJECT", "trusted-profile-object.txt"}};
  if (!ca_file_.empty()) environment["COSFUSE_CA_FILE"] = ca_file_;
  return environment;
}

std::string EmulatorProcess::Post(const std::string& what) const {
  const RawAnswer answer = Send(HttpMethod::kPost, endpoint_ + "/_emulator/" + what, "", {}, false);
  if (answer.status / 100 != 2) GiveUp("control call " + what + ": " + std::to_string(answer.status) + answer.body);
  return answer.body;
}

std::string EmulatorProcess::Get(const std::string& what) const {
  const RawAnswer answer = Send(HttpMethod::kGet, endpoint_ + "/_emulator/" + what, "", {}, false);
  if (answer.status / 100 != 2) GiveUp("control call " + what + ": " + std::to_string(answer.status) + answer.body);
  return answer.body;
}

std::map<std::string, uint64_t> EmulatorProcess::RequestCounts() const {
  const auto counters = nlohmann::json::parse(Get("counters"));
  auto counts = counters.at("requests").get<std::map<std::string, uint64_t>>();
  counts["TokenExchange"] = counters.at("token_exchanges");
  return counts;
}

uint64_t EmulatorProcess::RequestCount(const std::string& operation) const { return RequestCounts()[operation]; }

RawAnswer EmulatorProcess::FetchObject(const std::string& key) const {
  return SendAuthorised(HttpMethod::kGet, key, "", {});
}

RawAnswer EmulatorProcess::PutObject(const std::string& key, const std::string& body,
                                     const std::map<std::string, std::string>& headers) const {
  return SendAuthorised(HttpMethod::kPut, key, body, headers);
}

RawAnswer EmulatorProcess::DeleteObject(const std::string& key) const {
  return SendAuthorised(HttpMethod::kDelete, key, "", {});
}

std::vector<std::string> EmulatorProcess::Keys() const {
  std::vector<std::string> keys;
  for (const auto& object : nlohmann::json::parse(Get("objects?bucket=" + bucket_))) keys.push_back(object.at("key"));
  return keys;
}

std::map<std::string, std::string> EmulatorProcess::Objects() const {
  std::map<std::string, std::string> objects;
  for (auto& object : nlohmann::json::parse(Get("objects?bucket=" + bucket_))) {
    const std::string key = object.at("key");
    object.erase("key");
    objects[key] = object.dump();
  }
  return objects;
}

RawAnswer EmulatorProcess::SendAuthorised(HttpMethod method, const std::string& key, const std::string& body,
                                          const std::map<std::string, std::string>& headers) const {
  constexpr int kMostTries = 100;
  const std::string url = endpoint_ + "/" + bucket_ + "/" + PercentEncode(key, "/");
  for (int tries = 1;; ++tries) {
    RawAnswer answer = Send(method, url, body, headers, true);
    const bool failed = answer.status == 0 || answer.status == 500 || answer.status == 503;
    if (!failed || (!insists_ && answer.status != 0)) return answer;
    if (!insists_ || tries == kMostTries) GiveUp("request to the emulator failed: " + answer.body);
  }
}

RawAnswer EmulatorProcess::Send(HttpMethod method, const std::string& url, const std::string& body,
                                const std::map<std::string, std::string>& headers, bool authorised) const {
  SpanBodySource source(AsBytes(body));
  HttpRequest request;
  request.method = method;
  request.url = url;
  for (const auto& [name, value] : headers) request.headers.Add(name, value);
  if (authorised) request.bearer = bearer_;
  if (method == HttpMethod::kPut || method == HttpMethod::kPost) request.body = &source;
  StringBodySink sink(kBodyLimit);
  const auto head = transport_->Send(OpContext(), request, sink);
  if (!head) return {.status = 0, .body = head.error().ToString(), .headers = {}};
  return {.status = head->status, .body = std::move(sink.body()), .headers = head->headers};
}

}  // namespace cosfuse::testing
