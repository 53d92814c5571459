#include "fs/inode_numbers.h"

#include "fs/hash_buckets.h"

namespace cosfuse {
namespace {

/// FNV-1a, 64 bits. Source: RFC 9923. Stable over processes, which std::hash does not promise.
uint64_t HashKey(std::string_view key, uint64_t attempt) {
  uint64_t hash = 0xcbf29ce484222325 ^ attempt;
  for (const char c : key) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

}  // namespace

uint64_t InodeNumbers::Peek(std::string_view key) const {
  for (uint64_t attempt = 0;; ++attempt) {
    const uint64_t number = HashKey(key, attempt);
    if (number > kRoot && !owners_.contains(number)) return number;
  }
}

uint64_t InodeNumbers::Acquire(std::string_view key) {
  const uint64_t number = Peek(key);
  owners_[number] = 1;
  return number;
}

void InodeNumbers::Release(uint64_t number) {
  const auto found = owners_.find(number);
  if (found == owners_.end() || --found->second > 0) return;
  owners_.erase(found);
  ShrinkBuckets(owners_);
}

}  // namespace cosfuse
