#include "cache/upload_journal.h"

#include "base/log.h"

namespace cosfuse {

void UploadJournal::Note(const JournalRecord& record) {
  // Without it an upload is left over after a crash, which costs money and no bytes.
  if (const auto noted = journal_.Append(record); !noted) {
    Log(LogLevel::kWarning, "an upload in parts is not in the journal", {{"error", noted.error().ToString()}});
  }
}

Result<std::string> UploadJournal::BeginUpload(const OpContext& context, const ObjectKey& key,
                                               const ObjectMetadata& metadata, const Conditions& conditions) {
  auto upload_id = store_.BeginUpload(context, key, metadata, conditions);
  if (upload_id) Note(JournalPartsBegun{key, *upload_id});
  return upload_id;
}

Result<WrittenVersion> UploadJournal::CompleteUpload(const OpContext& context, const ObjectKey& key,
                                                     const std::string& upload_id, std::span<const UploadedPart> parts,
                                                     const Conditions& conditions) {
  auto written = store_.CompleteUpload(context, key, upload_id, parts, conditions);
  if (written || written.error().code() == ErrorCode::kMissingUpload) Note(JournalPartsEnded{upload_id});
  return written;
}

Result<> UploadJournal::AbortUpload(const OpContext& context, const ObjectKey& key, const std::string& upload_id) {
  auto aborted = store_.AbortUpload(context, key, upload_id);
  if (aborted) Note(JournalPartsEnded{upload_id});
  return aborted;
}

Result<ObjectInfo> UploadJournal::Head(const OpContext& context, const ObjectKey& key, const Conditions& conditions) {
  return store_.Head(context, key, conditions);
}

Result<ObjectInfo> UploadJournal::Get(const OpContext& context, const ObjectKey& key, ByteRange range,
                                      const Conditions& conditions, const DataCallback& on_data) {
  return store_.Get(context, key, range, conditions, on_data);
}

Result<WrittenVersion> UploadJournal::Put(const OpContext& context, const ObjectKey& key, BodySource& body,
                                          const ObjectMetadata& metadata, const Conditions& conditions) {
  return store_.Put(context, key, body, metadata, conditions);
}

Result<> UploadJournal::Delete(const OpContext& context, const ObjectKey& key) { return store_.Delete(context, key); }

Result<std::vector<DeleteFailure>> UploadJournal::DeleteMany(const OpContext& context,
                                                             std::span<const ObjectKey> keys) {
  return store_.DeleteMany(context, keys);
}

Result<ListPage> UploadJournal::List(const OpContext& context, const ListRequest& request) {
  return store_.List(context, request);
}

Result<WrittenVersion> UploadJournal::Copy(const OpContext& context, const CopySource& source, const ObjectKey& target,
                                           const std::optional<ObjectMetadata>& metadata) {
  return store_.Copy(context, source, target, metadata);
}

Result<UploadedPart> UploadJournal::UploadPart(const OpContext& context, const ObjectKey& key,
                                               const std::string& upload_id, int number, BodySource& body) {
  return store_.UploadPart(context, key, upload_id, number, body);
}

Result<UploadedPart> UploadJournal::UploadPartCopy(const OpContext& context, const ObjectKey& key,
                                                   const std::string& upload_id, int number, const CopySource& source,
                                                   ByteRange range) {
  return store_.UploadPartCopy(context, key, upload_id, number, source, range);
}

Result<PartPage> UploadJournal::ListParts(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                                          int after) {
  return store_.ListParts(context, key, upload_id, after);
}

Result<UploadPage> UploadJournal::ListUploads(const OpContext& context, const std::string& prefix,
                                              const UploadMarker& after) {
  return store_.ListUploads(context, prefix, after);
}

Result<VersionPage> UploadJournal::ListVersions(const OpContext& context, const std::string& prefix,
                                                const VersionMarker& after) {
  return store_.ListVersions(context, prefix, after);
}

Result<ObjectTags> UploadJournal::GetTags(const OpContext& context, const ObjectKey& key,
                                          const std::string& version_id) {
  return store_.GetTags(context, key, version_id);
}

Result<> UploadJournal::SetTags(const OpContext& context, const ObjectKey& key, const ObjectTags& tags) {
  return store_.SetTags(context, key, tags);
}

}  // namespace cosfuse
