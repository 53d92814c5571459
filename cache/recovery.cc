#include "cache/recovery.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>

#include "base/encoding.h"
#include "base/log.h"

namespace cosfuse {
namespace {

constexpr std::string_view kKeptDirectory = "recovered";
constexpr ByteCount kLargestEntry = 64 * kMiB;

std::string KeptPath(const std::string& name) { return std::string(kKeptDirectory) + "/" + name; }

/// Bytes of the layer are, or were, in its staging file.
bool HasStagedBytes(const LayerImage& layer) { return layer.written.total() > layer.parked.total(); }

std::vector<std::string> StagingFilesOf(JournalFileId id, const JournaledFile& file) {
  std::vector<std::string> names;
  for (const LayerImage& layer : file.content.layers) {
    if (HasStagedBytes(layer)) names.push_back(StagingFileName(id, layer.id));
  }
  return names;
}

std::optional<KeptFile> ParseKeptFile(const std::string& name, std::string_view bytes) {
  const JournalScan scan = ScanJournal(bytes);
  if (scan.end != JournalScan::End::kWhole || scan.records.size() != 2) return std::nullopt;
  const auto* const header = std::get_if<JournalHeader>(&scan.records.front());
  const auto* const record = std::get_if<JournalFileRecord>(&scan.records.back());
  if (header == nullptr || record == nullptr || header->version != JournalHeader::kVersion) return std::nullopt;
  return KeptFile{name, header->store, record->file, record->state};
}

/// What was to replace whatever is there replaces what was there then: others may have changed it since.
JournaledFile ReplacesOnlyWhatItKnew(JournaledFile file) {
  if (file.target.mode != WriteMode::kReplaceAny || !file.target.replaced) return file;
  file.target.mode = WriteMode::kOverBase;
  if (file.content.base_size > 0) return file;  // It has a base, and needs its bytes.
  file.base.reset();
  if (!file.target.replaced->empty()) file.base = BaseVersion{.key = file.target.key, .etag = *file.target.replaced};
  return file;
}

/// The number after that in a staging file's name, which is hexadecimal; none for other names.
JournalFileId IdAfter(std::string_view name) {
  uint64_t id = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), id, 16);
  return JournalFileId{parsed.ec == std::errc() ? id + 1 : 0};
}

/// One take-over of a cache directory, step by step.
class TakeOver {
 public:
  TakeOver(Disk& disk, const JournalIdentity& identity, WallTime now) : disk_(disk), identity_(identity), now_(now) {}

  Result<Recovered> Run() {
    ASSIGN_OR_RETURN(found_, ReadJournal(disk_, identity_));
    ReportEnd();
    RETURN_IF_ERROR(disk_.MakeDirectory(std::string(kStagingDirectory)));
    RETURN_IF_ERROR(disk_.MakeDirectory(std::string(kKeptDirectory)));
    ASSIGN_OR_RETURN(const auto present, disk_.ListNames(std::string(kStagingDirectory)));
    for (const std::string& name : present) staged_.insert(std::string(kStagingDirectory) + "/" + name);
    size_t unreadable = 0;
    ASSIGN_OR_RETURN(const auto kept, ListKeptFiles(disk_, unreadable));
    next_id_ = found_.state.next_id();
    for (const std::string& name : present) next_id_ = std::max(next_id_, IdAfter(name));
    for (const KeptFile& file : kept) {
      Use(file.id, file.state);
      kept_ids_.insert(file.id);
      for (std::string& name : StagingFilesOf(file.id, file.state)) kept_names_.insert(std::move(name));
    }
    recovered_.kept = kept.size() + unreadable;
    RETURN_IF_ERROR(WriteBytesBack());
    const auto replaced = FindReplaced(found_.state.files());
    for (const auto& [id, file] : found_.state.files()) {
      if (!replaced.contains(id)) RETURN_IF_ERROR(TakeFile(id, file));
    }
    // In the order in which programs were told that they are safe.
    std::ranges::sort(recovered_.uploads, {},
                      [](const auto& upload) { return std::pair(upload.second.closed_order, upload.first); });
    recovered_.open_uploads = found_.state.open_uploads();
    TakeMovesAndRemovals();
    if (found_.end == JournalScan::End::kDamaged) RETURN_IF_ERROR(SaveDamaged());
    RETURN_IF_ERROR(BeginJournal());
    // An entry that cannot be read may be of any of them.
    if (unreadable == 0) RemoveUnused();
    CountBytes();
    return std::move(recovered_);
  }

 private:
  void ReportEnd() const {
    if (found_.end == JournalScan::End::kWhole) return;
    const bool damaged = found_.end == JournalScan::End::kDamaged;
    Log(damaged ? LogLevel::kError : LogLevel::kInfo,
        damaged ? "the journal is damaged: nothing of it is sent by itself, what it names is kept for `cosfuse recover`"
                : "the journal ends with a record that was never finished",
        {{"unused_bytes", std::to_string(found_.unused)}});
  }

  /// The staging files of closed layers may have lost bytes that the journal holds. They are not synced here: ten
  /// thousand syncs are a minute. The new journal holds them as well.
  Result<> WriteBytesBack() {
    for (const JournalBytes& bytes : found_.bytes) {
      const std::string name = StagingFileName(bytes.file, bytes.layer);
      auto file = staged_.contains(name) ? disk_.OpenFile(name) : disk_.CreateFile(name);
      if (!file) return Fail(file.error());
      RETURN_IF_ERROR((*file)->Write(bytes.offset, AsBytes(bytes.bytes)));
      staged_.insert(name);
      bytes_of_[bytes.file].push_back(&bytes);
    }
    return {};
  }

  /// No journal holds the bytes of what waits for a person.
  Result<> SyncWrittenBack(JournalFileId id) {
    const auto written = bytes_of_.find(id);
    if (written == bytes_of_.end()) return {};
    for (const JournalBytes* const bytes : written->second) {
      ASSIGN_OR_RETURN(const auto file, disk_.OpenFile(StagingFileName(id, bytes->layer)));
      RETURN_IF_ERROR(file->Sync());
    }
    return disk_.SyncDirectory(std::string(kStagingDirectory));
  }

  void TakeMovesAndRemovals() {
    if (found_.end != JournalScan::End::kDamaged) {
      recovered_.moves = found_.state.moves();
      recovered_.removals = found_.state.removals();
      return;
    }
    // It may have ended long ago, and the name have something new.
    for (const auto& [key, removal] : found_.state.removals()) {
      Log(LogLevel::kError, "a file that was removed may still be there", {{"key", key}});
    }
    // One may have ended long ago: what has its names by now is not what it would take it for.
    for (const auto& [id, move] : found_.state.moves()) {
      Log(LogLevel::kError, "a directory was being renamed: some objects may be below both names",
          {{"from", move.from}, {"to", move.to}});
    }
  }

  bool AllStaged(JournalFileId id, const JournaledFile& file) const {
    const auto names = StagingFilesOf(id, file);
    return std::ranges::all_of(names, [this](const std::string& name) { return staged_.contains(name); });
  }

  Result<> TakeFile(JournalFileId id, const JournaledFile& file) {
    RecoveryPlan plan =
        PlanRecovery(file, {.other_boot = found_.other_boot, .damaged = found_.end == JournalScan::End::kDamaged});
    if (plan.upload && !AllStaged(id, *plan.upload)) {
      // They are removed once the store has the bytes, which the journal then did not get to say any more.
      Log(LogLevel::kInfo, "a closed file had been stored already", {{"key", file.target.key}});
      plan.upload.reset();
    }
    if (plan.keep && !AllStaged(id, *plan.keep)) {
      Log(LogLevel::kError, "what was written to a file that was never closed is lost", {{"key", file.target.key}});
      plan.keep.reset();
    }
    if (!plan.upload && !plan.keep) return {};
    if (plan.keep) RETURN_IF_ERROR(Keep(id, *plan.keep));
    if (!plan.upload) return {};
    JournalFileId upload_id = id;
    if (plan.keep) {
      // Either goes its own way from here on.
      upload_id = next_id_;
      next_id_ = JournalFileId{static_cast<uint64_t>(next_id_) + 1};
      for (const LayerImage& layer : plan.upload->content.layers) {
        if (!HasStagedBytes(layer)) continue;
        const std::string link = StagingFileName(upload_id, layer.id);
        RETURN_IF_ERROR(disk_.RemoveFile(link));
        RETURN_IF_ERROR(disk_.LinkFile(StagingFileName(id, layer.id), link));
        linked_ = true;
      }
    }
    Use(upload_id, *plan.upload);
    HoldBytes(id, upload_id, *plan.upload);
    recovered_.uploads.emplace_back(upload_id, *std::move(plan.upload));
    return {};
  }

  /// What the journal holds of a file's bytes, the new one holds under its new id.
  void HoldBytes(JournalFileId id, JournalFileId upload_id, const JournaledFile& file) {
    const auto written = bytes_of_.find(id);
    if (written == bytes_of_.end()) return;
    for (const JournalBytes* const bytes : written->second) {
      if (std::ranges::find(file.content.layers, bytes->layer, &LayerImage::id) == file.content.layers.end()) continue;
      held_.emplace_back(*bytes);
      std::get<JournalBytes>(held_.back()).file = upload_id;
    }
  }

  Result<> Keep(JournalFileId id, const JournaledFile& file) {
    // A take-over that ended half way had come so far.
    if (kept_ids_.contains(id)) return {};
    RETURN_IF_ERROR(SyncWrittenBack(id));
    std::string entry;
    AppendJournalFrame(entry,
                       EncodeJournalRecord(JournalHeader{.store = identity_.store, .boot_id = identity_.boot_id}));
    AppendJournalFrame(entry, EncodeJournalRecord(JournalFileRecord{id, file}));
    const std::string name = std::to_string(static_cast<uint64_t>(id)) + "-" + CompactUtc(now_);
    RETURN_IF_ERROR(disk_.ReplaceSmallFile(KeptPath(name), entry));
    Log(LogLevel::kWarning, "a file was written and never closed; `cosfuse recover` has its bytes",
        {{"key", file.target.key}, {"entry", name}, {"bytes", std::to_string(file.content.bytes())}});
    Use(id, file);
    for (std::string& each : StagingFilesOf(id, file)) kept_names_.insert(std::move(each));
    ++recovered_.newly_kept;
    ++recovered_.kept;
    return {};
  }

  void Use(JournalFileId id, const JournaledFile& file) {
    for (std::string& name : StagingFilesOf(id, file)) used_.insert(std::move(name));
    next_id_ = std::max(next_id_, JournalFileId{static_cast<uint64_t>(id) + 1});
  }

  Result<> BeginJournal() {
    std::vector<JournalRecord> records;
    records.reserve(recovered_.uploads.size() + recovered_.open_uploads.size() + held_.size());
    for (const auto& [id, file] : recovered_.uploads) records.emplace_back(JournalFileRecord{id, file});
    for (const auto& [upload_id, key] : recovered_.open_uploads) {
      records.emplace_back(JournalPartsBegun{key, upload_id});
    }
    for (const auto& [id, move] : recovered_.moves) {
      for (JournalRecord& record : RecordsOfMove(id, move)) records.push_back(std::move(record));
    }
    for (const auto& [key, removal] : recovered_.removals) records.emplace_back(JournalRemovalBegun{key, removal});
    std::ranges::move(held_, std::back_inserter(records));
    // The new journal must not survive the node without the names that it refers to.
    if (linked_) RETURN_IF_ERROR(disk_.SyncDirectory(std::string(kStagingDirectory)));
    ASSIGN_OR_RETURN(recovered_.journal, Journal::Begin(disk_, identity_, next_id_, records));
    return {};
  }

  /// A journal that is broken in the middle may have told more of what lies here than can be read: all of that stays,
  /// for whoever can make something of it.
  Result<> SaveDamaged() {
    const std::string directory = "damaged-" + CompactUtc(now_);
    RETURN_IF_ERROR(disk_.MakeDirectory(directory));
    const auto save = [&](const std::string& from, const std::string& name) -> Result<> {
      auto saved = disk_.LinkFile(from, directory + "/" + name);
      if (!saved && saved.error().code() == ErrorCode::kAlreadyExists) return {};
      return saved;
    };
    RETURN_IF_ERROR(save(std::string(kJournalFile), std::string(kJournalFile)));
    for (const std::string& name : staged_) {
      if (!used_.contains(name)) RETURN_IF_ERROR(save(name, name.substr(kStagingDirectory.size() + 1)));
    }
    RETURN_IF_ERROR(disk_.SyncDirectory(directory));
    Log(LogLevel::kError, "the damaged journal and the bytes that it does not tell of are kept",
        {{"directory", directory}});
    return {};
  }

  void RemoveUnused() {
    for (const std::string& name : staged_) {
      if (used_.contains(name)) continue;
      if (const auto removed = disk_.RemoveFile(name); !removed) {
        Log(LogLevel::kWarning, "an old staging file could not be removed", {{"error", removed.error().ToString()}});
      }
    }
  }

  void CountBytes() {
    for (const std::string& name : used_) {
      const auto file = disk_.OpenFile(name);
      const ByteCount bytes = file ? (*file)->AllocatedBytes().value_or(0) : 0;
      recovered_.staged_bytes += bytes;
      if (kept_names_.contains(name)) recovered_.kept_bytes += bytes;
    }
  }

  Disk& disk_;
  const JournalIdentity identity_;
  const WallTime now_;
  JournalFound found_;
  std::set<std::string> staged_;  // Staging files that there are,
  std::set<std::string> used_;    // and those that something refers to.
  std::set<JournalFileId> kept_ids_;
  std::set<std::string> kept_names_;                                    // Of staging files that wait for a person.
  std::map<JournalFileId, std::vector<const JournalBytes*>> bytes_of_;  // Of found_.
  std::vector<JournalRecord> held_;                                     // Bytes for the new journal.
  bool linked_ = false;                                                 // Staging files have got new names.
  JournalFileId next_id_{1};
  Recovered recovered_;
};

}  // namespace

RecoveryPlan PlanRecovery(const JournaledFile& file, const JournalEnd& end) {
  RecoveryPlan plan;
  const JournaledFile known = ReplacesOnlyWhatItKnew(file);
  bool written_since = true;
  if (file.closed) {
    JournaledFile closed = known;
    closed.content.ReturnTo(*file.closed);
    // An empty layer is in no image: what the next process writes may get its number.
    const auto& layers = closed.content.layers;
    closed.closed->top = layers.empty() ? LayerId{0} : layers.back().id;
    written_since = closed.content != file.content;
    (end.damaged ? plan.keep : plan.upload) = std::move(closed);
  }
  // What was not closed was not synced either.
  if (!end.other_boot && written_since && !file.content.layers.empty()) plan.keep = known;
  return plan;
}

std::set<JournalFileId> FindReplaced(const std::map<JournalFileId, JournaledFile>& files) {
  std::map<ObjectKey, uint64_t> replaced_at;  // The order of the last one that took the name.
  for (const auto& [id, file] : files) {
    if (!file.closed || file.target.mode != WriteMode::kReplaceAny) continue;
    uint64_t& at = replaced_at[file.target.key];
    at = std::max(at, file.closed_order);
  }
  std::set<JournalFileId> replaced;
  for (const auto& [id, file] : files) {
    const auto found = replaced_at.find(file.target.key);
    if (file.closed && found != replaced_at.end() && file.closed_order < found->second) replaced.insert(id);
  }
  return replaced;
}

Result<std::vector<KeptFile>> ListKeptFiles(Disk& disk, size_t& unreadable) {
  unreadable = 0;
  ASSIGN_OR_RETURN(auto names, disk.ListNames(std::string(kKeptDirectory)));
  std::ranges::sort(names);
  std::vector<KeptFile> files;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const std::string bytes, disk.ReadSmallFile(KeptPath(name), kLargestEntry));
    if (auto file = ParseKeptFile(name, bytes)) {
      files.push_back(*std::move(file));
    } else {
      ++unreadable;
    }
  }
  return files;
}

Result<> RemoveKeptFile(Disk& disk, const KeptFile& file) {
  // The entry last: what is left when this ends half way can be removed again.
  for (const std::string& name : StagingFilesOf(file.id, file.state)) RETURN_IF_ERROR(disk.RemoveFile(name));
  return disk.RemoveFile(KeptPath(file.name));
}

Result<std::vector<ObjectKey>> ListPromisedFiles(Disk& disk) {
  ASSIGN_OR_RETURN(const JournalFound found, ReadJournal(disk, std::nullopt));
  std::vector<std::pair<uint64_t, ObjectKey>> promised;
  for (const auto& [id, file] : found.state.files()) {
    if (file.closed) promised.emplace_back(file.closed_order, file.target.key);
  }
  std::ranges::sort(promised);
  std::vector<ObjectKey> keys;
  keys.reserve(promised.size());
  for (auto& [order, key] : promised) keys.push_back(std::move(key));
  return keys;
}

Result<Recovered> RecoverCacheDirectory(Disk& disk, const JournalIdentity& identity, WallTime now) {
  return TakeOver(disk, identity, now).Run();
}

}  // namespace cosfuse
