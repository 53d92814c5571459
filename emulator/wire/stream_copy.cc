#include "emulator/wire/stream_copy.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace cosfuse::emulator {
namespace {

#ifdef __SSE2__

constexpr size_t kLineBytes = 64;

/// `to` is the start of a line.
void StreamLine(std::byte* to, const std::byte* from) {
  const auto* source = reinterpret_cast<const __m128i*>(from);
  auto* target = reinterpret_cast<__m128i*>(to);
  const __m128i first = _mm_loadu_si128(source);
  const __m128i second = _mm_loadu_si128(source + 1);
  const __m128i third = _mm_loadu_si128(source + 2);
  const __m128i fourth = _mm_loadu_si128(source + 3);
  _mm_stream_si128(target, first);
  _mm_stream_si128(target + 1, second);
  _mm_stream_si128(target + 2, third);
  _mm_stream_si128(target + 3, fourth);
}

#endif

}  // namespace

void StreamCopy(std::byte* to, std::span<const std::byte> from) {
#ifdef __SSE2__
  const size_t into_line = reinterpret_cast<uintptr_t>(to) % kLineBytes;
  const size_t head = into_line == 0 ? 0 : std::min(from.size(), kLineBytes - into_line);
  std::memcpy(to, from.data(), head);
  size_t done = head;
  for (; from.size() - done >= kLineBytes; done += kLineBytes) StreamLine(to + done, from.data() + done);
  _mm_sfence();  // Streamed stores are not ordered by a lock that is released after them.
  to += done;
  from = from.subspan(done);
#endif
  std::memcpy(to, from.data(), from.size());
}

}  // namespace cosfuse::emulator
