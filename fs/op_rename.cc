#include "fs/bucket_file_system.h"
#include "fs/directory_state.h"
#include "fs/file_state.h"

namespace cosfuse {

Result<> BucketFileSystem::Rename(const OpContext& context, NodeId parent, std::string_view name, NodeId new_parent,
                                  std::string_view new_name, bool no_replace) {
  RETURN_IF_ERROR(CheckMayChange());
  if (parts_.write_only()) return Fail(ErrorCode::kAccessDenied, "a drop box cannot move what it has stored");
  RenameNames names;
  ASSIGN_OR_RETURN(names.parent, FindDirectory(parent));
  ASSIGN_OR_RETURN(names.new_parent, FindDirectory(new_parent));
  names.name = name;
  names.new_name = new_name;
  names.no_replace = no_replace;

  ASSIGN_OR_RETURN(const auto source, FindTarget(context, names.parent, name));
  if (!source) return Fail(ErrorCode::kNotFound, names.name + ": no such name");
  ASSIGN_OR_RETURN(const auto target, FindTarget(context, names.new_parent, new_name));
  if (target && no_replace) return Fail(ErrorCode::kAlreadyExists, names.new_name + ": exists");
  if (target && *target == *source) return {};
  if (!target) RETURN_IF_ERROR(KeyForNew(*names.new_parent, new_name));

  if ((*source)->AsFile() != nullptr) {
    if (target && (*target)->AsFile() == nullptr)
      return Fail(ErrorCode::kIsDirectory, names.new_name + ": a directory");
    return RenameFile(context, std::static_pointer_cast<FileNode>(*source),
                      target ? std::static_pointer_cast<FileNode>(*target) : nullptr, names);
  }
  if (target && (*target)->AsFile() != nullptr) return Fail(ErrorCode::kNotDirectory, names.new_name + ": a file");
  return RenameDirectory(context, std::static_pointer_cast<DirectoryNode>(*source),
                         target ? std::static_pointer_cast<DirectoryNode>(*target) : nullptr, names);
}

Result<BucketFileSystem::RenameKeys> BucketFileSystem::EnterRename(const OpContext& context, const Node& source,
                                                                   const RenameNames& names) {
  for (;;) {
    const auto from = parts_.nodes.KeyOf(source);
    auto to = parts_.nodes.KeyOfChild(*names.new_parent, names.new_name);
    if (!from || !to) return Fail(ErrorCode::kNotFound, names.name + ": gone meanwhile");
    if (from->ends_with('/')) *to += '/';
    ASSIGN_OR_RETURN(KeyGate::Hold hold, parts_.gate.EnterAlone(context, {*from, *to}));
    // Another rename may have been waited for.
    if (parts_.nodes.KeyOf(source) != from) continue;
    const auto present = parts_.nodes.KeyOfChild(*names.new_parent, names.new_name);
    if (present && to->starts_with(*present)) return RenameKeys{std::move(hold), *from, *std::move(to)};
  }
}

void BucketFileSystem::RecordRename(const NodeRef& source, const RenameNames& names) {
  const WallTime now = parts_.clock.WallNow();
  ListedName listed = {.name = names.new_name, .is_directory = true};
  // The change time is moved as local disks do it; it is worth no request.
  if (FileNode* const file = source->AsFile()) {
    MutexLock lock(file->mutex);
    file->state().attributes.change_time = now;
    listed = ToListedName(file->state(), names.new_name);
  } else if (DirectoryNode* const directory = source->AsDirectory()) {
    MutexLock lock(directory->mutex);
    directory->state().times_are_ours = true;
    directory->state().attributes.change_time = now;
  }
  Record(names.parent, names.name, std::nullopt);
  Record(names.new_parent, names.new_name, std::move(listed));
}

}  // namespace cosfuse
