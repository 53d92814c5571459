#include "emulator/wire/reply_sender.h"

#include <microhttpd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "base/log.h"

namespace cosfuse::emulator {
namespace {

constexpr size_t kPacedPiece = 64 * kKiB;
constexpr Duration kShortestSendPause = std::chrono::milliseconds(2);

/// The body of an answer, its chunks kept readable until libmicrohttpd is done with it.
struct MappedBody {
  std::vector<std::shared_ptr<const std::byte>> pins;
  std::vector<MHD_IoVec> pieces;
};

Result<std::unique_ptr<MappedBody>> MapBody(const Body& body) {
  auto mapped = std::make_unique<MappedBody>();
  for (const Slice& slice : body.slices()) {
    ASSIGN_OR_RETURN(auto bytes, slice.chunk->Map());
    mapped->pieces.push_back({bytes.get() + slice.range.offset, slice.range.length});
    mapped->pins.push_back(std::move(bytes));
  }
  return mapped;
}

void FreeMappedBody(void* context) { delete static_cast<MappedBody*>(context); }

/// Hands a body out at the pace of the wire.
struct PacedReader {
  std::unique_ptr<MappedBody> body;
  MHD_Connection* connection;
  Pacer& pacer;
  Parking& parking;
  const Clock& clock;
  MonotonicTime passed;  ///< When what was handed out has passed the wire.
  size_t piece = 0;
  size_t offset = 0;

  ssize_t Read(char* out, size_t limit) {
    const MonotonicTime now = clock.Now();
    if (passed > now + kShortestSendPause) {
      return parking.ParkUntil(connection, passed) ? 0 : MHD_CONTENT_READER_END_WITH_ERROR;
    }
    const MHD_IoVec& current = body->pieces[piece];
    const size_t n = std::min({limit, kPacedPiece, current.iov_len - offset});
    std::memcpy(out, static_cast<const char*>(current.iov_base) + offset, n);
    offset += n;
    if (offset == current.iov_len) {
      ++piece;
      offset = 0;
    }
    passed = pacer.Book(now, n);
    return static_cast<ssize_t>(n);
  }
};

ssize_t ReadPaced(void* context, uint64_t /*position*/, char* out, size_t limit) {
  return static_cast<PacedReader*>(context)->Read(out, limit);
}

void FreePacedReader(void* context) { delete static_cast<PacedReader*>(context); }

MHD_Response* MakeResponse(std::unique_ptr<MappedBody> body) {
  if (body->pieces.empty()) return MHD_create_response_from_buffer(0, nullptr, MHD_RESPMEM_PERSISTENT);
  if (body->pieces.size() == 1) {  // Head and body leave in one system call.
    const MHD_IoVec only = body->pieces.front();
    return MHD_create_response_from_buffer_with_free_callback_cls(only.iov_len, const_cast<void*>(only.iov_base),
                                                                  &FreeMappedBody, body.release());
  }
  const std::vector<MHD_IoVec>& pieces = body->pieces;
  return MHD_create_response_from_iovec(pieces.data(), static_cast<unsigned>(pieces.size()), &FreeMappedBody,
                                        body.release());
}

}  // namespace

bool SendReply(MHD_Connection* connection, const Reply& reply, bool paced, Pacer& pacer, Parking& parking,
               const Clock& clock) {
  auto mapped = MapBody(reply.body);
  if (!mapped) {
    Log(LogLevel::kError, "the body of an answer cannot be read", {{"error", mapped.error().ToString()}});
    return false;
  }
  MHD_Response* response = nullptr;
  if (paced && reply.body.size() > 0) {
    auto reader = std::make_unique<PacedReader>(
        PacedReader{std::move(*mapped), connection, pacer, parking, clock, MonotonicTime{}});
    response = MHD_create_response_from_callback(reply.body.size(), kPacedPiece, &ReadPaced, reader.release(),
                                                 &FreePacedReader);
  } else {
    response = MakeResponse(std::move(*mapped));
  }
  if (response == nullptr) return false;
  for (const auto& [name, value] : reply.headers) MHD_add_response_header(response, name.c_str(), value.c_str());
  const bool queued = MHD_queue_response(connection, static_cast<unsigned>(reply.status), response) == MHD_YES;
  MHD_destroy_response(response);
  return queued;
}

}  // namespace cosfuse::emulator
