#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "tests/model/reference.h"

// Room, zeros and holes.

namespace cosfuse::model {
namespace {

bool IsZeros(const std::string& bytes, size_t from, size_t to) {
  const auto begin = bytes.begin();
  return std::all_of(begin + static_cast<ptrdiff_t>(from), begin + static_cast<ptrdiff_t>(to),
                     [](char byte) { return byte == 0; });
}

}  // namespace

Complaint Reference::Allocate(const Operation& operation, const Outcome& outcome) {
  const FileRef& file = SlotOf(operation).file;
  if (auto complaint = AllocateKeepingSize(operation, outcome); !complaint.empty() || outcome.error != 0) {
    return complaint;
  }
  const ByteCount end = operation.offset + operation.length;
  if (end <= file->bytes.size()) return {};
  file->bytes.resize(end);
  file->dirty = !file->unlinked;
  file->modification_time.reset();
  if (file->in_background) NoteAttempt(file);
  return {};
}

Complaint Reference::AllocateKeepingSize(const Operation& operation, const Outcome& outcome) const {
  if (operation.length == 0) return outcome.error != 0 ? "" : "an allocation of nothing must not succeed";
  if (!slots_.at(operation.slot).writable()) return Wanted("fallocate", EBADF, outcome.error);
  return MayLackSpace(outcome.error) ? "" : Wanted("fallocate", 0, outcome.error);
}

bool Reference::PromisesZero(const Operation& operation, std::string_view row) const {
  const std::string& bytes = slots_.at(operation.slot).file->bytes;
  const ByteCount end = operation.offset + operation.length;
  if (end > bytes.size() && row == "zero_range") return true;
  // Zeros that are zeros already may be a change or not: only what a later close answers would show it.
  const bool changes = !IsZeros(bytes, std::min<size_t>(operation.offset, bytes.size()), std::min(end, bytes.size()));
  return changes || (!settings_.faults && !settings_.outsider);
}

Complaint Reference::Zero(const Operation& operation, const Outcome& outcome) {
  return ZeroBytes(operation, outcome, true);
}

Complaint Reference::ZeroKeepingSize(const Operation& operation, const Outcome& outcome) {
  return ZeroBytes(operation, outcome, false);
}

void Reference::MayHaveLeft(const FileRef& file) {
  if (!settings_.disk_is_small || !file->dirty || file->name.empty()) return;
  Version left{file->bytes, file->recent_attributes};
  left.attributes.insert(file->attributes);
  alternatives_[file->name].push_back({.version = std::move(left), .made_by = file});
}

Complaint Reference::ZeroBytes(const Operation& operation, const Outcome& outcome, bool extend) {
  const FileRef& file = SlotOf(operation).file;
  MayHaveLeft(file);
  if (settings_.disk_is_small && MayFail(outcome.error)) return {};
  if (auto complaint = AllocateKeepingSize(operation, outcome); !complaint.empty() || outcome.error != 0) {
    return complaint;
  }
  const ByteCount end = operation.offset + operation.length;
  const bool grows = extend && end > file->bytes.size();
  if (grows) file->bytes.resize(end);
  const size_t from = std::min<size_t>(operation.offset, file->bytes.size());
  const size_t to = std::min<size_t>(end, file->bytes.size());
  if (from == to) return {};
  std::fill(file->bytes.begin() + static_cast<ptrdiff_t>(from), file->bytes.begin() + static_cast<ptrdiff_t>(to), '\0');
  file->dirty = !file->unlinked;
  file->modification_time.reset();
  if (file->in_background) NoteAttempt(file);
  return {};
}

Complaint Reference::SeekData(const Operation& operation, const Outcome& outcome) const {
  const std::string& bytes = slots_.at(operation.slot).file->bytes;
  if (outcome.error == ENXIO) {
    const bool nothing = operation.offset >= bytes.size() || IsZeros(bytes, operation.offset, bytes.size());
    return nothing ? "" : "SEEK_DATA sees none, and there is some";
  }
  if (outcome.error != 0) return Wanted("SEEK_DATA", 0, outcome.error);
  if (outcome.size < operation.offset || outcome.size >= bytes.size()) return "SEEK_DATA leads out of the file";
  return IsZeros(bytes, operation.offset, outcome.size) ? "" : "SEEK_DATA passes over data";
}

Complaint Reference::SeekHole(const Operation& operation, const Outcome& outcome) const {
  const std::string& bytes = slots_.at(operation.slot).file->bytes;
  if (operation.offset >= bytes.size()) return Wanted("SEEK_HOLE", ENXIO, outcome.error);
  if (outcome.error != 0) return Wanted("SEEK_HOLE", 0, outcome.error);
  if (outcome.size < operation.offset || outcome.size > bytes.size()) return "SEEK_HOLE leads out of the file";
  if (outcome.size == bytes.size()) return {};
  return bytes[outcome.size] == 0 ? "" : "SEEK_HOLE finds a hole where data is";
}

}  // namespace cosfuse::model
