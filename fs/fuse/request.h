#pragma once

#include <cstdint>

#include "fs/file_system.h"
#include "fs/fuse/buffer_pool.h"
#include "fs/fuse/libfuse.h"
#include "fs/fuse/raw_request.h"

namespace cosfuse {

/// One request of the kernel that has to be answered exactly once (reply.h). A small value; copies are the same
/// request.
struct Request {
  fuse_req_t handle = nullptr;
  uint64_t unique = 0;
  Caller caller;
  bool kill_set_id = false;
  const char* operation = "";  ///< For the log.
};

/// The message that a thread is decoding, from its receipt until libfuse's operation returns. The buffer may be taken
/// away from it to keep the bytes of a write without a copy; the reading thread then takes another.
class ReceivedMessage {
 public:
  /// Makes itself the calling thread's current one until it is destroyed.
  ReceivedMessage(const RawRequest& raw, BufferPool::Buffer& buffer);
  ~ReceivedMessage();
  ReceivedMessage(const ReceivedMessage&) = delete;
  ReceivedMessage& operator=(const ReceivedMessage&) = delete;

  /// The calling thread's; there is one in every operation that libfuse calls.
  static ReceivedMessage& Current();

  const RawRequest& raw() const { return raw_; }
  BufferPool::Buffer TakeBuffer() { return std::move(buffer_); }

 private:
  const RawRequest raw_;
  BufferPool::Buffer& buffer_;
};

/// What an operation of libfuse was called with, from its handle and the current message.
Request MakeRequest(fuse_req_t handle, const char* operation);

}  // namespace cosfuse
