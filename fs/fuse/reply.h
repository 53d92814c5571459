#pragma once

#include <optional>
#include <span>
#include <string>

#include "fs/fuse/request.h"

namespace cosfuse {

/// Answers to the kernel. Each ends its request. Those that hand something over which the kernel gives back later (a
/// lookup count, a handle) take it back themselves when the kernel no longer wants it, because the caller was killed
/// meanwhile.

/// Logs the error if it is one of the store or ours, and answers with its errno.
void ReplyError(const Request& request, const Error& error);
void ReplyDone(const Request& request, const Result<>& result);

void ReplyEntry(const Request& request, FileSystem& file_system, const Result<NodeEntry>& result);
void ReplyCreated(const Request& request, FileSystem& file_system, const Result<CreatedFile>& result,
                  fuse_file_info info);
void ReplyOpened(const Request& request, FileSystem& file_system, const Result<OpenedFile>& result,
                 fuse_file_info info);
void ReplyDirectoryOpened(const Request& request, FileSystem& file_system, const Result<HandleId>& result,
                          fuse_file_info info);
void ReplyAttributes(const Request& request, const Result<TimedAttributes>& result);
void ReplyLink(const Request& request, const Result<std::string>& result);
/// A value or list of names for a buffer of `size` bytes; for none its length. ERANGE where it does not fit.
void ReplyExtended(const Request& request, const Result<std::string>& result, size_t size);
/// ENXIO for nothing.
void ReplySought(const Request& request, const Result<std::optional<ByteCount>>& result);
void ReplyWritten(const Request& request, const Result<>& result, size_t size);
/// How many bytes were copied.
void ReplyCopied(const Request& request, const Result<ByteCount>& result);
void ReplyStatistics(const Request& request, const Result<FileSystemStatistics>& result);
/// False when the kernel no longer wants them.
bool ReplyBytes(const Request& request, std::span<const std::byte> bytes);

}  // namespace cosfuse
