#include "cache/journal_state.h"

#include <algorithm>
#include <utility>

namespace cosfuse {
namespace {

/// Of attempts that failed one after the other; an object that an older one made has been looked at since.
constexpr size_t kMostUploadIds = 16;

}  // namespace

JournaledFile* JournalState::Find(JournalFileId file) {
  const auto found = files_.find(file);
  return found == files_.end() ? nullptr : &found->second;
}

void JournalState::Apply(const JournalRecord& record) {
  struct Visitor {
    JournalState& state;

    void operator()(const JournalHeader& record) const {
      state.next_id_ = std::max(state.next_id_, JournalFileId{record.first_id});
    }
    void operator()(const JournalFileRecord& record) const {
      JournaledFile& file = state.files_[record.file];
      const uint64_t order = record.state.closed_order > 0 ? record.state.closed_order : file.closed_order;
      file = record.state;
      file.closed_order = order;
      state.closes_ = std::max(state.closes_, order);
      state.next_id_ = std::max(state.next_id_, JournalFileId{static_cast<uint64_t>(record.file) + 1});
    }
    void operator()(const JournalWrite& record) const {
      if (auto* const file = state.Find(record.file)) file->content.Write(record.layer, record.range);
    }
    void operator()(const JournalBytes& /*record*/) const {}
    void operator()(const JournalTruncate& record) const {
      if (auto* const file = state.Find(record.file)) file->content.Truncate(record.layer, record.size);
    }
    void operator()(const JournalZero& record) const {
      if (auto* const file = state.Find(record.file)) file->content.Zero(record.layer, record.range);
    }
    void operator()(const JournalPark& record) const {
      if (auto* const file = state.Find(record.file)) file->content.Park(record.layer, record.range);
    }
    void operator()(const JournalMerge& record) const {
      auto* const file = state.Find(record.file);
      if (file == nullptr) return;
      file->content.Merge(record.from, record.into);
      if (file->closed && file->closed->top == record.from) file->closed->top = record.into;
    }
    void operator()(const JournalTarget& record) const {
      if (auto* const file = state.Find(record.file)) file->target = record.target;
    }
    void operator()(const JournalClosed& record) const {
      auto* const file = state.Find(record.file);
      if (file == nullptr) return;
      file->closed = record.snapshot;
      file->closed_order = ++state.closes_;
    }
    void operator()(const JournalUpload& record) const {
      auto* const file = state.Find(record.file);
      if (file == nullptr) return;
      auto& ids = file->upload_ids;
      if (ids.size() == kMostUploadIds) ids.erase(ids.begin());
      ids.push_back(record.id);
    }
    void operator()(const JournalStored& record) const {
      auto* const file = state.Find(record.file);
      if (file == nullptr) return;
      file->content.Commit(record.snapshot);
      file->base = record.version;
      file->copied_from.reset();
      file->archive.reset();
      file->upload_ids.clear();
      if (file->closed && file->closed->top <= record.snapshot.top) file->closed.reset();
    }
    void operator()(const JournalGone& record) const { state.files_.erase(record.file); }
    void operator()(const JournalPartsBegun& record) const { state.open_uploads_[record.upload_id] = record.key; }
    void operator()(const JournalPartsEnded& record) const { state.open_uploads_.erase(record.upload_id); }
    void operator()(const JournalMoveBegun& record) const {
      state.moves_[record.move] = {.from = record.from, .to = record.to, .target_was_there = record.target_was_there};
    }
    void operator()(const JournalMoveCopied& record) const {
      const auto move = state.moves_.find(record.move);
      if (move != state.moves_.end()) move->second.copies[record.key] = record.copy;
    }
    void operator()(const JournalMoveSwitched& record) const {
      const auto move = state.moves_.find(record.move);
      if (move != state.moves_.end()) move->second.switched = true;
    }
    void operator()(const JournalMoveEnded& record) const { state.moves_.erase(record.move); }
    void operator()(const JournalRemovalBegun& record) const { state.removals_[record.key] = record.removal; }
    void operator()(const JournalRemovalEnded& record) const { state.removals_.erase(record.key); }
  };
  std::visit(Visitor{*this}, record);
}

std::vector<JournalRecord> JournalState::Summary() const {
  std::vector<JournalRecord> records;
  records.reserve(files_.size() + open_uploads_.size() + removals_.size());
  for (const auto& [id, file] : files_) records.emplace_back(JournalFileRecord{id, file});
  for (const auto& [upload_id, key] : open_uploads_) records.emplace_back(JournalPartsBegun{key, upload_id});
  for (const auto& [id, move] : moves_) {
    for (JournalRecord& record : RecordsOfMove(id, move)) records.push_back(std::move(record));
  }
  for (const auto& [key, removal] : removals_) records.emplace_back(JournalRemovalBegun{key, removal});
  return records;
}

std::vector<JournalRecord> RecordsOfMove(const std::string& id, const JournaledMove& move) {
  std::vector<JournalRecord> records;
  records.reserve(move.copies.size() + 2);
  records.emplace_back(JournalMoveBegun{id, move.from, move.to, move.target_was_there});
  for (const auto& [key, copy] : move.copies) records.emplace_back(JournalMoveCopied{id, key, copy});
  if (move.switched) records.emplace_back(JournalMoveSwitched{id});
  return records;
}

}  // namespace cosfuse
