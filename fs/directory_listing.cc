#include "fs/directory_listing.h"

#include <utility>

#include "fs/names.h"

namespace cosfuse {
namespace {

DirectoryListing::Position PositionOf(std::string_view name) {
  auto meaning = ParseName(name);
  // What no component can be called is in no listing, and is asked for all the same.
  if (!meaning) return {.component = std::string(name), .beside_directory = true};
  return {.component = std::move(meaning->component), .beside_directory = meaning->beside_directory};
}

}  // namespace

bool MayBeOldMarker(const ListedName& listed) {
  return !listed.is_directory && listed.size == 0 && ParseName(listed.name)->beside_directory;
}

void DirectoryListing::Put(ListedName name) {
  Position position = PositionOf(name.name);
  names_.insert_or_assign(std::move(position), std::move(name));
}

void DirectoryListing::Remove(std::string_view name) { names_.erase(PositionOf(name)); }

const ListedName* DirectoryListing::Find(std::string_view name) const {
  const auto found = names_.find(PositionOf(name));
  return found == names_.end() ? nullptr : &found->second;
}

bool DirectoryListing::HasBeside(std::string_view name) const {
  Position position = PositionOf(name);
  position.beside_directory = true;
  return names_.contains(position);
}

bool DirectoryListing::PutStretch(const Stretch& stretch, MonotonicTime at, std::vector<ListedName> names) {
  if (stretches_.KnowsNewer(stretch, at)) return false;
  for (auto each = names_.lower_bound(Position{stretch.from});
       each != names_.end() && (!stretch.end || each->first.component < *stretch.end);) {
    each = Shows(stretch, each->first.component) ? names_.erase(each) : std::next(each);
  }
  for (ListedName& name : names) {
    Position position = PositionOf(name.name);
    if (Shows(stretch, position.component)) names_.insert_or_assign(std::move(position), std::move(name));
  }
  stretches_.Put(stretch, at);
  return true;
}

Evidence DirectoryListing::ShownAt(std::string_view name) const { return stretches_.Get(PositionOf(name).component); }

}  // namespace cosfuse
