#include <cerrno>
#include <utility>

#include "tests/model/reference.h"

// What brings bytes into the bucket or moves them there: closing, syncing, renaming.

namespace cosfuse::model {
namespace {

Complaint Unexpected(std::string_view call, const std::string& name, int error) {
  return std::string(call) + " of " + (name.empty() ? "a file without a name" : name) + " must not fail with errno " +
         std::to_string(error);
}

}  // namespace

void Reference::Stored(const FileRef& file) {
  if (file->dirty || file->attributes_left || file->in_background || !file->base) {
    file->in_background = false;
    Version stored = Snapshot(*file);
    stored.attributes.insert(file->unheard_attributes.begin(), file->unheard_attributes.end());
    Holds(file->name, std::move(stored));
    // What was begun for nobody and has failed is tried again at any time, whatever the file is then.
    file->in_background = faults_ && file->watched;
  }
  file->base = file->bytes;
  // Holes are read from the store by now.
  file->needs_base = !file->bytes.empty();
  file->dirty = false;
  file->attributes_left = false;
  file->may_be_stored = false;
  file->replaces_any = false;
  file->recent_attributes = {file->attributes};
}

Complaint Reference::Store(const FileRef& file, int error) {
  if (file->sibling) return StoreSibling(file, error);
  if (file->unlinked || file->name.empty()) return error == 0 ? "" : Unexpected("storing", file->name, error);
  if (Overtaken(*file)) return StoreOvertaken(file, error);
  if (error == 0) {
    Stored(file);
    return {};
  }
  if (!MayFail(error) && !MayLackSpace(error)) return Unexpected("storing", file->name, error);
  if (file->dirty || file->in_background) {
    file->may_be_stored = true;
    MayHold(file->name, Snapshot(*file), file);
    // What left while it was written has the attributes of that moment, until the copy that did not succeed.
    Version early{file->bytes, file->recent_attributes};
    early.attributes.insert(file->attributes);
    MayHold(file->name, early, file);
  }
  if (const Version* const present = InBucket(file->name)) {
    Version rewritten = *present;
    rewritten.attributes = {file->attributes};
    rewritten.modification_time = file->modification_time;
    MayHold(file->name, rewritten);
  }
  if (file->watched && file->dirty) {
    file->in_background = true;
    NoteAttempt(file);
  }
  return {};
}

Complaint Reference::StoreOvertaken(const FileRef& file, int error) {
  if (!file->dirty) {
    if (error == 0 || MayFail(error) || (error == ESTALE && file->attributes_left)) return {};
    return Unexpected("storing", file->name, error);
  }
  if (error == ESTALE) {
    lost_ = file;
    return {};
  }
  if (error == 0) return file->name + " was stored although another client has changed it";
  if (!MayFail(error) && !MayLackSpace(error)) return Unexpected("storing", file->name, error);
  siblings_.push_back({file->name, Snapshot(*file), false});
  return {};
}

Complaint Reference::StoreSibling(const FileRef& file, int error) {
  if (!file->dirty) return error == ESTALE ? "" : "a file that has lost its name must say ESTALE again";
  if (error == ESTALE) {
    siblings_[*file->sibling].version = Snapshot(*file);
    siblings_[*file->sibling].certain = true;
    file->dirty = false;
    return {};
  }
  if (!MayFail(error) && !MayLackSpace(error))
    return Unexpected("storing a sibling", siblings_[*file->sibling].key, error);
  // Which of the two is there now is only known after the next one.
  siblings_[*file->sibling].certain = false;
  siblings_.push_back({siblings_[*file->sibling].key, Snapshot(*file), false});
  file->sibling = siblings_.size() - 1;
  return {};
}

bool Reference::PromisesRename(const Operation& operation) {
  FileRef source;
  FileRef target;
  const Kind kind = Lookup(operation.path, source);
  if (Lookup(operation.other, target) == Kind::kFile && Overtaken(*target)) return false;
  // Half of one that fails, and what a file is still storing, may come in any order.
  const bool may_fail = faults_ || settings_.disk_is_small;
  if (may_fail && target != nullptr && target->in_background) return false;
  if (may_fail && source != nullptr && source->in_background) return false;
  if (kind == Kind::kFile) return !Overtaken(*source);
  for (const auto& [name, file] : names_) {
    if (name.starts_with(operation.path + "/") && Overtaken(*file)) return false;
  }
  // How far one that fails has come could be seen by no descriptor.
  return !faults_ || !BusyBelow(operation.path);
}

Complaint Reference::RenameWith(const Operation& operation, const Outcome& outcome, bool no_replace) {
  const std::string& from = operation.path;
  const std::string& to = operation.other;
  int wanted = JudgeParent(from);
  if (wanted == 0) wanted = JudgeParent(to);
  FileRef source;
  FileRef target;
  if (wanted == 0) {
    const Kind kind = Lookup(from, source);
    const Kind target_kind = Lookup(to, target);
    if (kind == Kind::kNothing) {
      wanted = ENOENT;
    } else if (no_replace && target_kind != Kind::kNothing) {
      wanted = EEXIST;
    } else if (to.starts_with(from + "/")) {
      wanted = EINVAL;
    } else if (from.starts_with(to + "/") ||
               (kind == Kind::kDirectory && target_kind == Kind::kDirectory && from != to && HasEntries(to))) {
      wanted = ENOTEMPTY;
    } else if (from == to) {
      return outcome.error == 0 || MayFail(outcome.error) ? "" : Unexpected("renaming to itself", from, outcome.error);
    } else if (kind == Kind::kFile && target_kind == Kind::kDirectory) {
      wanted = EISDIR;
    } else if (kind == Kind::kDirectory && target_kind == Kind::kFile) {
      wanted = ENOTDIR;
    } else {
      return kind == Kind::kFile ? RenameFile(source, target, operation, no_replace, outcome.error)
                                 : RenameTree(operation, outcome);
    }
  }
  if (outcome.error == wanted || MayFail(outcome.error)) return {};
  return "rename must fail with errno " + std::to_string(wanted);
}

void Reference::MoveFile(const FileRef& file, const std::string& to, bool no_replace) {
  const std::string from = file->name;
  if (IsUnsent(*file) && !file->replaces_any) {
    file->replaces_any = !no_replace;
  } else {
    const Version* const stored = InBucket(from);
    Version moved = file->dirty || file->in_background || stored == nullptr ? Snapshot(*file) : *stored;
    if (file->attributes_left) {
      // An upload that began while the file was written carries those of that moment; the next close stores the others,
      // unless what was begun for nobody has done so.
      moved.attributes.insert(file->recent_attributes.begin(), file->recent_attributes.end());
      moved.attributes.insert(file->attributes);
      moved.modification_time.reset();
    }
    if (file->in_background) moved.attributes.insert(file->attributes);
    Holds(to, std::move(moved));
    Holds(from, std::nullopt);
    file->base = file->bytes;
    file->needs_base = !file->bytes.empty();
    file->dirty = false;
    file->may_be_stored = false;
    file->replaces_any = false;
  }
  names_.erase(from);
  names_[to] = file;
  file->name = to;
  if (file->in_background) NoteAttempt(file);
}

Complaint Reference::RenameFile(const FileRef& source, const FileRef& target, const Operation& operation,
                                bool no_replace, int error) {
  const std::string& from = operation.path;
  const std::string& to = operation.other;
  if (error == 0) {
    if (target != nullptr) {
      target->unlinked = true;
      Unbind(target);
    }
    MoveFile(source, to, no_replace);
    MayGetMarker(from);
    return {};
  }
  // What the target's descriptors still need can be had no more.
  if (error == ESTALE && target != nullptr && target->handles > 0 && MayLackBase(*target)) return {};
  if (!MayFail(error) && !MayLackSpace(error)) return Unexpected("renaming", from, error);
  if (IsUnsent(*source) && !source->replaces_any) return {};
  if (source->dirty || source->in_background) {
    source->may_be_stored = true;
    Version stored = Snapshot(*source);
    if (source->attributes_left) {
      stored.attributes.insert(source->recent_attributes.begin(), source->recent_attributes.end());
      stored.modification_time.reset();
    }
    MayHold(from, stored, source);
    alternatives_[to].push_back({.version = std::move(stored), .made_by = nullptr, .copied_from = source});
    touched_.insert(to);
  }
  if (const Version* const stored = InBucket(from)) {
    MayHold(to, *stored);
    pairs_.emplace_back(from, to);
    if (source->attributes_left) {
      // What was begun for nobody may have stored them.
      Version carried = *stored;
      carried.attributes.insert(source->attributes);
      carried.modification_time.reset();
      MayHold(from, carried);
      MayHold(to, std::move(carried));
    }
  }
  MayHold(from, std::nullopt);
  MayGetMarker(from);
  return {};
}

void Reference::MoveTree(const std::string& from, const std::string& to) {
  std::vector<FileRef> files;
  for (const auto& [name, file] : names_) {
    if (name.starts_with(from + "/")) files.push_back(file);
  }
  const auto moved = [&](const std::string& key) { return to + key.substr(from.size()); };
  for (const FileRef& file : files) {
    const std::string there = moved(file->name);
    if (IsUnsent(*file)) {
      names_.erase(file->name);
      names_[there] = file;
      file->name = there;
    } else {
      MoveFile(file, there, true);
    }
  }
  std::vector<std::string> keys;
  for (const auto& [key, version] : bucket_) {
    if (key.starts_with(from + "/")) keys.push_back(key);
  }
  for (const std::string& key : keys) {
    Version version = *InBucket(key);
    Holds(moved(key), std::move(version));
    Holds(key, std::nullopt);
  }
  for (Sibling& sibling : siblings_) {
    if (sibling.key.starts_with(from + "/")) sibling.key = moved(sibling.key);
  }
}

Complaint Reference::RenameTree(const Operation& operation, const Outcome& outcome) {
  const std::string& from = operation.path;
  const std::string& to = operation.other;
  const int error = outcome.error;
  if (error != 0 && !MayFail(error) && !MayLackSpace(error)) return Unexpected("renaming", from, error);
  if (error == 0 || outcome.carried_on) {
    MoveTree(from, to);
    MayGetMarker(from);
    return {};
  }
  for (const auto& [key, version] : std::map(bucket_)) {
    if (!key.starts_with(from + "/")) continue;
    const std::string there = to + key.substr(from.size());
    MayHold(there, version);
    MayHold(key, std::nullopt);
    pairs_.emplace_back(key, there);
  }
  MayGetMarker(from);
  return {};
}

}  // namespace cosfuse::model
