#include "emulator/emulator.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/disk.h"
#include "emulator/cos/directory_storage.h"
#include "emulator/cos/sink_storage.h"

namespace cosfuse::emulator {

Result<std::unique_ptr<Emulator>> Emulator::Start(const EmulatorOptions& options, RsaKey key, Clock& clock,
                                                  Random& random) {
  std::unique_ptr<Emulator> emulator(new Emulator(options));
  RETURN_IF_ERROR(emulator->StartKubelet(key, clock));
  RETURN_IF_ERROR(emulator->OpenServices(std::move(key), clock, random));
  RETURN_IF_ERROR(emulator->StartServer());
  return emulator;
}

Result<> Emulator::OpenServices(RsaKey key, Clock& clock, Random& random) {
  if (options_.data_dir.empty()) {
    storage_ = options_.sink ? NewSinkStorage() : NewMemoryStorage();
  } else {
    ASSIGN_OR_RETURN(storage_, OpenDirectoryStorage(options_.data_dir, random));
  }
  ASSIGN_OR_RETURN(cos_, CosService::Open({options_.buckets, options_.public_buckets, options_.versioned_buckets,
                                           options_.dialect, options_.etag},
                                          *storage_, clock, random));
  iam_ = std::make_unique<IamService>(IamService::Options{options_.profiles, options_.api_keys, options_.hmac_keys,
                                                          options_.audience, options_.access_token_lifetime},
                                      std::move(key), clock, random);
  if (!options_.request_log.empty()) {
    ASSIGN_OR_RETURN(log_, RequestLog::Open(options_.request_log));
  }
  network_.SetLatency(options_.latency);
  network_.SetHandshakeDelay(options_.tls_handshake_delay);
  network_.pacer().SetRate(options_.bytes_per_second);
  for (const FaultRule& rule : options_.faults) faults_.Add(rule);
  services_ = std::make_unique<Services>(
      Services{*iam_, *cos_, network_, faults_, counters_, kubelet_.get(), log_.get(), clock, random});
  control_ = std::make_unique<Control>(*services_, [this] { server_->WakeHeld(); });
  dispatcher_ = std::make_unique<Dispatcher>(*services_, *control_);
  server_ = std::make_unique<Server>(*dispatcher_, network_.pacer(), socket_clock_);
  return {};
}

Result<> Emulator::StartKubelet(const RsaKey& key, Clock& clock) {
  if (options_.kubelet_dir.empty()) return {};
  kubelet_ = std::make_unique<Kubelet>(
      Kubelet::Options{options_.kubelet_dir, options_.namespace_name, options_.service_account, options_.audience,
                       options_.token_file_lifetime},
      key, clock);
  RETURN_IF_ERROR(kubelet_->Rotate());
  kubelet_->Start();
  return {};
}

Result<> Emulator::WriteAuthority(const std::string& ca_pem) {
  std::string directory = options_.tls_dir;
  if (directory.empty()) {
    directory = (std::filesystem::temp_directory_path() / "cosfuse-emulator-XXXXXX").string();
    if (mkdtemp(directory.data()) == nullptr) return Fail(ErrorFromErrno(errno, directory));
  }
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  ca_file_ = std::filesystem::absolute(directory, error) / "ca.pem";
  std::ofstream file(ca_file_, std::ios::trunc);
  file << ca_pem;
  file.close();
  if (!file) return Fail(ErrorCode::kUnavailable, "cannot write " + ca_file_);
  return {};
}

Result<> Emulator::StartServer() {
  Server::Options options;
  options.address = options_.listen.host;
  options.port = options_.listen.port;
  options.threads = options_.threads;
  if (options_.tls) {
    ASSIGN_OR_RETURN(TlsMaterial material, MakeTlsMaterial(options_.certificate_defect));
    RETURN_IF_ERROR(WriteAuthority(material.ca_pem));
    options.tls = std::move(material.identity);
    options.handshake_delay = [this] { return network_.handshake_delay(); };
  }
  return server_->Listen(options);
}

ReadyFacts Emulator::facts() const {
  ReadyFacts facts;
  facts.pid = getpid();
  facts.port = server_->port();
  facts.endpoint =
      (options_.tls ? "https://" : "http://") + options_.listen.host + ":" + std::to_string(server_->port());
  facts.bucket = options_.buckets.front();
  facts.profile_id = options_.profiles.front().id;
  if (kubelet_ != nullptr) facts.token_file = kubelet_->token_file();
  facts.ca_file = ca_file_;
  return facts;
}

}  // namespace cosfuse::emulator
