#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "tests/model/operation_table.h"
#include "tests/model/reference.h"

// What every single call has to answer.

namespace cosfuse::model {
namespace {

std::string FirstDifference(const std::string& got, const std::string& wanted) {
  if (got.size() != wanted.size()) {
    return std::to_string(got.size()) + " bytes instead of " + std::to_string(wanted.size());
  }
  const auto at = std::ranges::mismatch(got, wanted).in1 - got.begin();
  return "a wrong byte at " + std::to_string(at) + " of " + std::to_string(got.size());
}

/// Of the names that sequences use, by the default of --exclusive-create.
bool IsDecidedAtOpen(const std::string& name) { return name == "lock" || name.ends_with(".lock"); }

std::string LastComponent(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

bool Reference::Promises(const Operation& operation, std::string_view row) {
  const bool by_slot = row != "open" && (OperationTable()[operation.row].arguments & kSlot) != 0;
  if (row == "open") return !open(operation.slot);
  if (by_slot && !open(operation.slot)) return false;
  const FileRef file = by_slot ? SlotOf(operation).file : nullptr;
  if (row.starts_with("punch") || row.starts_with("zero")) return PromisesZero(operation, row);
  if (row.ends_with("xattr")) return PromisesAttribute(operation);
  if (row == "flush_unheard") return !file->sibling && !Overtaken(*file);
  if (row == "chmod_open") return !file->sibling && (file->unlinked || !file->name.empty()) && !Overtaken(*file);
  if (row.starts_with("rename")) return PromisesRename(operation);
  if (row == "unlink" && (faults_ || settings_.disk_is_small)) {
    FileRef removed;
    return Lookup(operation.path, removed) != Kind::kFile || !removed->in_background;
  }
  if (row == "truncate") {
    FileRef cut;
    return Lookup(operation.path, cut) != Kind::kFile || cut->writers > 0 || !Overtaken(*cut);
  }
  if (row.ends_with("_foreign")) {
    FileRef present;
    if (!settings_.outsider || operation.path.find('/') != std::string::npos) return false;
    if (Lookup(operation.path, present) == Kind::kDirectory) return false;
    return present == nullptr || (!present->in_background && !present->replaces_any && !present->may_be_stored);
  }
  return true;
}

Complaint Reference::Open(const Operation& operation, const Outcome& outcome) {
  const int flags = operation.flags;
  const std::string& path = operation.path;
  int wanted = JudgeParent(path);
  FileRef file;
  Kind kind = Kind::kNothing;
  if (wanted == 0) {
    kind = Lookup(path, file);
    if (kind == Kind::kNothing && (flags & O_CREAT) == 0) wanted = ENOENT;
    if (kind == Kind::kDirectory) wanted = EISDIR;
    if (kind != Kind::kNothing && (flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) wanted = EEXIST;
  }
  const bool locks = (flags & O_EXCL) != 0 && (flags & O_CREAT) != 0 && IsDecidedAtOpen(LastComponent(path));
  if (wanted == 0 && kind == Kind::kNothing && locks && MayFail(outcome.error)) {
    MayHold(path, Version{"", {{operation.mode}}});
    return {};
  }
  if (outcome.error != wanted) return MayFail(outcome.error) ? "" : Wanted("open", wanted, outcome.error);
  if (wanted != 0) return {};
  Slot& slot = SlotOf(operation);
  slot.stores = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0;
  if (kind == Kind::kNothing) {
    file = std::make_shared<File>(File{.bytes = {}, .attributes = {operation.mode}, .name = path, .dirty = !locks});
    names_[path] = file;
    slot.stores = true;
    if (locks) Stored(file);
  } else if ((flags & O_TRUNC) != 0) {
    const bool anew = file->handles == 0 && !file->dirty;
    file->dirty = file->dirty || anew || !file->bytes.empty();
    file->bytes.clear();
    file->modification_time.reset();
    file->needs_base = false;
    if (file->in_background) NoteAttempt(file);
  }
  slot.file = file;
  slot.flags = flags;
  ++file->handles;
  if (slot.stores) ++file->writers;
  return {};
}

Complaint Reference::Flush(const Operation& operation, const Outcome& outcome) {
  const Slot& slot = SlotOf(operation);
  return slot.stores ? Store(slot.file, outcome.error) : Wanted("flush", 0, outcome.error);
}

Complaint Reference::FlushUnheard(const Operation& operation, const Outcome& outcome) {
  const Slot& slot = SlotOf(operation);
  const FileRef& file = slot.file;
  if (slot.stores && !file->unlinked && (file->dirty || file->attributes_left || file->in_background)) {
    file->in_background = true;
    file->watched = true;
    NoteAttempt(file);
  }
  return Wanted("flush", 0, outcome.error);
}

Complaint Reference::Close(const Operation& operation, const Outcome& outcome) {
  auto complaint = Flush(operation, outcome);
  const Slot slot = std::exchange(SlotOf(operation), Slot());
  const FileRef& file = slot.file;
  --file->handles;
  if (slot.stores) --file->writers;
  if (!complaint.empty() || file->unlinked || file->name.empty()) return complaint;
  if (slot.stores && file->writers == 0 && (file->dirty || file->attributes_left)) {
    // What has lost its name is kept beside it by now, or never.
    if (!Overtaken(*file)) {
      file->in_background = true;
      file->watched = true;
      NoteAttempt(file);
    }
  }
  FollowBucket(file->name);
  return {};
}

Complaint Reference::Fsync(const Operation& operation, const Outcome& outcome) {
  return Store(SlotOf(operation).file, outcome.error);
}

Complaint Reference::Read(const Operation& operation, const Outcome& outcome) const {
  const Slot& slot = slots_.at(operation.slot);
  if (!slot.readable()) return Wanted("read", EBADF, outcome.error);
  const File& file = *slot.file;
  const bool may_be_gone = (file.name.empty() && !file.unlinked && !file.sibling) || MayLackBase(file);
  if (outcome.error == ESTALE && may_be_gone) return {};
  if (MayFail(outcome.error)) return {};
  if (outcome.error != 0) return Wanted("read", 0, outcome.error);
  const size_t from = std::min<size_t>(operation.offset, file.bytes.size());
  const std::string wanted = file.bytes.substr(from, operation.length);
  return outcome.bytes == wanted ? "" : "read has " + FirstDifference(outcome.bytes, wanted);
}

Complaint Reference::Write(const Operation& operation, const Outcome& outcome) {
  const Slot& slot = SlotOf(operation);
  File& file = *slot.file;
  if (!slot.writable()) return Wanted("write", EBADF, outcome.error);
  if (MayLackSpace(outcome.error)) return {};
  if (outcome.error != 0) return Wanted("write", 0, outcome.error);
  if (operation.length == 0) return {};
  const size_t offset = (slot.flags & O_APPEND) != 0 ? file.bytes.size() : operation.offset;
  if (file.bytes.size() < offset + operation.length) file.bytes.resize(offset + operation.length);
  file.bytes.replace(offset, operation.length, MakeBytes(operation.pattern, operation.length));
  file.dirty = !file.unlinked;
  file.modification_time.reset();
  if (file.in_background) NoteAttempt(slot.file);
  return {};
}

Complaint Reference::TruncateOpen(const Operation& operation, const Outcome& outcome) {
  const Slot& slot = SlotOf(operation);
  if (!slot.writable()) return Wanted("ftruncate", EINVAL, outcome.error);
  if (outcome.error != 0) return Wanted("ftruncate", 0, outcome.error);
  File& file = *slot.file;
  if (operation.offset == 0) file.needs_base = false;
  if (file.bytes.size() != operation.offset) {
    file.dirty = !file.unlinked;
  } else if (const auto stored = bucket_.find(file.name); stored != bucket_.end()) {
    // The time moves, in the mount alone: whether it is stored depends on what else is.
    stored->second.modification_time.reset();
  }
  file.bytes.resize(operation.offset);
  file.modification_time.reset();
  if (file.in_background) NoteAttempt(slot.file);
  return {};
}

Complaint Reference::StatOpen(const Operation& operation, const Outcome& outcome) const {
  const File& file = *slots_.at(operation.slot).file;
  if (MayFail(outcome.error)) return {};
  if (outcome.error != 0) return Wanted("fstat", 0, outcome.error);
  if (outcome.size != file.bytes.size()) {
    return "fstat says " + std::to_string(outcome.size) + " bytes instead of " + std::to_string(file.bytes.size());
  }
  if (outcome.named == file.unlinked) return "fstat has a wrong number of links";
  return {};
}

Complaint Reference::Truncate(const Operation& operation, const Outcome& outcome) {
  const std::string& path = operation.path;
  FileRef file;
  const int wanted = JudgeFile(path, file);
  if (wanted != 0) return MayFail(outcome.error) ? "" : Wanted("truncate", wanted, outcome.error);
  const bool changes = file->bytes.size() != operation.offset;
  if (!changes && !HasAuthority(*file)) return MayFail(outcome.error) ? "" : Wanted("truncate", 0, outcome.error);
  if (file->writers > 0) {
    // A close will store it.
    if (MayFail(outcome.error)) return {};
    if (outcome.error != 0) return Wanted("truncate", 0, outcome.error);
  } else if (outcome.error != 0) {
    if (!MayFail(outcome.error) && !MayLackSpace(outcome.error)) return Wanted("truncate", 0, outcome.error);
    cut_ = {path, operation.offset};
    File cut = *file;
    cut.bytes.resize(operation.offset);
    cut.modification_time.reset();
    MayHold(path, Snapshot(cut), file);
    return {};
  }
  if (changes) file->dirty = true;
  if (operation.offset == 0) file->needs_base = false;
  file->bytes.resize(operation.offset);
  file->modification_time.reset();
  if (file->in_background) NoteAttempt(file);
  return file->writers == 0 && changes ? Store(file, 0) : "";
}

Complaint Reference::Stat(const Operation& operation, const Outcome& outcome) {
  int wanted = JudgeParent(operation.path);
  FileRef file;
  Kind kind = Kind::kNothing;
  if (wanted == 0) kind = Lookup(operation.path, file);
  if (wanted == 0 && kind == Kind::kNothing) wanted = ENOENT;
  if (outcome.error != wanted) return MayFail(outcome.error) ? "" : Wanted("stat", wanted, outcome.error);
  if (wanted != 0) return {};
  if (outcome.directory != (kind == Kind::kDirectory)) return "stat shows a file for a directory or the reverse";
  if (kind == Kind::kDirectory) return {};
  if (outcome.size != file->bytes.size()) {
    return "stat says " + std::to_string(outcome.size) + " bytes instead of " + std::to_string(file->bytes.size());
  }
  if (file->in_background && settings_.faults) return {};
  if (outcome.permissions != file->attributes.permissions) {
    return "stat shows mode " + std::to_string(outcome.permissions) + " instead of " +
           std::to_string(file->attributes.permissions);
  }
  if (file->modification_time && outcome.modification_time != *file->modification_time) {
    return "stat shows a time that was not set";
  }
  return {};
}

Complaint Reference::Unlink(const Operation& operation, const Outcome& outcome) {
  const std::string& path = operation.path;
  FileRef file;
  const int wanted = JudgeFile(path, file);
  if (wanted != 0) return MayFail(outcome.error) ? "" : Wanted("unlink", wanted, outcome.error);
  MayGetMarker(path);
  if (outcome.error == 0) {
    const bool foreign = Overtaken(*file);
    file->unlinked = true;
    file->dirty = false;
    file->attributes_left = false;
    file->in_background = false;
    Unbind(file);
    // Another client's object stays, unless it has only just come.
    if (!foreign) Holds(path, std::nullopt);
    if (foreign && settings_.is_quick) MayHold(path, std::nullopt);
    touched_.insert(path);
    return {};
  }
  // What open descriptors still need can be had no more.
  const bool gone = outcome.error == ESTALE && file->handles > 0 && MayLackBase(*file);
  if (!gone && !MayFail(outcome.error) && !MayLackSpace(outcome.error)) return Wanted("unlink", 0, outcome.error);
  if (!Overtaken(*file)) MayHold(path, std::nullopt);
  MayHaveLeft(file);
  touched_.insert(path);
  return {};
}

Complaint Reference::Rename(const Operation& operation, const Outcome& outcome) {
  return RenameWith(operation, outcome, false);
}

Complaint Reference::RenameWithoutReplacing(const Operation& operation, const Outcome& outcome) {
  return RenameWith(operation, outcome, true);
}

Complaint Reference::MakeDirectory(const Operation& operation, const Outcome& outcome) {
  const std::string& path = operation.path;
  int wanted = JudgeParent(path);
  FileRef file;
  if (wanted == 0 && Lookup(path, file) != Kind::kNothing) wanted = EEXIST;
  if (wanted == 0 && MayFail(outcome.error)) {
    MayHold(path + "/", Version{});
    return {};
  }
  if (wanted != 0 && MayFail(outcome.error)) return {};
  if (outcome.error == 0 && wanted == 0) Holds(path + "/", Version{});
  return Wanted("mkdir", wanted, outcome.error);
}

Complaint Reference::RemoveDirectory(const Operation& operation, const Outcome& outcome) {
  const std::string& path = operation.path;
  int wanted = JudgeParent(path);
  FileRef file;
  if (wanted == 0) {
    const Kind kind = Lookup(path, file);
    if (kind == Kind::kNothing) wanted = ENOENT;
    if (kind == Kind::kFile) wanted = ENOTDIR;
    if (kind == Kind::kDirectory && HasEntries(path)) wanted = ENOTEMPTY;
  }
  if (wanted != 0) return MayFail(outcome.error) ? "" : Wanted("rmdir", wanted, outcome.error);
  MayGetMarker(path);
  if (MayFail(outcome.error)) {
    MayHold(path + "/", std::nullopt);
    return {};
  }
  if (outcome.error == 0) Holds(path + "/", std::nullopt);
  return Wanted("rmdir", 0, outcome.error);
}

Complaint Reference::List(const Operation& operation, const Outcome& outcome) {
  const std::string& path = operation.path;
  int wanted = path.empty() ? 0 : JudgeParent(path);
  FileRef file;
  if (wanted == 0 && !path.empty()) {
    const Kind kind = Lookup(path, file);
    if (kind == Kind::kNothing) wanted = ENOENT;
    if (kind == Kind::kFile) wanted = ENOTDIR;
  }
  if (outcome.error != wanted) return MayFail(outcome.error) ? "" : Wanted("readdir", wanted, outcome.error);
  if (wanted != 0) return {};
  std::set<std::string> names;
  const std::string prefix = path.empty() ? "" : path + "/";
  const auto add = [&](const std::string& key) {
    if (!key.starts_with(prefix) || key == prefix) return;
    const std::string rest = key.substr(prefix.size());
    names.insert(rest.substr(0, rest.find('/') == std::string::npos ? rest.size() : rest.find('/') + 1));
  };
  for (const auto& [key, version] : bucket_) add(key);
  for (const auto& [name, present] : names_) add(name);
  std::set<std::string> shown;
  for (const std::string& name : outcome.names) {
    if (name.find(".conflict-") != std::string::npos) continue;
    if (!shown.insert(name).second) return "readdir shows " + name + " twice";
    if (!names.contains(name)) return "readdir shows " + name + ", which is not there";
  }
  for (const std::string& name : names) {
    const auto lost = names_.find(prefix + name);
    if (!shown.contains(name) && (lost == names_.end() || !Overtaken(*lost->second))) {
      return "readdir does not show " + name;
    }
  }
  return {};
}

Complaint Reference::PutForeign(const Operation& operation) {
  Holds(operation.path, Version{MakeBytes(operation.pattern, operation.length), {{0644}}});
  FollowBucket(operation.path);
  return {};
}

Complaint Reference::DeleteForeign(const Operation& operation) {
  Holds(operation.path, std::nullopt);
  FollowBucket(operation.path);
  return {};
}

}  // namespace cosfuse::model
