#include "tests/model/operation_table.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <unistd.h>

#include <array>

namespace cosfuse::model {
namespace {

template <Complaint (Reference::*judge)(const Operation&, const Outcome&)>
Complaint Judge(Reference& reference, const Operation& operation, const Outcome& outcome) {
  return (reference.*judge)(operation, outcome);
}
template <Complaint (Reference::*judge)(const Operation&, const Outcome&) const>
Complaint Look(Reference& reference, const Operation& operation, const Outcome& outcome) {
  return (reference.*judge)(operation, outcome);
}
template <Complaint (Reference::*follow)(const Operation&)>
Complaint Follow(Reference& reference, const Operation& operation, const Outcome& /*outcome*/) {
  return (reference.*follow)(operation);
}

template <int mode>
Outcome Allocate(Subject& subject, const Operation& operation) {
  return subject.Allocate(operation.slot, mode, operation.offset, operation.length);
}
template <int whence>
Outcome Seek(Subject& subject, const Operation& operation) {
  return subject.Seek(operation.slot, whence, operation.offset);
}
Outcome SetAttribute(Subject& subject, const Operation& operation) {
  return subject.SetAttribute(operation.path, MakeAttributeName(operation.pattern),
                              MakeAttributeValue(operation.pattern), MakeAttributeFlags(operation.pattern));
}

Outcome Expire(Subject& subject, const Operation& /*operation*/) {
  subject.Expire();
  return {};
}
Outcome PutForeign(Subject& subject, const Operation& operation) {
  subject.PutForeign(operation.path, MakeBytes(operation.pattern, operation.length));
  subject.Expire();
  return {};
}
Outcome DeleteForeign(Subject& subject, const Operation& operation) {
  subject.DeleteForeign(operation.path);
  subject.Expire();
  return {};
}
Complaint Nothing(Reference& /*reference*/, const Operation& /*operation*/, const Outcome& /*outcome*/) { return {}; }

using S = Subject;
using O = Operation;
using R = Reference;

// clang-format off: a table.
constexpr auto kTable = std::to_array<OperationRow>({
    {"open", 16, kSlot | kPath | kFlags | kMode, [](S& s, const O& o) { return s.Open(o.slot, o.path, o.flags, o.mode); }, Judge<&R::Open>},
    {"flush", 3, kSlot, [](S& s, const O& o) { return s.Flush(o.slot); }, Judge<&R::Flush>},
    {"flush_unheard", 2, kSlot, [](S& s, const O& o) { return s.FlushUnheard(o.slot); }, Judge<&R::FlushUnheard>},
    {"close", 10, kSlot, [](S& s, const O& o) { return s.Close(o.slot); }, Judge<&R::Close>},
    {"fsync", 4, kSlot, [](S& s, const O& o) { return s.Fsync(o.slot); }, Judge<&R::Fsync>},
    {"read", 12, kSlot | kOffset | kLength, [](S& s, const O& o) { return s.Read(o.slot, o.offset, o.length); }, Look<&R::Read>},
    {"write", 22, kSlot | kOffset | kLength | kPattern, [](S& s, const O& o) { return s.Write(o.slot, o.offset, MakeBytes(o.pattern, o.length)); }, Judge<&R::Write>},
    {"truncate_open", 4, kSlot | kOffset, [](S& s, const O& o) { return s.TruncateOpen(o.slot, o.offset); }, Judge<&R::TruncateOpen>},
    {"allocate", 2, kSlot | kOffset | kLength, Allocate<0>, Judge<&R::Allocate>},
    {"allocate_keeping_size", 1, kSlot | kOffset | kLength, Allocate<FALLOC_FL_KEEP_SIZE>, Look<&R::AllocateKeepingSize>},
    {"punch_hole", 3, kSlot | kOffset | kLength, Allocate<FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE>, Judge<&R::ZeroKeepingSize>},
    {"zero_range", 2, kSlot | kOffset | kLength, Allocate<FALLOC_FL_ZERO_RANGE>, Judge<&R::Zero>},
    {"zero_range_keeping_size", 1, kSlot | kOffset | kLength, Allocate<FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE>, Judge<&R::ZeroKeepingSize>},
    {"seek_data", 2, kSlot | kOffset, Seek<SEEK_DATA>, Look<&R::SeekData>},
    {"seek_hole", 2, kSlot | kOffset, Seek<SEEK_HOLE>, Look<&R::SeekHole>},
    {"stat_open", 3, kSlot, [](S& s, const O& o) { return s.StatOpen(o.slot); }, Look<&R::StatOpen>},
    {"chmod_open", 2, kSlot | kMode, [](S& s, const O& o) { return s.ChmodOpen(o.slot, o.mode); }, Judge<&R::ChmodOpen>},
    {"truncate", 4, kPath | kOffset, [](S& s, const O& o) { return s.Truncate(o.path, o.offset); }, Judge<&R::Truncate>},
    {"stat", 6, kPath, [](S& s, const O& o) { return s.Stat(o.path); }, Judge<&R::Stat>},
    {"chmod", 3, kPath | kMode, [](S& s, const O& o) { return s.Chmod(o.path, o.mode); }, Judge<&R::Chmod>},
    {"utimens", 2, kPath | kPattern, [](S& s, const O& o) { return s.SetModificationTime(o.path, MakeTime(o.pattern)); }, Judge<&R::SetModificationTime>},
    {"setxattr", 4, kPath | kPattern, SetAttribute, Judge<&R::SetAttribute>},
    {"getxattr", 2, kPath | kPattern, [](S& s, const O& o) { return s.GetAttribute(o.path, MakeAttributeName(o.pattern)); }, Judge<&R::GetAttribute>},
    {"removexattr", 1, kPath | kPattern, [](S& s, const O& o) { return s.RemoveAttribute(o.path, MakeAttributeName(o.pattern)); }, Judge<&R::RemoveAttribute>},
    {"rename", 8, kPath | kOther, [](S& s, const O& o) { return s.Rename(o.path, o.other, false); }, Judge<&R::Rename>},
    {"rename_without_replacing", 2, kPath | kOther, [](S& s, const O& o) { return s.Rename(o.path, o.other, true); }, Judge<&R::RenameWithoutReplacing>},
    {"unlink", 6, kPath, [](S& s, const O& o) { return s.Unlink(o.path); }, Judge<&R::Unlink>},
    {"mkdir", 4, kPath | kMode, [](S& s, const O& o) { return s.MakeDirectory(o.path, o.mode | 0700); }, Judge<&R::MakeDirectory>},
    {"rmdir", 3, kPath, [](S& s, const O& o) { return s.RemoveDirectory(o.path); }, Judge<&R::RemoveDirectory>},
    {"list", 3, kPath, [](S& s, const O& o) { return s.List(o.path == "a" ? "" : o.path); },
     [](R& r, const O& o, const Outcome& outcome) { O listed = o; if (o.path == "a") listed.path.clear(); return r.List(listed, outcome); }},
    {"expire", 2, 0, Expire, Nothing},
    {"put_foreign", 4, kPath | kLength | kPattern, PutForeign, Follow<&R::PutForeign>},
    {"delete_foreign", 2, kPath, DeleteForeign, Follow<&R::DeleteForeign>},
});
// clang-format on

}  // namespace

std::span<const OperationRow> OperationTable() { return kTable; }

}  // namespace cosfuse::model
