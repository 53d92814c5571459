#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "emulator/cos/etag.h"
#include "emulator/cos/object.h"
#include "emulator/cos/s3_error.h"
#include "emulator/cos/upload_checksum.h"
#include "emulator/cos/xml_requests.h"

namespace cosfuse::emulator {

struct UploadedPart {
  Body body;
  std::string md5;  ///< Raw; empty where ETags are opaque.
  std::string etag;
  WallTime last_modified{};
  /// The checksum that came with it (raw), if one came.
  std::optional<ChecksumAlgorithm> algorithm = std::nullopt;
  std::string checksum = {};
};

using PartMap = std::map<int, UploadedPart>;

/// A multipart upload in progress, as a value.
struct Upload {
  std::string id;
  std::string key;
  WallTime initiated{};
  ObjectAttributes attributes;
  /// Those of the initiate; judged again by complete.
  WriteConditions conditions;
  std::optional<UploadChecksum> checksum;
  PartMap parts;
};

/// The multipart uploads of one bucket. They live in memory: a restart ends them. Thread-safe.
class UploadTable {
 public:
  void Add(Upload upload) EXCLUDES(mutex_);
  /// Errors of all that follow: kNoSuchUpload, also when the upload is for another key.
  S3Result<Upload> Get(std::string_view id, std::string_view key) const EXCLUDES(mutex_);
  /// Errors: also kInvalidRequest (a checksum of another algorithm than the upload's).
  S3Result<> AddPart(std::string_view id, std::string_view key, int number, UploadedPart part) EXCLUDES(mutex_);
  /// Reserves the upload for one completion and returns it. Errors: also kOperationAborted while another one runs.
  S3Result<Upload> BeginComplete(std::string_view id, std::string_view key) EXCLUDES(mutex_);
  /// Ends the completion: the upload is gone, or open again.
  void EndComplete(const std::string& id, bool completed) EXCLUDES(mutex_);
  /// Errors: also kOperationAborted during a completion.
  S3Result<> Abort(std::string_view id, std::string_view key) EXCLUDES(mutex_);

  /// By key, then by id, without their parts.
  std::vector<Upload> List() const EXCLUDES(mutex_);
  size_t size() const EXCLUDES(mutex_);

 private:
  struct Entry {
    Upload upload;
    bool completing = false;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  S3Result<Entries::iterator> FindLocked(std::string_view id, std::string_view key) REQUIRES(mutex_);

  mutable Mutex mutex_;
  Entries uploads_ GUARDED_BY(mutex_);
};

/// The digest of a body's bytes. Errors: those of Chunk::Map.
Result<std::string> DigestOf(const Body& body, std::unique_ptr<Digest> digest);

/// Checks the client's list of parts against what was uploaded, and makes the object of them; no byte moves.
/// Where the upload has a checksum, the object gets it; a part that came without one is read for that.
/// Errors: kInvalidPart, kInvalidPartOrder, kEntityTooSmall, kInternalError (a part cannot be read).
S3Result<Object> AssembleObject(const Upload& upload, const std::vector<CompletedPart>& parts, WallTime now);

}  // namespace cosfuse::emulator
