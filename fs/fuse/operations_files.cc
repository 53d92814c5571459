#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <string>

#include "fs/fuse/operations.h"
#include "fs/fuse/reply.h"
#include "fs/fuse/session.h"
#include "fs/fuse/set_id_bits.h"

namespace cosfuse {
namespace {

using Limit = Dispatcher::Limit;

/// From this size on a write keeps the buffer that it was received in; a smaller one is cheaper to copy than to give a
/// buffer of a MiB away for.
constexpr size_t kKeepBufferFrom = 64 * kKiB;

void Open(fuse_req_t handle, fuse_ino_t node, fuse_file_info* info) {
  const Request request = MakeRequest(handle, "open");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  FileSystem& file_system = dispatcher.file_system();
  auto job = Dispatcher::MakeJob(
      request,
      [&file_system, request, node, flags = info->flags](const OpContext& context) -> Result<OpenedFile> {
        if (request.kill_set_id) {
          RETURN_IF_ERROR(ClearSetId(file_system, context, request.caller, NodeId{node}, std::nullopt));
        }
        return file_system.Open(context, request.caller, NodeId{node}, flags);
      },
      [&file_system, info = *info](const Request& asked, Result<OpenedFile> result) {
        ReplyOpened(asked, file_system, result, info);
      });
  // One for writing may have to make a local file.
  const bool for_reading = (info->flags & (O_ACCMODE | O_TRUNC)) == O_RDONLY;
  if (for_reading) {
    dispatcher.TryHere(request, Limit::kProgress, std::move(job));
  } else {
    dispatcher.TryLocally(request, Limit::kProgress, std::move(job));
  }
}

void Create(fuse_req_t handle, fuse_ino_t parent, const char* name, mode_t mode, fuse_file_info* info) {
  const Request request = MakeRequest(handle, "create");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  FileSystem& file_system = dispatcher.file_system();
  dispatcher.TryLocally(
      request, Limit::kDirectory,
      Dispatcher::MakeJob(
          request,
          [&file_system, caller = request.caller, parent, name = std::string(name), mode, flags = info->flags](
              const auto& context) { return file_system.Create(context, caller, NodeId{parent}, name, mode, flags); },
          [&file_system, info = *info](const Request& asked, Result<CreatedFile> result) {
            ReplyCreated(asked, file_system, result, info);
          }));
}

/// The buffer is taken when the read begins, not while it waits for its turn.
void Read(fuse_req_t handle, fuse_ino_t /*node*/, size_t size, off_t offset, fuse_file_info* info) {
  const Request request = MakeRequest(handle, "read");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  dispatcher.TryReading(
      request, size, [&dispatcher, request, size, offset, file = HandleId{info->fh}](const auto& context) {
        const BufferPool::Buffer buffer = dispatcher.buffers().TakeFor(size);
        const std::span<std::byte> out(buffer.get(), size);
        const Result<size_t> read = dispatcher.file_system().Read(context, file, static_cast<ByteCount>(offset), out);
        if (read) {
          ReplyBytes(request, out.first(*read));
          return true;
        }
        if (read.error().code() == ErrorCode::kWouldWait && !context.may_wait()) return false;
        ReplyError(request, read.error());
        return true;
      });
}

/// The bytes of a write, beyond the life of the message that brought them.
struct WriteData {
  BufferPool::Buffer buffer;
  std::span<const std::byte> bytes;
};

std::shared_ptr<WriteData> KeepWriteData(Dispatcher& dispatcher, const char* bytes, size_t size) {
  auto data = std::make_shared<WriteData>();
  if (size >= kKeepBufferFrom) {
    data->buffer = ReceivedMessage::Current().TakeBuffer();
    data->bytes = std::as_bytes(std::span(bytes, size));
  } else {
    data->buffer = dispatcher.buffers().TakeFor(size);
    std::memcpy(data->buffer.get(), bytes, size);
    data->bytes = std::span(data->buffer.get(), size);
  }
  return data;
}

void Write(fuse_req_t handle, fuse_ino_t node, const char* bytes, size_t size, off_t offset, fuse_file_info* info) {
  const Request request = MakeRequest(handle, "write");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  // Where staging is full of what is on its way, it waits for the network.
  dispatcher.TryLocally(request, Limit::kProgress,
                        Dispatcher::MakeJob(
                            request,
                            [&file_system = dispatcher.file_system(), request, node, file = HandleId{info->fh}, offset,
                             data = KeepWriteData(dispatcher, bytes, size)](const OpContext& context) -> Result<> {
                              if (request.kill_set_id) {
                                RETURN_IF_ERROR(ClearSetId(file_system, context, request.caller, NodeId{node}, file));
                              }
                              return file_system.Write(context, file, static_cast<ByteCount>(offset), data->bytes);
                            },
                            [size](const Request& asked, Result<> result) { ReplyWritten(asked, result, size); }));
}

/// What a write would clear goes by an allocation or a copy, too; of these the kernel says nothing.
Result<> ClearSetIdUnlessRoot(FileSystem& file_system, const OpContext& context, const Caller& caller, NodeId node,
                              HandleId handle) {
  return caller.uid == 0 ? Result<>() : ClearSetId(file_system, context, caller, node, handle);
}

void Allocate(fuse_req_t handle, fuse_ino_t node, int mode, off_t offset, off_t length, fuse_file_info* info) {
  const Request request = MakeRequest(handle, "fallocate");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  const ByteRange range{static_cast<ByteCount>(offset), static_cast<ByteCount>(length)};
  dispatcher.TryLocally(request, Limit::kProgress,
                        Dispatcher::MakeJob(
                            request,
                            [&file_system = dispatcher.file_system(), caller = request.caller, node,
                             file = HandleId{info->fh}, mode, range](const OpContext& context) -> Result<> {
                              RETURN_IF_ERROR(ClearSetIdUnlessRoot(file_system, context, caller, NodeId{node}, file));
                              return file_system.Allocate(context, file, mode, range);
                            },
                            ReplyDone));
}

/// The kernel asks for SEEK_DATA and SEEK_HOLE alone.
void Seek(fuse_req_t handle, fuse_ino_t /*node*/, off_t offset, int whence, fuse_file_info* info) {
  const Request request = MakeRequest(handle, "lseek");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  const SeekTarget target = whence == SEEK_DATA ? SeekTarget::kData : SeekTarget::kHole;
  dispatcher.TryHere(
      request, Limit::kProgress,
      Dispatcher::MakeJob(
          request,
          [&file_system = dispatcher.file_system(), file = HandleId{info->fh}, target, offset](const auto& context) {
            return file_system.Seek(context, file, target, static_cast<ByteCount>(offset));
          },
          ReplySought));
}

/// On EOPNOTSUPP the kernel reads and writes by itself, and asks again the next time.
void CopyRange(fuse_req_t handle, fuse_ino_t /*from_node*/, off_t from, fuse_file_info* from_info, fuse_ino_t to_node,
               off_t to, fuse_file_info* to_info, size_t length, int /*flags*/) {
  constexpr ByteCount kMostAnswered = std::numeric_limits<uint32_t>::max();  // fuse_write_out::size
  const Request request = MakeRequest(handle, "copy_file_range");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  dispatcher.TryLocally(
      request, Limit::kProgress,
      Dispatcher::MakeJob(
          request,
          [&file_system = dispatcher.file_system(), caller = request.caller, source = HandleId{from_info->fh}, from,
           to_node, target = HandleId{to_info->fh}, to,
           length = std::min<ByteCount>(length, kMostAnswered)](const OpContext& context) -> Result<ByteCount> {
            RETURN_IF_ERROR(ClearSetIdUnlessRoot(file_system, context, caller, NodeId{to_node}, target));
            return file_system.CopyRange(context, source, static_cast<ByteCount>(from), target,
                                         static_cast<ByteCount>(to), length);
          },
          ReplyCopied));
}

void Flush(fuse_req_t handle, fuse_ino_t /*node*/, fuse_file_info* info) {
  const Request request = MakeRequest(handle, "flush");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  const auto make_job = [&](bool wait) {
    return Dispatcher::MakeJob(
        request,
        [&file_system = dispatcher.file_system(), file = HandleId{info->fh}, wait](const auto& context) {
          return file_system.Flush(context, file, wait);
        },
        ReplyDone);
  };
  Dispatcher::Job job = make_job(true);
  if (job(OpContext::Immediate())) return;
  // A dying process closes its files without any signal left to interrupt that: nobody is there to hear the truth, and
  // nobody could end the wait.
  if (IsBeingKilled(request.caller.pid)) {
    dispatcher.RunLocallyForDying(request, make_job(false));
  } else {
    dispatcher.RunOnNetwork(request, Limit::kProgress, std::move(job));
  }
}

void Fsync(fuse_req_t handle, fuse_ino_t /*node*/, int /*data_only*/, fuse_file_info* info) {
  const Request request = MakeRequest(handle, "fsync");
  Dispatcher& dispatcher = Session::DispatcherOf(handle);
  dispatcher.TryHere(request, Limit::kProgress,
                     Dispatcher::MakeJob(
                         request,
                         [&file_system = dispatcher.file_system(), file = HandleId{info->fh}](const auto& context) {
                           return file_system.Fsync(context, file);
                         },
                         ReplyDone));
}

void Release(fuse_req_t handle, fuse_ino_t /*node*/, fuse_file_info* info) {
  const Request request = MakeRequest(handle, "release");
  Session::DispatcherOf(handle).file_system().Release(HandleId{info->fh});
  ReplyDone(request, {});
}

}  // namespace

void AddFileOperations(fuse_lowlevel_ops& table) {
  table.open = Open;
  table.create = Create;
  table.read = Read;
  table.write = Write;
  table.fallocate = Allocate;
  table.lseek = Seek;
  table.copy_file_range = CopyRange;
  table.flush = Flush;
  table.fsync = Fsync;
  table.release = Release;
}

}  // namespace cosfuse
