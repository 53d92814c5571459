#include "tests/model/operation_table.h"

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
    {"stat_open", 3, kSlot, [](S& s, const O& o) { return s.StatOpen(o.slot); }, Look<&R::StatOpen>},
    {"chmod_open", 2, kSlot | kMode, [](S& s, const O& o) { return s.ChmodOpen(o.slot, o.mode); }, Judge<&R::ChmodOpen>},
    {"truncate", 4, kPath | kOffset, [](S& s, const O& o) { return s.Truncate(o.path, o.offset); }, Judge<&R::Truncate>},
    {"stat", 6, kPath, [](S& s, const O& o) { return s.Stat(o.path); }, Judge<&R::Stat>},
    {"chmod", 3, kPath | kMode, [](S& s, const O& o) { return s.Chmod(o.path, o.mode); }, Judge<&R::Chmod>},
    {"utimens", 2, kPath | kPattern, [](S& s, const O& o) { return s.SetModificationTime(o.path, MakeTime(o.pattern)); }, Judge<&R::SetModificationTime>},
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
