#include "emulator/cos/object_ops.h"

#include <utility>

#include "base/encoding.h"
#include "emulator/cos/attributes.h"
#include "emulator/cos/range.h"
#include "emulator/cos/upload_checksum.h"
#include "emulator/wire/http_date.h"

namespace cosfuse::emulator {
namespace {

Reply NotModified(const Object& object) {
  Reply reply;
  reply.status = 304;
  reply.headers.emplace_back("ETag", QuoteETag(object.etag));
  reply.headers.emplace_back("Last-Modified", FormatHttpDate(object.last_modified));
  return reply;
}

void AddChecksum(const Object& object, Reply& reply) {
  if (object.checksum.first.empty()) return;
  reply.headers.push_back(object.checksum);
  reply.headers.emplace_back("x-amz-checksum-type", ChecksumTypeOf(object.checksum.second));
}

S3Result<Reply> ReadObject(const CosRequest& request, bool wants_bytes) {
  ASSIGN_OR_RETURN(const ObjectPtr object, request.bucket.Read(request.target.key, request.version_id()));
  switch (Judge(ParseReadConditions(request.headers), object->etag, object->last_modified)) {
    case ReadVerdict::kFailed: return Refuse(S3Code::kPreconditionFailed);
    case ReadVerdict::kNotModified: return NotModified(*object);
    case ReadVerdict::kProceed: break;
  }
  if (wants_bytes && !object->archive_class.empty()) return Refuse(S3Code::kInvalidObjectState);
  const ByteCount size = object->body.size();
  const RangeVerdict range = ResolveRange(request.headers.Get("range"), size);
  if (range.kind == RangeVerdict::Kind::kUnsatisfiable) return Refuse(S3Code::kInvalidRange);
  Reply reply;
  AddObjectHeaders(*object, reply);
  if (request.bucket.versioning() != Versioning::kOff) AddVersionId(object->version_id, reply);
  if (range.kind == RangeVerdict::Kind::kWhole) {
    reply.body = object->body;
    if (ToLowerAscii(request.headers.Get("x-amz-checksum-mode")) == "enabled") AddChecksum(*object, reply);
    return reply;
  }
  reply.status = 206;
  reply.headers.emplace_back("Content-Range", "bytes " + std::to_string(range.range.offset) + "-" +
                                                  std::to_string(range.range.end() - 1) + "/" + std::to_string(size));
  reply.body = object->body.Sub(range.range);
  return reply;
}

}  // namespace

S3Result<Reply> GetObject(const CosRequest& request) { return ReadObject(request, true); }

S3Result<Reply> HeadObject(const CosRequest& request) { return ReadObject(request, false); }

S3Result<Reply> PutObject(const CosRequest& request) {
  RETURN_IF_ERROR(DemandChecksum(request));
  auto object = std::make_shared<Object>();
  ASSIGN_OR_RETURN(object->attributes, ParseAttributes(request.headers));
  object->body = request.received.body;
  object->etag = request.received.etag;
  object->last_modified = request.now;
  object->version_id = request.random.Hex(16);
  if (request.received.algorithm) {
    object->checksum = {std::string(ChecksumHeader(*request.received.algorithm)),
                        Base64Encode(AsBytes(request.received.checksum))};
  }
  Reply reply;
  reply.headers.emplace_back("ETag", QuoteETag(object->etag));
  AddChecksum(*object, reply);
  const WriteConditions conditions =
      request.dialect.conditions_on_put ? ParseWriteConditions(request.headers) : WriteConditions{};
  ASSIGN_OR_RETURN(const std::string version_id, request.bucket.Put(request.target.key, std::move(object), conditions));
  AddVersionId(version_id, reply);
  return reply;
}

S3Result<> DemandChecksum(const CosRequest& request) {
  if (!request.bucket.rules().retention || request.headers.Has("content-md5") || request.received.algorithm) return {};
  return Refuse(S3Code::kInvalidRequest, "Missing required header for this request: Content-MD5");
}

}  // namespace cosfuse::emulator
