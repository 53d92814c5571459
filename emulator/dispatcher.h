#pragma once

#include <memory>

#include "emulator/control.h"
#include "emulator/services.h"
#include "emulator/wire/message.h"

namespace cosfuse::emulator {

/// Sends each request to the control interface, IAM or COS. Thread-safe.
class Dispatcher final : public RequestHandler {
 public:
  /// Both must outlive the dispatcher and every request.
  Dispatcher(const Services& services, const Control& control) : services_(services), control_(control) {}

  std::unique_ptr<Exchange> Begin(RequestHead head) override;

 private:
  const Services& services_;
  const Control& control_;
};

}  // namespace cosfuse::emulator
