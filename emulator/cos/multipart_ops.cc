#include "emulator/cos/multipart_ops.h"

#include <charconv>
#include <utility>

#include "base/encoding.h"
#include "emulator/cos/attributes.h"
#include "emulator/cos/copy_ops.h"
#include "emulator/cos/object_ops.h"
#include "emulator/cos/range.h"
#include "emulator/cos/xml_body.h"
#include "emulator/cos/xml_requests.h"
#include "emulator/cos/xml_writer.h"
#include "emulator/wire/http_date.h"

namespace cosfuse::emulator {
namespace {

constexpr int kMaxPartNumber = 10'000;           // COS S3 API, "Upload a part".
constexpr ByteCount kLargestPart = 5 * kGiB;     // The same.
constexpr ByteCount kLargestObject = 10 * kTiB;  // COS, "Maximum object size".

S3Result<int> ParsePartNumber(const Query& query) {
  const std::string_view text = query.Get("partNumber");
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1 || number > kMaxPartNumber) {
    return Refuse(S3Code::kInvalidArgument, "Part number must be an integer between 1 and 10000, inclusive");
  }
  return number;
}

S3Result<Body> SelectRange(const CosRequest& request, const Object& source) {
  const std::string* header = request.headers.Find("x-amz-copy-source-range");
  if (header == nullptr) return source.body;
  const auto range = ParseCopyRange(*header, source.body.size());
  if (!range) return Refuse(S3Code::kInvalidArgument, "The x-amz-copy-source-range is not within the source.");
  return source.body.Sub(*range);
}

Reply CompletedReply(const CosRequest& request, const Upload& upload, const Object& object) {
  XmlWriter xml;
  xml.OpenRoot("CompleteMultipartUploadResult");
  xml.Element("Location", "http://" + std::string(request.headers.Get("host")) + request.target.path);
  xml.Element("Bucket", request.bucket.name());
  xml.Element("Key", request.target.key);
  xml.Element("ETag", QuoteETag(object.etag));
  if (upload.checksum) {
    xml.Element("Checksum" + std::string(ChecksumName(upload.checksum->algorithm)), object.checksum.second);
    xml.Element("ChecksumType", ChecksumTypeOf(object.checksum.second));
  }
  xml.Close("CompleteMultipartUploadResult");
  return Reply::Text(200, "application/xml", xml.text());
}

/// Both the conditions of the initiate and those of the complete have to hold. They are judged together with the
/// write only if one of them is empty; two If-Match of different versions cannot both hold anyway.
S3Result<WriteConditions> MergeConditions(const WriteConditions& kept, WriteConditions given) {
  if (kept.if_match && given.if_match && UnquoteETag(*kept.if_match) != UnquoteETag(*given.if_match)) {
    return Refuse(S3Code::kPreconditionFailed);
  }
  if (!given.if_match) given.if_match = kept.if_match;
  if (!given.if_none_match) given.if_none_match = kept.if_none_match;
  if (!given.if_unmodified_since) given.if_unmodified_since = kept.if_unmodified_since;
  return given;
}

S3Result<Reply> FinishUpload(const CosRequest& request, const Upload& upload) {
  ASSIGN_OR_RETURN(const std::string body, ReadXmlBody(request.received.body));
  ASSIGN_OR_RETURN(const auto parts, ParseCompleteRequest(body));
  ASSIGN_OR_RETURN(Object object, AssembleObject(upload, parts, request.now));
  if (object.body.size() > kLargestObject) return Refuse(S3Code::kEntityTooLarge);
  // At complete a checksum header speaks of the object.
  if (!object.checksum.first.empty() && request.headers.Has(object.checksum.first) &&
      request.headers.Get(object.checksum.first) != object.checksum.second) {
    return Refuse(S3Code::kBadDigest);
  }
  const WriteConditions given =
      request.dialect.conditions_at_complete ? ParseWriteConditions(request.headers) : WriteConditions{};
  ASSIGN_OR_RETURN(const WriteConditions conditions, MergeConditions(upload.conditions, given));
  object.version_id = request.random.Hex(16);
  Reply reply = CompletedReply(request, upload, object);
  ASSIGN_OR_RETURN(const std::string version_id,
                   request.bucket.Put(request.target.key, std::make_shared<Object>(std::move(object)), conditions));
  AddVersionId(version_id, reply);
  return reply;
}

}  // namespace

S3Result<Reply> CreateMultipartUpload(const CosRequest& request) {
  Upload upload;
  ASSIGN_OR_RETURN(upload.attributes, ParseAttributes(request.headers));
  upload.id = request.random.Hex(16);
  upload.key = request.target.key;
  upload.initiated = request.now;
  ASSIGN_OR_RETURN(upload.checksum, ParseUploadChecksum(request.headers));
  if (request.dialect.conditions_at_initiate) {
    upload.conditions = ParseWriteConditions(request.headers);
    const ObjectPtr current = request.bucket.Find(request.target.key);
    std::optional<CurrentVersion> version;
    if (current != nullptr) version = CurrentVersion{current->etag, current->last_modified};
    if (!Hold(upload.conditions, version)) return Refuse(S3Code::kPreconditionFailed);
  }
  XmlWriter xml;
  xml.OpenRoot("InitiateMultipartUploadResult");
  xml.Element("Bucket", request.bucket.name());
  xml.Element("Key", upload.key);
  xml.Element("UploadId", upload.id);
  xml.Close("InitiateMultipartUploadResult");
  Reply reply = Reply::Text(200, "application/xml", xml.text());
  if (upload.checksum) {
    reply.headers.emplace_back("x-amz-checksum-algorithm", ChecksumName(upload.checksum->algorithm));
    reply.headers.emplace_back("x-amz-checksum-type", upload.checksum->full_object ? "FULL_OBJECT" : "COMPOSITE");
  }
  request.bucket.uploads().Add(std::move(upload));
  return reply;
}

S3Result<Reply> UploadPart(const CosRequest& request) {
  ASSIGN_OR_RETURN(const int number, ParsePartNumber(request.target.query));
  RETURN_IF_ERROR(DemandChecksum(request));
  const ReceivedBody& received = request.received;
  UploadedPart part{received.body, received.md5, received.etag, request.now, received.algorithm, received.checksum};
  Reply reply;
  reply.headers.emplace_back("ETag", QuoteETag(part.etag));
  if (received.algorithm) {
    reply.headers.emplace_back(ChecksumHeader(*received.algorithm), Base64Encode(AsBytes(received.checksum)));
  }
  RETURN_IF_ERROR(request.bucket.uploads().AddPart(request.target.query.Get("uploadId"), request.target.key, number,
                                                   std::move(part)));
  return reply;
}

S3Result<Reply> UploadPartCopy(const CosRequest& request) {
  ASSIGN_OR_RETURN(const int number, ParsePartNumber(request.target.query));
  ASSIGN_OR_RETURN(const ObjectPtr source, FindCopySource(request));
  UploadedPart part;
  ASSIGN_OR_RETURN(part.body, SelectRange(request, *source));
  if (part.body.size() > kLargestPart) {
    return Refuse(S3Code::kInvalidRequest, "The source is larger than the largest that one part may have.");
  }
  if (request.etag == ETagKind::kOpaque) {
    part.etag = NewOpaqueETag(request.random);
  } else {
    auto md5 = DigestOf(part.body, NewMd5());
    if (!md5) return Refuse(S3Code::kInternalError, md5.error().message());
    part.md5 = *std::move(md5);
    part.etag = HexEncode(AsBytes(part.md5));
  }
  part.last_modified = request.now;
  XmlWriter xml;
  xml.OpenRoot("CopyPartResult");
  xml.Element("LastModified", FormatIso8601(part.last_modified));
  xml.Element("ETag", QuoteETag(part.etag));
  xml.Close("CopyPartResult");
  RETURN_IF_ERROR(request.bucket.uploads().AddPart(request.target.query.Get("uploadId"), request.target.key, number,
                                                   std::move(part)));
  return Reply::Text(200, "application/xml", xml.text());
}

S3Result<Reply> CompleteMultipartUpload(const CosRequest& request) {
  UploadTable& uploads = request.bucket.uploads();
  ASSIGN_OR_RETURN(const Upload upload,
                   uploads.BeginComplete(request.target.query.Get("uploadId"), request.target.key));
  auto reply = FinishUpload(request, upload);
  uploads.EndComplete(upload.id, reply.has_value());
  return reply;
}

S3Result<Reply> AbortMultipartUpload(const CosRequest& request) {
  RETURN_IF_ERROR(request.bucket.uploads().Abort(request.target.query.Get("uploadId"), request.target.key));
  Reply reply;
  reply.status = 204;
  return reply;
}

}  // namespace cosfuse::emulator
