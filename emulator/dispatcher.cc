#include "emulator/dispatcher.h"

#include <utility>

#include "emulator/service_exchange.h"

namespace cosfuse::emulator {

std::unique_ptr<Exchange> Dispatcher::Begin(RequestHead head) {
  auto target = ParseTarget(head.target);
  if (target && target->path.starts_with(kControlPrefix)) {
    return NewControlExchange(control_, std::move(head), std::move(*target));
  }
  if (target && target->path == "/identity/token" && head.method == "POST") {
    return NewIamExchange(services_, std::move(head), std::move(*target));
  }
  return NewCosExchange(services_, std::move(head), std::move(target));
}

}  // namespace cosfuse::emulator
