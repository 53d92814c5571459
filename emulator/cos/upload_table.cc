#include "emulator/cos/upload_table.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/encoding.h"
#include "emulator/cos/digest.h"

namespace cosfuse::emulator {
namespace {

constexpr ByteCount kSmallestPart = 5 * kMiB;  // COS S3 API, "Complete a multipart upload": all but the last part.

S3Result<std::string> ChecksumOf(const UploadedPart& part, ChecksumAlgorithm algorithm) {
  if (part.algorithm == algorithm) return part.checksum;
  auto computed = DigestOf(part.body, NewChecksum(algorithm));
  if (!computed) return Refuse(S3Code::kInternalError, computed.error().message());
  return *std::move(computed);
}

}  // namespace

void UploadTable::Add(Upload upload) {
  MutexLock lock(mutex_);
  std::string id = upload.id;
  uploads_.insert_or_assign(std::move(id), Entry{std::move(upload), false});
}

S3Result<UploadTable::Entries::iterator> UploadTable::FindLocked(std::string_view id, std::string_view key) {
  const auto found = uploads_.find(id);
  if (found == uploads_.end() || found->second.upload.key != key) return Refuse(S3Code::kNoSuchUpload);
  return found;
}

S3Result<Upload> UploadTable::Get(std::string_view id, std::string_view key) const {
  MutexLock lock(mutex_);
  const auto found = uploads_.find(id);
  if (found == uploads_.end() || found->second.upload.key != key) return Refuse(S3Code::kNoSuchUpload);
  return found->second.upload;
}

S3Result<> UploadTable::AddPart(std::string_view id, std::string_view key, int number, UploadedPart part) {
  MutexLock lock(mutex_);
  ASSIGN_OR_RETURN(const auto found, FindLocked(id, key));
  const auto& checksum = found->second.upload.checksum;
  if (checksum && part.algorithm && *part.algorithm != checksum->algorithm) {
    return Refuse(S3Code::kInvalidRequest, "The upload was initiated for another checksum algorithm.");
  }
  std::swap(found->second.upload.parts[number], part);  // The replaced part goes after the lock, with the parameters.
  return {};
}

S3Result<Upload> UploadTable::BeginComplete(std::string_view id, std::string_view key) {
  MutexLock lock(mutex_);
  ASSIGN_OR_RETURN(const auto found, FindLocked(id, key));
  if (std::exchange(found->second.completing, true)) return Refuse(S3Code::kOperationAborted);
  return found->second.upload;
}

void UploadTable::EndComplete(const std::string& id, bool completed) {
  Entries::node_type removed;  // Outlives the lock.
  MutexLock lock(mutex_);
  const auto found = uploads_.find(id);
  if (found == uploads_.end()) return;
  found->second.completing = false;
  if (completed) removed = uploads_.extract(found);
}

S3Result<> UploadTable::Abort(std::string_view id, std::string_view key) {
  Entries::node_type removed;  // Outlives the lock.
  MutexLock lock(mutex_);
  ASSIGN_OR_RETURN(const auto found, FindLocked(id, key));
  if (found->second.completing) return Refuse(S3Code::kOperationAborted);
  removed = uploads_.extract(found);
  return {};
}

std::vector<Upload> UploadTable::List() const {
  std::vector<Upload> uploads;
  {
    MutexLock lock(mutex_);
    for (const auto& [id, entry] : uploads_) {
      Upload upload;
      upload.id = id;
      upload.key = entry.upload.key;
      upload.initiated = entry.upload.initiated;
      uploads.push_back(std::move(upload));
    }
  }
  std::ranges::sort(uploads,
                    [](const Upload& a, const Upload& b) { return std::tie(a.key, a.id) < std::tie(b.key, b.id); });
  return uploads;
}

size_t UploadTable::size() const {
  MutexLock lock(mutex_);
  return uploads_.size();
}

Result<std::string> DigestOf(const Body& body, std::unique_ptr<Digest> digest) {
  for (BodyCursor cursor(body);;) {
    ASSIGN_OR_RETURN(const auto bytes, cursor.Next());
    if (bytes.empty()) return digest->Finish();
    digest->Update(bytes);
  }
}

S3Result<Object> AssembleObject(const Upload& upload, const std::vector<CompletedPart>& parts, WallTime now) {
  Object object;
  std::string digests;
  std::vector<PartChecksum> checksums;
  const auto not_ascending = [](const CompletedPart& a, const CompletedPart& b) { return a.number >= b.number; };
  if (std::ranges::adjacent_find(parts, not_ascending) != parts.end()) return Refuse(S3Code::kInvalidPartOrder);
  for (const CompletedPart& named : parts) {
    const auto found = upload.parts.find(named.number);
    if (found == upload.parts.end() || found->second.etag != named.etag) return Refuse(S3Code::kInvalidPart);
    const UploadedPart& part = found->second;
    if (part.body.size() < kSmallestPart && &named != &parts.back()) return Refuse(S3Code::kEntityTooSmall);
    object.body.Append(part.body);
    digests += part.md5.empty() ? part.etag : part.md5;
    if (!upload.checksum) continue;
    ASSIGN_OR_RETURN(std::string checksum, ChecksumOf(part, upload.checksum->algorithm));
    if (!named.checksum.empty() && named.checksum != checksum) return Refuse(S3Code::kInvalidPart);
    checksums.emplace_back(std::move(checksum), part.body.size());
  }
  if (upload.checksum) {
    object.checksum = {std::string(ChecksumHeader(upload.checksum->algorithm)),
                       JoinChecksums(*upload.checksum, checksums)};
  }
  object.etag = HexEncode(AsBytes(Md5(digests))) + "-" + std::to_string(parts.size());
  object.last_modified = now;
  object.attributes = upload.attributes;
  return object;
}

}  // namespace cosfuse::emulator
