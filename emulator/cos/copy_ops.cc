#include "emulator/cos/copy_ops.h"

#include <utility>

#include "base/encoding.h"
#include "emulator/cos/attributes.h"
#include "emulator/cos/xml_writer.h"
#include "emulator/wire/http_date.h"

namespace cosfuse::emulator {
namespace {

constexpr ByteCount kLargestCopy = 5 * kGiB;  // COS S3 API, "Copy an object".

struct SourceName {
  std::string bucket;
  std::string key;
  std::optional<std::string> version_id;
};

S3Result<SourceName> ParseSource(std::string_view header) {
  if (header.starts_with('/')) header.remove_prefix(1);
  const size_t question = header.find('?');
  const auto decoded = PercentDecode(header.substr(0, question));
  if (!decoded) return Refuse(S3Code::kInvalidArgument, "x-amz-copy-source cannot be decoded.");
  const size_t slash = decoded->find('/');
  if (slash == std::string::npos || slash + 1 == decoded->size()) {
    return Refuse(S3Code::kInvalidArgument, "x-amz-copy-source names no object.");
  }
  SourceName name{decoded->substr(0, slash), decoded->substr(slash + 1), std::nullopt};
  if (question == std::string_view::npos) return name;
  const auto query = Query::Parse(header.substr(question + 1));
  if (!query) return Refuse(S3Code::kInvalidArgument, "x-amz-copy-source cannot be decoded.");
  if (const std::string* version_id = query->Find("versionId")) name.version_id = *version_id;
  return name;
}

/// Whether a directive header says REPLACE. Errors: kInvalidArgument for what is neither that nor COPY.
S3Result<bool> Replaces(const Headers& headers, std::string_view name) {
  const std::string_view directive = headers.Get(name);
  if (directive == "REPLACE") return true;
  if (directive.empty() || directive == "COPY") return false;
  return Refuse(S3Code::kInvalidArgument, "Unknown " + std::string(name) + ".");
}

}  // namespace

S3Result<ObjectPtr> FindCopySource(const CosRequest& request) {
  ASSIGN_OR_RETURN(const SourceName name, ParseSource(request.headers.Get("x-amz-copy-source")));
  const auto bucket = request.buckets.find(name.bucket);
  if (bucket == request.buckets.end()) return Refuse(S3Code::kNoSuchBucket);
  ASSIGN_OR_RETURN(ObjectPtr object, bucket->second->Read(name.key, name.version_id));
  const ReadConditions conditions = ParseReadConditions(request.headers, "x-amz-copy-source-");
  if (Judge(conditions, object->etag, object->last_modified) != ReadVerdict::kProceed) {
    return Refuse(S3Code::kPreconditionFailed);
  }
  if (!object->archive_class.empty()) return Refuse(S3Code::kInvalidObjectState);
  return object;
}

S3Result<Reply> CopyObject(const CosRequest& request) {
  ASSIGN_OR_RETURN(const SourceName name, ParseSource(request.headers.Get("x-amz-copy-source")));
  ASSIGN_OR_RETURN(const bool replaces, Replaces(request.headers, "x-amz-metadata-directive"));
  ASSIGN_OR_RETURN(const bool replaces_tags, Replaces(request.headers, "x-amz-tagging-directive"));
  // An older version may be copied onto the key: that makes it the current one again.
  if (!replaces && !replaces_tags && !name.version_id && name.bucket == request.bucket.name() &&
      name.key == request.target.key) {
    return Refuse(S3Code::kInvalidRequest, "A copy of an object onto itself has to change its metadata.");
  }
  ASSIGN_OR_RETURN(const ObjectPtr source, FindCopySource(request));
  if (source->body.size() > kLargestCopy) {
    return Refuse(S3Code::kInvalidRequest, "The source is larger than the largest that one copy may have.");
  }
  auto copy = std::make_shared<Object>(*source);  // Shares the bytes.
  copy->last_modified = request.now;
  copy->version_id = request.random.Hex(16);
  ASSIGN_OR_RETURN(ObjectAttributes given, ParseAttributes(request.headers));
  if (replaces) {
    copy->attributes.headers = std::move(given.headers);
    copy->attributes.metadata = std::move(given.metadata);
  }
  if (replaces_tags) copy->attributes.tags = std::move(given.tags);

  XmlWriter xml;
  xml.OpenRoot("CopyObjectResult");
  xml.Element("LastModified", FormatIso8601(copy->last_modified));
  xml.Element("ETag", QuoteETag(copy->etag));
  xml.Close("CopyObjectResult");
  Reply reply = Reply::Text(200, "application/xml", xml.text());
  reply.headers.emplace_back("ETag", QuoteETag(copy->etag));
  const WriteConditions conditions =
      request.dialect.conditions_on_copy_target ? ParseWriteConditions(request.headers) : WriteConditions{};
  ASSIGN_OR_RETURN(const std::string version_id, request.bucket.Put(request.target.key, std::move(copy), conditions));
  AddVersionId(version_id, reply);
  if (name.version_id) reply.headers.emplace_back("x-amz-copy-source-version-id", *name.version_id);
  return reply;
}

}  // namespace cosfuse::emulator
