#pragma once

#include <sys/types.h>

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/model/operation.h"
#include "tests/model/settings.h"
#include "tests/model/subject.h"

namespace cosfuse::model {

/// What is wrong with an answer; empty: nothing.
using Complaint = std::string;

/// What a mount has to answer, and what the bucket may hold meanwhile, by docs/SEMANTICS.md: a small POSIX model (names
/// lead to files, files are bytes, descriptors lead to files) beside a model of the bucket (keys lead to objects).
///
/// A file that is open for writing, or has bytes that are not in the store, is what this mount says it is; every other
/// one is what the bucket holds. A close or fsync that succeeds makes the object equal to the file at once. One that
/// fails (only where requests fail) leaves the object as it was or makes it equal, and the file as it is. Other calls
/// that change names fail in the same way: the bucket is as before or as wanted, the names in the mount are as the
/// bucket has them. So after a failure some keys are uncertain: they are `touched`, and the runner shows the reference
/// what the bucket really holds (Learn), which must be one of the possibilities and from then on is the truth.
///
/// Another client's change makes no difference to a file that this mount has authority over, until that is stored: then
/// ESTALE, the name shows the other one's object, and the bytes are beside it, or nothing at all is stored where they
/// cannot be made whole.
///
/// Each call takes what the subject has answered, and follows it where that was allowed. Pure: it asks nobody.
class Reference {
 public:
  explicit Reference(const Settings& settings) : settings_(settings) {}

  /// Requests may fail from now on, or may not.
  void SetFaults(bool on) { faults_ = on; }
  bool open(int slot) const { return slots_.at(slot).file != nullptr; }
  /// False where what has to happen is promised nowhere: the names of a call have been overtaken by other clients (or
  /// by half of a call that failed) while they are open. Such a call is left out.
  bool Promises(const Operation& operation, std::string_view row);
  /// The descriptor leads to a file that has been overtaken by another client.
  bool LosesAtClose(int slot) const { return open(slot) && Overtaken(*slots_.at(slot).file); }

  // One for each row of the operation table.
  Complaint Open(const Operation& operation, const Outcome& outcome);
  Complaint Flush(const Operation& operation, const Outcome& outcome);
  Complaint FlushUnheard(const Operation& operation, const Outcome& outcome);
  Complaint Close(const Operation& operation, const Outcome& outcome);
  Complaint Fsync(const Operation& operation, const Outcome& outcome);
  Complaint Read(const Operation& operation, const Outcome& outcome) const;
  Complaint Write(const Operation& operation, const Outcome& outcome);
  Complaint TruncateOpen(const Operation& operation, const Outcome& outcome);
  Complaint Allocate(const Operation& operation, const Outcome& outcome);
  Complaint AllocateKeepingSize(const Operation& operation, const Outcome& outcome) const;
  Complaint Zero(const Operation& operation, const Outcome& outcome);
  Complaint ZeroKeepingSize(const Operation& operation, const Outcome& outcome);
  Complaint SeekData(const Operation& operation, const Outcome& outcome) const;
  Complaint SeekHole(const Operation& operation, const Outcome& outcome) const;
  Complaint StatOpen(const Operation& operation, const Outcome& outcome) const;
  Complaint ChmodOpen(const Operation& operation, const Outcome& outcome);
  Complaint Truncate(const Operation& operation, const Outcome& outcome);
  Complaint Stat(const Operation& operation, const Outcome& outcome);
  Complaint Chmod(const Operation& operation, const Outcome& outcome);
  Complaint SetModificationTime(const Operation& operation, const Outcome& outcome);
  Complaint SetAttribute(const Operation& operation, const Outcome& outcome);
  Complaint GetAttribute(const Operation& operation, const Outcome& outcome);
  Complaint RemoveAttribute(const Operation& operation, const Outcome& outcome);
  Complaint Rename(const Operation& operation, const Outcome& outcome);
  Complaint RenameWithoutReplacing(const Operation& operation, const Outcome& outcome);
  Complaint Unlink(const Operation& operation, const Outcome& outcome);
  Complaint MakeDirectory(const Operation& operation, const Outcome& outcome);
  Complaint RemoveDirectory(const Operation& operation, const Outcome& outcome);
  Complaint List(const Operation& operation, const Outcome& outcome);
  Complaint PutForeign(const Operation& operation);
  Complaint DeleteForeign(const Operation& operation);

  /// Keys of which the last call may have made several things, or whose object has to be right by now.
  std::set<std::string> TakeTouched() { return std::exchange(touched_, {}); }
  /// What the bucket holds under a key, and what the mount shows under that name, with requests not failing.
  Complaint Learn(const std::string& key, const std::optional<StoredObject>& object, const Outcome& shown);
  /// After all keys that were touched together: what must not be gone from both of two places.
  Complaint CheckPairs();
  /// A file has lost a conflict: whether its bytes are beside the name by now, only the bucket can tell.
  bool awaits_sibling() const { return lost_ != nullptr; }
  Complaint LearnSibling(const Bucket& bucket);

  /// A file that lost a conflict could not be made whole: it stays in this mount alone.
  bool keeps_files() const;
  /// Everything is closed and stored: whether this is what the bucket has to hold, conflicts' siblings included.
  Complaint JudgeBucket(const Bucket& bucket) const;
  /// Nothing is stored in the background any more.
  void Settle(const Bucket& bucket);
  /// All paths that lead to a file or directory now.
  std::vector<std::string> Paths();

 private:
  /// What an object may be.
  struct Version {
    std::string bytes;
    std::set<Attributes> attributes;             ///< One of these; empty: any.
    std::optional<int64_t> modification_time{};  ///< Where it is known.
  };
  struct File {
    std::string bytes;
    Attributes attributes{};
    std::set<Attributes> recent_attributes{};  ///< Since all of it was in the store.
    /// Of changes that failed while the mount may have been storing it: if it was stored already, the change was a
    /// request of its own, which may have been carried out all the same. Then that is what the file has, and a later
    /// close or fsync finds nothing to store.
    std::set<Attributes> unheard_attributes{};
    std::optional<int64_t> modification_time{};
    std::string name{};  ///< Empty: none (any more).
    int handles = 0;
    int writers = 0;
    bool unlinked = false;
    bool dirty = false;                 ///< There are bytes that no successful close has covered.
    bool attributes_left = false;       ///< So are there attributes.
    std::optional<std::string> base{};  ///< The bytes of the version that it stands on.
    bool needs_base = false;            ///< Some of its bytes may be at hand in the store alone,
    bool lacks_base = false;            ///< which has them no more.
    bool may_be_stored = false;         ///< A store that failed may have been carried out.
    bool in_background = false;         ///< The mount stores it by itself, nobody knows when.
    bool watched = false;               ///< It has been so since it was opened first.
    bool replaces_any = false;          ///< It was renamed before it was stored.
    std::optional<size_t> sibling{};    ///< It has lost a conflict: its bytes are there.
  };
  using FileRef = std::shared_ptr<File>;
  struct Slot {
    FileRef file;
    int flags = 0;
    bool stores = false;
    bool readable() const;
    bool writable() const;
  };
  /// Another thing that a key may hold: nothing, or what this file made of it.
  struct Alternative {
    std::optional<Version> version;
    FileRef made_by;
    FileRef copied_from{};  ///< It is a copy of what this file had just stored.
  };
  struct Sibling {
    std::string key;  ///< The name that was lost.
    Version version;
    bool certain = true;  ///< False: perhaps it was not made.
  };
  enum class Kind { kNothing, kFile, kDirectory };

  /// Complains where a call has not answered as it had to.
  static Complaint Wanted(std::string_view call, int wanted, int error);

  // reference.cc: what all calls share.
  static bool HasAuthority(const File& file) { return file.writers > 0 || file.dirty || file.in_background; }
  /// Nothing of it is in the store for certain, and a descriptor is open whose close stores it.
  static bool IsUnsent(const File& file);
  bool Overtaken(const File& file) const;
  /// The version that bytes would have to be fetched from may be gone: another client has replaced it, or this mount
  /// itself, by an upload whose answer was lost and that nothing has looked into yet.
  bool MayLackBase(const File& file) const { return Overtaken(file) || file.may_be_stored || file.lacks_base; }
  bool BusyBelow(const std::string& path) const;
  bool PromisesRename(const Operation& operation);
  static Version Snapshot(const File& file);
  Kind Lookup(const std::string& path, FileRef& file);
  bool HasEntries(const std::string& directory) const;
  /// ENOENT or ENOTDIR by the directory that the path goes through; 0.
  int JudgeParent(const std::string& path);
  /// The errno that a call which needs a file must answer with; 0: none, and `file` is the one.
  int JudgeFile(const std::string& path, FileRef& file);
  bool MayFail(int error) const;
  bool MayLackSpace(int error) const;
  Slot& SlotOf(const Operation& operation) { return slots_.at(operation.slot); }
  void MayHold(const std::string& key, std::optional<Version> version, const FileRef& made_by = nullptr);
  void Holds(const std::string& key, std::optional<Version> version);
  const Version* InBucket(const std::string& key) const;
  /// The mount may store this file by itself from now on, as it is now.
  void NoteAttempt(const FileRef& file);
  /// A directory that is left by its last entry may get a marker.
  void MayGetMarker(const std::string& path_below);
  void Unbind(const FileRef& file);
  /// The name is the bucket's again, unless the mount has authority over it.
  void FollowBucket(const std::string& key);
  /// Whether this is what is kept of a file with these bytes that has lost a conflict: all of them, or an archive that
  /// says which are missing.
  static bool Keeps(const std::string& key, const StoredObject& object, const std::string& bytes);
  static bool Fits(const std::optional<StoredObject>& object, const std::optional<Version>& version);

  // reference_store.cc
  Complaint Store(const FileRef& file, int error);
  Complaint StoreOvertaken(const FileRef& file, int error);
  Complaint StoreSibling(const FileRef& file, int error);
  void Stored(const FileRef& file);
  Complaint RenameWith(const Operation& operation, const Outcome& outcome, bool no_replace);
  Complaint RenameFile(const FileRef& source, const FileRef& target, const Operation& operation, bool no_replace,
                       int error);
  Complaint RenameTree(const Operation& operation, const Outcome& outcome);
  void MoveTree(const std::string& from, const std::string& to);
  void MoveFile(const FileRef& file, const std::string& to, bool no_replace);

  // reference_attributes.cc
  bool PromisesAttribute(const Operation& operation);
  /// Changes attributes, or says the errno that forbids it.
  using Edit = std::function<int(Attributes&)>;
  Complaint ChangeAttributes(const Operation& operation, const Outcome& outcome, const Edit& edit,
                             std::optional<int64_t> modification_time = {});
  void SetAttributes(const FileRef& file, const Attributes& attributes, std::optional<int64_t> modification_time);

  // reference_space.cc
  /// Where the disk is short of room, bytes leave for the store before anybody asks for it, and what needs them back
  /// stores the whole file first.
  void MayHaveLeft(const FileRef& file);
  bool PromisesZero(const Operation& operation, std::string_view row) const;
  Complaint ZeroBytes(const Operation& operation, const Outcome& outcome, bool extend);

  const Settings settings_;
  bool faults_ = false;
  std::array<Slot, kSlots> slots_;
  std::map<std::string, FileRef> names_;
  std::map<std::string, Version> bucket_;
  std::map<std::string, std::vector<Alternative>> alternatives_;
  std::vector<Sibling> siblings_;
  std::set<std::string> touched_;
  std::vector<std::pair<std::string, std::string>> pairs_;
  FileRef lost_;                                          ///< Has met another client's object.
  std::optional<std::pair<std::string, ByteCount>> cut_;  ///< A failed truncation: the name, and the size it may have.
};

}  // namespace cosfuse::model
