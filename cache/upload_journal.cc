#include "cache/upload_journal.h"

#include "base/crash_point.h"
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
  auto upload_id = store().BeginUpload(context, key, metadata, conditions);
  if (upload_id) Note(JournalPartsBegun{key, *upload_id});
  CrashPoint("open_upload.note", "after");
  return upload_id;
}

Result<WrittenVersion> UploadJournal::CompleteUpload(const OpContext& context, const ObjectKey& key,
                                                     const std::string& upload_id, std::span<const UploadedPart> parts,
                                                     const Conditions& conditions) {
  auto written = store().CompleteUpload(context, key, upload_id, parts, conditions);
  if (written || written.error().code() == ErrorCode::kMissingUpload) Note(JournalPartsEnded{upload_id});
  return written;
}

Result<> UploadJournal::AbortUpload(const OpContext& context, const ObjectKey& key, const std::string& upload_id) {
  auto aborted = store().AbortUpload(context, key, upload_id);
  if (aborted) Note(JournalPartsEnded{upload_id});
  return aborted;
}

}  // namespace cosfuse
