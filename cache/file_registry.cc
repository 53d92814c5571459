#include "cache/file_registry.h"

#include <algorithm>
#include <utility>

#include "cache/layered_file.h"

namespace cosfuse {
namespace {

std::vector<std::shared_ptr<LayeredFile>> Living(const std::map<const LayeredFile*, std::weak_ptr<LayeredFile>>& all) {
  std::vector<std::shared_ptr<LayeredFile>> files;
  files.reserve(all.size());
  for (const auto& [name, weak] : all) {
    if (auto file = weak.lock()) files.push_back(std::move(file));
  }
  return files;
}

}  // namespace

void FileRegistry::Add(const std::shared_ptr<LayeredFile>& file) {
  MutexLock lock(mutex_);
  files_.emplace(file.get(), file);
}

void FileRegistry::Remove(const LayeredFile* file) {
  MutexLock lock(mutex_);
  files_.erase(file);
  copies_.erase(file);
  ++changes_;
  changed_.NotifyAll();
}

void FileRegistry::Keep(const std::shared_ptr<LayeredFile>& file, MonotonicTime now) {
  MutexLock lock(mutex_);
  if (!kept_.emplace(file.get(), Kept{file, kept_ever_}).second) return;
  kept_since_.emplace(kept_ever_++, now);
}

void FileRegistry::LetGo(const LayeredFile* file) {
  std::shared_ptr<LayeredFile> last;  // May be the last reference: the file goes without the lock, it calls Remove.
  MutexLock lock(mutex_);
  const auto kept = kept_.find(file);
  if (kept == kept_.end()) return;
  last = std::move(kept->second.file);
  kept_since_.erase(kept->second.number);
  kept_.erase(kept);
  ++changes_;
  changed_.NotifyAll();
}

void FileRegistry::KeepAnew(const LayeredFile* file, MonotonicTime now) {
  MutexLock lock(mutex_);
  const auto kept = kept_.find(file);
  if (kept == kept_.end()) return;
  kept_since_.erase(kept->second.number);
  kept->second.number = kept_ever_++;
  kept_since_.emplace(kept->second.number, now);
}

void FileRegistry::KeepWithoutAge(const LayeredFile* file) {
  MutexLock lock(mutex_);
  if (const auto kept = kept_.find(file); kept != kept_.end()) kept_since_.erase(kept->second.number);
}

PromiseLoad FileRegistry::load(MonotonicTime now) const {
  MutexLock lock(mutex_);
  PromiseLoad load{.files = kept_.size(), .oldest = {}};
  if (!kept_since_.empty()) load.oldest = std::max(Duration{}, now - kept_since_.begin()->second);
  return load;
}

void FileRegistry::LetAllGo() {
  std::map<const LayeredFile*, Kept> last;
  MutexLock lock(mutex_);
  last.swap(kept_);
  kept_since_.clear();
}

std::vector<std::shared_ptr<LayeredFile>> FileRegistry::Files() const {
  MutexLock lock(mutex_);
  return Living(files_);
}

void FileRegistry::AddCopy(const std::shared_ptr<LayeredFile>& file) {
  MutexLock lock(mutex_);
  copies_.emplace(file.get(), file);
}

void FileRegistry::RemoveCopy(const LayeredFile* file) {
  MutexLock lock(mutex_);
  copies_.erase(file);
}

std::vector<std::shared_ptr<LayeredFile>> FileRegistry::Copies() const {
  MutexLock lock(mutex_);
  return Living(copies_);
}

bool FileRegistry::MakeRoom() const {
  bool any = false;
  for (const auto& file : Files()) {
    any = file->DropClean() || any;
    any = file->ParkSent() || any;
    file->SendEarlyParts(true);
    file->StoreNow();
  }
  return any;
}

bool FileRegistry::MayMakeRoom() const {
  const auto files = Files();
  return std::ranges::any_of(files, [](const auto& file) { return file->leaves_early() || file->leaving(); });
}

bool FileRegistry::AnythingLeaves() const {
  const auto files = Files();
  return std::ranges::any_of(files, [](const auto& file) { return file->leaving(); });
}

uint64_t FileRegistry::BeginPromise() {
  MutexLock lock(mutex_);
  promises_.insert(next_promise_);
  return next_promise_++;
}

void FileRegistry::EndPromise(uint64_t place) {
  MutexLock lock(mutex_);
  promises_.erase(place);
  ++changes_;
  changed_.NotifyAll();
}

uint64_t FileRegistry::next_promise() const {
  MutexLock lock(mutex_);
  return next_promise_;
}

bool FileRegistry::AnyPromiseBefore(uint64_t place) const {
  MutexLock lock(mutex_);
  return !promises_.empty() && *promises_.begin() < place;
}

void FileRegistry::CountEndedPromise() {
  MutexLock lock(mutex_);
  ++ended_promises_;
}

uint64_t FileRegistry::ended_promises() const {
  MutexLock lock(mutex_);
  return ended_promises_;
}

void FileRegistry::CountConflict() {
  MutexLock lock(mutex_);
  ++counts_.conflicts;
}

void FileRegistry::CountFailedUpload() {
  MutexLock lock(mutex_);
  ++counts_.failed_uploads;
}

FileRegistry::Counts FileRegistry::counts() const {
  MutexLock lock(mutex_);
  return counts_;
}

void FileRegistry::NotifyChange() {
  MutexLock lock(mutex_);
  ++changes_;
  changed_.NotifyAll();
}

uint64_t FileRegistry::changes() const {
  MutexLock lock(mutex_);
  return changes_;
}

Result<> FileRegistry::WaitForChange(const OpContext& context, const Clock& clock, uint64_t changes) {
  const auto wake = context.OnCancel([this] {
    MutexLock lock(mutex_);
    changed_.NotifyAll();
  });
  MutexLock lock(mutex_);
  while (changes_ == changes) {
    RETURN_IF_ERROR(context.CheckMayWait(clock.Now()));
    changed_.WaitUntil(mutex_, context.deadline());
  }
  return {};
}

}  // namespace cosfuse
