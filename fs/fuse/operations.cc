#include "fs/fuse/operations.h"

#include "fs/fuse/session.h"

namespace cosfuse {
namespace {

/// Requests of the kernel's own (read-ahead, write-back of mapped pages) that it may have under way: as many as there
/// are threads to wait for the store.
constexpr unsigned kMaxBackground = 256;

void Initialize(void* userdata, fuse_conn_info* connection) {
  const auto ask = [connection](unsigned capability) { connection->want |= connection->capable & capability; };
  ask(FUSE_CAP_ASYNC_READ | FUSE_CAP_ASYNC_DIO | FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_AUTO_INVAL_DATA);
  ask(FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_READDIRPLUS | FUSE_CAP_CACHE_SYMLINKS);
  // Always readdirplus: a walk needs one request for each page, not one for each name. No write-back cache: the daemon
  // must know the size and the bytes of a file when it is closed. No splice: replies come from memory.
  connection->want &=
      ~static_cast<unsigned>(FUSE_CAP_READDIRPLUS_AUTO | FUSE_CAP_WRITEBACK_CACHE | FUSE_CAP_HANDLE_KILLPRIV |
                             FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE);
  connection->max_write = kMaxTransfer;
  connection->max_read = kMaxTransfer;
  connection->max_background = kMaxBackground;
  connection->congestion_threshold = kMaxBackground;
  static_cast<Session*>(userdata)->SetInitialized();
}

}  // namespace

fuse_lowlevel_ops MakeOperations() {
  fuse_lowlevel_ops table{};
  table.init = Initialize;
  AddNameOperations(table);
  AddAttributeOperations(table);
  AddExtendedAttributeOperations(table);
  AddFileOperations(table);
  AddDirectoryOperations(table);
  return table;
}

}  // namespace cosfuse
