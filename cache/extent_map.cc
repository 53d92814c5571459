#include "cache/extent_map.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace cosfuse {

ExtentMap::Map::const_iterator ExtentMap::FirstEndingAfter(ByteCount offset) const {
  auto it = ranges_.upper_bound(offset);
  if (it != ranges_.begin() && std::prev(it)->second > offset) --it;
  return it;
}

void ExtentMap::Insert(ByteRange range) {
  if (range.empty()) return;
  ByteCount from = range.offset;
  ByteCount to = range.end();
  auto it = ranges_.lower_bound(from);
  if (it != ranges_.begin() && std::prev(it)->second >= from) --it;
  while (it != ranges_.end() && it->first <= to) {
    from = std::min(from, it->first);
    to = std::max(to, it->second);
    total_ -= it->second - it->first;
    it = ranges_.erase(it);
  }
  ranges_.emplace_hint(it, from, to);
  total_ += to - from;
}

void ExtentMap::Remove(ByteRange range) {
  if (range.empty()) return;
  auto it = FirstEndingAfter(range.offset);
  while (it != ranges_.end() && it->first < range.end()) {
    const ByteCount from = it->first;
    const ByteCount to = it->second;
    it = ranges_.erase(it);
    total_ -= to - from;
    if (from < range.offset) {
      ranges_.emplace_hint(it, from, range.offset);
      total_ += range.offset - from;
    }
    if (to > range.end()) {
      ranges_.emplace_hint(it, range.end(), to);
      total_ += to - range.end();
    }
  }
}

void ExtentMap::RemoveFrom(ByteCount size) { Remove(ByteRange::FromTo(size, std::numeric_limits<ByteCount>::max())); }

void ExtentMap::InsertAll(const ExtentMap& other) {
  for (const auto& [from, to] : other.ranges_) Insert(ByteRange::FromTo(from, to));
}

bool ExtentMap::Covers(ByteRange range) const { return range.empty() || ContiguousFrom(range.offset) >= range.length; }

std::vector<ByteRange> ExtentMap::Gaps(ByteRange range) const {
  std::vector<ByteRange> gaps;
  ByteCount at = range.offset;
  for (const ByteRange part : Parts(range)) {
    if (part.offset > at) gaps.push_back(ByteRange::FromTo(at, part.offset));
    at = part.end();
  }
  if (at < range.end()) gaps.push_back(ByteRange::FromTo(at, range.end()));
  return gaps;
}

std::vector<ByteRange> ExtentMap::Parts(ByteRange range) const {
  std::vector<ByteRange> parts;
  for (auto it = FirstEndingAfter(range.offset); it != ranges_.end() && it->first < range.end(); ++it) {
    const ByteRange part = ByteRange::FromTo(it->first, it->second).Intersect(range);
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

std::vector<ByteRange> ExtentMap::ranges() const {
  std::vector<ByteRange> all;
  all.reserve(ranges_.size());
  for (const auto& [from, to] : ranges_) all.push_back(ByteRange::FromTo(from, to));
  return all;
}

ByteRange ExtentMap::RangeAt(ByteCount offset) const {
  const auto found = FirstEndingAfter(offset);
  if (found == ranges_.end() || found->first > offset) return {offset, 0};
  return ByteRange::FromTo(found->first, found->second);
}

ByteCount ExtentMap::ContiguousFrom(ByteCount offset) const {
  const auto it = FirstEndingAfter(offset);
  return it == ranges_.end() || it->first > offset ? 0 : it->second - offset;
}

}  // namespace cosfuse
