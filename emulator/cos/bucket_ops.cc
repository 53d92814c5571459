#include "emulator/cos/bucket_ops.h"

#include "emulator/cos/xml_body.h"
#include "emulator/cos/xml_requests.h"
#include "emulator/cos/xml_writer.h"
#include "emulator/wire/http_date.h"

namespace cosfuse::emulator {

Reply ListBuckets(const Buckets& buckets, WallTime created) {
  XmlWriter xml;
  xml.OpenRoot("ListAllMyBucketsResult");
  xml.Open("Owner");
  xml.Element("ID", "00000000-0000-4000-8000-000000000002");  // The service instance.
  xml.Element("DisplayName", "00000000-0000-4000-8000-000000000002");
  xml.Close("Owner");
  xml.Open("Buckets");
  for (const auto& [name, bucket] : buckets) {
    xml.Open("Bucket");
    xml.Element("Name", name);
    xml.Element("CreationDate", FormatIso8601(created));
    xml.Close("Bucket");
  }
  xml.Close("Buckets");
  xml.Close("ListAllMyBucketsResult");
  return Reply::Text(200, "application/xml", xml.text());
}

S3Result<Reply> HeadBucket(const CosRequest& /*request*/) { return Reply{}; }

S3Result<Reply> GetBucketLocation(const CosRequest& /*request*/) {
  XmlWriter xml;
  xml.OpenRoot("LocationConstraint");
  xml.Close("LocationConstraint");
  return Reply::Text(200, "application/xml", xml.text());
}

S3Result<Reply> GetBucketVersioning(const CosRequest& request) {
  XmlWriter xml;
  xml.OpenRoot("VersioningConfiguration");
  switch (request.bucket.versioning()) {
    case Versioning::kOff: break;
    case Versioning::kEnabled: xml.Element("Status", "Enabled"); break;
    case Versioning::kSuspended: xml.Element("Status", "Suspended"); break;
  }
  xml.Close("VersioningConfiguration");
  return Reply::Text(200, "application/xml", xml.text());
}

S3Result<Reply> PutBucketVersioning(const CosRequest& request) {
  ASSIGN_OR_RETURN(const std::string body, ReadXmlBody(request.received.body));
  ASSIGN_OR_RETURN(const Versioning versioning, ParseVersioning(body));
  request.bucket.SetVersioning(versioning);
  return Reply{};
}

}  // namespace cosfuse::emulator
