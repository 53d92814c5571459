#include "fs/listing_assembler.h"

#include <algorithm>
#include <utility>

#include "fs/names.h"

namespace cosfuse {

void ListingAssembler::AddPage(const ListPage& page) {
  CheckOrder(page);
  for (const std::string& prefix : page.common_prefixes) AddPrefix(prefix);
  for (const ListedObject& object : page.objects) {
    if (!object.key.starts_with(directory_key_)) continue;
    if (object.key == directory_key_) {
      marker_ = object;
      continue;
    }
    held_.emplace(object.key.substr(directory_key_.size()), object);
  }
}

void ListingAssembler::CheckOrder(const ListPage& page) {
  sorted_ = sorted_ && std::ranges::is_sorted(page.objects, {}, &ListedObject::key) &&
            std::ranges::is_sorted(page.common_prefixes);
  std::string greatest = greatest_;
  const auto extend = [&](const std::string& key) {
    if (key <= greatest_ && !greatest_.empty()) sorted_ = false;
    greatest = std::max(greatest, key);
  };
  for (const ListedObject& object : page.objects) extend(object.key);
  for (const std::string& prefix : page.common_prefixes) extend(prefix);
  greatest_ = std::move(greatest);
}

void ListingAssembler::AddPrefix(const std::string& prefix) {
  if (!prefix.starts_with(directory_key_) || !prefix.ends_with('/')) return;
  const std::string component = prefix.substr(directory_key_.size(), prefix.size() - directory_key_.size() - 1);
  auto name = NameOfComponent(component);
  if (!name) {
    ++hidden_;
    return;
  }
  if (!directories_.insert(component).second) return;
  ready_.push_back({.name = *std::move(name), .is_directory = true});
}

void ListingAssembler::Release(const std::string& component, const ListedObject& object) {
  auto name = directories_.contains(component) ? NameBesideDirectory(component) : NameOfComponent(component);
  if (!name) {
    ++hidden_;
    return;
  }
  ready_.push_back({.name = *std::move(name),
                    .is_directory = false,
                    .size = object.size,
                    .etag = object.etag,
                    .last_modified = object.last_modified});
}

std::vector<ListedName> ListingAssembler::Take() {
  const bool ordered = trust_order_ && sorted_;
  for (auto held = held_.begin(); held != held_.end();) {
    if (!finished_ && !(ordered && directory_key_ + held->first + '/' <= greatest_)) {
      ++held;
      continue;
    }
    Release(held->first, held->second);
    held = held_.erase(held);
  }
  // In order, no object to come can meet a prefix that has been passed.
  if (ordered) std::erase_if(directories_, [&](const std::string& name) { return directory_key_ + name < greatest_; });
  return std::exchange(ready_, {});
}

}  // namespace cosfuse
