#include "fs/directory_stream.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "fs/directory_state.h"
#include "fs/metadata_codec.h"
#include "fs/names.h"
#include "fs/parallel.h"
#include "fs/resolve.h"

namespace cosfuse {

DirectoryStream::~DirectoryStream() { EndListing(); }

Result<> DirectoryStream::Rewind(const OpContext& context, Clock& clock) {
  const auto wake = WakeWhenCancelled(context);
  MutexLock lock(mutex_);
  while (fetching_) RETURN_IF_ERROR(WaitForFetchLocked(context, clock));
  EndListing();
  fetch_ = Fetch();
  names_ = PackedNames();
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
    auto last = FetchMore(context, source);
    lock.Lock();
    fetching_ = false;
    fetched_.NotifyAll();
    if (!last) return Fail(std::move(last).error());
    complete_ = *last;
  }
  if (position >= names_.size()) return std::optional<ListedName>();
  return std::optional(names_.At(position));
}

Evidence DirectoryStream::listed_at() const {
  MutexLock lock(mutex_);
  return listed_at_;
}

Result<bool> DirectoryStream::FetchMore(const OpContext& context, const DirectorySource& source) {
  if (!source.ask_store) {
    Append(source.local_names());
    return true;
  }
  if (!fetch_.assembler) {
    if (TakeKeptListing(source)) return true;
    RETURN_IF_ERROR(context.CheckMayWait(source.clock.Now()));
    BeginListing(source);
  }
  ListRequest request;
  request.prefix = source.key;
  request.continuation_token = fetch_.next_token;
  ASSIGN_OR_RETURN(const ListPage page, source.store.List(context, request));
  fetch_.assembler->AddPage(page);
  fetch_.next_token = page.next_token;
  const bool last = page.next_token.empty();
  if (last) fetch_.assembler->Finish();
  for (;;) {
    std::vector<ListedName> names = fetch_.assembler->Take();
    const bool some = !names.empty();
    DropRemoved(names);
    DropOldMarkers(context, source, names);
    Append(names);
    if (!last || !some) break;
  }
  if (last) {
    AppendLocalNames(source);
    KeepListing(source);
    EndListing();
  }
  return last;
}

bool DirectoryStream::TakeKeptListing(const DirectorySource& source) {
  PackedNames names;
  Evidence listed_at;
  {
    MutexLock lock(node_->mutex);
    const DirectoryState& state = node_->state();
    if (!state.listing || !IsFresh(state.listing_evidence, source.clock.Now(), source.ttl)) return false;
    for (const auto& [key, name] : state.listing->names()) names.Append(name);
    listed_at = state.listing_evidence;
  }
  {
    MutexLock lock(mutex_);
    names_ = std::move(names);
    listed_at_ = listed_at;
  }
  AppendLocalNames(source);
  return true;
}

void DirectoryStream::BeginListing(const DirectorySource& source) {
  fetch_.began = source.clock.Now();
  {
    MutexLock lock(mutex_);
    listed_at_ = fetch_.began;
  }
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

void DirectoryStream::DropOldMarkers(const OpContext& context, const DirectorySource& source,
                                     std::vector<ListedName>& names) {
  constexpr size_t kParallelHeads = 32;
  std::vector<ListedName*> candidates;
  for (ListedName& name : names) {
    if (MayBeOldMarker(name)) candidates.push_back(&name);
  }
  if (candidates.empty()) return;
  std::vector<NodeRef> marked(candidates.size());
  const auto check = [&](size_t i) -> Result<> {
    const std::string component = ParseName(candidates[i]->name)->component;
    const MonotonicTime at = source.clock.Now();
    ASSIGN_OR_RETURN(const auto info, InterpretHead(source.store.Head(context, source.key + component, {})));
    if (!info || !IsOldDirectoryMarker(*info)) return {};
    candidates[i]->name.clear();
    marked[i] = source.on_old_marker(*NameOfComponent(component), *info, at);
    return {};
  };
  // One that could not be asked about is shown: its lookup will tell.
  static_cast<void>(RunInParallel(source.pool, candidates.size(), kParallelHeads, check));
  const size_t dropped = std::erase_if(names, [](const ListedName& name) { return name.name.empty(); });
  fetch_.any_old_marker = fetch_.any_old_marker || dropped > 0;
  std::ranges::move(marked, std::back_inserter(fetch_.old_marked));
}

void DirectoryStream::Append(const std::vector<ListedName>& names) {
  MutexLock lock(mutex_);
  for (const ListedName& name : names) names_.Append(name);
}

void DirectoryStream::AppendLocalNames(const DirectorySource& source) {
  // What is stored while the store is being listed may be neither in that listing nor local any more at its end.
  std::vector<ListedName> unsent = std::exchange(fetch_.unsent, {});
  if (!unsent.empty()) DropRemoved(unsent);
  std::unordered_map<std::string, ListedName> missing;
  for (ListedName& name : unsent) missing.emplace(name.name, std::move(name));
  for (ListedName& name : source.local_names()) missing.emplace(name.name, std::move(name));
  MutexLock lock(mutex_);
  fetch_.shown = names_.size();
  for (size_t i = 0; i < names_.size(); ++i) missing.erase(names_.At(i).name);
  for (const auto& [name, listed] : missing) names_.Append(listed);
}

void DirectoryStream::KeepListing(const DirectorySource& source) {
  DirectoryListing listing;
  bool keep = false;
  {
    MutexLock lock(mutex_);
    keep = names_.size() <= DirectoryListing::kMostNames && !fetch_.any_old_marker;
    for (size_t i = 0; keep && i < names_.size(); ++i) {
      ListedName name = names_.At(i);
      // What is open here and was stored before, the store does not have any more.
      if (i < fetch_.shown || name.etag.empty()) listing.Put(std::move(name));
    }
  }
  const size_t count = listing.names().size();
  size_t hidden_before = 0;
  {
    MutexLock lock(node_->mutex);
    DirectoryState& state = node_->state();
    state.listing_sorted = fetch_.assembler->sorted();
    hidden_before = std::exchange(state.hidden_keys, fetch_.assembler->hidden());
    LearnMarker(state, fetch_.assembler->marker(), fetch_.began);
    keep = keep && state.changes.KnowsAllSince(*fetch_.moment) &&
           !(state.listing_evidence && *state.listing_evidence > fetch_.began);
    if (keep) {
      state.changes.ApplyTo(*fetch_.moment, listing);
      state.listing = std::move(listing);
      state.listing_evidence = fetch_.began;
    }
  }
  if (fetch_.assembler->hidden() > hidden_before) {
    Log(LogLevel::kWarning, "some keys of a directory cannot be shown; cosfuse doctor lists them",
        {{"directory", source.key}, {"keys", std::to_string(fetch_.assembler->hidden())}});
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
