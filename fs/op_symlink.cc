#include <sys/stat.h>

#include "fs/bucket_file_system.h"

namespace cosfuse {

Result<NodeEntry> BucketFileSystem::MakeSymbolicLink(const OpContext& context, const Caller& caller, NodeId parent,
                                                     std::string_view name, std::string_view target) {
  RETURN_IF_ERROR(CheckMayChange());
  ASSIGN_OR_RETURN(const DirectoryRef directory, FindDirectory(parent));
  // A link's permissions mean nothing and are not subject to the umask.
  Caller without_umask = caller;
  without_umask.umask = 0;
  return MakeObject(context, directory, name, AttributesForNew(without_umask, S_IFLNK | 0777, directory), target);
}

}  // namespace cosfuse
