#include "fs/open_moves.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "base/log.h"
#include "fs/directory_state.h"
#include "fs/retry_delay.h"

namespace cosfuse {
namespace {

/// Of a program whose rename has failed; and of whoever holds both names, for what is promised.
constexpr Duration kLongestWait = std::chrono::seconds(20);

}  // namespace

OpenMoves::OpenMoves(Parts& parts, Journal* journal) : parts_(parts), journal_(journal), timer_(parts.clock) {}

Result<> OpenMoves::CheckFree(const ObjectKey& from, const ObjectKey& to) const {
  MutexLock lock(mutex_);
  for (const MoveRef& move : moves_) {
    for (const ObjectKey& key : {from, to}) {
      if (KeysOverlap(key, move->from()) || KeysOverlap(key, move->to())) {
        return Fail(ErrorCode::kBusy, "the rename of " + move->from() + " to " + move->to() + " has not ended yet");
      }
    }
  }
  return {};
}

Result<std::unique_ptr<DirectoryMove>> OpenMoves::Begin(const ObjectKey& from, const ObjectKey& to,
                                                        bool target_was_there) {
  const MoveTools tools{.store = parts_.store, .pool = parts_.pool, .clock = parts_.clock, .journal = journal_};
  return DirectoryMove::Begin(tools, from, to, target_was_there);
}

void OpenMoves::Settle(const OpContext& context, std::unique_ptr<DirectoryMove> move, KeyGate::Hold hold) {
  const MoveRef shared = std::move(move);
  Add(shared);
  if (context.cancelled()) return AttemptInPool(shared, std::move(hold), 0);
  Attempt(OpContext().WithCancellation(stop_).WithDeadline(parts_.clock.Now() + kLongestWait), shared, std::move(hold),
          0);
}

void OpenMoves::Resume(const std::map<std::string, JournaledMove>& left) {
  const MoveTools tools{.store = parts_.store, .pool = parts_.pool, .clock = parts_.clock, .journal = journal_};
  for (const auto& [id, move] : left) {
    Log(LogLevel::kInfo,
        move.switched ? "the rename of a directory is carried on" : "the rename of a directory is undone",
        {{"from", move.from}, {"to", move.to}, {"copied", std::to_string(move.copies.size())}});
    const auto shared = std::make_shared<DirectoryMove>(tools, id, move);
    Add(shared);
    AttemptInPool(shared, {}, 0);
  }
}

Result<> OpenMoves::WaitUntilSettled(const OpContext& context) const {
  const auto wake = context.OnCancel([this] {
    MutexLock lock(mutex_);
    settled_.NotifyAll();
  });
  MutexLock lock(mutex_);
  while (!moves_.empty()) {
    RETURN_IF_ERROR(context.CheckMayWait(parts_.clock.Now()));
    settled_.WaitUntil(mutex_, context.deadline());
  }
  return {};
}

void OpenMoves::Stop() {
  stop_->Cancel();
  timer_.Stop();
}

void OpenMoves::Add(const MoveRef& move) {
  MutexLock lock(mutex_);
  moves_.insert(move);
}

void OpenMoves::AttemptInPool(const MoveRef& move, KeyGate::Hold hold, int failures) {
  // A task is copied, and a hold cannot be.
  const auto shared_hold = std::make_shared<KeyGate::Hold>(std::move(hold));
  parts_.pool.Post([this, move, shared_hold, failures] {
    Attempt(OpContext().WithCancellation(stop_), move, std::move(*shared_hold), failures);
  });
}

void OpenMoves::Attempt(const OpContext& context, const MoveRef& move, KeyGate::Hold hold, int failures) {
  const auto settled = Try(context, *move, std::move(hold));
  if (settled) {
    Log(LogLevel::kInfo, move->switched() ? "a directory is renamed after all" : "the rename of a directory is undone",
        {{"from", move->from()}, {"to", move->to()}});
    MutexLock lock(mutex_);
    moves_.erase(move);
    settled_.NotifyAll();
    return;
  }
  if (stop_->cancelled()) return;
  const Duration delay = RetryDelay(failures + 1);
  Log(LogLevel::kWarning, "a directory is half renamed: its objects are below both names until the next try succeeds",
      {{"from", move->from()},
       {"to", move->to()},
       {"goes", move->switched() ? "forward" : "back"},
       {"seconds", std::to_string(std::chrono::duration_cast<std::chrono::seconds>(delay).count())},
       {"error", settled.error().ToString()}});
  timer_.RunAfter(delay, [this, move, failures] { AttemptInPool(move, {}, failures + 1); });
}

Result<> OpenMoves::Try(const OpContext& context, DirectoryMove& move, KeyGate::Hold hold) {
  if (!hold.held()) {
    ASSIGN_OR_RETURN(hold, parts_.gate.EnterAlone(context, {move.from(), move.to()}));
  }
  // What an earlier process has promised may be on its way to one of the names: nothing is deleted meanwhile.
  const MonotonicTime limit = std::min(context.deadline(), parts_.clock.Now() + kLongestWait);
  RETURN_IF_ERROR(parts_.cache.StoreEarlier(context.WithDeadline(limit)));
  const auto settled = move.Settle(context);
  ForgetNames(move);
  return settled;
}

void OpenMoves::ForgetNames(const DirectoryMove& move) {
  const NodeRef root = parts_.nodes.Find(NodeId::kRoot);
  std::vector<NodeRef> nodes = parts_.nodes.Descendants(*root->AsDirectory());
  nodes.push_back(root);
  for (const NodeRef& node : nodes) {
    const auto key = parts_.nodes.KeyOf(*node);
    if (!key || !(KeysOverlap(*key, move.from()) || KeysOverlap(*key, move.to()))) continue;
    if (FileNode* const file = node->AsFile()) {
      MutexLock lock(file->mutex);
      file->state().evidence.reset();
      file->state().looked_up.reset();
    } else if (DirectoryNode* const directory = node->AsDirectory()) {
      MutexLock lock(directory->mutex);
      RecordUnknown(directory->state());
      directory->state().evidence.reset();
    }
  }
}

}  // namespace cosfuse
