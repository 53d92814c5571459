#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "emulator/cos/versioned_objects.h"

namespace cosfuse::emulator {

/// What one listing of versions asks for.
struct VersionQuery {
  std::string prefix;
  std::string delimiter;  ///< Empty: no roll-up.
  /// Only what comes after: whole keys, or with an id the older versions of that key as well.
  std::string key_marker;
  std::string id_marker;
  size_t max_keys = 1000;
};

struct VersionEntry {
  std::string key;
  Version version;
  bool is_latest = false;
};

/// One page, by key and then the latest first. Versions and common prefixes count together towards max_keys.
struct VersionPage {
  std::vector<VersionEntry> entries;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  /// Where it is truncated, the markers of the next page.
  std::string next_key_marker;
  std::string next_id_marker;
};

/// Pure.
VersionPage MakeVersionPage(const VersionedObjects& objects, const VersionQuery& query);

}  // namespace cosfuse::emulator
