#include "fs/bucket_file_system.h"
#include "fs/closed_content.h"

namespace cosfuse {

void BucketFileSystem::Release(HandleId id) {
  const auto handle = parts_.handles.RemoveFile(id);
  if (handle == nullptr) return;
  const FileRef& file = handle->node;
  bool unsent = false;
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    --state.handles;
    if (handle->stores) --state.writers;
    unsent = handle->stores && state.writers == 0 &&
             (state.dirty() || state.attribute_changes != state.stored_attribute_changes);
    if (unsent && state.dirty() && state.content->stored_soon_as_it_is()) unsent = false;
  }
  // FLUSH may never have come, or have failed: the bytes are not given up.
  if (unsent) storer_.StartStore(file);
  KeepClosedContent(parts_, file);
  storer_.Sweep();
}

}  // namespace cosfuse
