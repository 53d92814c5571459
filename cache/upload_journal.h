#pragma once

#include <string>

#include "cache/journal.h"
#include "cos/forwarding_object_store.h"

namespace cosfuse {

/// An ObjectStore that writes uploads in parts down while they are open, so that those which this process leaves behind
/// are aborted by the next one. One that was begun by a request whose answer was lost is nobody's: it has no name here.
/// Thread-safe; store and journal are borrowed.
class UploadJournal final : public ForwardingObjectStore {
 public:
  UploadJournal(ObjectStore& store, Journal& journal) : ForwardingObjectStore(store), journal_(journal) {}

  Result<std::string> BeginUpload(const OpContext& context, const ObjectKey& key, const ObjectMetadata& metadata,
                                  const Conditions& conditions) override;
  Result<WrittenVersion> CompleteUpload(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                                        std::span<const UploadedPart> parts, const Conditions& conditions) override;
  Result<> AbortUpload(const OpContext& context, const ObjectKey& key, const std::string& upload_id) override;

 private:
  void Note(const JournalRecord& record);

  Journal& journal_;
};

}  // namespace cosfuse
