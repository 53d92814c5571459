#include "fs/listed_stretches.h"

#include <algorithm>
#include <utility>

namespace cosfuse {
namespace {

bool EndsBehind(const std::optional<std::string>& end, std::string_view position) { return !end || *end > position; }

bool BeginsBefore(std::string_view from, const std::optional<std::string>& end) { return !end || from < *end; }

}  // namespace

Stretch StretchOfPrefix(std::string_view prefix) {
  Stretch stretch = {.from = std::string(prefix), .end = std::string(prefix)};
  // The next text that does not begin with it: one more in its last byte that has room for that.
  while (!stretch.end->empty() && stretch.end->back() == '\xff') stretch.end->pop_back();
  if (stretch.end->empty()) {
    stretch.end.reset();
  } else {
    stretch.end->back() = static_cast<char>(static_cast<unsigned char>(stretch.end->back()) + 1);
  }
  return stretch;
}

bool Shows(const Stretch& stretch, std::string_view component) {
  return component >= stretch.from && EndsBehind(stretch.end, std::string(component) + '/');
}

void ListedStretches::Put(const Stretch& stretch, MonotonicTime at) {
  Cut(stretch);
  while (stretches_.size() >= kMostStretches) {
    stretches_.erase(std::ranges::min_element(stretches_, {}, [](const auto& each) { return each.second.at; }));
  }
  stretches_.insert_or_assign(stretch.from, Rest{stretch.end, at});
}

void ListedStretches::Cut(const Stretch& stretch) {
  auto each = stretches_.erase(FindFrom(stretch.from), FindFrom(stretch.from));  // Not const any more.
  while (each != stretches_.end() && BeginsBefore(each->first, stretch.end)) {
    Rest rest = each->second;
    if (each->first < stretch.from) {
      each->second.end = stretch.from;
      ++each;
    } else {
      each = stretches_.erase(each);
    }
    if (stretch.end && EndsBehind(rest.end, *stretch.end)) stretches_.emplace(*stretch.end, std::move(rest));
  }
}

Evidence ListedStretches::Get(std::string_view component) const {
  const std::string last = std::string(component) + '/';
  Evidence oldest;
  std::string_view reached = component;
  for (auto each = FindFrom(component); each != stretches_.end() && each->first <= reached; ++each) {
    oldest = std::min(oldest.value_or(each->second.at), each->second.at);
    if (EndsBehind(each->second.end, last)) return oldest;
    reached = *each->second.end;
  }
  return std::nullopt;
}

bool ListedStretches::KnowsNewer(const Stretch& stretch, MonotonicTime at) const {
  for (auto each = FindFrom(stretch.from); each != stretches_.end() && BeginsBefore(each->first, stretch.end); ++each) {
    if (each->second.at > at) return true;
  }
  return false;
}

ListedStretches::Stretches::const_iterator ListedStretches::FindFrom(std::string_view from) const {
  auto found = stretches_.upper_bound(from);
  if (found == stretches_.begin()) return found;
  const auto before = std::prev(found);
  return EndsBehind(before->second.end, from) ? before : found;
}

}  // namespace cosfuse
