#include "emulator/cos/versioned_objects.h"

#include <algorithm>
#include <utility>

namespace cosfuse::emulator {
namespace {

Version VersionOf(const ObjectPtr& object) { return {object->version_id, object, object->last_modified}; }

}  // namespace

ObjectPtr VersionedObjects::Find(std::string_view key) const {
  const auto found = current_.find(key);
  return found == current_.end() ? nullptr : found->second;
}

std::optional<Version> VersionedObjects::FindVersion(std::string_view key, const std::optional<std::string>& id) const {
  const ObjectPtr current = Find(key);
  if (current != nullptr && (!id || *id == current->version_id)) return VersionOf(current);
  const std::vector<Version> versions = VersionsOf(key);
  const auto found = id ? std::ranges::find(versions, *id, &Version::id) : versions.begin();
  return found == versions.end() ? std::nullopt : std::optional(*found);
}

std::vector<Version> VersionedObjects::VersionsOf(std::string_view key) const {
  std::vector<Version> versions;
  if (const ObjectPtr object = Find(key)) versions.push_back(VersionOf(object));
  const auto older = older_.find(key);
  if (older != older_.end()) versions.insert(versions.end(), older->second.begin(), older->second.end());
  return versions;
}

std::optional<std::string> VersionedObjects::NextKey(std::string_view key) const {
  const auto current = current_.upper_bound(key);
  const auto older = older_.upper_bound(key);
  if (current == current_.end() && older == older_.end()) return std::nullopt;
  if (current == current_.end()) return older->first;
  if (older == older_.end()) return current->first;
  return std::min(current->first, older->first);
}

void VersionedObjects::Retire(const std::string& key, std::vector<Version>& dropped) {
  if (versioning_ != Versioning::kEnabled) {
    const auto older = older_.find(key);
    if (older != older_.end()) {
      const auto null = std::ranges::find(older->second, kNullVersion, &Version::id);
      if (null != older->second.end()) {
        dropped.push_back(std::move(*null));
        older->second.erase(null);
      }
      if (older->second.empty()) older_.erase(older);
    }
  }
  const auto found = current_.find(key);
  if (found == current_.end()) return;
  Version retired = VersionOf(found->second);
  current_.erase(found);
  if (versioning_ != Versioning::kEnabled && retired.id == kNullVersion) {
    dropped.push_back(std::move(retired));
    return;
  }
  std::vector<Version>& versions = older_[key];
  versions.insert(versions.begin(), std::move(retired));
}

std::vector<Version> VersionedObjects::Put(const std::string& key, ObjectPtr object) {
  std::vector<Version> dropped;
  Retire(key, dropped);
  current_.insert_or_assign(key, std::move(object));
  return dropped;
}

std::vector<Version> VersionedObjects::Remove(const std::string& key, Version marker) {
  std::vector<Version> dropped;
  Retire(key, dropped);
  if (versioning_ != Versioning::kOff) {
    std::vector<Version>& versions = older_[key];
    versions.insert(versions.begin(), std::move(marker));
  }
  return dropped;
}

std::vector<Version> VersionedObjects::RemoveVersion(const std::string& key, std::string_view id) {
  std::vector<Version> dropped;
  const auto found = current_.find(key);
  if (found != current_.end() && found->second->version_id == id) {
    dropped.push_back(VersionOf(found->second));
    current_.erase(found);
  } else if (const auto older = older_.find(key); older != older_.end()) {
    const auto version = std::ranges::find(older->second, id, &Version::id);
    if (version == older->second.end()) return dropped;
    dropped.push_back(std::move(*version));
    older->second.erase(version);
    if (older->second.empty()) older_.erase(older);
  }
  Promote(key);
  return dropped;
}

void VersionedObjects::Promote(const std::string& key) {
  const auto older = older_.find(key);
  if (older == older_.end() || current_.contains(key) || older->second.front().is_marker()) return;
  current_.emplace(key, std::move(older->second.front().object));
  older->second.erase(older->second.begin());
  if (older->second.empty()) older_.erase(older);
}

ByteCount VersionedObjects::bytes() const {
  ByteCount sum = 0;
  for (const auto& [key, object] : current_) sum += object->body.size();
  for (const auto& [key, versions] : older_) {
    for (const Version& version : versions) sum += version.is_marker() ? 0 : version.object->body.size();
  }
  return sum;
}

}  // namespace cosfuse::emulator
