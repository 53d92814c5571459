#include "fs/fuse/directory_buffer.h"
#include "fs/fuse/operations.h"
#include "fs/fuse/reply.h"
#include "fs/fuse/session.h"

namespace cosfuse {
namespace {

using Limit = Dispatcher::Limit;

void OpenDirectory(fuse_req_t handle, fuse_ino_t node, fuse_file_info* info) {
  const Request request = MakeRequest(handle, "opendir");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  FileSystem& file_system = dispatcher.file_system();
  dispatcher.TryHere(
      request, Limit::kProgress,
      Dispatcher::MakeJob(
          request,
          [&file_system, node](const auto& context) { return file_system.OpenDirectory(context, NodeId{node}); },
          [&file_system, info = *info](const Request& asked, Result<HandleId> result) {
            ReplyDirectoryOpened(asked, file_system, result, info);
          }));
}

/// Entries that came before an error, or before the point where the next would have to be waited for, are an answer;
/// the kernel comes back for the rest.
void List(fuse_req_t handle, const char* operation, size_t size, off_t offset, HandleId directory,
          bool with_attributes) {
  const Request request = MakeRequest(handle, operation);
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  dispatcher.TryHere(request, Limit::kDirectoryProgress,
                     [&dispatcher, request, size, offset, directory, with_attributes](const OpContext& context) {
                       FileSystem& file_system = dispatcher.file_system();
                       const BufferPool::Buffer memory = dispatcher.buffers().TakeFor(size);
                       DirectoryBuffer buffer(request.handle, std::span(memory.get(), size), with_attributes);
                       const Result<> result = file_system.ReadDirectory(
                           context, directory, static_cast<uint64_t>(offset), with_attributes,
                           [&buffer](const DirectoryEntry& entry) { return buffer.Add(entry); });
                       if (!result && buffer.bytes().empty()) {
                         if (result.error().code() == ErrorCode::kWouldWait && !context.may_wait()) return false;
                         ReplyError(request, result.error());
                         return true;
                       }
                       if (!ReplyBytes(request, buffer.bytes())) {
                         for (const NodeId node : buffer.counted()) file_system.Forget(node, 1);
                       }
                       return true;
                     });
}

void ReadDirectory(fuse_req_t handle, fuse_ino_t /*node*/, size_t size, off_t offset, fuse_file_info* info) {
  List(handle, "readdir", size, offset, HandleId{info->fh}, false);
}

void ReadDirectoryPlus(fuse_req_t handle, fuse_ino_t /*node*/, size_t size, off_t offset, fuse_file_info* info) {
  List(handle, "readdirplus", size, offset, HandleId{info->fh}, true);
}

void FsyncDirectory(fuse_req_t handle, fuse_ino_t /*node*/, int /*data_only*/, fuse_file_info* info) {
  const Request request = MakeRequest(handle, "fsyncdir");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  dispatcher.TryHere(request, Limit::kProgress,
                     Dispatcher::MakeJob(
                         request,
                         [&file_system = dispatcher.file_system(), directory = HandleId{info->fh}](
                             const auto& context) { return file_system.FsyncDirectory(context, directory); },
                         ReplyDone));
}

void ReleaseDirectory(fuse_req_t handle, fuse_ino_t /*node*/, fuse_file_info* info) {
  const Request request = MakeRequest(handle, "releasedir");
  Session::DispatcherOf(handle).file_system().ReleaseDirectory(HandleId{info->fh});
  ReplyDone(request, {});
}

}  // namespace

void AddDirectoryOperations(fuse_lowlevel_ops& table) {
  table.opendir = OpenDirectory;
  table.readdir = ReadDirectory;
  table.readdirplus = ReadDirectoryPlus;
  table.fsyncdir = FsyncDirectory;
  table.releasedir = ReleaseDirectory;
}

}  // namespace cosfuse
