#include "emulator/cos/list_page.h"

#include <utility>

namespace cosfuse::emulator {
namespace {

/// The common prefix that `key` is rolled up into; empty where it stands for itself.
std::string_view CommonPrefixOf(std::string_view key, const ListQuery& query) {
  if (query.delimiter.empty()) return {};
  const size_t found = key.find(query.delimiter, query.prefix.size());
  return found == std::string_view::npos ? std::string_view() : key.substr(0, found + query.delimiter.size());
}

ObjectMap::const_iterator SkipPrefix(const ObjectMap& objects, const std::string& prefix) {
  const std::string end = PrefixEnd(prefix);
  return end.empty() ? objects.end() : objects.lower_bound(end);
}

}  // namespace

std::string PrefixEnd(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

ListPage MakeListPage(const ObjectMap& objects, const ListQuery& query) {
  ListPage page;
  if (query.max_keys == 0) return page;
  auto next = query.after < query.prefix ? objects.lower_bound(query.prefix) : objects.upper_bound(query.after);
  while (next != objects.end() && next->first.starts_with(query.prefix)) {
    const std::string common(CommonPrefixOf(next->first, query));
    if (!common.empty() && common == query.after) {
      next = SkipPrefix(objects, common);
      continue;
    }
    if (page.entries.size() + page.common_prefixes.size() == query.max_keys) {
      page.truncated = true;
      break;
    }
    if (common.empty()) {
      page.entries.push_back({next->first, next->second});
      page.last = next->first;
      ++next;
    } else {
      page.common_prefixes.push_back(common);
      page.last = common;
      next = SkipPrefix(objects, common);
    }
  }
  return page;
}

}  // namespace cosfuse::emulator
