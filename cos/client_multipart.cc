#include <optional>
#include <utility>

#include "base/crc32c.h"
#include "base/encoding.h"
#include "cos/body_digest.h"
#include "cos/client.h"
#include "cos/limits.h"
#include "cos/object_headers.h"
#include "cos/object_key.h"
#include "cos/xml_responses.h"

namespace cosfuse {
namespace {

Result<> CheckPart(const ObjectKey& key, int number) {
  RETURN_IF_ERROR(CheckObjectKey(key));
  if (number >= 1 && number <= kMaxParts) return {};
  return Fail(ErrorCode::kInvalidArgument, "no part can have the number " + std::to_string(number));
}

/// The checksum of all parts' bytes one after the other; nothing where that of a part is not known.
std::optional<uint32_t> ChecksumOfParts(std::span<const UploadedPart> parts) {
  uint32_t crc = 0;
  for (const UploadedPart& part : parts) {
    if (!part.crc32c) return std::nullopt;
    crc = CombineCrc32c(crc, *part.crc32c, part.size);
  }
  return crc;
}

}  // namespace

Result<std::string> CosClient::BeginUpload(const OpContext& context, const ObjectKey& key,
                                           const ObjectMetadata& metadata, const Conditions& conditions) {
  RETURN_IF_ERROR(CheckObjectKey(key));
  return Send(context, {RequestKind::Of(StoreOperation::kBeginUpload, conditions), key},
              BeginUploadRequest(address_, key, metadata, conditions),
              [](const Answer& answer) { return ParseBeginUpload(answer.body); });
}

Result<UploadedPart> CosClient::UploadPart(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                                           int number, BodySource& body) {
  RETURN_IF_ERROR(CheckPart(key, number));
  RETURN_IF_ERROR(context.CheckMayWait(retries_.clock.Now()));
  ASSIGN_OR_RETURN(const uint32_t crc32c, DigestBody(body));
  return Send(context, {RequestKind::Of(StoreOperation::kUploadPart), key},
              UploadPartRequest(address_, key, upload_id, number, body, crc32c),
              [&](const Answer& answer) -> Result<UploadedPart> {
                ASSIGN_OR_RETURN(WrittenVersion part, ParseWrittenVersion(answer.headers));
                return UploadedPart{
                    .number = number, .etag = std::move(part.etag), .size = body.size(), .crc32c = crc32c};
              });
}

Result<UploadedPart> CosClient::UploadPartCopy(const OpContext& context, const ObjectKey& key,
                                               const std::string& upload_id, int number, const CopySource& source,
                                               ByteRange range) {
  RETURN_IF_ERROR(CheckPart(key, number));
  RETURN_IF_ERROR(CheckObjectKey(source.key));
  if (range.empty()) return Fail(ErrorCode::kInvalidArgument, "a part cannot be a copy of no bytes");
  return Send(context, {RequestKind::Of(StoreOperation::kUploadPartCopy, source), source.key},
              UploadPartCopyRequest(address_, key, upload_id, number, source, range),
              [&](const Answer& answer) -> Result<UploadedPart> {
                ASSIGN_OR_RETURN(CopyResult copied, ParseCopyResult(answer.body));
                return UploadedPart{
                    .number = number, .etag = std::move(copied.etag), .size = range.length, .crc32c = copied.crc32c};
              });
}

Result<WrittenVersion> CosClient::CompleteUpload(const OpContext& context, const ObjectKey& key,
                                                 const std::string& upload_id, std::span<const UploadedPart> parts,
                                                 const Conditions& conditions) {
  RETURN_IF_ERROR(CheckObjectKey(key));
  if (parts.empty()) return Fail(ErrorCode::kInvalidArgument, "an upload without parts");
  const std::string xml = CompleteUploadBody(parts);
  SpanBodySource body(AsBytes(xml));
  std::optional<uint32_t> stored;
  auto version =
      Send(context, {RequestKind::Of(StoreOperation::kCompleteUpload, conditions), key},
           CompleteUploadRequest(address_, key, upload_id, body, conditions),
           [&](const Answer& answer) -> Result<WrittenVersion> {
             ASSIGN_OR_RETURN(CompletedUpload completed, ParseCompleteUpload(answer.body));
             stored = completed.crc32c;
             return WrittenVersion{.etag = std::move(completed.etag),
                                   .version_id = std::string(answer.headers.Get("x-amz-version-id").value_or(""))};
           });
  // Not a matter of another try: the upload is gone, the object is there.
  const auto sent = ChecksumOfParts(parts);
  if (version && stored && sent && *stored != *sent) {
    return Fail(ErrorCode::kCorrupt,
                "CompleteMultipartUpload " + key + ": the object does not have its parts' checksum");
  }
  return version;
}

Result<> CosClient::AbortUpload(const OpContext& context, const ObjectKey& key, const std::string& upload_id) {
  RETURN_IF_ERROR(CheckObjectKey(key));
  const auto aborted =
      Send(context, {RequestKind::Of(StoreOperation::kAbortUpload), key}, AbortUploadRequest(address_, key, upload_id),
           [](const Answer& /*answer*/) -> Result<> { return {}; });
  if (!aborted && aborted.error().code() == ErrorCode::kMissingUpload) return {};
  return aborted;
}

Result<PartPage> CosClient::ListParts(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                                      int after) {
  RETURN_IF_ERROR(CheckObjectKey(key));
  return Send(context, {RequestKind::Of(StoreOperation::kListParts), key},
              ListPartsRequest(address_, key, upload_id, after), [after](const Answer& answer) -> Result<PartPage> {
                ASSIGN_OR_RETURN(PartPage page, ParseListParts(answer.body));
                // A marker that does not move on would be followed for ever.
                if (page.next_after != 0 && page.next_after <= after) {
                  return Fail(ErrorCode::kProtocol, "the same page of parts again");
                }
                return page;
              });
}

Result<UploadPage> CosClient::ListUploads(const OpContext& context, const std::string& prefix,
                                          const UploadMarker& after) {
  return Send(context, {RequestKind::Of(StoreOperation::kListUploads), prefix},
              ListUploadsRequest(address_, prefix, after), [&after](const Answer& answer) -> Result<UploadPage> {
                ASSIGN_OR_RETURN(UploadPage page, ParseListUploads(answer.body));
                if (page.next_after == after) return Fail(ErrorCode::kProtocol, "the same page of uploads again");
                return page;
              });
}

Result<VersionPage> CosClient::ListVersions(const OpContext& context, const std::string& prefix,
                                            const VersionMarker& after) {
  return Send(context, {RequestKind::Of(StoreOperation::kListVersions), prefix},
              ListVersionsRequest(address_, prefix, after), [&after](const Answer& answer) -> Result<VersionPage> {
                ASSIGN_OR_RETURN(VersionPage page, ParseListVersions(answer.body));
                if (page.next_after == after) return Fail(ErrorCode::kProtocol, "the same page of versions again");
                return page;
              });
}

}  // namespace cosfuse
