#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "emulator/cos/cos_service.h"
#include "emulator/counters.h"
#include "emulator/faults/fault_plan.h"
#include "emulator/iam/iam_service.h"
#include "emulator/iam/kubelet.h"
#include "emulator/network_conditions.h"
#include "emulator/request_log.h"

namespace cosfuse::emulator {

/// What requests are served from. All of it is thread-safe, and outlives every request.
struct Services {
  IamService& iam;
  CosService& cos;
  NetworkConditions& network;
  FaultPlan& faults;
  Counters& counters;
  Kubelet* kubelet;  ///< Null where no token file is kept.
  RequestLog* log;   ///< Null where requests are not logged.
  const Clock& clock;
  Random& random;
};

}  // namespace cosfuse::emulator
