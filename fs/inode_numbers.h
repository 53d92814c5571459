#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace cosfuse {

/// Hands out st_ino: a function of the key, so that a name keeps its number over versions, forgets and mounts; another
/// number only while that one belongs to another living file (one that had the name before and is still in use, one
/// that was renamed, a collision). Not thread-safe.
class InodeNumbers {
 public:
  static constexpr uint64_t kRoot = 1;

  /// The number of a new file or directory; in use until it is released as often as it was acquired and shared.
  uint64_t Acquire(std::string_view key);
  /// One more owner of a number in use: another version under the same name.
  void Share(uint64_t number) { ++owners_[number]; }
  void Release(uint64_t number);

  /// What Acquire would give.
  uint64_t Peek(std::string_view key) const;
  size_t size() const { return owners_.size(); }

 private:
  std::unordered_map<uint64_t, uint64_t> owners_;
};

}  // namespace cosfuse
