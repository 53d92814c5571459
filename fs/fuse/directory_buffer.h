#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "fs/file_system.h"
#include "fs/fuse/libfuse.h"

namespace cosfuse {

/// The answer to READDIR or READDIRPLUS in the making. Borrows its memory. Not thread-safe.
class DirectoryBuffer {
 public:
  /// `with_attributes`: READDIRPLUS.
  DirectoryBuffer(fuse_req_t request, std::span<std::byte> memory, bool with_attributes)
      : request_(request), memory_(memory), with_attributes_(with_attributes) {}

  /// Takes an entry; false when there is no room. One without a NodeEntry goes out with node id 0, for which the kernel
  /// counts no lookup and looks the name up when it needs it.
  /// Source: fuse_direntplus_link in the kernel's fs/fuse/readdir.c.
  bool Add(const DirectoryEntry& entry);

  std::span<const std::byte> bytes() const { return memory_.first(used_); }
  /// The nodes for which the kernel will count a lookup.
  const std::vector<NodeId>& counted() const { return counted_; }

 private:
  const fuse_req_t request_;
  const std::span<std::byte> memory_;
  const bool with_attributes_;
  size_t used_ = 0;
  std::vector<NodeId> counted_;
};

}  // namespace cosfuse
