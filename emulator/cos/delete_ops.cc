#include "emulator/cos/delete_ops.h"

#include "emulator/cos/attributes.h"
#include "emulator/cos/xml_body.h"
#include "emulator/cos/xml_requests.h"
#include "emulator/cos/xml_writer.h"

namespace cosfuse::emulator {

namespace {

Version NewMarker(const CosRequest& request) { return {request.random.Hex(16), nullptr, request.now}; }

S3Result<DeleteOutcome> DeleteOne(const CosRequest& request, const DeleteRequest::Entry& object) {
  if (object.version_id.empty()) return request.bucket.Delete(object.key, {}, NewMarker(request));
  return request.bucket.DeleteVersion(object.key, object.version_id, request.now);
}

void WriteDeleted(const DeleteRequest::Entry& object, const DeleteOutcome& outcome, XmlWriter& xml) {
  xml.Open("Deleted");
  xml.Element("Key", object.key);
  if (!object.version_id.empty()) xml.Element("VersionId", object.version_id);
  if (outcome.marker) {
    xml.Element("DeleteMarker", "true");
    xml.Element("DeleteMarkerVersionId", outcome.version_id);
  }
  xml.Close("Deleted");
}

void WriteFailed(const DeleteRequest::Entry& object, const S3Error& error, XmlWriter& xml) {
  const S3CodeInfo info = Describe(error.code);
  xml.Open("Error");
  xml.Element("Key", object.key);
  if (!object.version_id.empty()) xml.Element("VersionId", object.version_id);
  xml.Element("Code", info.name);
  xml.Element("Message", error.message.empty() ? info.message : std::string_view(error.message));
  xml.Close("Error");
}

}  // namespace

S3Result<Reply> DeleteObject(const CosRequest& request) {
  const WriteConditions conditions =
      request.dialect.conditions_on_delete ? ParseWriteConditions(request.headers) : WriteConditions{};
  const auto version_id = request.version_id();
  const auto outcome = version_id ? request.bucket.DeleteVersion(request.target.key, *version_id, request.now)
                                  : request.bucket.Delete(request.target.key, conditions, NewMarker(request));
  if (!outcome) return std::unexpected(outcome.error());
  Reply reply;
  reply.status = 204;
  AddVersionId(outcome->version_id, reply);
  if (outcome->marker) reply.headers.emplace_back("x-amz-delete-marker", "true");
  return reply;
}

S3Result<Reply> DeleteObjects(const CosRequest& request) {
  if (!request.headers.Has("content-md5") && !request.received.algorithm) {
    return Refuse(S3Code::kInvalidRequest, "Missing required header for this request: Content-MD5");
  }
  ASSIGN_OR_RETURN(const std::string body, ReadXmlBody(request.received.body));
  ASSIGN_OR_RETURN(const DeleteRequest list, ParseDeleteRequest(body));
  XmlWriter xml;
  xml.OpenRoot("DeleteResult");
  for (const DeleteRequest::Entry& object : list.objects) {
    const auto deleted = DeleteOne(request, object);
    if (!deleted) {
      WriteFailed(object, deleted.error(), xml);
    } else if (!list.quiet) {
      WriteDeleted(object, *deleted, xml);
    }
  }
  xml.Close("DeleteResult");
  return Reply::Text(200, "application/xml", xml.text());
}

}  // namespace cosfuse::emulator
