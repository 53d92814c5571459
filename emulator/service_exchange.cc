#include "emulator/service_exchange.h"

#include <utility>

#include "emulator/wire/http_date.h"

namespace cosfuse::emulator {
namespace {

constexpr size_t kRequestIdBytes = 16;

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
  if (!due_) due_ = now + services_.network.latency();
  if (now < *due_) return {Admission::Verdict::kDelay, *due_};
  return {Admission::Verdict::kAnswer, {}};
}

Reply ServiceExchange::Finish() {
  const std::optional<Fault> fault = operation_ ? services_.faults.Take(*operation_) : std::nullopt;
  Reply reply = Respond(fault);
  reply.headers.emplace_back("Date", FormatHttpDate(services_.clock.WallNow()));
  Sign(reply);
  Record(reply, fault);
  return reply;
}

Reply ServiceExchange::Respond(const std::optional<Fault>& fault) {
  if (!fault) return Execute();
  switch (fault->kind) {
    case Fault::Kind::kStatus: return MakeError(fault->status, fault->code, "Injected fault.");
    case Fault::Kind::kErrorIn200: {
      Reply reply = MakeError(fault->status, fault->code, "Injected fault.");
      reply.status = 200;
      return reply;
    }
    case Fault::Kind::kResetBefore: {
      Reply reply;
      reply.delivery = Reply::Delivery::kDrop;
      return reply;
    }
    case Fault::Kind::kResetAfter: {
      Reply reply = Execute();
      reply.delivery = Reply::Delivery::kDrop;
      return reply;
    }
  }
  return {};
}

void ServiceExchange::Record(const Reply& reply, const std::optional<Fault>& fault) const {
  const bool sent = reply.delivery == Reply::Delivery::kSend;
  const ByteCount bytes_out = sent && head_.method != "HEAD" ? reply.body.size() : 0;
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
  if (fault) entry.fault = FaultKindName(fault->kind);
  services_.log->Write(entry, head_.headers);
}

}  // namespace cosfuse::emulator
