#include <sys/xattr.h>

#include <optional>
#include <string>

#include "base/encoding.h"
#include "fs/fuse/operations.h"
#include "fs/fuse/reply.h"
#include "fs/fuse/session.h"

namespace cosfuse {
namespace {

using Limit = Dispatcher::Limit;

/// Nothing for flags that setxattr(2) does not know.
std::optional<ExtendedAttributeMode> ToExtendedAttributeMode(int flags) {
  switch (flags) {
    case 0: return ExtendedAttributeMode::kAny;
    case XATTR_CREATE: return ExtendedAttributeMode::kCreateOnly;
    case XATTR_REPLACE: return ExtendedAttributeMode::kReplaceOnly;
    default: return std::nullopt;
  }
}

void GetExtendedAttribute(fuse_req_t handle, fuse_ino_t node, const char* name, size_t size) {
  const Request request = MakeRequest(handle, "getxattr");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  dispatcher.TryHere(
      request, Limit::kProgress,
      Dispatcher::MakeJob(
          request,
          [&file_system = dispatcher.file_system(), node, name = std::string(name)](const auto& context) {
            return file_system.GetExtendedAttribute(context, NodeId{node}, name);
          },
          [size](const Request& asked, Result<std::string> value) { ReplyExtended(asked, value, size); }));
}

void SetExtendedAttribute(fuse_req_t handle, fuse_ino_t node, const char* name, const char* value, size_t size,
                          int flags) {
  const Request request = MakeRequest(handle, "setxattr");
  const auto mode = ToExtendedAttributeMode(flags);
  if (!mode) return ReplyError(request, Error(ErrorCode::kInvalidArgument, "unknown flags of setxattr"));
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  dispatcher.TryHere(request, Limit::kProgress,
                     Dispatcher::MakeJob(
                         request,
                         [&file_system = dispatcher.file_system(), node, name = std::string(name),
                          value = std::string(value, size), mode = *mode](const auto& context) {
                           return file_system.SetExtendedAttribute(context, NodeId{node}, name, value, mode);
                         },
                         ReplyDone));
}

void ListExtendedAttributes(fuse_req_t handle, fuse_ino_t node, size_t size) {
  const Request request = MakeRequest(handle, "listxattr");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  dispatcher.TryHere(
      request, Limit::kProgress,
      Dispatcher::MakeJob(
          request,
          [&file_system = dispatcher.file_system(), caller = request.caller,
           node](const OpContext& context) -> Result<std::string> {
            ASSIGN_OR_RETURN(const auto names, file_system.ListExtendedAttributes(context, caller, NodeId{node}));
            std::string list;
            for (const std::string& name : names) list += name + '\0';
            return list;
          },
          [size](const Request& asked, Result<std::string> names) { ReplyExtended(asked, names, size); }));
}

void RemoveExtendedAttribute(fuse_req_t handle, fuse_ino_t node, const char* name) {
  const Request request = MakeRequest(handle, "removexattr");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  dispatcher.TryHere(
      request, Limit::kProgress,
      Dispatcher::MakeJob(
          request,
          [&file_system = dispatcher.file_system(), node, name = std::string(name)](const auto& context) {
            return file_system.RemoveExtendedAttribute(context, NodeId{node}, name);
          },
          ReplyDone));
}

}  // namespace

void AddExtendedAttributeOperations(fuse_lowlevel_ops& table) {
  table.getxattr = GetExtendedAttribute;
  table.setxattr = SetExtendedAttribute;
  table.listxattr = ListExtendedAttributes;
  table.removexattr = RemoveExtendedAttribute;
}

}  // namespace cosfuse
