#include "emulator/wire/reply_sender.h"

#include <microhttpd.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/log.h"
#include "emulator/wire/mapped_body.h"

namespace cosfuse::emulator {
namespace {

constexpr size_t kReaderBlock = 64 * kKiB;

ssize_t ReadBody(void* context, uint64_t /*position*/, char* out, size_t limit) {
  return static_cast<BodyReader*>(context)->Read(out, limit);
}

void FreeReader(void* context) { delete static_cast<BodyReader*>(context); }

void FreeMappedBody(void* context) { delete static_cast<MappedBody*>(context); }

/// The body goes out straight from memory.
Result<MHD_Response*> MakeMemoryResponse(const Body& body) {
  ASSIGN_OR_RETURN(auto mapped, MappedBody::Map(body));
  auto owner = std::make_unique<MappedBody>(std::move(mapped));
  if (owner->pieces.size() == 1) {  // Head and body leave in one system call.
    const std::span<const std::byte> only = owner->pieces.front();
    return MHD_create_response_from_buffer_with_free_callback_cls(only.size(), const_cast<std::byte*>(only.data()),
                                                                  &FreeMappedBody, owner.release());
  }
  std::vector<MHD_IoVec> pieces;
  pieces.reserve(owner->pieces.size());
  for (const std::span<const std::byte> piece : owner->pieces) pieces.push_back({piece.data(), piece.size()});
  return MHD_create_response_from_iovec(pieces.data(), static_cast<unsigned>(pieces.size()), &FreeMappedBody,
                                        owner.release());
}

/// The body goes out straight from its file.
Result<MHD_Response*> MakeFileResponse(const Slice& slice) {
  ASSIGN_OR_RETURN(FileDescriptor file, slice.chunk->OpenFile());
  MHD_Response* response = MHD_create_response_from_fd_at_offset64(slice.range.length, file.get(), slice.range.offset);
  if (response != nullptr) file.Release();  // libmicrohttpd closes it.
  return response;
}

/// How long libmicrohttpd is told that the body is; it writes the Content-Length by that.
uint64_t AnnouncedSize(const Reply& reply) {
  if (reply.mishap.unannounced) return MHD_SIZE_UNKNOWN;
  return reply.mishap.announced.value_or(reply.body.size());
}

Result<MHD_Response*> MakeResponse(MHD_Connection* connection, const Reply& reply, const Wire& wire) {
  const auto& slices = reply.body.slices();
  if (reply.mishap.none()) {
    if (slices.empty()) return MHD_create_response_from_buffer(0, nullptr, MHD_RESPMEM_PERSISTENT);
    const auto in_memory = [](const Slice& slice) { return slice.chunk->in_memory(); };
    if (wire.pacer == nullptr && std::ranges::all_of(slices, in_memory)) return MakeMemoryResponse(reply.body);
    if (wire.pacer == nullptr && slices.size() == 1) return MakeFileResponse(slices.front());
  }
  auto reader = std::make_unique<BodyReader>(reply.body, reply.mishap, connection, wire);
  return MHD_create_response_from_callback(AnnouncedSize(reply), kReaderBlock, &ReadBody, reader.release(),
                                           &FreeReader);
}

}  // namespace

bool SendReply(MHD_Connection* connection, const Reply& reply, const Wire& wire) {
  auto made = MakeResponse(connection, reply, wire);
  if (!made) {
    Log(LogLevel::kError, "the body of an answer cannot be read", {{"error", made.error().ToString()}});
    return false;
  }
  MHD_Response* response = *made;
  if (response == nullptr) return false;
  for (const auto& [name, value] : reply.headers) MHD_add_response_header(response, name.c_str(), value.c_str());
  const bool queued = MHD_queue_response(connection, static_cast<unsigned>(reply.status), response) == MHD_YES;
  MHD_destroy_response(response);
  return queued;
}

}  // namespace cosfuse::emulator
