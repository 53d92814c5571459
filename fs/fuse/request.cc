#include "fs/fuse/request.h"

namespace cosfuse {
namespace {

thread_local ReceivedMessage* current_message = nullptr;

}  // namespace

ReceivedMessage::ReceivedMessage(const RawRequest& raw, BufferPool::Buffer& buffer) : raw_(raw), buffer_(buffer) {
  current_message = this;
}

ReceivedMessage::~ReceivedMessage() { current_message = nullptr; }

ReceivedMessage& ReceivedMessage::Current() { return *current_message; }

Request MakeRequest(fuse_req_t handle, const char* operation) {
  const fuse_ctx* context = fuse_req_ctx(handle);
  const RawRequest& raw = ReceivedMessage::Current().raw();
  return {.handle = handle,
          .unique = raw.unique,
          .caller = {.uid = context->uid, .gid = context->gid, .pid = context->pid, .umask = context->umask},
          .kill_set_id = raw.kill_set_id,
          .operation = operation};
}

}  // namespace cosfuse
