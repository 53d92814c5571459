#include "fs/bucket_file_system.h"

namespace cosfuse {

Result<NodeEntry> BucketFileSystem::Lookup(const OpContext& context, NodeId parent, std::string_view name) {
  ASSIGN_OR_RETURN(const DirectoryRef directory, FindDirectory(parent));
  ASSIGN_OR_RETURN(const NodeRef node, resolver_.Resolve(context, directory, name, parts_.options.ttl));
  return MakeEntry(node);
}

void BucketFileSystem::Forget(NodeId node, uint64_t count) {
  parts_.nodes.Forget(node, count);
  storer_.Sweep();
}

}  // namespace cosfuse
