#include "fs/closed_content.h"

#include <memory>

namespace cosfuse {
namespace {

/// Nobody reads or writes it, and all that became of its uploads is known: it is what tells.
bool IsClosed(const FileState& state) { return state.handles == 0 && !state.dirty() && !state.changes_handed_over; }

void DropIfClosed(FileNode& file) {
  std::shared_ptr<CachedFile> dropped;  // Ends after the lock.
  MutexLock lock(file.mutex);
  FileState& state = file.state();
  if (!IsClosed(state)) return;
  dropped = std::move(state.content);
  state.content_whole = false;
}

}  // namespace

void KeepClosedContent(Parts& parts, const FileRef& file) {
  bool wanted = false;
  ByteCount cost = 0;
  {
    MutexLock lock(file->mutex);
    const FileState& state = file->state();
    if (state.content == nullptr || !IsClosed(state)) return;
    wanted = !state.etag.empty() && !state.unlinked && !state.conflicted;
    cost = state.content_whole ? state.size() : 0;
  }
  if (!wanted || !parts.nodes.KeyOf(*file)) {
    DropIfClosed(*file);
    return;
  }
  for (const NodeId id : parts.kept_contents.Touch(file->id(), cost)) {
    const NodeRef node = parts.nodes.Find(id);
    if (node != nullptr && node->AsFile() != nullptr) DropIfClosed(*node->AsFile());
  }
}

}  // namespace cosfuse
