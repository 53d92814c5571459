#pragma once

#include "cos/forwarding_object_store.h"
#include "fs/removed_versions.h"

namespace cosfuse {

/// The store as it will be when everything that programs have removed is gone: its answers do not show removed
/// versions. What is written under such a key waits for its turn elsewhere (KeyGate). Thread-safe.
class RemainingStore final : public ForwardingObjectStore {
 public:
  RemainingStore(ObjectStore& store, RemovedVersions& removed, Clock& clock)
      : ForwardingObjectStore(store), removed_(removed), clock_(clock) {}

  Result<ObjectInfo> Head(const OpContext& context, const ObjectKey& key, const Conditions& conditions) override;
  Result<ObjectInfo> Get(const OpContext& context, const ObjectKey& key, ByteRange range, const Conditions& conditions,
                         const DataCallback& on_data) override;
  /// May show more keys than were asked for, but not more than 1000; an empty page need not be the last.
  Result<ListPage> List(const OpContext& context, const ListRequest& request) override;

 private:
  RemovedVersions& removed_;
  Clock& clock_;
};

}  // namespace cosfuse
