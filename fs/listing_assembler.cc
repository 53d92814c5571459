#include "fs/listing_assembler.h"

#include <algorithm>
#include <utility>

#include "fs/names.h"

namespace cosfuse {

void ListingAssembler::AddPage(const ListPage& page) {
  CheckOrder(page);
  for (const std::string& prefix : page.common_prefixes) AddPrefix(prefix);
  for (const ListedObject& object : page.objects) AddObject(object);
}

void ListingAssembler::CheckOrder(const ListPage& page) {
  constexpr std::ranges::greater_equal kNotBefore;
  sorted_ = sorted_ && std::ranges::adjacent_find(page.objects, kNotBefore, &ListedObject::key) == page.objects.end() &&
            std::ranges::adjacent_find(page.common_prefixes, kNotBefore) == page.common_prefixes.end();
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
  if (!directories_.Insert(component)) return;
  ready_.push_back({.name = *std::move(name), .is_directory = true});
}

void ListingAssembler::AddObject(const ListedObject& object) {
  if (!object.key.starts_with(directory_key_)) return;
  if (object.key == directory_key_) {
    // A marker with bytes is somebody's data.
    if (object.size > 0 && !marker_) ++hidden_;
    marker_ = object;
    return;
  }
  ListedName by_component = {.name = object.key.substr(directory_key_.size()),
                             .is_directory = false,
                             .size = object.size,
                             .etag = object.etag,
                             .last_modified = object.last_modified};
  if (ordered()) {
    waiting_.push_back(std::move(by_component));
  } else {
    held_.Append(by_component);
  }
}

void ListingAssembler::Release(ListedName object) {
  if (!sorted_ && !seen_.Insert(object.name)) return;
  auto name = directories_.Contains(object.name) ? NameBesideDirectory(object.name) : NameOfComponent(object.name);
  if (!name) {
    ++hidden_;
    return;
  }
  object.name = *std::move(name);
  ready_.push_back(std::move(object));
}

void ListingAssembler::ReleasePassed() {
  const auto waits = [&](const ListedName& object) {
    return !finished_ && !(ordered() && directory_key_ + object.name + '/' <= greatest_);
  };
  std::vector<ListedName> waiting;
  for (ListedName& object : waiting_) {
    if (waits(object)) {
      waiting.push_back(std::move(object));
    } else {
      Release(std::move(object));
    }
  }
  waiting_ = std::move(waiting);
  // In order, no object to come can meet a prefix that has been passed.
  if (ordered()) directories_.Clear();
}

void ListingAssembler::ReleaseHeld() {
  const size_t end = std::min(held_.size(), released_ + kMostAtOnce);
  for (; released_ < end; ++released_) Release(held_.At(released_));
  held_.FreeBefore(released_);
}

std::vector<ListedName> ListingAssembler::Take() {
  ReleasePassed();
  if (finished_) {
    // What is released may be no name: nothing to show is not the end.
    do ReleaseHeld();
    while (ready_.empty() && released_ < held_.size());
  }
  return std::exchange(ready_, {});
}

}  // namespace cosfuse
