#include <utility>

#include "base/encoding.h"
#include "base/secret.h"
#include "emulator/service_exchange.h"

namespace cosfuse::emulator {
namespace {

constexpr ByteCount kLargestForm = kMiB;

class IamExchange final : public ServiceExchange {
 public:
  IamExchange(const Services& from, RequestHead request, Target to)
      : ServiceExchange(from, ServiceKind::kIam, std::move(request), std::move(to), Operation::kTokenExchange) {}
  ~IamExchange() override { WipeString(form_); }

 private:
  void Take(std::span<const std::byte> piece) override {
    if (form_.size() + piece.size() <= kLargestForm) form_ += AsText(piece);
  }
  Reply Execute() override { return services().iam.Exchange(form_, request_id()); }
  Reply MakeError(int status, std::string_view code, std::string_view message) const override {
    return MakeIamErrorReply({status, std::string(code), std::string(message), ""}, request_id(),
                             services().clock.WallNow());
  }
  void Sign(Reply& reply) const override { reply.headers.emplace_back("Transaction-Id", request_id()); }

  std::string form_;
};

}  // namespace

std::unique_ptr<Exchange> NewIamExchange(const Services& services, RequestHead head, Target target) {
  return std::make_unique<IamExchange>(services, std::move(head), std::move(target));
}

}  // namespace cosfuse::emulator
