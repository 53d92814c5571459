#include "emulator/cos/delete_ops.h"

#include "emulator/cos/xml_body.h"
#include "emulator/cos/xml_requests.h"
#include "emulator/cos/xml_writer.h"

namespace cosfuse::emulator {

S3Result<Reply> DeleteObject(const CosRequest& request) {
  const WriteConditions conditions =
      request.dialect.conditions_on_delete ? ParseWriteConditions(request.headers) : WriteConditions{};
  RETURN_IF_ERROR(request.bucket.Delete(request.target.key, conditions));
  Reply reply;
  reply.status = 204;
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
  for (const std::string& key : list.keys) {
    const auto deleted = request.bucket.Delete(key, {});
    if (deleted && list.quiet) continue;
    xml.Open(deleted ? "Deleted" : "Error");
    xml.Element("Key", key);
    if (!deleted) {
      const S3CodeInfo info = Describe(deleted.error().code);
      xml.Element("Code", info.name);
      xml.Element("Message", info.message);
    }
    xml.Close(deleted ? "Deleted" : "Error");
  }
  xml.Close("DeleteResult");
  return Reply::Text(200, "application/xml", xml.text());
}

}  // namespace cosfuse::emulator
