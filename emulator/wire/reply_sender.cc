#include "emulator/wire/reply_sender.h"

#include <microhttpd.h>

#include <memory>
#include <utility>
#include <vector>

#include "base/log.h"

namespace cosfuse::emulator {
namespace {

constexpr size_t kReaderBlock = 64 * kKiB;

ssize_t ReadBody(void* context, uint64_t /*position*/, char* out, size_t limit) {
  return static_cast<BodyReader*>(context)->Read(out, limit);
}

void FreeReader(void* context) { delete static_cast<BodyReader*>(context); }

void FreeMappedBody(void* context) { delete static_cast<MappedBody*>(context); }

/// The body goes out straight from its chunks.
MHD_Response* MakePlainResponse(MappedBody body) {
  if (body.pieces.empty()) return MHD_create_response_from_buffer(0, nullptr, MHD_RESPMEM_PERSISTENT);
  auto owner = std::make_unique<MappedBody>(std::move(body));
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

/// How long libmicrohttpd is told that the body is; it writes the Content-Length by that.
uint64_t AnnouncedSize(const Reply& reply) {
  if (reply.mishap.unannounced) return MHD_SIZE_UNKNOWN;
  return reply.mishap.announced.value_or(reply.body.size());
}

}  // namespace

bool SendReply(MHD_Connection* connection, const Reply& reply, const Wire& wire) {
  auto mapped = MappedBody::Map(reply.body);
  if (!mapped) {
    Log(LogLevel::kError, "the body of an answer cannot be read", {{"error", mapped.error().ToString()}});
    return false;
  }
  MHD_Response* response = nullptr;
  if (reply.mishap.none() && (wire.pacer == nullptr || reply.body.size() == 0)) {
    response = MakePlainResponse(*std::move(mapped));
  } else {
    auto reader = std::make_unique<BodyReader>(*std::move(mapped), reply.mishap, connection, wire);
    response =
        MHD_create_response_from_callback(AnnouncedSize(reply), kReaderBlock, &ReadBody, reader.release(), &FreeReader);
  }
  if (response == nullptr) return false;
  for (const auto& [name, value] : reply.headers) MHD_add_response_header(response, name.c_str(), value.c_str());
  const bool queued = MHD_queue_response(connection, static_cast<unsigned>(reply.status), response) == MHD_YES;
  MHD_destroy_response(response);
  return queued;
}

}  // namespace cosfuse::emulator
