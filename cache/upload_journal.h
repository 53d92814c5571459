#pragma once

#include <string>
#include <vector>

#include "cache/journal.h"
#include "cos/object_store.h"

namespace cosfuse {

/// An ObjectStore that writes uploads in parts down while they are open, so that those which this process leaves behind
/// are aborted by the next one. One that was begun by a request whose answer was lost is nobody's: it has no name here.
/// Thread-safe; store and journal are borrowed.
class UploadJournal final : public ObjectStore {
 public:
  UploadJournal(ObjectStore& store, Journal& journal) : store_(store), journal_(journal) {}

  Result<ObjectInfo> Head(const OpContext& context, const ObjectKey& key, const Conditions& conditions) override;
  Result<ObjectInfo> Get(const OpContext& context, const ObjectKey& key, ByteRange range, const Conditions& conditions,
                         const DataCallback& on_data) override;
  Result<WrittenVersion> Put(const OpContext& context, const ObjectKey& key, BodySource& body,
                             const ObjectMetadata& metadata, const Conditions& conditions) override;
  Result<> Delete(const OpContext& context, const ObjectKey& key) override;
  Result<std::vector<DeleteFailure>> DeleteMany(const OpContext& context, std::span<const ObjectKey> keys) override;
  Result<ListPage> List(const OpContext& context, const ListRequest& request) override;
  Result<WrittenVersion> Copy(const OpContext& context, const CopySource& source, const ObjectKey& target,
                              const std::optional<ObjectMetadata>& metadata) override;
  Result<std::string> BeginUpload(const OpContext& context, const ObjectKey& key, const ObjectMetadata& metadata,
                                  const Conditions& conditions) override;
  Result<UploadedPart> UploadPart(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                                  int number, BodySource& body) override;
  Result<UploadedPart> UploadPartCopy(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                                      int number, const CopySource& source, ByteRange range) override;
  Result<WrittenVersion> CompleteUpload(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                                        std::span<const UploadedPart> parts, const Conditions& conditions) override;
  Result<> AbortUpload(const OpContext& context, const ObjectKey& key, const std::string& upload_id) override;
  Result<PartPage> ListParts(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                             int after) override;
  Result<UploadPage> ListUploads(const OpContext& context, const std::string& prefix,
                                 const UploadMarker& after) override;
  Result<VersionPage> ListVersions(const OpContext& context, const std::string& prefix,
                                   const VersionMarker& after) override;
  Result<ObjectTags> GetTags(const OpContext& context, const ObjectKey& key, const std::string& version_id) override;
  Result<> SetTags(const OpContext& context, const ObjectKey& key, const ObjectTags& tags) override;

 private:
  void Note(const JournalRecord& record);

  ObjectStore& store_;
  Journal& journal_;
};

}  // namespace cosfuse
