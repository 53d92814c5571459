#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/op_context.h"
#include "fs/parts.h"
#include "fs/resolve.h"

namespace cosfuse {

/// Who gets to see what a refresh of a file finds.
enum class RefreshFor {
  kAttributes,  ///< The kernel, with the answer.
  kOpen,        ///< Nobody yet: the kernel goes on with the attributes that it has.
};

/// Finds out what names mean and keeps nodes up to date: the side of the file system that asks the store with HEAD, GET
/// and LIST. Thread-safe; asks with no lock held. Everything that may ask fails with kWouldWait, nothing changed, where
/// the context does not let it wait.
class NameResolver {
 public:
  explicit NameResolver(Parts& parts) : parts_(parts) {}

  /// The node that a name stands for, from what is known if that is not older than `tolerance`. In a drop box only what
  /// this mount wrote is known. Errors: kNotFound, kNameTooLong, ObjectStore's.
  Result<NodeRef> Resolve(const OpContext& context, const DirectoryRef& directory, std::string_view name,
                          Duration tolerance);
  /// The same; nothing instead of kNotFound.
  Result<std::optional<NodeRef>> ResolveIfPresent(const OpContext& context, const DirectoryRef& directory,
                                                  std::string_view name, Duration tolerance);

  /// Asks whether the file's version is still current. A newer one becomes the node's own where the kernel holds
  /// nothing of the old one. Errors: kStale (else, or the name is gone), ObjectStore's.
  Result<> RefreshFile(const OpContext& context, const FileRef& file, RefreshFor purpose);
  /// Brings all bytes of a small object along. `only_if_changed`: the content at hand is good while the version is
  /// current. Errors: as RefreshFile.
  Result<> FetchWhole(const OpContext& context, const FileRef& file, bool only_if_changed);
  /// Asks for a directory's attributes and whether it is still there. Errors: kStale, ObjectStore's.
  Result<> RefreshDirectory(const OpContext& context, const DirectoryRef& directory);

  /// A directory that a listing showed, sent at `evidence`. Null where another node has the name by now.
  DirectoryRef AdoptListedDirectory(const DirectoryRef& parent, std::string_view name, MonotonicTime evidence);
  /// The same for one that an object without a slash stands for, as a HEAD showed that was sent at `at`.
  DirectoryRef AdoptOldMarker(const DirectoryRef& parent, std::string_view name, const ObjectInfo& info,
                              MonotonicTime at);

 private:
  /// What can be said of a name without asking.
  struct Known {
    NodeRef node{};                         ///< The answer, if there is one.
    bool absent = false;                    ///< The answer is that there is no such name.
    NameKind expected = NameKind::kAbsent;  ///< Else what it was when last seen.
    bool listed = false;                    ///< An old listing has it.
    bool provable = false;                  ///< What is known of it holds if a listing still has that entry.
  };
  struct PlannedLook {
    PageLook look;
    bool trust_order = false;
  };
  struct Answer {
    Resolution resolution;
    MonotonicTime at;
  };

  // `since`: what was seen later counts.
  Known GetKnown(const DirectoryRef& directory, std::string_view name, MonotonicTime since);
  std::optional<Known> GetKnownFile(const DirectoryRef& directory, std::string_view name, const FileRef& file,
                                    MonotonicTime since);
  Known GetListed(const DirectoryRef& directory, std::string_view name, const NodeRef& present, MonotonicTime since);
  Result<NodeRef> GetWritten(const DirectoryRef& directory, std::string_view name);

  // Asking for a page of the directory's listing: name_look.cc.

  /// Asks for what the names around this one are, where that is worth it. When that was, if the kept listing now tells
  /// of the name. Errors: ObjectStore's.
  Result<Evidence> LookAround(const OpContext& context, const DirectoryRef& directory, std::string_view name,
                              const Known& known, MonotonicTime since);
  /// Nothing where the name is to be asked for alone. Else nobody else looks at the directory until the look has ended.
  std::optional<PlannedLook> BeginLook(const DirectoryRef& directory, std::string_view name, const Known& known,
                                       MonotonicTime since);

  /// Asks the store what a name is; fewer requests where one confirms what is expected.
  Result<Answer> AskKind(const OpContext& context, const ObjectKey& key, bool beside_directory, NameKind expected);
  /// Null: something changed meanwhile, ask again.
  Result<NodeRef> Adopt(const OpContext& context, const DirectoryRef& directory, std::string_view name,
                        const ObjectKey& key, Answer answer);
  Result<NodeRef> AdoptFile(const DirectoryRef& directory, std::string_view name, const ObjectKey& key,
                            const ObjectInfo& info, MonotonicTime at, const std::shared_ptr<CachedFile>& content);
  Result<NodeRef> AdoptDirectory(const OpContext& context, const DirectoryRef& directory, std::string_view name,
                                 const Resolution& resolution, MonotonicTime at);
  /// The store does not have the name. The node, where this mount knows better.
  Result<NodeRef> AdoptAbsence(const DirectoryRef& directory, std::string_view name, MonotonicTime at);
  /// Takes over a HEAD or GET of the file's own key.
  Result<> TakeVersion(const FileRef& file, const ObjectKey& key, const ObjectInfo& info, MonotonicTime at,
                       RefreshFor purpose, std::shared_ptr<CachedFile> content);
  Result<> FetchMarker(const OpContext& context, const DirectoryRef& directory, const ObjectKey& key);

  Parts& parts_;
};

}  // namespace cosfuse
