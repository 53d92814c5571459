#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_range.h"
#include "base/clock.h"
#include "cos/object_store.h"
#include "fs/listed_stretches.h"

namespace cosfuse {

/// What a listing knows of one name.
struct ListedName {
  std::string name;
  bool is_directory = false;
  ByteCount size = 0;
  ETag etag{};  ///< Empty: a file that is not in the store yet, or a directory.
  WallTime last_modified{};
};

/// It is an empty object beside a directory: what an old s3fs left may be that directory's marker, and no name.
bool MayBeOldMarker(const ListedName& listed);

/// The names of one directory, as listings of all of it or of stretches have shown them, brought up to date with our
/// own changes. Where it was shown it answers "yes" and "no"; how far that may be believed, `ShownAt` tells of
/// stretches and the owner of the whole. Not thread-safe.
class DirectoryListing {
 public:
  /// Beyond so many names a listing is not kept.
  static constexpr size_t kMostNames = 100'000;

  /// Where a name stands: by its component in binary order, what stands beside a directory behind that.
  struct Position {
    std::string component;
    bool beside_directory = false;
    friend auto operator<=>(const Position&, const Position&) = default;
  };
  using Names = std::map<Position, ListedName>;

  void Put(ListedName name);
  void Remove(std::string_view name);
  /// Null where the name is not there. Valid until the listing changes.
  const ListedName* Find(std::string_view name) const;
  /// True where an object stands beside a directory of that name.
  bool HasBeside(std::string_view name) const;
  const Names& names() const { return names_; }

  /// An answer that was asked for at `at` showed these names in that stretch, and no others. Names outside are left
  /// out. False, and nothing done, where a part of it is known from a later answer.
  bool PutStretch(const Stretch& stretch, MonotonicTime at, std::vector<ListedName> names);
  /// When the name was shown last by a stretch.
  Evidence ShownAt(std::string_view name) const;

 private:
  Names names_;
  ListedStretches stretches_;
};

}  // namespace cosfuse
