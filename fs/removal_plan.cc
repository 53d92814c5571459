#include "fs/removal_plan.h"

#include <algorithm>
#include <string_view>

#include "cos/limits.h"
#include "fs/names.h"

namespace cosfuse {
namespace {

constexpr size_t kLeastBatch = 32;

std::string_view DirectoryOf(std::string_view key) { return key.substr(0, key.rfind('/') + 1); }

/// Without half a character at its end.
std::string_view WholeCharacters(std::string_view key, size_t length) {
  while (length > 0 && CutsCharacter(key, length)) --length;
  return key.substr(0, length);
}

RemovalLook LookAt(std::string_view directory, std::span<const ObjectKey> keys) {
  const std::string_view first = keys.front();
  const std::string_view last = keys.back();
  const size_t shortest = std::min(first.size(), last.size());
  const auto common = std::mismatch(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(shortest), last.begin());
  const auto length = static_cast<size_t>(common.first - first.begin());
  RemovalLook look;
  look.prefix = std::string(WholeCharacters(first, std::max(length, directory.size())));
  // What a key begins with is before it.
  const std::string_view before = WholeCharacters(first, first.size() - 1);
  if (before.size() > look.prefix.size()) look.start_after = std::string(before);
  look.keys.assign(keys.begin(), keys.end());
  return look;
}

}  // namespace

std::vector<RemovalLook> PlanRemovalLooks(std::span<const ObjectKey> keys) {
  std::vector<RemovalLook> looks;
  for (size_t begin = 0; begin < keys.size();) {
    const std::string_view directory = DirectoryOf(keys[begin]);
    size_t end = begin + 1;
    while (end < keys.size() && DirectoryOf(keys[end]) == directory) ++end;
    looks.push_back(LookAt(directory, keys.subspan(begin, end - begin)));
    begin = end;
  }
  return looks;
}

bool IsNextPageWorthIt(size_t shown, size_t left) { return left > 1 && shown > 1; }

size_t NextRemovalBatch(size_t sent, Duration took) {
  if (took <= kEvidenceForDelete / 2) return kMaxKeysPerDelete;
  return std::max(kLeastBatch, sent / 4);
}

bool IsRemovalRefused(ErrorCode code) {
  return code == ErrorCode::kAccessDenied || code == ErrorCode::kNotPermitted || code == ErrorCode::kInvalidArgument;
}

}  // namespace cosfuse
