#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/thread_pool.h"
#include "cache/cached_file.h"
#include "cache/conflict_name.h"
#include "cache/dialect_probe.h"
#include "cache/upload_content.h"
#include "cache/upload_plan.h"
#include "cos/object_store.h"

namespace cosfuse {

/// The field of the user metadata that says which attempt made a version, so that an answer that was lost is not taken
/// for another program's write.
inline constexpr std::string_view kUploadIdField = "cosfuse-upload-id";

/// An upload in parts that was begun, and got some of its parts, while the file was still written.
struct BegunUpload {
  ObjectKey key;
  std::string id;  ///< Marks the version that it makes.
  std::string upload_id;
  std::vector<EarlyPart> parts;
  std::map<int, UploadedPart> arrived;  ///< What the store said of those that are not stale, by number.
  /// Set by Uploader::Run: the last request was one of it. What it makes has the metadata that it began with.
  bool used = false;
  /// Set by Uploader::Run: the store has been asked to complete it, so nobody else may go on with it.
  bool completing = false;
  /// An earlier attempt has asked to complete it with other content: a version that it made is not this content.
  bool completed_otherwise = false;
};

/// One attempt to store a file's content.
struct UploadJob {
  UploadTarget target;
  std::optional<BaseVersion> base;  ///< The version that the object should still be.
  /// What the content keeps is in this version, which is of another object; nothing: in `base`.
  std::optional<BaseVersion> copied_from{};
  std::string id;                        ///< Of this attempt; unique.
  std::vector<std::string> earlier_ids;  ///< Of attempts that failed, and may have been carried out all the same.
  /// It stays the caller's, who aborts it where it was not used.
  std::shared_ptr<BegunUpload> begun{};
  bool no_copies = false;   ///< The store is not asked to copy bytes of the base.
  bool begun_anew = false;  ///< An upload of this attempt was aborted by somebody else.
  /// The file has lost a conflict, and this archive has what was changed: a newer one takes its place.
  std::optional<BaseVersion> archive{};
};

struct UploadOutcome {
  enum class Kind {
    kStored,      ///< The content is the object now.
    kSibling,     ///< Another program has changed the object: the content is a sibling now.
    kArchived,    ///< The same, and it cannot be made whole: an archive has what is at hand (changes_archive.h).
    kEarlierOwn,  ///< The object is what an earlier attempt of this file made: try again over that.
  };
  Kind kind = Kind::kStored;
  BaseVersion version;
  std::string made_by;  ///< The id that marks the version: of this attempt, of what it went on with, of an earlier one.
};

/// What the object must still be for an upload to replace it. Pure.
Conditions ConditionsOfUpload(const UploadTarget& target, const std::optional<BaseVersion>& base);

/// Carries out uploads. Thread-safe; the store, the pool and so on are borrowed.
class Uploader {
 public:
  struct Options {
    ByteCount part_size = 20 * kMiB;
    UploadLimits limits{};
    size_t parallel_parts = 8;
    ConflictPlace conflict_place{};
    ConflictPolicy on_conflict = ConflictPolicy::kKeep;
    bool write_only = false;  ///< The role may not look at objects, and is not expected to.
  };

  Uploader(Options options, ObjectStore& store, DialectProbe& dialects, Clock& clock, Random& random, ThreadPool& pool)
      : options_(std::move(options)), store_(store), dialects_(dialects), clock_(clock), random_(random), pool_(pool) {}

  bool write_only() const { return options_.write_only; }
  std::string NewUploadId() { return random_.Hex(kIdBytes); }

  /// Stores `content` as the job says: in one request or in parts, under the conditions of its mode. What the base
  /// version has is copied by the store where that spares bytes. An upload in parts that fails is aborted; where the
  /// store ignores the conditions of one, the object is looked at right before it is completed. A refused condition is
  /// looked into: one's own lost answer is a success; where the object was changed by another program, the content is
  /// stored whole as a sibling that replaces nothing, or as the policy says. What a sibling needs of the base is taken
  /// from a bucket that keeps versions; where it cannot be had, what is at hand becomes an archive of changes.
  ///
  /// Errors: kStale (changed by another program, and not kept beside it), kTooLarge, the store's,
  /// the context's. After most of them the store may have carried it out: keep the id for `earlier_ids`.
  /// Blocks on the network. Call it with no lock held.
  Result<UploadOutcome> Run(const OpContext& context, UploadContent& content, const UploadJob& job);

  /// The current version of an object, if one of these ids marks it. Errors: the store's, but a role that may not look,
  /// or no object, is nothing.
  Result<std::optional<BaseVersion>> FindMadeBy(const OpContext& context, const ObjectKey& key,
                                                std::span<const std::string> ids);

  /// Begins an upload in parts for a file that is still written. Errors: those of Run; kStale, kAlreadyExists: the file
  /// will not be stored like this.
  Result<std::string> Begin(const OpContext& context, const UploadTarget& target,
                            const std::optional<BaseVersion>& base, const std::string& id);
  /// Sends one part of it.
  Result<UploadedPart> SendPart(const OpContext& context, const BegunUpload& upload, UploadContent& content,
                                const EarlyPart& part);
  /// Ends an upload of which nothing is wanted any more. A failure is logged, and left to AbortLeft.
  void Abort(const ObjectKey& key, const std::string& upload_id) EXCLUDES(mutex_);
  /// Tries again to end those that could not be ended: when the store is known to answer.
  void AbortLeft() EXCLUDES(mutex_);
  bool any_left() const EXCLUDES(mutex_);

  const UploadLimits& limits() const { return options_.limits; }
  ByteCount part_size() const { return options_.part_size; }
  size_t parallel_parts() const { return options_.parallel_parts; }

  /// Ends calls that only clean up, and gives those that come later little time. Nothing may be in progress any more
  /// that matters.
  void Stop() {
    stopping_ = true;
    stop_->Cancel();
  }

 private:
  class WatchedContent;

  static constexpr size_t kIdBytes = 16;
  static constexpr size_t kMostLeft = 1000;

  /// What has become of a write that was refused or whose answer was lost.
  enum class Ownership { kThisAttempt, kEarlierAttempt, kForeign };
  struct Seen {
    Ownership ownership = Ownership::kForeign;
    ObjectInfo info;
    std::string id;
  };

  Result<BaseVersion> Send(const OpContext& context, UploadContent& content, const UploadJob& job,
                           const Conditions& conditions);
  /// The metadata that the version will have: marked with the attempt's id, and with the tags of the base.
  Result<ObjectMetadata> MarkedMetadata(const OpContext& context, const UploadTarget& target,
                                        const std::optional<BaseVersion>& base, const std::string& id);
  /// Unconditional, and nothing is ever looked at, by which an own version could be recognised.
  bool IsBlind(const UploadTarget& target) const;
  UploadTask TaskFor(const UploadContent& content, const UploadJob& job) const;
  Result<WrittenVersion> SendInParts(const OpContext& context, UploadContent& content, const UploadJob& job,
                                     const Conditions& conditions, const UploadPlan& plan);
  /// Sends the parts and completes; a failure leaves the upload to be aborted.
  Result<WrittenVersion> SendAndComplete(const OpContext& context, UploadContent& content, const UploadJob& job,
                                         const Conditions& conditions, const UploadPlan& plan,
                                         const std::string& upload_id, bool look_first);
  /// Whose version the object is now. Errors: the store's, but a role that may not look sees a foreign one.
  Result<Seen> Look(const OpContext& context, const UploadJob& job);
  /// Stores over the version that was seen, and over later ones.
  Result<UploadOutcome> StoreOver(const OpContext& context, WatchedContent& content, const UploadJob& job, Seen seen);
  /// Stores what has lost, whole if that can be.
  Result<UploadOutcome> StoreBeside(const OpContext& context, WatchedContent& content, const UploadJob& job);
  Result<UploadOutcome> StoreArchive(const OpContext& context, UploadContent& content, const UploadJob& job);
  /// Stores in place of an earlier attempt's sibling, or under the first conflict name that is free.
  Result<BaseVersion> StoreUnderNewName(const OpContext& context, UploadContent& content, UploadJob job,
                                        std::string_view ending);
  /// What an earlier attempt, whose answer was lost, has stored under a conflict name. Errors: the store's, that time
  /// may mend.
  Result<std::optional<BaseVersion>> FindEarlierSibling(const OpContext& context, const UploadJob& job,
                                                        const ObjectKey& key, std::string_view ending);
  /// The id of a version that the bucket still keeps; none where it does not, or the role may not know. Errors: the
  /// store's, that time may mend.
  Result<std::optional<std::string>> FindVersion(const OpContext& context, const BaseVersion& version);

  const Options options_;
  ObjectStore& store_;
  DialectProbe& dialects_;
  Clock& clock_;
  Random& random_;
  ThreadPool& pool_;
  std::atomic<bool> stopping_ = false;
  const std::shared_ptr<Cancellation> stop_ = std::make_shared<Cancellation>();

  mutable Mutex mutex_;
  std::vector<OpenUpload> left_ GUARDED_BY(mutex_);  // Could not be aborted.
};

}  // namespace cosfuse
