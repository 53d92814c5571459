#include "emulator/service_exchange.h"

#include <algorithm>
#include <utility>

#include "emulator/faults/spoil.h"
#include "emulator/wire/http_date.h"

namespace cosfuse::emulator {
namespace {

constexpr size_t kRequestIdBytes = 16;
/// What a proxy between client and service answers.
constexpr std::string_view kHtmlPage =
    "<!DOCTYPE html>\n<html><head><title>Error</title></head><body><h1>Injected fault</h1></body></html>\n";

}  // namespace

ServiceExchange::ServiceExchange(const Services& services, ServiceKind kind, RequestHead head,
                                 std::optional<Target> target, std::optional<Operation> operation)
    : services_(services),
      kind_(kind),
      head_(std::move(head)),
      target_(target ? std::move(*target) : Target{}),
      operation_(operation),
      request_id_(services.random.Hex(kRequestIdBytes)),
      started_(services.clock.Now()) {
  if (operation_) services_.counters.CountRequest(*operation_);
}

void ServiceExchange::Consume(std::span<const std::byte> piece) {
  bytes_in_ += piece.size();
  Take(piece);
}

Admission ServiceExchange::Admit(MonotonicTime now) {
  if (services_.network.Swallows(kind_)) {
    held_ = true;
    return {Admission::Verdict::kHold, {}};
  }
  if (held_) return {Admission::Verdict::kDrop, {}};
  if (!due_) {
    MeetFault();
    due_ = now + services_.network.NextLatency();
    if (fault_ && fault_->kind == Fault::Kind::kDelay) *due_ += fault_->pause;
  }
  if (now < *due_) return {Admission::Verdict::kDelay, *due_};
  return {Admission::Verdict::kAnswer, {}};
}

void ServiceExchange::MeetFault() {
  if (operation_) fault_ = services_.faults.Take(*operation_, FaultKey());
}

/// What the key of a rule is compared with: a listing has a prefix in its place.
std::string_view ServiceExchange::FaultKey() const {
  return target_.key.empty() ? target_.query.Get("prefix") : std::string_view(target_.key);
}

Reply ServiceExchange::Finish() {
  Reply reply = Respond();
  reply.headers.emplace_back("Date", FormatHttpDate(services_.clock.WallNow()));
  Sign(reply);
  // Headers that every answer has can be wrong as well, so this comes last.
  if (fault_ && IsCarriedOut(fault_->kind) && !Spoil(*fault_, head_.method, target_.query, reply)) fault_.reset();
  if (fault_) services_.counters.CountFault(fault_->kind);
  Record(reply);
  return reply;
}

Reply ServiceExchange::Respond() { return !fault_ || IsCarriedOut(fault_->kind) ? Execute() : FailInstead(*fault_); }

Reply ServiceExchange::FailInstead(const Fault& fault) const {
  Reply reply;
  if (fault.kind == Fault::Kind::kResetBefore) {
    reply.delivery = Reply::Delivery::kReset;
  } else if (fault.kind == Fault::Kind::kBlackHole) {
    reply.delivery = Reply::Delivery::kSwallow;
  } else if (fault.kind == Fault::Kind::kHtml) {
    reply = Reply::Text(fault.status, "text/html", kHtmlPage);
  } else {
    reply = MakeError(fault.status, fault.code, "Injected fault.");
  }
  if (fault.kind == Fault::Kind::kErrorIn200) {
    reply.status = 200;
    AddSpaces(fault.spaces, fault.pause, reply);
  } else if (!fault.retry_after.empty()) {
    reply.headers.emplace_back("Retry-After", fault.retry_after);
  }
  return reply;
}

void ServiceExchange::Record(const Reply& reply) const {
  const bool sent = reply.delivery == Reply::Delivery::kSend;
  ByteCount bytes_out = sent && head_.method != "HEAD" ? reply.body.size() : 0;
  if (reply.mishap.cut_at) bytes_out = std::min(bytes_out, *reply.mishap.cut_at);
  services_.counters.CountBytes(bytes_in_, bytes_out);
  if (services_.log == nullptr) return;
  const size_t question = head_.target.find('?');
  LogEntry entry;
  entry.time = services_.clock.WallNow();
  entry.operation = operation_ ? OperationName(*operation_) : std::string_view();
  entry.method = head_.method;
  entry.path = target_.path;
  if (question != std::string::npos) entry.query = std::string_view(head_.target).substr(question + 1);
  entry.status = sent ? reply.status : 0;
  entry.bytes_in = bytes_in_;
  entry.bytes_out = bytes_out;
  entry.duration = services_.clock.Now() - started_;
  if (fault_) entry.fault = FaultKindName(fault_->kind);
  services_.log->Write(entry, head_.headers);
}

}  // namespace cosfuse::emulator
