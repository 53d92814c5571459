#include "cache/move_journal.h"

#include "base/random.h"

namespace cosfuse {
namespace {

constexpr size_t kMoveIdBytes = 8;

}  // namespace

Result<std::string> MoveJournal::Begin(const ObjectKey& from, const ObjectKey& to, bool target_was_there) {
  std::string move = SystemRandom().Hex(kMoveIdBytes);
  RETURN_IF_ERROR(AppendSynced(JournalMoveBegun{move, from, to, target_was_there}));
  return move;
}

Result<> MoveJournal::NoteCopied(const std::string& move, const ObjectKey& key, const JournaledCopy& copy) {
  return journal_ == nullptr ? Result<>() : journal_->Append(JournalMoveCopied{move, key, copy});
}

Result<> MoveJournal::Switch(const std::string& move) {
  return journal_ == nullptr ? Result<>() : journal_->Append(JournalMoveSwitched{move});
}

Result<> MoveJournal::Sync() { return journal_ == nullptr ? Result<>() : journal_->Sync(); }

Result<> MoveJournal::End(const std::string& move) { return AppendSynced(JournalMoveEnded{move}); }

Result<> MoveJournal::AppendSynced(const JournalRecord& record) {
  if (journal_ == nullptr) return {};
  RETURN_IF_ERROR(journal_->Append(record));
  return journal_->Sync();
}

}  // namespace cosfuse
