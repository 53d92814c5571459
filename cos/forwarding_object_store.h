#pragma once

#include <string>
#include <vector>

#include "cos/object_store.h"

namespace cosfuse {

/// Passes every call on to another store, which is borrowed: the base of those that change some of them.
class ForwardingObjectStore : public ObjectStore {
 public:
  explicit ForwardingObjectStore(ObjectStore& store) : store_(store) {}

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

 protected:
  ObjectStore& store() { return store_; }

 private:
  ObjectStore& store_;
};

}  // namespace cosfuse
