#pragma once

#include <functional>
#include <string_view>

#include "emulator/services.h"
#include "emulator/wire/message.h"
#include "emulator/wire/target.h"

namespace cosfuse::emulator {

/// Paths that belong to the control interface; no bucket can be called so.
inline constexpr std::string_view kControlPrefix = "/_emulator/";

/// The control interface (docs/EMULATOR.md): changes how the services and the network behave, and shows what was asked
/// of them. Its own requests are never delayed, held, failed, counted or logged. Thread-safe.
class Control {
 public:
  /// `wake_held` makes held requests look anew at the network's conditions.
  Control(const Services& services, std::function<void()> wake_held)
      : services_(services), wake_held_(std::move(wake_held)) {}

  /// Answers 200; 400 with one line for a wrong parameter; 404 for an unknown path; 405 for a wrong method.
  Reply Handle(const RequestHead& head, const Target& target) const;

 private:
  const Services& services_;
  const std::function<void()> wake_held_;
};

/// A request to the control interface.
std::unique_ptr<Exchange> NewControlExchange(const Control& control, RequestHead head, Target target);

}  // namespace cosfuse::emulator
