#include "fs/fuse/reply.h"

#include <sys/statvfs.h>

#include <cerrno>

#include "base/log.h"
#include "fs/errno.h"
#include "fs/fuse/attributes.h"

namespace cosfuse {
namespace {

/// Errors that say something about the store, the set-up or this program, not about the caller's request.
bool IsWorthALine(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kThrottled:
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimedOut:
    case ErrorCode::kWouldWait:
    case ErrorCode::kCorrupt:
    case ErrorCode::kProtocol:
    case ErrorCode::kUntrustedPeer:
    case ErrorCode::kMissingBucket:
    case ErrorCode::kMissingUpload:
    case ErrorCode::kNoSpace:
    case ErrorCode::kQuotaExceeded:
    case ErrorCode::kConflictInProgress:
    case ErrorCode::kInternal: return true;
    default: return false;
  }
}

void ApplyOpened(const OpenedFile& opened, fuse_file_info& info) {
  info.fh = static_cast<uint64_t>(opened.handle);
  info.keep_cache = opened.keep_pages ? 1 : 0;
  info.direct_io = opened.direct ? 1 : 0;
}

}  // namespace

void ReplyError(const Request& request, const Error& error) {
  const LogLevel level = IsWorthALine(error.code()) ? LogLevel::kWarning : LogLevel::kDebug;
  if (IsLogged(level)) {
    Log(level, "operation failed",
        {{"operation", request.operation}, {"pid", std::to_string(request.caller.pid)}, {"error", error.ToString()}});
  }
  fuse_reply_err(request.handle, ErrnoFor(error.code()));
}

void ReplyDone(const Request& request, const Result<>& result) {
  if (!result) return ReplyError(request, result.error());
  fuse_reply_err(request.handle, 0);
}

void ReplyEntry(const Request& request, FileSystem& file_system, const Result<NodeEntry>& result) {
  if (!result) return ReplyError(request, result.error());
  const fuse_entry_param param = ToEntryParam(*result);
  if (fuse_reply_entry(request.handle, &param) != 0) file_system.Forget(result->node, 1);
}

void ReplyCreated(const Request& request, FileSystem& file_system, const Result<CreatedFile>& result,
                  fuse_file_info info) {
  if (!result) return ReplyError(request, result.error());
  const fuse_entry_param param = ToEntryParam(result->entry);
  ApplyOpened(result->file, info);
  if (fuse_reply_create(request.handle, &param, &info) == 0) return;
  file_system.Release(result->file.handle);
  file_system.Forget(result->entry.node, 1);
}

void ReplyOpened(const Request& request, FileSystem& file_system, const Result<OpenedFile>& result,
                 fuse_file_info info) {
  if (!result) return ReplyError(request, result.error());
  ApplyOpened(*result, info);
  if (fuse_reply_open(request.handle, &info) != 0) file_system.Release(result->handle);
}

void ReplyDirectoryOpened(const Request& request, FileSystem& file_system, const Result<HandleId>& result,
                          fuse_file_info info) {
  if (!result) return ReplyError(request, result.error());
  info.fh = static_cast<uint64_t>(*result);
  if (fuse_reply_open(request.handle, &info) != 0) file_system.ReleaseDirectory(*result);
}

void ReplyAttributes(const Request& request, const Result<TimedAttributes>& result) {
  if (!result) return ReplyError(request, result.error());
  const struct stat attributes = ToStat(result->attributes);
  fuse_reply_attr(request.handle, &attributes, ToSeconds(result->lifetime));
}

void ReplyLink(const Request& request, const Result<std::string>& result) {
  if (!result) return ReplyError(request, result.error());
  fuse_reply_readlink(request.handle, result->c_str());
}

void ReplyExtended(const Request& request, const Result<std::string>& result, size_t size) {
  if (!result) return ReplyError(request, result.error());
  if (size == 0) {
    fuse_reply_xattr(request.handle, result->size());
  } else if (result->size() > size) {
    fuse_reply_err(request.handle, ERANGE);
  } else {
    fuse_reply_buf(request.handle, result->data(), result->size());
  }
}

void ReplySought(const Request& request, const Result<std::optional<ByteCount>>& result) {
  if (!result) return ReplyError(request, result.error());
  if (*result) {
    fuse_reply_lseek(request.handle, static_cast<off_t>(**result));
  } else {
    fuse_reply_err(request.handle, ENXIO);
  }
}

void ReplyWritten(const Request& request, const Result<>& result, size_t size) {
  if (!result) return ReplyError(request, result.error());
  fuse_reply_write(request.handle, size);
}

void ReplyCopied(const Request& request, const Result<ByteCount>& result) {
  if (!result) return ReplyError(request, result.error());
  fuse_reply_write(request.handle, *result);
}

void ReplyStatistics(const Request& request, const Result<FileSystemStatistics>& result) {
  if (!result) return ReplyError(request, result.error());
  struct statvfs values{};
  values.f_bsize = result->block_size;
  values.f_frsize = result->block_size;
  values.f_blocks = result->blocks;
  values.f_bfree = result->free_blocks;
  values.f_bavail = result->free_blocks;
  values.f_files = result->files;
  values.f_ffree = result->free_files;
  values.f_favail = result->free_files;
  values.f_namemax = result->name_limit;
  fuse_reply_statfs(request.handle, &values);
}

bool ReplyBytes(const Request& request, std::span<const std::byte> bytes) {
  return fuse_reply_buf(request.handle, reinterpret_cast<const char*>(bytes.data()), bytes.size()) == 0;
}

}  // namespace cosfuse
