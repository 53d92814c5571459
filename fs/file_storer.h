#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "base/op_context.h"
#include "fs/parts.h"

namespace cosfuse {

/// Brings what programs wrote into the store: uploads of contents, rewrites of attributes, small new objects. The other
/// side of NameResolver. Thread-safe; asks with no lock held.
class FileStorer {
 public:
  explicit FileStorer(Parts& parts) : parts_(parts) {}

  /// Returns when everything written to the file before, bytes and attributes, is in the store. Errors:
  /// CachedFile::Upload's; kStale also on every later call after a conflict: the name shows the winner, the bytes are a
  /// sibling's.
  Result<> Store(const OpContext& context, const FileRef& file);
  /// Returns when everything written to the file before is safe on the local disk, and stores it soon; where that
  /// cannot be promised, as Store.
  Result<> Promise(const OpContext& context, const FileRef& file) EXCLUDES(mutex_);
  /// What a caller has taken back (CachedFile::TakeBack) is promised under another key: before what has that is given
  /// up. Errors: CachedFile::Promise's.
  Result<> PromiseUnder(const FileRef& file, const ObjectKey& key);
  /// It is stored soon after all, under the key that it has now. Does nothing where nothing is dirty.
  void StoreSoon(const FileRef& file) EXCLUDES(mutex_);
  /// As StoreSoon, of a file that an earlier process has promised: when FileCache::StoreLeft comes to it. Call it once,
  /// before anything else happens to the file: left_adoption.cc.
  void StoreInTurn(const FileRef& file) EXCLUDES(mutex_);
  /// When what was promised under that key is stored.
  StoreDelay DelayOf(const CachedFile& content, const ObjectKey& key) const;
  /// Of a file that was promised, attributes have changed before it was stored: they are as safe as its bytes when this
  /// returns, and it is stored soon. Errors: as Promise; then it is stored soon all the same.
  Result<> PromiseAnew(const OpContext& context, const FileRef& file) EXCLUDES(mutex_);
  /// Without waiting; the node stays until its bytes are in the store.
  void StartStore(const FileRef& file) EXCLUDES(mutex_);
  /// Lets full parts of a file leave that is still written, once nobody changes its name: what has left for one name is
  /// of no use under another. Errors: the context's; nothing has begun then.
  Result<> StoreEarly(const OpContext& context, const FileRef& file);
  /// Lets go of nodes that StartStore kept and that are stored by now, and has attributes stored that are left.
  void Sweep() EXCLUDES(mutex_);
  /// Stores the attributes that are left of nodes without unsent bytes. Errors: the first; all are tried.
  Result<> StoreLeftAttributes(const OpContext& context) EXCLUDES(mutex_);
  /// Stores the files below that key whose bytes are not in the store yet, those last that say that others are
  /// complete. Errors: the first; all are tried, but these last ones.
  Result<> StoreBelow(const OpContext& context, const ObjectKey& key) EXCLUDES(mutex_);

  /// Stores the file's bytes under its present key; the caller holds that key in the gate. Does nothing when nothing is
  /// dirty.
  Result<> StoreHeld(const OpContext& context, const FileRef& file, const Place& place);

  /// Before the object of that key goes or gets other bytes: what has been taken over from it is made local, or, where
  /// the disk is too small for that, the open files that have done so are stored as they are. Errors: as
  /// FileCache::KeepCopied, and as Store.
  Result<> KeepCopied(const OpContext& context, const ObjectKey& key);

  /// Gives a stored file other attributes, by a copy onto itself, or at once where a later upload carries them;
  /// nothing: those that programs have given it so far. Errors: kStale (somebody else changed the object),
  /// ObjectStore::Copy's; nothing has changed then.
  Result<> ChangeAttributes(const OpContext& context, const FileRef& file,
                            const std::optional<PosixAttributes>& attributes);

  /// One small object under a name that nobody has: create-only, and one's own lost answer is recognised. Errors:
  /// kAlreadyExists.
  Result<ETag> PutNew(const OpContext& context, const ObjectKey& key, std::string_view body, ObjectMetadata metadata);

  /// The gate for the key that the node has once it is entered. Errors: kStale: it has none.
  struct HeldPlace {
    KeyGate::Hold hold;
    Place place;
  };
  Result<HeldPlace> EnterShared(const OpContext& context, const Node& node) { return Enter(context, node, false); }
  Result<HeldPlace> EnterAlone(const OpContext& context, const Node& node) { return Enter(context, node, true); }

  /// Nodes that StartStore keeps.
  size_t unsettled() const EXCLUDES(mutex_);

 private:
  /// Side by side. Errors: the first; all are tried.
  Result<> StoreAll(const OpContext& context, std::span<const FileRef> files);
  Result<HeldPlace> Enter(const OpContext& context, const Node& node, bool alone);
  /// Stores the open files that have taken bytes over from the object of that key, but for this one. False: there are
  /// none. Errors: as Store, but for that of a conflict, after which they do not need the object either.
  Result<bool> StoreCopiesOf(const OpContext& context, const ObjectKey& key, const FileRef& but);
  /// Attributes set during an upload that did not carry them.
  Result<> StoreLeftAttributes(const OpContext& context, const FileRef& file);
  /// Has a thread store the file. `failures`: of that, in a row.
  void StoreLater(const FileRef& file, int failures = 0);
  /// The same for left attributes alone: who has begun to write meanwhile stores the bytes by closing.
  void StoreLeftAttributesLater(const FileRef& file, int failures);
  /// Has attributes that could not be stored tried again, where time may mend that.
  void KeepAfterFailure(const FileRef& file, const Error& error, int failures);
  /// The error of a copy of an object onto itself, unless the object is what it has made. What cannot be found out now
  /// is left to the next upload or copy.
  Result<WrittenVersion> JudgeFailedCopy(const OpContext& context, const FileRef& file, const ObjectKey& key,
                                         const std::string& copy_id, const Error& error);
  /// A copy of which that could not be found out: if the object is its, then that is the file's version.
  Result<> AdoptLostCopy(const OpContext& context, const FileRef& file, const ObjectKey& key);
  /// Unique: marks one version.
  std::string NewWriteId();
  /// For a file whose name the store has lost to others: its bytes go where it was, or beside that.
  Result<> StoreNameless(const OpContext& context, const FileRef& file);
  /// Tells the directory what the store has under the file's name.
  void Publish(const FileRef& file, const Place& place);
  /// Takes the name from a file that lost against another writer.
  void LoseName(const FileRef& file, const Place& place);
  /// A node that lives until its bytes and attributes are in the store.
  struct Unsettled {
    FileRef file;
    MonotonicTime due{};  ///< Its attributes are tried again from then on; the last of times: a thread is at it.
    int failures = 0;     ///< Of that, in a row.

    bool operator==(const Unsettled&) const = default;
  };
  void Settle(const Unsettled& unsettled);
  void Keep(Unsettled unsettled) EXCLUDES(mutex_);
  /// The thread that was at it is done, and nothing is left to be tried.
  void LetGo(const FileRef& file) EXCLUDES(mutex_);
  /// Out of the list, as it is: false when that has changed, or another thread has taken it.
  bool Take(const Unsettled& unsettled) EXCLUDES(mutex_);

  Parts& parts_;
  mutable Mutex mutex_;
  std::deque<Unsettled> unsettled_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
