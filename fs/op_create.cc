#include <fcntl.h>
#include <sys/stat.h>

#include "fs/bucket_file_system.h"
#include "fs/content_type.h"
#include "fs/file_state.h"

namespace cosfuse {

Result<CreatedFile> BucketFileSystem::Create(const OpContext& context, const Caller& caller, NodeId parent,
                                             std::string_view name, mode_t mode, int flags) {
  RETURN_IF_ERROR(CheckMayChange());
  ASSIGN_OR_RETURN(const DirectoryRef directory, FindDirectory(parent));
  const PosixAttributes attributes = AttributesForNew(caller, S_IFREG | (mode & 07777), directory);
  for (;;) {
    ASSIGN_OR_RETURN(const auto present, FindTarget(context, directory, name));
    if (present && (flags & O_EXCL) != 0) return Fail(ErrorCode::kAlreadyExists, std::string(name) + ": exists");
    if (present) return OpenExisting(context, *present, flags);
    ASSIGN_OR_RETURN(const FileRef file, CreateFile(context, directory, name, attributes, flags));
    if (file == nullptr) continue;  // Another thread was faster.
    CreatedFile created;
    ASSIGN_OR_RETURN(created.file, OpenHandle(file, (flags & ~(O_TRUNC | O_EXCL)) | O_CREAT));
    created.entry = MakeEntry(file);
    RememberWritten(file);
    return created;
  }
}

Result<CreatedFile> BucketFileSystem::OpenExisting(const OpContext& context, const NodeRef& node, int flags) {
  if (node->AsFile() == nullptr) return Fail(ErrorCode::kIsDirectory, "a directory");
  const auto file = std::static_pointer_cast<FileNode>(node);
  RETURN_IF_ERROR(ProveVersion(context, file, flags));
  CreatedFile opened;
  ASSIGN_OR_RETURN(opened.file, OpenHandle(file, flags & ~O_CREAT));
  opened.entry = MakeEntry(file);
  return opened;
}

Result<FileRef> BucketFileSystem::CreateFile(const OpContext& context, const DirectoryRef& parent,
                                             std::string_view name, const PosixAttributes& attributes, int flags) {
  ASSIGN_OR_RETURN(const ObjectKey key, KeyForNew(*parent, name));
  FileState state;
  state.attributes = attributes;
  state.metadata.content_type = GuessContentType(name);
  state.content_whole = true;
  if ((flags & O_EXCL) != 0 && parts_.options.exclusive_names.Match(name)) {
    EncodeAttributes(attributes, state.metadata);
    ASSIGN_OR_RETURN(state.etag, StoreNew(context, parent, key, {}, state.metadata));
    state.evidence = parts_.clock.Now();
    state.content = parts_.cache.OpenWithContent({.key = key, .etag = state.etag, .size = 0}, {});
  } else {
    state.content = parts_.cache.Create(std::nullopt);
    state.content->NoteKey(key);
    // Of a name that a drop box does not know, a program says by O_TRUNC that it wants to replace it; `>>` does not.
    state.replaces_unseen = parts_.write_only() && (flags & O_TRUNC) != 0;
  }
  ListedName listed = ToListedName(state, std::string(name));
  FileRef file = parts_.nodes.AddFile(*parent, name, nullptr, false, std::move(state));
  if (file != nullptr) {
    Record(parent, name, std::move(listed));
  } else if (!parts_.nodes.KeyOf(*parent)) {
    return Fail(ErrorCode::kNotFound, "the directory is gone");
  }
  return file;
}

}  // namespace cosfuse
