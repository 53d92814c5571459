#include <utility>

#include "emulator/cos/payload.h"
#include "emulator/cos/s3_router.h"
#include "emulator/request_credentials.h"
#include "emulator/service_exchange.h"

namespace cosfuse::emulator {
namespace {

std::optional<Operation> RouteOrNothing(const RequestHead& head, const std::optional<Target>& target) {
  if (!target) return std::nullopt;
  const auto operation = Route(head.method, *target, head.headers);
  return operation ? std::optional(*operation) : std::nullopt;
}

class CosExchange final : public ServiceExchange {
 public:
  CosExchange(const Services& from, RequestHead request, std::optional<Target> to, std::optional<Operation> operation)
      : ServiceExchange(from, ServiceKind::kCos, std::move(request), std::move(to), operation) {
    const auto prepared = Prepare(operation);
    if (!prepared) refusal_ = prepared.error();
  }

  bool refused() const override { return refusal_.has_value(); }

 private:
  S3Result<> Prepare(std::optional<Operation> operation) {
    if (target().path.empty()) return Refuse(S3Code::kInvalidUri);
    const Headers& headers = head().headers;
    if (!operation) return Refuse(Route(head().method, target(), headers).error().code);
    ASSIGN_OR_RETURN(auto credentials, ReadCredentials(services().iam, head(), services().clock.WallNow()));
    RETURN_IF_ERROR(services().cos.Check(*operation, target(), headers, credentials.anonymous, credentials.roles));
    ASSIGN_OR_RETURN(auto receiver, services().cos.Receive(*operation, headers));
    payload_.emplace(std::move(receiver), std::move(credentials.payload), AnnouncedLength(headers));
    known_ = *operation;
    return {};
  }

  void Take(std::span<const std::byte> piece) override {
    if (payload_) payload_->Consume(piece);
  }

  Reply Execute() override {
    if (refusal_) return MakeErrorReply(*refusal_, target().path, request_id());
    const auto received = payload_->Finish();
    if (!received) return MakeErrorReply(received.error(), target().path, request_id());
    auto reply = services().cos.Execute(known_, target(), head().headers, *received);
    return reply ? *std::move(reply) : MakeErrorReply(reply.error(), target().path, request_id());
  }

  Reply MakeError(int status, std::string_view code, std::string_view message) const override {
    return MakeErrorReply(status, code, message, target().path, request_id());
  }

  void Sign(Reply& reply) const override {
    reply.headers.emplace_back("Server", "cosfuse-emulator");
    reply.headers.emplace_back("x-amz-request-id", request_id());
    reply.headers.emplace_back("X-Clv-Request-Id", request_id());
  }

  Operation known_{};  // Set unless the request is refused.
  std::optional<S3Error> refusal_;
  std::optional<Payload> payload_;  // Engaged unless the request is refused.
};

}  // namespace

std::unique_ptr<Exchange> NewCosExchange(const Services& services, RequestHead head, std::optional<Target> target) {
  const auto operation = RouteOrNothing(head, target);
  return std::make_unique<CosExchange>(services, std::move(head), std::move(target), operation);
}

}  // namespace cosfuse::emulator
