#include "fs/kept_listing.h"

#include "fs/directory_state.h"

namespace cosfuse {

void KeepListing(Parts& parts, const DirectoryRef& directory, size_t names) {
  for (const NodeId id : parts.kept_listings.Touch(directory->id(), names)) {
    const NodeRef node = parts.nodes.Find(id);
    DirectoryNode* const dropped = node == nullptr ? nullptr : node->AsDirectory();
    if (dropped == nullptr) continue;
    MutexLock lock(dropped->mutex);
    DropListing(dropped->state());
  }
}

}  // namespace cosfuse
