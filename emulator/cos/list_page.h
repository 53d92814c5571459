#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/cos/object.h"

namespace cosfuse::emulator {

/// What one LIST asks for.
struct ListQuery {
  std::string prefix;
  std::string delimiter;  ///< Empty: no roll-up.
  /// Only entries after it: keys greater than it, and a common prefix unless it is the boundary itself.
  std::string after;
  size_t max_keys = 1000;
};

struct ListEntry {
  std::string key;
  ObjectPtr object;
};

/// One page: keys and common prefixes count together towards max_keys.
struct ListPage {
  std::vector<ListEntry> entries;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string last;  ///< The greatest entry of the page; as `after` it asks for the next one.
};

/// Pure. Costs one search per entry of the page, however many keys a common prefix hides.
ListPage MakeListPage(const ObjectMap& objects, const ListQuery& query);

/// The least string greater than every string that starts with `prefix`; empty where there is none (only 0xff bytes).
std::string PrefixEnd(std::string prefix);

}  // namespace cosfuse::emulator
