#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/cos/s3_error.h"
#include "emulator/cos/versioned_objects.h"

namespace cosfuse::emulator {

/// The body of DeleteObjects.
struct DeleteRequest {
  struct Entry {
    std::string key;
    std::string version_id;  ///< Empty: what is current.
  };
  std::vector<Entry> objects;
  bool quiet = false;
};

/// One line of the body of CompleteMultipartUpload.
struct CompletedPart {
  int number = 0;
  std::string etag;           ///< Without quotes.
  std::string checksum = {};  ///< Raw; empty where none is named.
};

using Tags = std::map<std::string, std::string>;

/// Each reads a request's body. Errors: kMalformedXml; ParseTagging also kInvalidTag (more than 10 tags, or a name
/// twice).
S3Result<DeleteRequest> ParseDeleteRequest(std::string_view xml);
S3Result<std::vector<CompletedPart>> ParseCompleteRequest(std::string_view xml);
S3Result<Tags> ParseTagging(std::string_view xml);
/// kEnabled or kSuspended. Errors: kMalformedXml, kIllegalVersioning.
S3Result<Versioning> ParseVersioning(std::string_view xml);

}  // namespace cosfuse::emulator
