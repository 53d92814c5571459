#include "fs/directory_stream.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "fs/directory_state.h"

namespace cosfuse {

DirectoryStream::~DirectoryStream() { EndListing(); }

Result<> DirectoryStream::Rewind(const OpContext& context, Clock& clock) {
  const auto wake = WakeWhenCancelled(context);
  MutexLock lock(mutex_);
  while (fetching_) RETURN_IF_ERROR(WaitForFetchLocked(context, clock));
  EndListing();
  fetch_ = Fetch();
  names_.clear();
  complete_ = false;
  return {};
}

Cancellation::Registration DirectoryStream::WakeWhenCancelled(const OpContext& context) {
  return context.OnCancel([this] {
    MutexLock lock(mutex_);
    fetched_.NotifyAll();
  });
}

Result<> DirectoryStream::WaitForFetchLocked(const OpContext& context, Clock& clock) {
  RETURN_IF_ERROR(context.CheckMayWait(clock.Now()));
  fetched_.WaitUntil(mutex_, context.deadline());
  return {};
}

Result<std::optional<ListedName>> DirectoryStream::Get(const OpContext& context, const DirectorySource& source,
                                                       size_t position) {
  const auto wake = WakeWhenCancelled(context);
  MutexLock lock(mutex_);
  while (position >= names_.size() && !complete_) {
    if (fetching_) {
      RETURN_IF_ERROR(WaitForFetchLocked(context, source.clock));
      continue;
    }
    fetching_ = true;
    lock.Unlock();
    auto batch = FetchBatch(context, source);
    lock.Lock();
    fetching_ = false;
    fetched_.NotifyAll();
    if (!batch) return Fail(std::move(batch).error());
    std::ranges::move(batch->names, std::back_inserter(names_));
    complete_ = batch->last;
    listed_at_ = batch->listed_at;
  }
  if (position >= names_.size()) return std::optional<ListedName>();
  return std::optional(names_[position]);
}

Evidence DirectoryStream::listed_at() const {
  MutexLock lock(mutex_);
  return listed_at_;
}

Result<DirectoryStream::Batch> DirectoryStream::FetchBatch(const OpContext& context, const DirectorySource& source) {
  if (!source.ask_store) return Batch{source.local_names(), true, std::nullopt};
  if (!fetch_.assembler) {
    if (auto kept = TakeKeptListing(source)) return *std::move(kept);
    RETURN_IF_ERROR(context.CheckMayWait(source.clock.Now()));
    BeginListing(source);
  }
  ListRequest request;
  request.prefix = source.key;
  request.continuation_token = fetch_.next_token;
  ASSIGN_OR_RETURN(const ListPage page, source.store.List(context, request));
  fetch_.assembler->AddPage(page);
  fetch_.next_token = page.next_token;
  Batch batch;
  batch.last = page.next_token.empty();
  batch.listed_at = fetch_.began;
  if (batch.last) fetch_.assembler->Finish();
  batch.names = fetch_.assembler->Take();
  DropRemoved(batch.names);
  if (batch.last) {
    AppendLocalNames(source, batch.names);
    KeepListing(source, batch.names);
    EndListing();
  }
  return batch;
}

std::optional<DirectoryStream::Batch> DirectoryStream::TakeKeptListing(const DirectorySource& source) {
  const MonotonicTime now = source.clock.Now();
  Batch batch;
  batch.last = true;
  {
    MutexLock lock(node_->mutex);
    const DirectoryState& state = node_->state();
    if (!state.listing || !IsFresh(state.listing_evidence, now, source.ttl)) return std::nullopt;
    for (const auto& [key, name] : state.listing->names()) batch.names.push_back(name);
    batch.listed_at = state.listing_evidence;
  }
  AppendLocalNames(source, batch.names);
  return batch;
}

void DirectoryStream::BeginListing(const DirectorySource& source) {
  fetch_.began = source.clock.Now();
  {
    MutexLock lock(node_->mutex);
    fetch_.moment = node_->state().changes.Begin();
    fetch_.assembler = std::make_unique<ListingAssembler>(source.key, node_->state().listing_sorted);
  }
  fetch_.unsent = source.local_names();
}

void DirectoryStream::DropRemoved(std::vector<ListedName>& names) {
  MutexLock lock(node_->mutex);
  std::erase_if(names, [&](const ListedName& name) {
    node_->mutex.AssertHeld();
    return node_->state().changes.RemovedSince(*fetch_.moment, name.name);
  });
}

void DirectoryStream::AppendLocalNames(const DirectorySource& source, std::vector<ListedName>& names) {
  // What is stored while the store is being listed may be neither in that listing nor local any more at its end.
  std::vector<ListedName> unsent = std::exchange(fetch_.unsent, {});
  if (!unsent.empty()) DropRemoved(unsent);
  std::unordered_map<std::string, ListedName> missing;
  for (ListedName& name : unsent) missing.emplace(name.name, std::move(name));
  for (ListedName& name : source.local_names()) missing.emplace(name.name, std::move(name));
  if (missing.empty()) return;
  for (const ListedName& name : names) missing.erase(name.name);
  {
    MutexLock lock(mutex_);
    for (const ListedName& name : names_) missing.erase(name.name);
  }
  for (auto& [name, listed] : missing) names.push_back(std::move(listed));
}

void DirectoryStream::KeepListing(const DirectorySource& source, const std::vector<ListedName>& last_names) {
  DirectoryListing listing;
  bool keep = false;
  {
    MutexLock lock(mutex_);
    keep = names_.size() + last_names.size() <= kMostKeptNames;
    if (keep) {
      for (const ListedName& name : names_) listing.Put(name);
      for (const ListedName& name : last_names) listing.Put(name);
    }
  }
  const size_t count = listing.names().size();
  {
    MutexLock lock(node_->mutex);
    DirectoryState& state = node_->state();
    state.listing_sorted = fetch_.assembler->sorted();
    LearnMarker(state, fetch_.assembler->marker(), fetch_.began);
    keep = keep && state.changes.KnowsAllSince(*fetch_.moment) &&
           !(state.listing_evidence && *state.listing_evidence > fetch_.began);
    if (keep) {
      state.changes.ApplyTo(*fetch_.moment, listing);
      state.listing = std::move(listing);
      state.listing_evidence = fetch_.began;
    }
  }
  if (keep) source.on_kept(count);
}

void DirectoryStream::EndListing() {
  if (!fetch_.moment) return;
  MutexLock lock(node_->mutex);
  node_->state().changes.End(*fetch_.moment);
  fetch_.moment.reset();
}

}  // namespace cosfuse
