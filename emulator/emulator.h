#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "emulator/control.h"
#include "emulator/dispatcher.h"
#include "emulator/iam/kubelet.h"
#include "emulator/options.h"
#include "emulator/ready_file.h"
#include "emulator/services.h"
#include "emulator/wire/server.h"
#include "emulator/wire/tls_certificate.h"

namespace cosfuse::emulator {

/// The whole emulator: IAM, COS, kubelet and the control interface behind one socket. Owns everything in the order of
/// construction; destruction in reverse ends it. Thread-safe.
class Emulator {
 public:
  /// Listens when it returns. `clock` tells the services the time, which a test may move; sockets go by the machine's.
  /// Both must outlive the emulator. Errors: kInvalidArgument, kUnavailable, kAccessDenied, kCorrupt (the data
  /// directory), kInternal.
  static Result<std::unique_ptr<Emulator>> Start(const EmulatorOptions& options, RsaKey key, Clock& clock,
                                                 Random& random);
  ~Emulator() = default;
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;

  uint16_t port() const { return server_->port(); }
  ReadyFacts facts() const;
  const Services& services() const { return *services_; }

 private:
  explicit Emulator(const EmulatorOptions& options) : options_(options) {}
  Result<> OpenServices(RsaKey key, Clock& clock, Random& random);
  Result<> StartKubelet(const RsaKey& key, Clock& clock);
  Result<> WriteAuthority(const std::string& ca_pem);
  Result<> StartServer();

  const EmulatorOptions options_;
  SystemClock socket_clock_;
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<CosService> cos_;
  std::unique_ptr<IamService> iam_;
  std::unique_ptr<Kubelet> kubelet_;
  std::unique_ptr<RequestLog> log_;
  NetworkConditions network_;
  FaultPlan faults_;
  Counters counters_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<Control> control_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::string ca_file_;
  std::unique_ptr<Server> server_;
};

}  // namespace cosfuse::emulator
