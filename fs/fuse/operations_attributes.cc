#include <optional>

#include "fs/fuse/attributes.h"
#include "fs/fuse/operations.h"
#include "fs/fuse/reply.h"
#include "fs/fuse/session.h"
#include "fs/fuse/set_id_bits.h"

namespace cosfuse {
namespace {

using Limit = Dispatcher::Limit;

void GetAttributes(fuse_req_t handle, fuse_ino_t node, fuse_file_info* /*info*/) {
  const Request request = MakeRequest(handle, "getattr");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  dispatcher.TryHere(request, Limit::kProgress,
                     Dispatcher::MakeJob(
                         request,
                         [&file_system = dispatcher.file_system(), node](const auto& context) {
                           return file_system.GetAttributes(context, NodeId{node});
                         },
                         ReplyAttributes));
}

void SetAttributes(fuse_req_t handle, fuse_ino_t node, struct stat* values, int to_set, fuse_file_info* info) {
  const Request request = MakeRequest(handle, "setattr");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  const AttributeChange change = ToAttributeChange(*values, to_set, dispatcher.clock().WallNow());
  const auto file = info == nullptr ? std::nullopt : std::optional(HandleId{info->fh});
  // A change of owner clears them for everybody; the kernel leaves that to the file system without saying so. A request
  // for nothing is a chown that leaves both as they are.
  const bool new_owner = change.uid || change.gid || to_set == 0;
  const bool clear_set_id = (request.kill_set_id || new_owner) && !change.permissions;
  dispatcher.TryLocally(request, Limit::kProgress,
                        Dispatcher::MakeJob(
                            request,
                            [&file_system = dispatcher.file_system(), caller = request.caller, node, file, change,
                             clear_set_id](const OpContext& context) -> Result<TimedAttributes> {
                              AttributeChange whole = change;
                              if (clear_set_id) {
                                ASSIGN_OR_RETURN(const TimedAttributes now,
                                                 file_system.GetAttributes(context, NodeId{node}));
                                whole.permissions = PermissionsWithoutSetId(now.attributes, caller);
                              }
                              return file_system.SetAttributes(context, caller, NodeId{node}, file, whole);
                            },
                            ReplyAttributes));
}

void ReadLink(fuse_req_t handle, fuse_ino_t node) {
  const Request request = MakeRequest(handle, "readlink");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  dispatcher.TryHere(request, Limit::kProgress,
                     Dispatcher::MakeJob(
                         request,
                         [&file_system = dispatcher.file_system(), node](const auto& context) {
                           return file_system.ReadLink(context, NodeId{node});
                         },
                         ReplyLink));
}

void GetStatistics(fuse_req_t handle, fuse_ino_t /*node*/) {
  const Request request = MakeRequest(handle, "statfs");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  dispatcher.TryHere(
      request, Limit::kProgress,
      Dispatcher::MakeJob(
          request,
          [&file_system = dispatcher.file_system()](const auto& context) { return file_system.StatFs(context); },
          ReplyStatistics));
}

}  // namespace

void AddAttributeOperations(fuse_lowlevel_ops& table) {
  table.getattr = GetAttributes;
  table.setattr = SetAttributes;
  table.readlink = ReadLink;
  table.statfs = GetStatistics;
}

}  // namespace cosfuse
