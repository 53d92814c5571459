#include "cos/forwarding_object_store.h"

namespace cosfuse {

Result<ObjectInfo> ForwardingObjectStore::Head(const OpContext& context, const ObjectKey& key,
                                               const Conditions& conditions) {
  return store_.Head(context, key, conditions);
}

Result<ObjectInfo> ForwardingObjectStore::Get(const OpContext& context, const ObjectKey& key, ByteRange range,
                                              const Conditions& conditions, const DataCallback& on_data) {
  return store_.Get(context, key, range, conditions, on_data);
}

Result<WrittenVersion> ForwardingObjectStore::Put(const OpContext& context, const ObjectKey& key, BodySource& body,
                                                  const ObjectMetadata& metadata, const Conditions& conditions) {
  return store_.Put(context, key, body, metadata, conditions);
}

Result<> ForwardingObjectStore::Delete(const OpContext& context, const ObjectKey& key) {
  return store_.Delete(context, key);
}

Result<std::vector<DeleteFailure>> ForwardingObjectStore::DeleteMany(const OpContext& context,
                                                                     std::span<const ObjectKey> keys) {
  return store_.DeleteMany(context, keys);
}

Result<ListPage> ForwardingObjectStore::List(const OpContext& context, const ListRequest& request) {
  return store_.List(context, request);
}

Result<WrittenVersion> ForwardingObjectStore::Copy(const OpContext& context, const CopySource& source,
                                                   const ObjectKey& target,
                                                   const std::optional<ObjectMetadata>& metadata) {
  return store_.Copy(context, source, target, metadata);
}

Result<UploadedPart> ForwardingObjectStore::UploadPart(const OpContext& context, const ObjectKey& key,
                                                       const std::string& upload_id, int number, BodySource& body) {
  return store_.UploadPart(context, key, upload_id, number, body);
}

Result<UploadedPart> ForwardingObjectStore::UploadPartCopy(const OpContext& context, const ObjectKey& key,
                                                           const std::string& upload_id, int number,
                                                           const CopySource& source, ByteRange range) {
  return store_.UploadPartCopy(context, key, upload_id, number, source, range);
}

Result<PartPage> ForwardingObjectStore::ListParts(const OpContext& context, const ObjectKey& key,
                                                  const std::string& upload_id, int after) {
  return store_.ListParts(context, key, upload_id, after);
}

Result<UploadPage> ForwardingObjectStore::ListUploads(const OpContext& context, const std::string& prefix,
                                                      const UploadMarker& after) {
  return store_.ListUploads(context, prefix, after);
}

Result<VersionPage> ForwardingObjectStore::ListVersions(const OpContext& context, const std::string& prefix,
                                                        const VersionMarker& after) {
  return store_.ListVersions(context, prefix, after);
}

Result<ObjectTags> ForwardingObjectStore::GetTags(const OpContext& context, const ObjectKey& key,
                                                  const std::string& version_id) {
  return store_.GetTags(context, key, version_id);
}

Result<> ForwardingObjectStore::SetTags(const OpContext& context, const ObjectKey& key, const ObjectTags& tags) {
  return store_.SetTags(context, key, tags);
}

Result<std::string> ForwardingObjectStore::BeginUpload(const OpContext& context, const ObjectKey& key,
                                                       const ObjectMetadata& metadata, const Conditions& conditions) {
  return store_.BeginUpload(context, key, metadata, conditions);
}

Result<WrittenVersion> ForwardingObjectStore::CompleteUpload(const OpContext& context, const ObjectKey& key,
                                                             const std::string& upload_id,
                                                             std::span<const UploadedPart> parts,
                                                             const Conditions& conditions) {
  return store_.CompleteUpload(context, key, upload_id, parts, conditions);
}

Result<> ForwardingObjectStore::AbortUpload(const OpContext& context, const ObjectKey& key,
                                            const std::string& upload_id) {
  return store_.AbortUpload(context, key, upload_id);
}

}  // namespace cosfuse
