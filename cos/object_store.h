#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/byte_range.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/op_context.h"
#include "http/transport.h"

namespace cosfuse {

/// An object's name in the bucket: up to 1024 bytes, any bytes, no leading slash added or removed.
using ObjectKey = std::string;

/// A version tag, opaque, without the quotes of the wire. Empty: unknown.
struct ETag {
  std::string value;
  bool empty() const { return value.empty(); }
  friend bool operator==(const ETag&, const ETag&) = default;
  friend auto operator<=>(const ETag&, const ETag&) = default;
};

/// `x-amz-meta-*` without the prefix, names in lower case.
using UserMetadata = std::map<std::string, std::string>;

/// Names and values that policies and life-cycle rules go by; at most kMaxTags of them.
using ObjectTags = std::map<std::string, std::string>;

/// What an upload stores beside the bytes, and what a rewrite has to carry over.
struct ObjectMetadata {
  UserMetadata user;
  std::string content_type;
  /// Standard fields that are kept across rewrites: cache-control, content-disposition, content-encoding,
  /// content-language, expires (lower-case names).
  std::map<std::string, std::string> standard;
  /// Stored by Put and BeginUpload. No read fills them in, it only counts them: a rewrite asks GetTags for them first.
  ObjectTags tags{};
  int tag_count = 0;  ///< Of the version that was read. Stores nothing.
  friend bool operator==(const ObjectMetadata&, const ObjectMetadata&) = default;
};

/// One version of an object, as HEAD or GET describe it.
struct ObjectInfo {
  ByteCount size = 0;  ///< Of the whole object, also when a range was asked for.
  ETag etag;
  WallTime last_modified;  ///< Granularity of one second.
  ObjectMetadata metadata;
  std::string storage_class;  ///< As sent; "GLACIER" and "ACCELERATED" are archives.
  std::string version_id;     ///< In a versioned bucket; empty otherwise.
  WallTime answered_at;       ///< The answer's Date; the epoch where it had none.
};

/// Conditions of a request; those of one call are combined. Empty means none.
struct Conditions {
  ETag if_match{};           ///< Only if this is the current version: else kStale (also where no object is left).
  ETag if_none_match{};      ///< Reads only: kNotModified if this is still the current version.
  bool create_only = false;  ///< Writes only: kAlreadyExists if there is an object.
  /// kStale if the object was changed after it; ignored beside `if_match`, as HTTP has it. Last-Modified has whole
  /// seconds: no replacement for an ETag.
  std::optional<WallTime> if_unmodified_since{};
  std::string version_id{};  ///< Reads only: of this version, whichever is current; kNotFound where there is none.
};

struct ListRequest {
  std::string prefix;
  bool delimited = true;             ///< Group at '/': CommonPrefixes.
  std::string continuation_token{};  ///< Of the page before; empty for the first.
  std::string start_after{};         ///< First page only.
  int max_keys = 1000;
};

struct ListedObject {
  ObjectKey key;
  ByteCount size = 0;
  ETag etag;
  WallTime last_modified;
  std::string storage_class;
};

struct ListPage {
  std::vector<ListedObject> objects;
  std::vector<std::string> common_prefixes;  ///< Whole, with the trailing '/'.
  std::string next_token;                    ///< Empty on the last page.
  WallTime answered_at;
};

struct CopySource {
  ObjectKey key;
  ETag if_match{};           ///< kStale when the source is another version.
  ETag if_none_match{};      ///< kNotModified when the source is still this version.
  std::string version_id{};  ///< A version of the source that need not be the current one.
};

/// The result of a write: the version that it made.
struct WrittenVersion {
  ETag etag;
  std::string version_id;
};

struct UploadedPart {
  int number = 0;  ///< 1 to 10,000.
  ETag etag;
  ByteCount size = 0;
  /// Of the part's bytes, where it is known. CompleteUpload checks the object against those of its parts.
  std::optional<uint32_t> crc32c{};
};

struct PartPage {
  std::vector<UploadedPart> parts;  ///< In ascending order.
  int next_after = 0;               ///< What to ask for next; 0 on the last page.
};

/// A multipart upload that was begun and neither completed nor aborted. It is billed, and never ends by itself.
struct OpenUpload {
  ObjectKey key;
  std::string upload_id;
  WallTime begun_at;
};

/// Where a page of ListUploads begins: behind this upload. Both empty: at the start.
struct UploadMarker {
  ObjectKey key;
  std::string upload_id;
  friend bool operator==(const UploadMarker&, const UploadMarker&) = default;
};

struct UploadPage {
  std::vector<OpenUpload> uploads;
  std::optional<UploadMarker> next_after;  ///< None on the last page.
};

/// One version of an object, current or not. What deletes leave, markers without bytes, is none.
struct ObjectVersion {
  ObjectKey key;
  std::string version_id;  ///< "null" for one that was made while the bucket kept no versions.
  ETag etag;
  ByteCount size = 0;
};

/// Where a page of ListVersions begins: behind this version. Both empty: at the start.
struct VersionMarker {
  ObjectKey key;
  std::string version_id;
  friend bool operator==(const VersionMarker&, const VersionMarker&) = default;
};

struct VersionPage {
  std::vector<ObjectVersion> versions;
  std::optional<VersionMarker> next_after;  ///< None on the last page.
};

struct DeleteFailure {
  ObjectKey key;
  Error error;
};

/// What cosfuse knows of object storage: one bucket. Failures that are worth it are retried inside, under one budget.
///
/// Errors of every call: kAccessDenied, kUnauthenticated, kMissingBucket, kThrottled, kUnavailable, kTimedOut,
/// kCancelled, kWouldWait, kCorrupt, kProtocol, kUntrustedPeer; more where a call says so. An error of reaching the
/// store is never kNotFound.
///
/// After an answer was lost, a write is sent again; a conditional one may then find its own first try: kStale and
/// kAlreadyExists of a write, and kMissingUpload of CompleteUpload, mean "look whether it is yours" (an upload id in
/// the user metadata makes that certain).
///
/// Two calls of the S3 API have no method. DELETE of one version removes it for good and, if it was the current one,
/// lets the one before come back under its name, which no file operation means: an unlink leaves a marker and all
/// versions. DELETE of all tags is SetTags without any.
///
/// Every call blocks on the network, is thread-safe, and must be made with no lock held.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// Errors: kNotFound, kStale, kNotModified.
  virtual Result<ObjectInfo> Head(const OpContext& context, const ObjectKey& key, const Conditions& conditions) = 0;

  /// Streams the bytes of `range` (all of the object when it is empty), in order, each once: a broken transfer is
  /// resumed at the byte where it broke, pinned to the version of the first answer. `on_data` runs on a network thread
  /// and must not wait. The range is cut at the end of the object; one that starts beyond it is kInvalidArgument.
  /// Errors: kNotFound, kStale, kNotModified, kArchived, kInvalidArgument, and what `on_data` returned.
  using DataCallback =
      std::function<Result<>(const ObjectInfo& info, ByteCount offset, std::span<const std::byte> data)>;
  virtual Result<ObjectInfo> Get(const OpContext& context, const ObjectKey& key, ByteRange range,
                                 const Conditions& conditions, const DataCallback& on_data) = 0;

  /// One object of up to 5 GB, atomically. Errors: kStale, kAlreadyExists, kTooLarge, kNoSpace (metadata),
  /// kNotPermitted, kQuotaExceeded.
  virtual Result<WrittenVersion> Put(const OpContext& context, const ObjectKey& key, BodySource& body,
                                     const ObjectMetadata& metadata, const Conditions& conditions) = 0;

  /// A missing object counts as deleted. Errors: kNotPermitted.
  virtual Result<> Delete(const OpContext& context, const ObjectKey& key) = 0;

  /// Up to 1000 keys in one request; falls back to single deletes where the role has no multi-delete. Returns the keys
  /// that are still there, with the reason.
  virtual Result<std::vector<DeleteFailure>> DeleteMany(const OpContext& context, std::span<const ObjectKey> keys) = 0;

  /// One page. An entry appears under its exact key, whatever bytes that has.
  virtual Result<ListPage> List(const OpContext& context, const ListRequest& request) = 0;

  /// Copies inside the bucket, up to 5 GB. `metadata`: replaces all of the source's but its tags, which are copied in
  /// any case; none: all is copied. Errors: kNotFound (source), kStale (source), kNotModified (source), kTooLarge,
  /// kNotPermitted.
  virtual Result<WrittenVersion> Copy(const OpContext& context, const CopySource& source, const ObjectKey& target,
                                      const std::optional<ObjectMetadata>& metadata) = 0;

  /// Begins a multipart upload and returns its id. Conditions are sent here and at CompleteUpload.
  virtual Result<std::string> BeginUpload(const OpContext& context, const ObjectKey& key,
                                          const ObjectMetadata& metadata, const Conditions& conditions) = 0;
  /// Errors: kMissingUpload.
  virtual Result<UploadedPart> UploadPart(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                                          int number, BodySource& body) = 0;
  /// A part made of a range of an object. Errors: kMissingUpload, kNotFound, kStale, kNotModified (source).
  virtual Result<UploadedPart> UploadPartCopy(const OpContext& context, const ObjectKey& key,
                                              const std::string& upload_id, int number, const CopySource& source,
                                              ByteRange range) = 0;
  /// Parts in ascending order. Errors: kMissingUpload, kStale, kAlreadyExists, kTooLarge; kCorrupt: the object that
  /// was made does not have the checksum of its parts.
  virtual Result<WrittenVersion> CompleteUpload(const OpContext& context, const ObjectKey& key,
                                                const std::string& upload_id, std::span<const UploadedPart> parts,
                                                const Conditions& conditions) = 0;
  /// A missing upload counts as aborted.
  virtual Result<> AbortUpload(const OpContext& context, const ObjectKey& key, const std::string& upload_id) = 0;

  /// One page of the parts that an upload has so far, behind number `after`. Errors: kMissingUpload.
  virtual Result<PartPage> ListParts(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                                     int after) = 0;
  /// One page of the uploads in progress whose keys begin with `prefix`, by key.
  virtual Result<UploadPage> ListUploads(const OpContext& context, const std::string& prefix,
                                         const UploadMarker& after) = 0;
  /// One page of the versions of the objects whose keys begin with `prefix`, by key, newest first. A bucket that keeps
  /// none has the current ones.
  virtual Result<VersionPage> ListVersions(const OpContext& context, const std::string& prefix,
                                           const VersionMarker& after) = 0;

  /// Of that version, or, where `version_id` is empty, of the current one. Errors: kNotFound.
  virtual Result<ObjectTags> GetTags(const OpContext& context, const ObjectKey& key, const std::string& version_id) = 0;
  /// Replaces all tags; the object keeps its version. Errors: kNotFound, kInvalidArgument (too many, too long).
  virtual Result<> SetTags(const OpContext& context, const ObjectKey& key, const ObjectTags& tags) = 0;
};

}  // namespace cosfuse
