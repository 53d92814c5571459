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
              [number](const Answer& answer) -> Result<UploadedPart> {
                ASSIGN_OR_RETURN(WrittenVersion part, ParseWrittenVersion(answer.headers));
                return UploadedPart{.number = number, .etag = std::move(part.etag)};
              });
}

Result<UploadedPart> CosClient::UploadPartCopy(const OpContext& context, const ObjectKey& key,
                                               const std::string& upload_id, int number, const CopySource& source,
                                               ByteRange range) {
  RETURN_IF_ERROR(CheckPart(key, number));
  RETURN_IF_ERROR(CheckObjectKey(source.key));
  if (range.empty()) return Fail(ErrorCode::kInvalidArgument, "a part cannot be a copy of no bytes");
  return Send(context, {RequestKind::Of(StoreOperation::kUploadPartCopy), source.key},
              UploadPartCopyRequest(address_, key, upload_id, number, source, range),
              [number](const Answer& answer) -> Result<UploadedPart> {
                ASSIGN_OR_RETURN(ETag etag, ParseCopyResult(answer.body));
                return UploadedPart{.number = number, .etag = std::move(etag)};
              });
}

Result<WrittenVersion> CosClient::CompleteUpload(const OpContext& context, const ObjectKey& key,
                                                 const std::string& upload_id, std::span<const UploadedPart> parts,
                                                 const Conditions& conditions) {
  RETURN_IF_ERROR(CheckObjectKey(key));
  if (parts.empty()) return Fail(ErrorCode::kInvalidArgument, "an upload without parts");
  const std::string xml = CompleteUploadBody(parts);
  SpanBodySource body(AsBytes(xml));
  return Send(context, {RequestKind::Of(StoreOperation::kCompleteUpload, conditions), key},
              CompleteUploadRequest(address_, key, upload_id, body, conditions),
              [](const Answer& answer) -> Result<WrittenVersion> {
                WrittenVersion version;
                ASSIGN_OR_RETURN(version.etag, ParseCompleteUpload(answer.body));
                version.version_id = answer.headers.Get("x-amz-version-id").value_or("");
                return version;
              });
}

Result<> CosClient::AbortUpload(const OpContext& context, const ObjectKey& key, const std::string& upload_id) {
  RETURN_IF_ERROR(CheckObjectKey(key));
  const auto aborted =
      Send(context, {RequestKind::Of(StoreOperation::kAbortUpload), key}, AbortUploadRequest(address_, key, upload_id),
           [](const Answer& /*answer*/) -> Result<> { return {}; });
  if (!aborted && aborted.error().code() == ErrorCode::kMissingUpload) return {};
  return aborted;
}

}  // namespace cosfuse
