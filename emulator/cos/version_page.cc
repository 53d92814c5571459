#include "emulator/cos/version_page.h"

#include <algorithm>
#include <optional>

#include "emulator/cos/list_page.h"

namespace cosfuse::emulator {
namespace {

/// Collects a page; full when one more entry would be too many.
class PageBuilder {
 public:
  explicit PageBuilder(const VersionQuery& query) : query_(query) {}

  /// The versions of a key from `first` on. False when the page is full.
  bool AddVersions(const std::string& key, const std::vector<Version>& versions, size_t first) {
    for (size_t i = first; i < versions.size(); ++i) {
      if (!MakeRoom()) return false;
      page_.entries.push_back({key, versions[i], i == 0});
      page_.next_key_marker = key;
      page_.next_id_marker = versions[i].id;
    }
    return true;
  }
  bool AddCommonPrefix(const std::string& prefix) {
    if (!MakeRoom()) return false;
    page_.common_prefixes.push_back(prefix);
    page_.next_key_marker = prefix;
    page_.next_id_marker.clear();
    return true;
  }
  VersionPage Take() { return std::move(page_); }

 private:
  bool MakeRoom() {
    page_.truncated = page_.entries.size() + page_.common_prefixes.size() == query_.max_keys;
    return !page_.truncated;
  }

  const VersionQuery& query_;
  VersionPage page_;
};

/// Where the page goes on within the versions of the marker's key.
size_t IndexAfter(const std::vector<Version>& versions, const std::string& id) {
  const auto found = std::ranges::find(versions, id, &Version::id);
  return found == versions.end() ? versions.size() : static_cast<size_t>(found - versions.begin()) + 1;
}

}  // namespace

VersionPage MakeVersionPage(const VersionedObjects& objects, const VersionQuery& query) {
  PageBuilder page(query);
  if (query.max_keys == 0) return page.Take();
  if (!query.id_marker.empty()) {
    const std::vector<Version> versions = objects.VersionsOf(query.key_marker);
    const size_t first = IndexAfter(versions, query.id_marker);
    if (!page.AddVersions(query.key_marker, versions, first)) return page.Take();
  }
  std::string rolled_up;  // The common prefix whose keys are skipped; the marker may be one.
  if (!query.delimiter.empty() && query.key_marker.ends_with(query.delimiter)) rolled_up = query.key_marker;
  for (auto key = objects.NextKey(query.key_marker); key; key = objects.NextKey(*key)) {
    if (!key->starts_with(query.prefix)) continue;
    if (!rolled_up.empty() && key->starts_with(rolled_up)) continue;
    const size_t found = query.delimiter.empty() ? std::string::npos : key->find(query.delimiter, query.prefix.size());
    if (found == std::string::npos) {
      if (!page.AddVersions(*key, objects.VersionsOf(*key), 0)) break;
    } else {
      rolled_up = key->substr(0, found + query.delimiter.size());
      if (!page.AddCommonPrefix(rolled_up)) break;
    }
  }
  return page.Take();
}

}  // namespace cosfuse::emulator
