#pragma once

#include <expected>
#include <string>

#include "emulator/services.h"
#include "emulator/wire/message.h"
#include "emulator/wire/target.h"

namespace cosfuse::emulator {

/// The commands of the control interface (docs/EMULATOR.md) that change what the services decide. Each answers, or says
/// in one line what is wrong with the request; what a wrong request names is not changed at all. Thread-safe.
using ControlOutcome = std::expected<Reply, std::string>;

/// `dialect`: where conditional headers count. Answers all switches.
ControlOutcome ChangeDialect(const Services& services, const RequestHead& head, const Query& query);
/// `bucket`: versioning, retention and quota of a bucket.
ControlOutcome ChangeBucket(const Services& services, const RequestHead& head, const Query& query);
/// `copies`: many objects that are like one, without a request for each.
ControlOutcome MultiplyObject(const Services& services, const RequestHead& head, const Query& query);
/// `archive`: the storage class of an object.
ControlOutcome ArchiveObject(const Services& services, const RequestHead& head, const Query& query);
/// `iam-answer`: what IAM answers instead of a token.
ControlOutcome ForceIamAnswer(const Services& services, const RequestHead& head, const Query& query);
/// `iam-answer/clear`
ControlOutcome ClearIamAnswer(const Services& services, const RequestHead& head, const Query& query);

}  // namespace cosfuse::emulator
