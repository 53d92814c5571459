#pragma once

#include <memory>
#include <optional>
#include <string>

#include "emulator/services.h"
#include "emulator/wire/message.h"

namespace cosfuse::emulator {

/// A request to IAM or COS on its way: delayed, held or failed as the emulator was told to, counted and logged.
class ServiceExchange : public Exchange {
 public:
  bool refused() const override { return false; }
  void Consume(std::span<const std::byte> piece) final;
  Admission Admit(MonotonicTime now) final;
  Reply Finish() final;
  bool paced() const final { return true; }

 protected:
  /// `operation` is nothing for a request that is none of the known ones.
  ServiceExchange(const Services& services, ServiceKind kind, RequestHead head, std::optional<Target> target,
                  std::optional<Operation> operation);

  virtual void Take(std::span<const std::byte> piece) = 0;
  /// Carries the request out.
  virtual Reply Execute() = 0;
  /// An answer as the service shapes its errors.
  virtual Reply MakeError(int status, std::string_view code, std::string_view message) const = 0;
  /// What every answer of the service carries.
  virtual void Sign(Reply& reply) const = 0;

  const Services& services() const { return services_; }
  const RequestHead& head() const { return head_; }
  /// Empty for one that cannot be decoded.
  const Target& target() const { return target_; }
  const std::string& request_id() const { return request_id_; }

 private:
  /// Finds out, once, which fault the request meets.
  void MeetFault();
  std::string_view FaultKey() const;
  Reply Respond();
  Reply FailInstead(const Fault& fault) const;
  void Record(const Reply& reply) const;

  const Services& services_;
  const ServiceKind kind_;
  const RequestHead head_;
  const Target target_;
  const std::optional<Operation> operation_;
  const std::string request_id_;
  const MonotonicTime started_;
  ByteCount bytes_in_ = 0;
  std::optional<MonotonicTime> due_;
  bool held_ = false;
  std::optional<Fault> fault_;  // Nothing also where there was nothing that it could act on.
};

/// `POST /identity/token`.
std::unique_ptr<Exchange> NewIamExchange(const Services& services, RequestHead head, Target target);
/// Everything else; a target that cannot be decoded is nothing.
std::unique_ptr<Exchange> NewCosExchange(const Services& services, RequestHead head, std::optional<Target> target);

}  // namespace cosfuse::emulator
