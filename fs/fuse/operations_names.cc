#include <cstdio>
#include <string>

#include "fs/fuse/operations.h"
#include "fs/fuse/reply.h"
#include "fs/fuse/session.h"

namespace cosfuse {
namespace {

using Limit = Dispatcher::Limit;

/// Answers with an entry that `call` finds or makes.
template <typename Call>
Dispatcher::Job EntryJob(const Request& request, FileSystem& file_system, Call call) {
  return Dispatcher::MakeJob(request, std::move(call), [&file_system](const Request& asked, Result<NodeEntry> result) {
    ReplyEntry(asked, file_system, result);
  });
}

void Lookup(fuse_req_t handle, fuse_ino_t parent, const char* name) {
  const Request request = MakeRequest(handle, "lookup");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  FileSystem& file_system = dispatcher.file_system();
  dispatcher.TryHere(
      request, Limit::kDirectory,
      EntryJob(request, file_system, [&file_system, parent, name = std::string(name)](const auto& context) {
        return file_system.Lookup(context, NodeId{parent}, name);
      }));
}

void Forget(fuse_req_t handle, fuse_ino_t node, uint64_t count) {
  Session::DispatcherOf(handle).file_system().Forget(NodeId{node}, count);
  fuse_reply_none(handle);
}

void ForgetMany(fuse_req_t handle, size_t count, fuse_forget_data* forgets) {
  FileSystem& file_system = Session::DispatcherOf(handle).file_system();
  for (size_t i = 0; i < count; ++i) file_system.Forget(NodeId{forgets[i].ino}, forgets[i].nlookup);
  fuse_reply_none(handle);
}

void MakeNode(fuse_req_t handle, fuse_ino_t parent, const char* name, mode_t mode, dev_t device) {
  const Request request = MakeRequest(handle, "mknod");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  FileSystem& file_system = dispatcher.file_system();
  dispatcher.RunOnNetwork(request, Limit::kDirectory,
                          EntryJob(request, file_system,
                                   [&file_system, caller = request.caller, parent, name = std::string(name), mode,
                                    device](const auto& context) {
                                     return file_system.MakeNode(context, caller, NodeId{parent}, name, mode, device);
                                   }));
}

void MakeDirectory(fuse_req_t handle, fuse_ino_t parent, const char* name, mode_t mode) {
  const Request request = MakeRequest(handle, "mkdir");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  FileSystem& file_system = dispatcher.file_system();
  dispatcher.RunOnNetwork(
      request, Limit::kDirectory,
      EntryJob(request, file_system,
               [&file_system, caller = request.caller, parent, name = std::string(name), mode](const auto& context) {
                 return file_system.MakeDirectory(context, caller, NodeId{parent}, name, mode);
               }));
}

void MakeSymbolicLink(fuse_req_t handle, const char* target, fuse_ino_t parent, const char* name) {
  const Request request = MakeRequest(handle, "symlink");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  FileSystem& file_system = dispatcher.file_system();
  dispatcher.RunOnNetwork(request, Limit::kDirectory,
                          EntryJob(request, file_system,
                                   [&file_system, caller = request.caller, parent, name = std::string(name),
                                    target = std::string(target)](const auto& context) {
                                     return file_system.MakeSymbolicLink(context, caller, NodeId{parent}, name, target);
                                   }));
}

void Unlink(fuse_req_t handle, fuse_ino_t parent, const char* name) {
  const Request request = MakeRequest(handle, "unlink");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  dispatcher.RunOnNetwork(request, Limit::kDirectory,
                          Dispatcher::MakeJob(
                              request,
                              [&file_system = dispatcher.file_system(), parent, name = std::string(name)](
                                  const auto& context) { return file_system.Unlink(context, NodeId{parent}, name); },
                              ReplyDone));
}

void RemoveDirectory(fuse_req_t handle, fuse_ino_t parent, const char* name) {
  const Request request = MakeRequest(handle, "rmdir");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  dispatcher.RunOnNetwork(
      request, Limit::kDirectory,
      Dispatcher::MakeJob(
          request,
          [&file_system = dispatcher.file_system(), parent, name = std::string(name)](const auto& context) {
            return file_system.RemoveDirectory(context, NodeId{parent}, name);
          },
          ReplyDone));
}

void Rename(fuse_req_t handle, fuse_ino_t parent, const char* name, fuse_ino_t new_parent, const char* new_name,
            unsigned flags) {
  const Request request = MakeRequest(handle, "rename");
  if ((flags & ~static_cast<unsigned>(RENAME_NOREPLACE)) != 0) {
    return ReplyError(request, Error(ErrorCode::kInvalidArgument, "names cannot be exchanged"));
  }
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  dispatcher.RunOnNetwork(request, Limit::kDirectoryProgress,
                          Dispatcher::MakeJob(
                              request,
                              [&file_system = dispatcher.file_system(), parent, name = std::string(name), new_parent,
                               new_name = std::string(new_name), no_replace = flags != 0](const auto& context) {
                                return file_system.Rename(context, NodeId{parent}, name, NodeId{new_parent}, new_name,
                                                          no_replace);
                              },
                              ReplyDone));
}

/// Two names for one object do not exist in the store.
void Link(fuse_req_t handle, fuse_ino_t /*node*/, fuse_ino_t /*new_parent*/, const char* /*new_name*/) {
  ReplyError(MakeRequest(handle, "link"), Error(ErrorCode::kNotPermitted, "no hard links in an object store"));
}

}  // namespace

void AddNameOperations(fuse_lowlevel_ops& table) {
  table.lookup = Lookup;
  table.forget = Forget;
  table.forget_multi = ForgetMany;
  table.mknod = MakeNode;
  table.mkdir = MakeDirectory;
  table.symlink = MakeSymbolicLink;
  table.unlink = Unlink;
  table.rmdir = RemoveDirectory;
  table.rename = Rename;
  table.link = Link;
}

}  // namespace cosfuse
