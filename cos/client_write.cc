#include "cos/body_digest.h"
#include "cos/client.h"
#include "cos/limits.h"
#include "cos/object_headers.h"
#include "cos/object_key.h"
#include "cos/xml_responses.h"

namespace cosfuse {

Result<WrittenVersion> CosClient::Put(const OpContext& context, const ObjectKey& key, BodySource& body,
                                      const ObjectMetadata& metadata, const Conditions& conditions) {
  RETURN_IF_ERROR(CheckObjectKey(key));
  if (body.size() > kMaxPutBytes) return Fail(ErrorCode::kTooLarge, "PutObject " + key + ": more than 5 GB");
  RETURN_IF_ERROR(context.CheckMayWait(retries_.clock.Now()));
  ASSIGN_OR_RETURN(const uint32_t crc32c, DigestBody(body));
  return Send(context, {RequestKind::Of(StoreOperation::kPut, conditions), key},
              PutObjectRequest(address_, key, body, crc32c, metadata, conditions),
              [](const Answer& answer) { return ParseWrittenVersion(answer.headers); });
}

Result<WrittenVersion> CosClient::Copy(const OpContext& context, const CopySource& source, const ObjectKey& target,
                                       const std::optional<ObjectMetadata>& metadata) {
  RETURN_IF_ERROR(CheckObjectKey(source.key));
  RETURN_IF_ERROR(CheckObjectKey(target));
  return Send(context, {RequestKind::Of(StoreOperation::kCopy, source), source.key},
              CopyObjectRequest(address_, source, target, metadata),
              [](const Answer& answer) -> Result<WrittenVersion> {
                WrittenVersion version;
                // The body alone tells whether the copy was carried out to its end.
                ASSIGN_OR_RETURN(CopyResult copied, ParseCopyResult(answer.body));
                version.etag = std::move(copied.etag);
                version.version_id = answer.headers.Get("x-amz-version-id").value_or("");
                return version;
              });
}

}  // namespace cosfuse
