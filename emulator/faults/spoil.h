#pragma once

#include <string>
#include <string_view>

#include "emulator/faults/fault.h"
#include "emulator/wire/message.h"
#include "emulator/wire/target.h"

namespace cosfuse::emulator {

/// Whether a request that meets such a fault is carried out all the same.
bool IsCarriedOut(Fault::Kind kind);

/// Makes of the right answer of a request that was carried out the one that the fault gives. False, and the answer as
/// it was, where there is nothing that the fault could act on: a header that the answer has not, a byte of a body that
/// is empty. A body that is to be cut or stalled but is not sent (it is empty, or the request a HEAD) is lost together
/// with the head of the answer. Does not block but on reading a file.
bool Spoil(const Fault& fault, std::string_view method, const Query& query, Reply& reply);

/// An answer to a listing, with `token` as the one that leads on, whether there is more or not. Pure.
std::string RepeatToken(std::string document, std::string_view token);

/// Puts `count` spaces behind the XML declaration, or at the start where there is none, each after a pause. Pure but
/// for reading the body.
bool AddSpaces(size_t count, Duration pause, Reply& reply);

}  // namespace cosfuse::emulator
