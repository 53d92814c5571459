#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/byte_range.h"
#include "base/clock.h"
#include "cos/object_store.h"

namespace cosfuse {

/// What a listing knows of one name.
struct ListedName {
  std::string name;
  bool is_directory = false;
  ByteCount size = 0;
  ETag etag{};  ///< Empty: a file that is not in the store yet, or a directory.
  WallTime last_modified{};
};

/// A complete listing of one directory: it answers "yes" and "no". Not thread-safe.
class DirectoryListing {
 public:
  using Names = std::map<std::string, ListedName, std::less<>>;

  void Put(ListedName name) {
    std::string key = name.name;
    names_.insert_or_assign(std::move(key), std::move(name));
  }
  void Remove(std::string_view name) {
    if (const auto found = names_.find(name); found != names_.end()) names_.erase(found);
  }
  /// Null where the name is not there. Valid until the listing changes.
  const ListedName* Find(std::string_view name) const {
    const auto found = names_.find(name);
    return found == names_.end() ? nullptr : &found->second;
  }
  const Names& names() const { return names_; }

 private:
  Names names_;
};

}  // namespace cosfuse
