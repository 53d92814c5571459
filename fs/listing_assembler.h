#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cos/object_store.h"
#include "fs/directory_listing.h"

namespace cosfuse {

/// Turns the pages of a delimited listing into names. The difficulty: a prefix `foo/` takes the name of an object
/// `foo`, and may come on a later page. Objects are therefore held back: to the end, or, where the store's order can be
/// trusted (binary, seen in a complete listing of this directory before), until the pages are past `foo/`. Not
/// thread-safe.
class ListingAssembler {
 public:
  ListingAssembler(ObjectKey directory_key, bool trust_order)
      : directory_key_(std::move(directory_key)), trust_order_(trust_order) {}

  void AddPage(const ListPage& page);
  /// No page follows.
  void Finish() { finished_ = true; }
  /// The names that can be shown now; each once.
  std::vector<ListedName> Take();

  /// False once a page was out of order.
  bool sorted() const { return sorted_; }
  /// Keys that cannot be names.
  size_t hidden() const { return hidden_; }
  /// The directory's own marker, if a page held it.
  const std::optional<ListedObject>& marker() const { return marker_; }

 private:
  void CheckOrder(const ListPage& page);
  void AddPrefix(const std::string& prefix);
  void Release(const std::string& component, const ListedObject& object);

  const ObjectKey directory_key_;
  const bool trust_order_;
  bool finished_ = false;
  bool sorted_ = true;
  std::string greatest_;  ///< The greatest key or prefix so far.
  size_t hidden_ = 0;
  std::optional<ListedObject> marker_;
  std::map<std::string, ListedObject> held_;  ///< Objects by component.
  std::set<std::string> directories_;         ///< Components of prefixes that an object held back may meet.
  std::vector<ListedName> ready_;
};

}  // namespace cosfuse
