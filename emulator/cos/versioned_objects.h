#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/cos/object.h"

namespace cosfuse::emulator {

/// Whether a bucket keeps what is overwritten or deleted.
enum class Versioning { kOff, kEnabled, kSuspended };

/// The id of every version that was written while versioning was not enabled.
inline constexpr std::string_view kNullVersion = "null";

/// A version of an object, or the marker that a DELETE left.
struct Version {
  std::string id;
  ObjectPtr object;  ///< Null for a delete marker.
  WallTime last_modified{};

  bool is_marker() const { return object == nullptr; }
};

/// The objects of a bucket with all their versions: which of them a request without a version means, and what each
/// write does to the others. Not thread-safe.
///
/// Invariant: where a key has versions but no current object, the latest of them is a delete marker.
class VersionedObjects {
 public:
  explicit VersionedObjects(ObjectMap current) : current_(std::move(current)) {}

  Versioning versioning() const { return versioning_; }
  void SetVersioning(Versioning versioning) { versioning_ = versioning; }

  /// What a request without a version sees.
  const ObjectMap& current() const { return current_; }
  /// Null where there is no current object.
  ObjectPtr Find(std::string_view key) const;
  /// The version with this id, or without one the latest, which may be a marker. Nothing where there is none.
  std::optional<Version> FindVersion(std::string_view key, const std::optional<std::string>& id) const;
  /// All versions of a key, the latest first.
  std::vector<Version> VersionsOf(std::string_view key) const;
  /// The least key after `key` that has a version; nothing after the last one.
  std::optional<std::string> NextKey(std::string_view key) const;

  /// The id that a version written now gets.
  std::string NewId(const std::string& fresh) const {
    return versioning_ == Versioning::kEnabled ? fresh : std::string(kNullVersion);
  }
  /// Makes `object` the current one. Returns what nobody can reach any more, for the caller to drop.
  std::vector<Version> Put(const std::string& key, ObjectPtr object);
  /// Changes the current object in place.
  void Replace(const std::string& key, ObjectPtr object) { current_.insert_or_assign(key, std::move(object)); }
  /// A DELETE without a version: `marker` is left unless versioning is off. Returns as Put does.
  std::vector<Version> Remove(const std::string& key, Version marker);
  /// A DELETE of one version: what was before it may become current. Returns as Put does.
  std::vector<Version> RemoveVersion(const std::string& key, std::string_view id);

  /// Bytes of all versions.
  ByteCount bytes() const;

 private:
  using History = std::map<std::string, std::vector<Version>, std::less<>>;

  /// Takes the current object off; it is kept as a version unless a null version replaces a null version.
  void Retire(const std::string& key, std::vector<Version>& dropped);
  void Promote(const std::string& key);

  Versioning versioning_ = Versioning::kOff;
  ObjectMap current_;
  History older_;  // The latest first. No entry is empty.
};

}  // namespace cosfuse::emulator
