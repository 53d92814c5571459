#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cos/object_store.h"
#include "fs/component_set.h"
#include "fs/directory_listing.h"
#include "fs/packed_names.h"

namespace cosfuse {

/// Turns the pages of a delimited listing into names. The difficulty: a prefix `foo/` takes the name of an object
/// `foo`, and may come on a later page. Objects are therefore held back: to the end, or, where the store's order can be
/// trusted (binary, seen in a complete listing of this directory before), until the pages are past `foo/`. Not
/// thread-safe.
class ListingAssembler {
 public:
  /// At the end all names may be held back: Take gives them in portions, so that they are never there twice.
  static constexpr size_t kMostAtOnce = 4096;

  ListingAssembler(ObjectKey directory_key, bool trust_order)
      : directory_key_(std::move(directory_key)), trust_order_(trust_order) {}

  void AddPage(const ListPage& page);
  /// No page follows.
  void Finish() { finished_ = true; }
  /// Names that can be shown now; each once. Call it after each page, and after Finish until nothing is left.
  std::vector<ListedName> Take();

  /// False once a page was out of order.
  bool sorted() const { return sorted_; }
  /// Objects and prefixes that cannot be shown, as far as names were taken.
  size_t hidden() const { return hidden_; }
  /// The directory's own marker, if a page held it.
  const std::optional<ListedObject>& marker() const { return marker_; }

 private:
  bool ordered() const { return trust_order_ && sorted_; }
  void CheckOrder(const ListPage& page);
  void AddPrefix(const std::string& prefix);
  void AddObject(const ListedObject& object);
  void ReleasePassed();
  void ReleaseHeld();
  /// An object under the name that its component has.
  void Release(ListedName object);

  const ObjectKey directory_key_;
  const bool trust_order_;
  bool finished_ = false;
  bool sorted_ = true;
  std::string greatest_;  ///< The greatest key or prefix so far.
  size_t hidden_ = 0;
  std::optional<ListedObject> marker_;
  // Objects, each by its component instead of its name.
  std::vector<ListedName> waiting_;  ///< In order: until their prefixes have been passed.
  PackedNames held_;                 ///< Out of order: to the end.
  size_t released_ = 0;              ///< Of `held_`.
  ComponentSet directories_;         ///< Of prefixes that an object may still meet.
  ComponentSet seen_;                ///< Released; only of a listing that repeats itself.
  std::vector<ListedName> ready_;
};

}  // namespace cosfuse
