#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/op_context.h"
#include "base/thread_pool.h"
#include "cos/object_store.h"
#include "fs/listing_assembler.h"
#include "fs/node.h"
#include "fs/packed_names.h"

namespace cosfuse {

/// Where the names of a directory come from.
struct DirectorySource {
  ObjectStore& store;
  Clock& clock;
  ThreadPool& pool;
  Duration ttl;
  ObjectKey key;  ///< Ends in '/', or is empty.
  /// Names that the store cannot know yet (or, in a drop box, ever): shown after its own.
  std::function<std::vector<ListedName>()> local_names;
  bool ask_store = true;  ///< False in a drop box: local names are all.
  /// Told of an object that is the directory `name` itself, as older s3fs wrote it. The node knows it then.
  std::function<NodeRef(const std::string& name, const ObjectInfo& info, MonotonicTime at)> on_old_marker;
  /// Told of a complete listing that is now kept with the directory.
  std::function<void(size_t names)> on_kept;
};

/// One open directory: the names read so far, by position, so that a position asked twice answers the same. Pages are
/// fetched as they are needed, each name comes once. A complete listing is left with the directory. Thread-safe.
class DirectoryStream {
 public:
  explicit DirectoryStream(DirectoryRef node) : node_(std::move(node)) {}
  ~DirectoryStream();
  DirectoryStream(const DirectoryStream&) = delete;
  DirectoryStream& operator=(const DirectoryStream&) = delete;

  const DirectoryRef& node() const { return node_; }

  /// Forgets what was read: the next Get shows the directory as it is then. Errors: kCancelled, kTimedOut, kWouldWait,
  /// while somebody else is in the middle of a page.
  Result<> Rewind(const OpContext& context, Clock& clock) EXCLUDES(mutex_);

  /// The name at a position from 0 on; nothing beyond the last. Errors: ObjectStore's, kWouldWait.
  Result<std::optional<ListedName>> Get(const OpContext& context, const DirectorySource& source, size_t position)
      EXCLUDES(mutex_);
  /// When the listing began that Get answers from.
  Evidence listed_at() const EXCLUDES(mutex_);

 private:
  /// What the one thread that fetches works with; only it touches this.
  struct Fetch {
    std::unique_ptr<ListingAssembler> assembler;
    std::string next_token;
    MonotonicTime began;
    std::optional<ChangeLog::Moment> moment;  ///< Open in the directory's change log.
    std::vector<ListedName> unsent;           ///< Local names when it began.
    size_t shown = 0;                         ///< Names that the store has shown; local ones follow.
    std::vector<NodeRef> old_marked;          ///< Directories with an old marker; they live until they are shown.
    bool any_old_marker = false;              ///< A kept listing would not tell of it.
  };

  Cancellation::Registration WakeWhenCancelled(const OpContext& context) EXCLUDES(mutex_);
  Result<> WaitForFetchLocked(const OpContext& context, Clock& clock) REQUIRES(mutex_);
  /// Appends what comes next. True: nothing follows.
  Result<bool> FetchMore(const OpContext& context, const DirectorySource& source) EXCLUDES(mutex_);
  /// The directory's own listing, while it is fresh. False: it is not.
  bool TakeKeptListing(const DirectorySource& source) EXCLUDES(mutex_);
  void BeginListing(const DirectorySource& source) EXCLUDES(mutex_);
  void DropRemoved(std::vector<ListedName>& names);
  /// An empty object beside a prefix may be an old marker: no file to be shown.
  void DropOldMarkers(const OpContext& context, const DirectorySource& source, std::vector<ListedName>& names);
  void Append(const std::vector<ListedName>& names) EXCLUDES(mutex_);
  void AppendLocalNames(const DirectorySource& source) EXCLUDES(mutex_);
  /// Leaves a finished listing with the directory.
  void KeepListing(const DirectorySource& source) EXCLUDES(mutex_);
  void EndListing();

  const DirectoryRef node_;
  Fetch fetch_;

  mutable Mutex mutex_;
  CondVar fetched_;
  bool fetching_ GUARDED_BY(mutex_) = false;
  bool complete_ GUARDED_BY(mutex_) = false;
  Evidence listed_at_ GUARDED_BY(mutex_);
  PackedNames names_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
