#include "fs/fuse/directory_buffer.h"

#include "fs/fuse/attributes.h"

namespace cosfuse {

bool DirectoryBuffer::Add(const DirectoryEntry& entry) {
  char* at = reinterpret_cast<char*>(memory_.data()) + used_;
  const size_t room = memory_.size() - used_;
  const auto next = static_cast<off_t>(entry.next_offset);
  fuse_entry_param param{};
  if (entry.entry && with_attributes_) param = ToEntryParam(*entry.entry);
  param.attr.st_ino = entry.inode;
  param.attr.st_mode = (param.attr.st_mode & ~static_cast<mode_t>(S_IFMT)) | (entry.type & S_IFMT);
  const size_t size = with_attributes_ ? fuse_add_direntry_plus(request_, at, room, entry.name.c_str(), &param, next)
                                       : fuse_add_direntry(request_, at, room, entry.name.c_str(), &param.attr, next);
  if (size > room) return false;
  used_ += size;
  if (param.ino != 0) counted_.push_back(NodeId{param.ino});
  return true;
}

}  // namespace cosfuse
