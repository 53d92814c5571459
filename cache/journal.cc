#include "cache/journal.h"

#include <algorithm>
#include <limits>

#include "base/crash_point.h"
#include "base/encoding.h"
#include "base/log.h"

namespace cosfuse {
namespace {

constexpr std::string_view kNewJournalFile = "journal.new";
/// A log shorter than this is not worth writing anew; nor one of which a quarter still counts.
constexpr ByteCount kLeastCompaction = 4 * kMiB;
constexpr ByteCount kCompactionFactor = 4;

std::string HexNumber(uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), kDigits[number % kDigits.size()]);
    number /= kDigits.size();
  } while (number != 0);
  return text;
}

Result<std::string> ReadWhole(const DiskFile& file) {
  ASSIGN_OR_RETURN(const ByteCount size, file.Size());
  std::string bytes(size, '\0');
  ASSIGN_OR_RETURN(const size_t length, file.Read(0, std::as_writable_bytes(std::span(bytes))));
  bytes.resize(length);
  return bytes;
}

Result<> CheckVersion(const JournalHeader& header) {
  if (header.version == JournalHeader::kVersion) return {};
  return Fail(ErrorCode::kUnsupported, "the journal in the cache directory has format " +
                                           std::to_string(header.version) + ", this program knows format " +
                                           std::to_string(JournalHeader::kVersion));
}

/// Bytes of a layer stand in its staging file, synced, once it has taken part in a merge.
void ForgetMerged(std::vector<JournalBytes>& bytes, const JournalMerge& merge) {
  std::erase_if(bytes, [&](const JournalBytes& each) {
    return each.file == merge.file && (each.layer == merge.from || each.layer == merge.into);
  });
}

}  // namespace

std::string StagingFileName(JournalFileId file, LayerId layer) {
  return std::string(kStagingDirectory) + "/" + HexNumber(static_cast<uint64_t>(file)) + "-" +
         HexNumber(static_cast<uint64_t>(layer));
}

Result<JournalFound> ReadJournal(Disk& disk, const std::optional<JournalIdentity>& identity) {
  const auto log = disk.OpenFile(std::string(kJournalFile));
  if (!log && log.error().code() == ErrorCode::kNotFound) return JournalFound();
  if (!log) return Fail(log.error());
  ASSIGN_OR_RETURN(const std::string bytes, ReadWhole(**log));
  const JournalScan scan = ScanJournal(bytes);
  JournalFound found;
  found.end = scan.end;
  found.unused = bytes.size() - scan.valid;
  if (scan.records.empty()) return found;
  const auto* const header = std::get_if<JournalHeader>(&scan.records.front());
  if (header == nullptr) return Fail(ErrorCode::kUnsupported, "the journal in the cache directory has no header");
  RETURN_IF_ERROR(CheckVersion(*header));
  found.other_boot = identity && header->boot_id != identity->boot_id;
  for (const JournalRecord& record : scan.records) {
    found.state.Apply(record);
    if (const auto* const held = std::get_if<JournalBytes>(&record)) found.bytes.push_back(*held);
    if (const auto* const merge = std::get_if<JournalMerge>(&record)) ForgetMerged(found.bytes, *merge);
  }
  if (identity && header->store != identity->store && !found.state.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "the cache directory has the journal of another bucket (" + header->store + "), with unsent changes");
  }
  std::erase_if(found.bytes, [&](const JournalBytes& each) {
    const auto file = found.state.files().find(each.file);
    if (file == found.state.files().end()) return true;
    const auto& layers = file->second.content.layers;
    return std::ranges::find(layers, each.layer, &LayerImage::id) == layers.end();
  });
  return found;
}

Result<std::unique_ptr<Journal>> Journal::Begin(Disk& disk, const JournalIdentity& identity, JournalFileId first_id,
                                                std::span<const JournalRecord> records) {
  std::unique_ptr<Journal> journal(new Journal(disk, identity));
  ASSIGN_OR_RETURN(auto log, journal->WriteLog(first_id, records));
  RETURN_IF_ERROR(disk.SyncDirectory(""));
  MutexLock lock(journal->mutex_);
  journal->log_ = std::move(log.first);
  journal->end_ = log.second;
  ByteCount held = 0;
  for (const JournalRecord& record : records) {
    journal->state_.Apply(record);
    if (const auto* const bytes = std::get_if<JournalBytes>(&record)) {
      journal->layers_in_log_.emplace(bytes->file, bytes->layer);
      held += bytes->bytes.size();
    }
  }
  // Bytes that are held say nothing any more once their files are stored: until then they are no reason to begin anew.
  const ByteCount counts = log.second - held;
  journal->compact_at_ = held + std::max(kLeastCompaction, kCompactionFactor * counts);
  journal->next_id_ = std::max(first_id, journal->state_.next_id());
  return journal;
}

JournalFileId Journal::NewFileId() {
  MutexLock lock(mutex_);
  const JournalFileId id = next_id_;
  next_id_ = JournalFileId{static_cast<uint64_t>(id) + 1};
  return id;
}

Result<std::pair<std::shared_ptr<DiskFile>, ByteCount>> Journal::WriteLog(JournalFileId first_id,
                                                                          std::span<const JournalRecord> records) {
  std::string bytes;
  AppendJournalFrame(
      bytes, EncodeJournalRecord(JournalHeader{
                 .store = identity_.store, .boot_id = identity_.boot_id, .first_id = static_cast<uint64_t>(first_id)}));
  for (const JournalRecord& record : records) AppendJournalFrame(bytes, EncodeJournalRecord(record));
  const std::string name(kNewJournalFile);
  RETURN_IF_ERROR(disk_.RemoveFile(name));
  ASSIGN_OR_RETURN(std::shared_ptr<DiskFile> log, disk_.CreateFile(name));
  CrashPoint("new_journal.write", "before");
  RETURN_IF_ERROR(log->Write(0, AsBytes(bytes)));
  CrashPoint("new_journal.sync", "before");
  // The name must not come to the disk before the bytes do.
  RETURN_IF_ERROR(log->Sync());
  CrashPoint("new_journal.rename", "before");
  RETURN_IF_ERROR(disk_.RenameFile(name, std::string(kJournalFile)));
  CrashPoint("new_journal.rename", "after");
  return std::pair(std::move(log), bytes.size());
}

Result<> Journal::Append(std::span<const JournalRecord> records) {
  std::string bytes;
  for (const JournalRecord& record : records) AppendJournalFrame(bytes, EncodeJournalRecord(record));
  bool long_enough = false;
  {
    MutexLock lock(mutex_);
    while (compacting_) changed_.Wait(mutex_);
    if (unwritable_) return Fail(*unwritable_);
    CrashPoint("journal.append", "before");
    if (auto written = log_->Write(end_, AsBytes(bytes)); !written) {
      // What there is of the bytes is cut off, so that the next record does not stand behind half a one.
      const auto cut = log_->Truncate(end_);
      if (!cut) unwritable_ = cut.error().WithContext("the journal cannot be written any more");
      return Fail(written.error().WithContext("writing the journal"));
    }
    CrashPoint("journal.append", "after");
    end_ += bytes.size();
    appended_ += bytes.size();
    for (const JournalRecord& record : records) {
      state_.Apply(record);
      if (const auto* const held = std::get_if<JournalBytes>(&record)) {
        layers_in_log_.emplace(held->file, held->layer);
      } else if (const auto* const gone = std::get_if<JournalGone>(&record)) {
        const auto begin = layers_in_log_.lower_bound({gone->file, LayerId{0}});
        const auto end =
            std::find_if(begin, layers_in_log_.end(), [gone](const auto& layer) { return layer.first != gone->file; });
        layers_in_log_.erase(begin, end);
      }
    }
    long_enough = end_ >= compact_at_;
  }
  if (long_enough) CompactIfWorthIt();
  return {};
}

Result<> Journal::Sync() {
  ByteCount wanted = 0;
  {
    MutexLock lock(mutex_);
    wanted = appended_;
  }
  for (;;) {
    std::shared_ptr<DiskFile> log;
    ByteCount covers = 0;
    {
      MutexLock lock(mutex_);
      // Who leads syncs for all that has been appended by then; the others wait for it.
      while (!unsyncable_ && synced_ < wanted && (syncing_ || compacting_)) changed_.Wait(mutex_);
      if (synced_ >= wanted) return {};
      if (unsyncable_) return Fail(*unsyncable_);
      syncing_ = true;
      covers = appended_;
      log = log_;
    }
    CrashPoint("journal.sync", "before");
    const auto synced = log->Sync();
    CrashPoint("journal.sync", "after");
    MutexLock lock(mutex_);
    syncing_ = false;
    if (synced) {
      synced_ = std::max(synced_, covers);
    } else {
      // The kernel may have dropped the pages: another try would only say that there is nothing left to write.
      unsyncable_ = synced.error().WithContext("syncing the journal");
    }
    changed_.NotifyAll();
  }
}

void Journal::CompactIfWorthIt() {
  std::vector<JournalRecord> summary;
  std::set<std::pair<JournalFileId, LayerId>> layers;
  JournalFileId next_id{};
  {
    MutexLock lock(mutex_);
    if (compacting_ || syncing_ || unwritable_ || unsyncable_ || end_ < compact_at_) return;
    compacting_ = true;
    summary = state_.Summary();
    layers = layers_in_log_;
    next_id = next_id_;
  }
  CrashPoint("journal.compaction", "before");
  const auto synced = SyncLayers(layers);
  auto log = synced ? WriteLog(next_id, summary) : Fail(synced.error());
  // From here on the new one is the journal, also if its name may not survive the node.
  const auto named = log ? disk_.SyncDirectory("") : Result<>();
  CrashPoint("journal.compaction", "after");
  MutexLock lock(mutex_);
  compacting_ = false;
  if (log) {
    log_ = std::move(log->first);
    end_ = log->second;
    synced_ = appended_;
    if (!named) unsyncable_ = named.error().WithContext("syncing the journal's directory");
    compact_at_ = std::max(kLeastCompaction, kCompactionFactor * end_);
    layers_in_log_.clear();
  } else {
    // The old one goes on; a disk that has no room now is not asked again for each record.
    compact_at_ = 2 * end_;
    Log(LogLevel::kWarning, "the journal could not be shortened", {{"error", log.error().ToString()}});
  }
  changed_.NotifyAll();
}

Result<> Journal::SyncLayers(const std::set<std::pair<JournalFileId, LayerId>>& layers) {
  for (const auto& [file, layer] : layers) {
    const auto staged = disk_.OpenFile(StagingFileName(file, layer));
    // A layer that is gone by now took its bytes with it.
    if (!staged && staged.error().code() == ErrorCode::kNotFound) continue;
    if (!staged) return Fail(staged.error());
    RETURN_IF_ERROR((*staged)->Sync());
  }
  return layers.empty() ? Result<>() : disk_.SyncDirectory(std::string(kStagingDirectory));
}

ByteCount Journal::size() const {
  MutexLock lock(mutex_);
  return end_;
}

}  // namespace cosfuse
