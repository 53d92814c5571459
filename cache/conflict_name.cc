#include "cache/conflict_name.h"

#include <algorithm>

namespace cosfuse {
namespace {

constexpr size_t kLongestComponent = 255;  // NAME_MAX of Linux.
constexpr size_t kLongestKey = 1024;       // COS documentation, "Object Storage limits".
constexpr size_t kLongestHost = 64;
constexpr std::string_view kMark = ".conflict-";

std::string CleanHost(std::string_view host) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
  std::string clean;
  for (const char c : host.substr(0, kLongestHost)) {
    if (kAllowed.find(c) != std::string_view::npos) clean += c;
  }
  return clean.empty() ? "unknown" : clean;
}

// Cuts before a byte that continues a UTF-8 sequence, so that no sequence is torn.
std::string_view CutAtBoundary(std::string_view name, size_t limit) {
  if (name.size() <= limit) return name;
  constexpr size_t kLongestSequence = 4;
  size_t end = limit;
  const auto continues = [&](size_t at) { return (static_cast<unsigned char>(name[at]) & 0xC0U) == 0x80U; };
  while (end > 0 && limit - end < kLongestSequence && continues(end)) --end;
  if (end > 0 && continues(end)) end = limit;  // Not UTF-8 at all.
  return name.substr(0, end);
}

}  // namespace

ObjectKey ConflictSiblingKey(const ObjectKey& key, const ConflictPlace& place, WallTime now, int attempt,
                             std::string_view ending) {
  std::string suffix = std::string(kMark) + CleanHost(place.host_name) + "-" + CompactUtc(now);
  if (attempt > 0) suffix += "-" + std::to_string(attempt);
  suffix += ending;
  const size_t slash = key.rfind('/');
  const size_t length = slash == ObjectKey::npos ? 0 : slash + 1;
  // A key that would become too long stays where it is.
  const bool fits = place.prefix.size() + length + suffix.size() < kLongestKey;
  const std::string directory = (fits ? place.prefix : std::string()) + key.substr(0, length);
  const std::string_view name = std::string_view(key).substr(length);
  const size_t key_room = kLongestKey - std::min(kLongestKey, directory.size());
  const size_t room = std::min(kLongestComponent, key_room);
  return directory + std::string(CutAtBoundary(name, room - std::min(room, suffix.size()))) + suffix;
}

ObjectKey ConflictSiblingPrefix(const ObjectKey& key, const ConflictPlace& place, std::string_view ending) {
  const ObjectKey sibling = ConflictSiblingKey(key, place, {}, 0, ending);
  const size_t behind_mark = CleanHost(place.host_name).size() + 1 + CompactUtc({}).size() + ending.size();
  return sibling.substr(0, sibling.size() - behind_mark);
}

}  // namespace cosfuse
