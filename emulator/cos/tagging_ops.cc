#include "emulator/cos/tagging_ops.h"

#include <utility>

#include "emulator/cos/xml_body.h"
#include "emulator/cos/xml_requests.h"
#include "emulator/cos/xml_writer.h"

namespace cosfuse::emulator {
namespace {

S3Result<Reply> ReplaceTags(const CosRequest& request, const Tags& tags, int status) {
  for (;;) {
    const ObjectPtr current = request.bucket.Find(request.target.key);
    if (current == nullptr) return Refuse(S3Code::kNoSuchKey);
    auto tagged = std::make_shared<Object>(*current);
    tagged->attributes.tags = tags;
    ASSIGN_OR_RETURN(const bool replaced, request.bucket.Replace(request.target.key, current, std::move(tagged)));
    if (!replaced) continue;
    Reply reply;
    reply.status = status;
    return reply;
  }
}

}  // namespace

S3Result<Reply> GetObjectTagging(const CosRequest& request) {
  ASSIGN_OR_RETURN(const ObjectPtr object, request.bucket.Read(request.target.key, request.version_id()));
  XmlWriter xml;
  xml.OpenRoot("Tagging");
  xml.Open("TagSet");
  for (const auto& [name, value] : object->attributes.tags) {
    xml.Open("Tag");
    xml.Element("Key", name);
    xml.Element("Value", value);
    xml.Close("Tag");
  }
  xml.Close("TagSet");
  xml.Close("Tagging");
  return Reply::Text(200, "application/xml", xml.text());
}

S3Result<Reply> PutObjectTagging(const CosRequest& request) {
  ASSIGN_OR_RETURN(const std::string body, ReadXmlBody(request.received.body));
  ASSIGN_OR_RETURN(const Tags tags, ParseTagging(body));
  return ReplaceTags(request, tags, 200);
}

S3Result<Reply> DeleteObjectTagging(const CosRequest& request) { return ReplaceTags(request, {}, 204); }

}  // namespace cosfuse::emulator
