#include "emulator/cos/s3_error.h"

#include "emulator/cos/xml_writer.h"

namespace cosfuse::emulator {

S3CodeInfo Describe(S3Code code) {
  switch (code) {
    case S3Code::kAccessDenied: return {403, "AccessDenied", "Access Denied"};
    case S3Code::kAuthorizationMalformed:
      return {400, "AuthorizationHeaderMalformed", "The authorization header you provided is invalid."};
    case S3Code::kBadDigest: return {400, "BadDigest", "The checksum you specified did not match what we received."};
    case S3Code::kEntityTooLarge:
      return {400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size."};
    case S3Code::kEntityTooSmall:
      return {400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed object size."};
    case S3Code::kIllegalVersioning:
      return {400, "IllegalVersioningConfigurationException", "The versioning configuration is not valid."};
    case S3Code::kIncompleteBody:
      return {400, "IncompleteBody", "The request body does not have the number of bytes that its headers announce."};
    case S3Code::kInternalError: return {500, "InternalError", "We encountered an internal error. Please try again."};
    case S3Code::kInvalidAccessKeyId:
      return {403, "InvalidAccessKeyId", "The access key you provided does not exist in our records."};
    case S3Code::kInvalidArgument: return {400, "InvalidArgument", "Invalid Argument"};
    case S3Code::kInvalidDigest: return {400, "InvalidDigest", "The Content-MD5 you specified is not valid."};
    case S3Code::kInvalidObjectState:
      return {403, "InvalidObjectState", "The operation is not valid for the object's storage class."};
    case S3Code::kInvalidPart:
      return {400, "InvalidPart", "One or more of the specified parts could not be found, or its ETag did not match."};
    case S3Code::kInvalidPartOrder:
      return {400, "InvalidPartOrder", "The list of parts was not in ascending order by part number."};
    case S3Code::kInvalidRange: return {416, "InvalidRange", "The requested range is not satisfiable."};
    case S3Code::kInvalidRequest: return {400, "InvalidRequest", "Invalid Request"};
    case S3Code::kInvalidTag: return {400, "InvalidTag", "The tag provided was not a valid tag."};
    case S3Code::kInvalidUri: return {400, "InvalidURI", "Could not parse the specified URI."};
    case S3Code::kKeyTooLong: return {400, "KeyTooLong", "Your key is too long."};
    case S3Code::kMalformedXml:
      return {400, "MalformedXML", "The XML you provided was not well-formed or did not validate."};
    case S3Code::kMetadataTooLarge:
      return {400, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size."};
    case S3Code::kMethodNotAllowed:
      return {405, "MethodNotAllowed", "The specified method is not allowed against this resource."};
    case S3Code::kMissingContentLength:
      return {411, "MissingContentLength", "You must provide the Content-Length HTTP header."};
    case S3Code::kNoSuchBucket: return {404, "NoSuchBucket", "The specified bucket does not exist."};
    case S3Code::kNoSuchKey: return {404, "NoSuchKey", "The specified key does not exist."};
    case S3Code::kNoSuchUpload: return {404, "NoSuchUpload", "The specified multipart upload does not exist."};
    case S3Code::kNoSuchVersion: return {404, "NoSuchVersion", "The specified version does not exist."};
    case S3Code::kNotImplemented:
      return {501, "NotImplemented", "A header or query you provided asks for a function that is not implemented."};
    case S3Code::kOperationAborted:
      return {409, "OperationAborted", "A conflicting conditional operation is in progress. Try again."};
    case S3Code::kPayloadMismatch:
      return {400, "XAmzContentSHA256Mismatch",
              "The x-amz-content-sha256 you specified did not match what we received."};
    case S3Code::kPreconditionFailed:
      return {412, "PreconditionFailed", "At least one of the preconditions you specified did not hold."};
    case S3Code::kQuotaExceeded: return {507, "VaultQuotaExceeded", "The bucket's hard quota is exhausted."};
    case S3Code::kRequestTimeTooSkewed:
      return {403, "RequestTimeTooSkewed",
              "The difference between the request time and the server's time is too large."};
    case S3Code::kSignatureDoesNotMatch:
      return {403, "SignatureDoesNotMatch", "The signature we calculated does not match the one you provided."};
  }
  return {500, "InternalError", ""};
}

Reply MakeErrorReply(const S3Error& error, std::string_view resource, std::string_view request_id) {
  const S3CodeInfo info = Describe(error.code);
  const std::string_view message = error.message.empty() ? info.message : std::string_view(error.message);
  Reply reply = MakeErrorReply(info.status, info.name, message, resource, request_id);
  reply.headers.insert(reply.headers.end(), error.headers.begin(), error.headers.end());
  return reply;
}

Reply MakeErrorReply(int status, std::string_view code, std::string_view message, std::string_view resource,
                     std::string_view request_id) {
  XmlWriter xml;
  xml.Open("Error");
  xml.Element("Code", code);
  xml.Element("Message", message);
  xml.Element("Resource", resource);
  xml.Element("RequestId", request_id);
  xml.Element("httpStatusCode", std::to_string(status));
  xml.Close("Error");
  return Reply::Text(status, "application/xml", xml.text());
}

}  // namespace cosfuse::emulator
