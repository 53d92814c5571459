#include <sys/xattr.h>

#include <cerrno>

#include "tests/model/reference.h"

// Permissions, times and extended attributes.

namespace cosfuse::model {

void Reference::SetAttributes(const FileRef& file, const Attributes& attributes,
                              std::optional<int64_t> modification_time) {
  if (attributes == file->attributes && !modification_time) return;
  file->recent_attributes.insert(file->attributes);
  file->attributes = attributes;
  if (modification_time) file->modification_time = modification_time;
  file->attributes_left = true;
  // What was once left to the mount to store, it looks at again by itself.
  if (file->watched && !Overtaken(*file)) file->in_background = true;
  if (file->in_background) NoteAttempt(file);
}

Complaint Reference::ChmodOpen(const Operation& operation, const Outcome& outcome) {
  const FileRef file = SlotOf(operation).file;
  if (!file->unlinked) {
    Operation by_name = operation;
    by_name.path = file->name;
    return Chmod(by_name, outcome);
  }
  if (outcome.error == 0) file->attributes.permissions = operation.mode;
  return Wanted("fchmod", 0, outcome.error);
}

Complaint Reference::Chmod(const Operation& operation, const Outcome& outcome) {
  return ChangeAttributes(operation, outcome, [&](Attributes& attributes) {
    attributes.permissions = operation.mode;
    return 0;
  });
}

Complaint Reference::SetModificationTime(const Operation& operation, const Outcome& outcome) {
  return ChangeAttributes(operation, outcome, [](Attributes&) { return 0; }, MakeTime(operation.pattern));
}

Complaint Reference::SetAttribute(const Operation& operation, const Outcome& outcome) {
  return ChangeAttributes(operation, outcome, [&](Attributes& attributes) {
    const std::string name = MakeAttributeName(operation.pattern);
    const int flags = MakeAttributeFlags(operation.pattern);
    const bool present = attributes.extended.contains(name);
    if (flags == XATTR_CREATE && present) return EEXIST;
    if (flags == XATTR_REPLACE && !present) return ENODATA;
    attributes.extended[name] = MakeAttributeValue(operation.pattern);
    return 0;
  });
}

Complaint Reference::RemoveAttribute(const Operation& operation, const Outcome& outcome) {
  return ChangeAttributes(operation, outcome, [&](Attributes& attributes) {
    return attributes.extended.erase(MakeAttributeName(operation.pattern)) > 0 ? 0 : ENODATA;
  });
}

bool Reference::PromisesAttribute(const Operation& operation) {
  FileRef file;
  if (Lookup(operation.path, file) == Kind::kDirectory) return false;
  // Which attributes it has by now is for the mount to know.
  return file == nullptr || !file->in_background || !settings_.faults;
}

Complaint Reference::GetAttribute(const Operation& operation, const Outcome& outcome) {
  FileRef file;
  const int wanted = JudgeFile(operation.path, file);
  if (MayFail(outcome.error)) return {};
  if (wanted != 0) return Wanted("getxattr", wanted, outcome.error);
  const auto found = file->attributes.extended.find(MakeAttributeName(operation.pattern));
  if (found == file->attributes.extended.end()) return Wanted("getxattr", ENODATA, outcome.error);
  if (outcome.error != 0) return Wanted("getxattr", 0, outcome.error);
  return outcome.bytes == found->second ? "" : "getxattr shows another value than was set";
}

Complaint Reference::ChangeAttributes(const Operation& operation, const Outcome& outcome, const Edit& edit,
                                      std::optional<int64_t> modification_time) {
  const std::string& path = operation.path;
  int wanted = JudgeParent(path);
  FileRef file;
  if (wanted == 0) {
    switch (Lookup(path, file)) {
      case Kind::kNothing: wanted = ENOENT; break;
      case Kind::kDirectory:
        // A marker that was not there may be made.
        if (InBucket(path + "/") == nullptr) MayHold(path + "/", Version{});
        break;
      case Kind::kFile: break;
    }
  }
  Attributes changed;
  if (file != nullptr) {
    changed = file->attributes;
    wanted = edit(changed);
  }
  if (outcome.error != wanted && !MayFail(outcome.error)) {
    return Wanted("a change of attributes", wanted, outcome.error);
  }
  if (wanted != 0 || file == nullptr) return {};
  if (HasAuthority(*file) && outcome.error == 0) {
    std::set<Attributes> unheard;
    for (Attributes each : file->unheard_attributes) {
      if (edit(each) == 0) unheard.insert(std::move(each));
    }
    file->unheard_attributes = std::move(unheard);
    SetAttributes(file, changed, modification_time);
    return {};
  }
  const Version* const stored = InBucket(path);
  if (stored == nullptr && outcome.error == 0) return {};
  std::optional<Version> rewritten;
  if (stored != nullptr) {
    rewritten = *stored;
    rewritten->attributes = {changed};
    // It is stored as the mount has it: a truncation to the present size has moved it there alone.
    rewritten->modification_time = modification_time ? modification_time : file->modification_time;
  }
  if (outcome.error != 0) {
    if (rewritten) {
      MayHold(path, std::move(rewritten));
      file->recent_attributes.insert(changed);
    }
    if (file->dirty || file->in_background) {
      // What the mount stores by itself may have arrived just before, also for the first time.
      Version arrived = Snapshot(*file);
      arrived.attributes.insert(changed);
      arrived.modification_time.reset();
      MayHold(path, std::move(arrived), file);
      file->recent_attributes.insert(changed);
    }
    if (file->in_background) {
      file->unheard_attributes.insert(changed);
      if (modification_time) file->modification_time.reset();
    }
    return {};
  }
  file->attributes = changed;
  if (modification_time) file->modification_time = modification_time;
  Holds(path, std::move(rewritten));
  return {};
}

}  // namespace cosfuse::model
