#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/thread_pool.h"
#include "cache/cached_file.h"
#include "cache/dialect_probe.h"
#include "cache/upload_content.h"
#include "cache/upload_plan.h"
#include "cos/object_store.h"

namespace cosfuse {

/// The field of the user metadata that says which attempt made a version, so that an answer that was lost is not taken
/// for another program's write.
inline constexpr std::string_view kUploadIdField = "cosfuse-upload-id";

/// One attempt to store a file's content.
struct UploadJob {
  UploadTarget target;
  std::optional<BaseVersion> base;       ///< The version that the object should still be.
  std::string id;                        ///< Of this attempt; unique.
  std::vector<std::string> earlier_ids;  ///< Of attempts that failed, and may have been carried out all the same.
};

struct UploadOutcome {
  enum class Kind {
    kStored,      ///< The content is the object now.
    kSibling,     ///< Another program has changed the object: the content is a sibling now.
    kEarlierOwn,  ///< The object is what an earlier attempt of this file made: try again over that.
  };
  Kind kind = Kind::kStored;
  BaseVersion version;
};

/// What the object must still be for an upload to replace it. Pure.
Conditions ConditionsOfUpload(const UploadTarget& target, const std::optional<BaseVersion>& base);

/// Carries out uploads. Thread-safe; the store, the pool and so on are borrowed.
class Uploader {
 public:
  struct Options {
    ByteCount part_size = 20 * kMiB;
    size_t parallel_parts = 8;
    std::string host_name = "unknown";
    bool write_only = false;  ///< The role may not look at objects, and is not expected to.
  };

  Uploader(Options options, ObjectStore& store, DialectProbe& dialects, Clock& clock, Random& random, ThreadPool& pool)
      : options_(std::move(options)), store_(store), dialects_(dialects), clock_(clock), random_(random), pool_(pool) {}

  std::string NewUploadId() { return random_.Hex(kIdBytes); }

  /// Stores `content` as the job says: in one request or in parts, under the conditions of its mode. An upload in parts
  /// that fails is aborted; where the store ignores the conditions of one, the object is looked at right before it is
  /// completed. A refused condition is looked into: one's own lost answer is a success; where the object
  /// was changed by another program, the content is stored whole as a sibling that replaces nothing.
  ///
  /// Errors: kStale (changed by another program, and not all bytes are at hand to be saved), kTooLarge, the store's,
  /// the context's. After most of them the store may have carried it out: keep the id for `earlier_ids`.
  /// Blocks on the network. Call it with no lock held.
  Result<UploadOutcome> Run(const OpContext& context, UploadContent& content, const UploadJob& job);

  /// Ends calls that only clean up. Nothing may be in progress any more that matters.
  void Stop() { stop_->Cancel(); }

 private:
  static constexpr size_t kIdBytes = 16;

  /// What has become of a write that was refused or whose answer was lost.
  enum class Ownership { kThisAttempt, kEarlierAttempt, kForeign };
  struct Seen {
    Ownership ownership = Ownership::kForeign;
    ObjectInfo info;
  };

  Result<BaseVersion> Send(const OpContext& context, UploadContent& content, const UploadJob& job,
                           const Conditions& conditions);
  Result<WrittenVersion> SendInParts(const OpContext& context, UploadContent& content, const UploadJob& job,
                                     const Conditions& conditions, const std::vector<ByteRange>& parts);
  /// Sends the parts and completes; a failure leaves the upload to be aborted.
  Result<WrittenVersion> SendAndComplete(const OpContext& context, UploadContent& content, const UploadJob& job,
                                         const Conditions& conditions, const std::vector<ByteRange>& parts,
                                         const std::string& upload_id, bool look_first);
  Result<WrittenVersion> Complete(const OpContext& context, const ObjectKey& key, const Conditions& conditions,
                                  const std::vector<UploadedPart>& sent, const std::string& upload_id, bool look_first);
  void Abort(const ObjectKey& key, const std::string& upload_id);
  /// Whose version the object is now. Errors: the store's, but a role that may not look sees a foreign one.
  Result<Seen> Look(const OpContext& context, const UploadJob& job);
  Result<UploadOutcome> StoreSibling(const OpContext& context, UploadContent& content, const UploadJob& job);

  const Options options_;
  ObjectStore& store_;
  DialectProbe& dialects_;
  Clock& clock_;
  Random& random_;
  ThreadPool& pool_;
  const std::shared_ptr<Cancellation> stop_ = std::make_shared<Cancellation>();
};

}  // namespace cosfuse
