#include "emulator/cos/cos_service.h"

#include <map>
#include <utility>

#include "emulator/cos/bucket_ops.h"
#include "emulator/cos/copy_ops.h"
#include "emulator/cos/delete_ops.h"
#include "emulator/cos/list_ops.h"
#include "emulator/cos/multipart_ops.h"
#include "emulator/cos/object_ops.h"
#include "emulator/cos/payload.h"
#include "emulator/cos/tagging_ops.h"

namespace cosfuse::emulator {
namespace {

constexpr size_t kLongestKey = 1024;            // COS, "Object keys".
constexpr ByteCount kLargestUpload = 5 * kGiB;  // COS S3 API, "Upload an object" and "Upload a part".

using Handler = S3Result<Reply> (*)(const CosRequest&);

Handler HandlerOf(Operation operation) {
  switch (operation) {
    case Operation::kHeadBucket: return &HeadBucket;
    case Operation::kGetBucketLocation: return &GetBucketLocation;
    case Operation::kGetBucketVersioning: return &GetBucketVersioning;
    case Operation::kPutBucketVersioning: return &PutBucketVersioning;
    case Operation::kListObjectsV2: return &ListObjectsV2;
    case Operation::kListObjects: return &ListObjects;
    case Operation::kListObjectVersions: return &ListObjectVersions;
    case Operation::kHeadObject: return &HeadObject;
    case Operation::kGetObject: return &GetObject;
    case Operation::kPutObject: return &PutObject;
    case Operation::kCopyObject: return &CopyObject;
    case Operation::kDeleteObject: return &DeleteObject;
    case Operation::kDeleteObjects: return &DeleteObjects;
    case Operation::kCreateMultipartUpload: return &CreateMultipartUpload;
    case Operation::kUploadPart: return &UploadPart;
    case Operation::kUploadPartCopy: return &UploadPartCopy;
    case Operation::kCompleteMultipartUpload: return &CompleteMultipartUpload;
    case Operation::kAbortMultipartUpload: return &AbortMultipartUpload;
    case Operation::kListMultipartUploads: return &ListMultipartUploads;
    case Operation::kListParts: return &ListParts;
    case Operation::kGetObjectTagging: return &GetObjectTagging;
    case Operation::kPutObjectTagging: return &PutObjectTagging;
    case Operation::kDeleteObjectTagging: return &DeleteObjectTagging;
    case Operation::kListBuckets:
    case Operation::kTokenExchange: return nullptr;
  }
  return nullptr;
}

bool CarriesContent(Operation operation) {
  return operation == Operation::kPutObject || operation == Operation::kUploadPart;
}

}  // namespace

Result<std::unique_ptr<CosService>> CosService::Open(const Options& options, Storage& storage, const Clock& clock,
                                                     Random& random) {
  std::unique_ptr<CosService> service(new CosService(options, storage, clock, random));
  std::map<std::string, bool> is_public;
  for (const std::string& name : options.buckets) is_public[name] = false;
  for (const std::string& name : options.versioned_buckets) is_public[name] = false;
  for (const std::string& name : options.public_buckets) is_public[name] = true;
  for (const auto& [name, open_to_all] : is_public) {
    ASSIGN_OR_RETURN(ObjectMap objects, storage.Load(name));
    service->buckets_.emplace(name, std::make_unique<Bucket>(name, open_to_all, storage, std::move(objects)));
  }
  for (const std::string& name : options.versioned_buckets) {
    service->FindBucket(name)->SetVersioning(Versioning::kEnabled);
  }
  return service;
}

S3Result<> CosService::Check(Operation operation, const Target& target, const Headers& headers, bool anonymous,
                             std::optional<RoleSet> roles) const {
  const Bucket* bucket = FindBucket(target.bucket);
  const bool public_read = anonymous && bucket != nullptr && bucket->is_public() && PermitsAnonymous(operation);
  if (!roles && !public_read) return Refuse(S3Code::kAccessDenied);
  if (operation == Operation::kListBuckets) {
    return Permits(*roles, operation) ? S3Result<>() : Refuse(S3Code::kAccessDenied);
  }
  if (bucket == nullptr) return Refuse(S3Code::kNoSuchBucket);
  if (!public_read && !Permits(*roles, operation)) return Refuse(S3Code::kAccessDenied);
  if (target.key.size() > kLongestKey) return Refuse(S3Code::kKeyTooLong);
  if (CarriesContent(operation)) {
    const auto length = AnnouncedLength(headers);
    if (!length) return Refuse(S3Code::kMissingContentLength);
    if (*length > kLargestUpload) return Refuse(S3Code::kEntityTooLarge);
  }
  return {};
}

S3Result<std::unique_ptr<BodyReceiver>> CosService::Receive(Operation operation, const Headers& headers) {
  const ByteCount length = AnnouncedLength(headers).value_or(0);
  auto sink = CarriesContent(operation) ? storage_.NewSink(length) : NewMemorySink(length);
  if (!sink) return Refuse(S3Code::kInternalError, sink.error().message());
  // At complete the checksum headers speak of the object, not of the list of its parts.
  const bool of_body = operation != Operation::kCompleteMultipartUpload;
  const bool opaque = etag_ == ETagKind::kOpaque;
  const BodyReceiver::Digests digests{!opaque || headers.Has("content-md5"),
                                      of_body ? AnnouncedChecksum(headers) : std::nullopt};
  return std::make_unique<BodyReceiver>(*std::move(sink), digests, opaque ? NewOpaqueETag(random_) : std::string());
}

S3Result<Reply> CosService::Execute(Operation operation, const Target& target, const Headers& headers,
                                    const ReceivedBody& received) {
  if (operation == Operation::kListBuckets) return ListBuckets(buckets_, started_);
  const Handler handler = HandlerOf(operation);
  Bucket* bucket = FindBucket(target.bucket);
  if (handler == nullptr || bucket == nullptr) return Refuse(S3Code::kMethodNotAllowed);
  RETURN_IF_ERROR(VerifyDigests(headers, received));
  const CosRequest request{target,  headers,  received,
                           *bucket, buckets_, dialect(),
                           etag_,   random_,  std::chrono::floor<std::chrono::seconds>(clock_.WallNow())};
  return handler(request);
}

Bucket* CosService::FindBucket(std::string_view name) const {
  const auto found = buckets_.find(name);
  return found == buckets_.end() ? nullptr : found->second.get();
}

Dialect CosService::dialect() const {
  MutexLock lock(mutex_);
  return dialect_;
}

void CosService::SetDialect(const Dialect& dialect) {
  MutexLock lock(mutex_);
  dialect_ = dialect;
}

size_t CosService::open_uploads() const {
  size_t count = 0;
  for (const auto& [name, bucket] : buckets_) count += bucket->uploads().size();
  return count;
}

}  // namespace cosfuse::emulator
