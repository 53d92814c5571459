#include "tests/model/reference.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cache/changes_archive.h"

namespace cosfuse::model {
namespace {

bool IsMarker(const std::string& key) { return key.ends_with('/'); }

bool IsArchive(const std::string& key) { return key.ends_with(".changes.tar"); }

std::string Shown(const std::optional<StoredObject>& object) {
  if (!object) return "nothing";
  return std::to_string(object->bytes.size()) + " bytes, mode " + std::to_string(object->attributes.permissions);
}

}  // namespace

bool Reference::Slot::readable() const { return (flags & O_ACCMODE) != O_WRONLY; }
bool Reference::Slot::writable() const { return (flags & O_ACCMODE) != O_RDONLY; }

bool Reference::IsUnsent(const File& file) {
  return file.writers > 0 && !file.base && !file.may_be_stored && !file.in_background;
}

Complaint Reference::Wanted(std::string_view call, int wanted, int error) {
  if (wanted == error) return {};
  return std::string(call) + " must " + (wanted == 0 ? "succeed" : "fail with errno " + std::to_string(wanted)) +
         ", not answer " + std::to_string(error);
}

bool Reference::MayFail(int error) const { return faults_ && (error == EIO || error == ETIMEDOUT); }
bool Reference::MayLackSpace(int error) const { return settings_.disk_is_small && error == ENOSPC; }

const Reference::Version* Reference::InBucket(const std::string& key) const {
  const auto found = bucket_.find(key);
  return found == bucket_.end() ? nullptr : &found->second;
}

bool Reference::Overtaken(const File& file) const {
  if (file.name.empty() || file.replaces_any || file.in_background) return false;
  const Version* const present = InBucket(file.name);
  if (!file.base) return present != nullptr;
  return present == nullptr || present->bytes != *file.base;
}

bool Reference::BusyBelow(const std::string& path) const {
  return std::ranges::any_of(names_, [&](const auto& entry) {
    return entry.first.starts_with(path + "/") && (HasAuthority(*entry.second) || entry.second->handles > 0);
  });
}

Reference::Version Reference::Snapshot(const File& file) {
  Version version{file.bytes, {file.attributes}, file.modification_time};
  if (file.in_background) {
    version.attributes.insert(file.recent_attributes.begin(), file.recent_attributes.end());
    version.modification_time.reset();
  }
  return version;
}

void Reference::MayHold(const std::string& key, std::optional<Version> version, const FileRef& made_by) {
  alternatives_[key].push_back({.version = std::move(version), .made_by = made_by});
  touched_.insert(key);
}

void Reference::Holds(const std::string& key, std::optional<Version> version) {
  if (version) {
    bucket_.insert_or_assign(key, *std::move(version));
  } else {
    bucket_.erase(key);
  }
  alternatives_.erase(key);
  touched_.insert(key);
}

void Reference::NoteAttempt(const FileRef& file) {
  file->recent_attributes.insert(file->attributes);
  if (faults_) alternatives_[file->name].push_back({.version = Snapshot(*file), .made_by = file});
}

void Reference::MayGetMarker(const std::string& path_below) {
  const size_t slash = path_below.rfind('/');
  if (slash == std::string::npos) return;
  const std::string marker = path_below.substr(0, slash + 1);
  if (InBucket(marker) == nullptr) MayHold(marker, Version{});
}

void Reference::Unbind(const FileRef& file) {
  names_.erase(file->name);
  file->name.clear();
}

void Reference::FollowBucket(const std::string& key) {
  const auto found = names_.find(key);
  if (found == names_.end()) return;
  const FileRef file = found->second;
  if (HasAuthority(*file)) return;
  const Version* const present = InBucket(key);
  if (present == nullptr || !file->base || *file->base != present->bytes) return Unbind(file);
  file->attributes = *present->attributes.begin();
  file->modification_time = present->modification_time;
}

Reference::Kind Reference::Lookup(const std::string& path, FileRef& file) {
  const auto found = names_.find(path);
  if (found != names_.end()) {
    file = found->second;
    return Kind::kFile;
  }
  if (const Version* const present = InBucket(path)) {
    file = std::make_shared<File>(File{.bytes = present->bytes, .attributes = *present->attributes.begin()});
    file->modification_time = present->modification_time;
    file->name = path;
    file->base = present->bytes;
    file->needs_base = true;
    names_[path] = file;
    return Kind::kFile;
  }
  return path.empty() || InBucket(path + "/") != nullptr || HasEntries(path) ? Kind::kDirectory : Kind::kNothing;
}

bool Reference::HasEntries(const std::string& directory) const {
  const std::string prefix = directory + "/";
  const auto below = [&](const auto& entry) { return entry.first.starts_with(prefix) && entry.first != prefix; };
  return std::ranges::any_of(names_, below) || std::ranges::any_of(bucket_, below) ||
         std::ranges::any_of(siblings_, [&](const Sibling& sibling) { return sibling.key.starts_with(prefix); });
}

int Reference::JudgeParent(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return 0;
  if (const int above = JudgeParent(path.substr(0, slash)); above != 0) return above;
  FileRef file;
  switch (Lookup(path.substr(0, slash), file)) {
    case Kind::kNothing: return ENOENT;
    case Kind::kFile: return ENOTDIR;
    case Kind::kDirectory: return 0;
  }
  return 0;
}

int Reference::JudgeFile(const std::string& path, FileRef& file) {
  if (const int above = JudgeParent(path); above != 0) return above;
  switch (Lookup(path, file)) {
    case Kind::kNothing: return ENOENT;
    case Kind::kDirectory: return EISDIR;
    case Kind::kFile: return 0;
  }
  return 0;
}

bool Reference::Fits(const std::optional<StoredObject>& object, const std::optional<Version>& version) {
  if (!object || !version) return object.has_value() == version.has_value();
  if (object->bytes != version->bytes) return false;
  if (!version->attributes.empty() && !version->attributes.contains(object->attributes)) return false;
  return !version->modification_time || version->modification_time == object->modification_time;
}

Complaint Reference::Learn(const std::string& key, const std::optional<StoredObject>& object, const Outcome& shown) {
  const auto found = names_.find(key);
  const FileRef file = found == names_.end() ? nullptr : found->second;
  const auto present = bucket_.find(key);
  std::optional<Version> truth;
  if (present != bucket_.end()) truth = present->second;
  if (!Fits(object, truth)) {
    const auto& others = alternatives_[key];
    const auto other = std::ranges::find_if(others, [&](const auto& each) { return Fits(object, each.version); });
    if (other == others.end()) {
      return key + " holds " + Shown(object) + ", which it must not; " +
             (truth ? std::to_string(truth->bytes.size()) + " bytes" : "nothing") + " is right, and " +
             std::to_string(others.size()) + " other things would be";
    }
    truth = other->version;
    if (other->made_by != nullptr && truth) other->made_by->base = truth->bytes;
    if (other->copied_from != nullptr) {
      other->copied_from->base = truth->bytes;
      other->copied_from->dirty = false;
    }
  }
  if (truth && !IsMarker(key)) truth->attributes = {object->attributes};
  if (truth) {
    bucket_.insert_or_assign(key, *truth);
  } else {
    bucket_.erase(key);
  }
  if (file != nullptr && cut_ && cut_->first == key) {
    const ByteCount size = cut_->second;
    cut_.reset();
    if (shown.error == 0 && shown.size == size && file->bytes.size() != size) {
      file->bytes.resize(size);
      if (size == 0) file->needs_base = false;
      file->dirty = true;
      file->in_background = file->writers == 0;
      file->modification_time.reset();
      NoteAttempt(file);
    }
  }
  if (file != nullptr && object && !file->dirty && !file->attributes_left && !file->unheard_attributes.empty()) {
    file->attributes = object->attributes;
    file->unheard_attributes.clear();
  }
  // A removal that failed may have failed after the name was gone.
  if (file != nullptr && HasAuthority(*file) && shown.error == ENOENT) {
    Unbind(file);
    file->unlinked = true;
  }
  if (file == nullptr || !file->in_background) alternatives_.erase(key);
  FollowBucket(key);
  return {};
}

Complaint Reference::CheckPairs() {
  for (const auto& [one, other] : std::exchange(pairs_, {})) {
    if (InBucket(one) == nullptr && InBucket(other) == nullptr)
      return Complaint("neither ").append(one).append(" nor ").append(other).append(" is there");
  }
  return {};
}

bool Reference::Keeps(const std::string& key, const StoredObject& object, const std::string& bytes) {
  if (!IsArchive(key)) return object.bytes == bytes;
  const auto head = ParseArchiveHead(object.bytes);
  if (!head || !*head || (*head)->manifest.size != bytes.size()) return false;
  std::string kept(bytes.size(), '\0');
  size_t at = (*head)->length;
  for (const ByteRange range : (*head)->stored) {
    kept.replace(range.offset, range.length, object.bytes, at, range.length);
    at += range.length;
  }
  for (const ByteRange range : (*head)->manifest.missing) {
    kept.replace(range.offset, range.length, bytes, range.offset, range.length);
  }
  return kept == bytes;
}

Complaint Reference::LearnSibling(const Bucket& bucket) {
  const FileRef file = std::exchange(lost_, nullptr);
  const std::string prefix = file->name + ".conflict-";
  size_t there = 0;
  // A call that failed may have stored it, and then taken that away.
  const bool may_need_base = file->needs_base || file->may_be_stored;
  for (const auto& [key, object] : bucket) {
    if (IsArchive(key) && !may_need_base) continue;
    if (key.starts_with(prefix) && Keeps(key, object, file->bytes)) ++there;
  }
  const auto known = std::ranges::count_if(siblings_, [&](const Sibling& sibling) {
    return sibling.key == file->name && sibling.certain && sibling.version.bytes == file->bytes;
  });
  if (there > static_cast<size_t>(known)) {
    file->lacks_base = may_need_base;
    file->sibling = siblings_.size();
    siblings_.push_back({file->name, Snapshot(*file)});
    Unbind(file);
    file->dirty = false;
    file->attributes_left = false;
    file->in_background = false;
    return {};
  }
  // Bytes that are nowhere but in parts that have left cannot be kept beside the name.
  if (!file->needs_base || !settings_.disk_is_small) {
    return file->name + " was changed by another client, and what was written here is not kept";
  }
  file->in_background = false;
  return {};
}

Complaint Reference::JudgeBucket(const Bucket& bucket) const {
  std::map<std::string, std::optional<Version>> wanted;
  for (const auto& [key, version] : bucket_) wanted[key] = version;
  for (const auto& [name, file] : names_) {
    if ((file->dirty || file->in_background || file->attributes_left) && !Overtaken(*file)) {
      Version version = Snapshot(*file);
      if (!settings_.faults) version.attributes = {file->attributes};
      wanted[name] = version;
    }
  }
  std::vector<Bucket::const_iterator> siblings;
  for (auto entry = bucket.begin(); entry != bucket.end(); ++entry) {
    const auto& [key, object] = *entry;
    if (key.find(".conflict-") != std::string::npos) {
      siblings.push_back(entry);
      continue;
    }
    const auto expected = wanted.find(key);
    if (expected == wanted.end()) return key + " is in the bucket, and must not be";
    if (!Fits(object, expected->second)) {
      return key + " holds " + Shown(object) + ", not " + std::to_string(expected->second->bytes.size()) +
             " bytes, mode " +
             std::to_string(expected->second->attributes.empty() ? 0
                                                                 : expected->second->attributes.begin()->permissions);
    }
    wanted.erase(expected);
  }
  if (!wanted.empty()) return wanted.begin()->first + " is missing in the bucket";
  std::vector<Sibling> made = siblings_;
  std::ranges::partition(made, &Sibling::certain);
  for (const Sibling& sibling : made) {
    const auto found = std::ranges::find_if(
        siblings, [&](const auto& entry) { return Keeps(entry->first, entry->second, sibling.version.bytes); });
    if (found == siblings.end() && sibling.certain) return "what lost the name " + sibling.key + " is not beside it";
    if (found != siblings.end()) siblings.erase(found);
  }
  if (!siblings.empty()) return "there is a sibling that no conflict has made";
  return {};
}

bool Reference::keeps_files() const {
  return std::ranges::any_of(names_, [&](const auto& entry) { return Overtaken(*entry.second); });
}

void Reference::Settle(const Bucket& bucket) {
  for (const auto& [name, file] : names_) {
    if (Overtaken(*file)) continue;
    if (file->in_background && settings_.faults) {
      // What nobody waited for may lack the attributes that were set last.
      file->attributes = bucket.at(name).attributes;
      file->recent_attributes.clear();
      file->modification_time.reset();
    }
    Stored(file);
  }
  touched_.clear();
  alternatives_.clear();
}

std::vector<std::string> Reference::Paths() {
  std::set<std::string> paths;
  for (const auto& [name, file] : names_) paths.insert(name);
  for (const auto& [key, version] : bucket_) paths.insert(IsMarker(key) ? key.substr(0, key.size() - 1) : key);
  return {paths.begin(), paths.end()};
}

}  // namespace cosfuse::model
