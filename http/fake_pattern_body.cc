#include "http/fake_pattern_body.h"

#include <algorithm>
#include <vector>

#include "base/random.h"

namespace cosfuse {
namespace {

/// The pattern from `offset` on, as far as it lies in one piece.
std::span<const std::byte> PatternFrom(ByteCount offset) {
  static const std::vector<std::byte> kPeriod = [] {
    std::vector<std::byte> period(kMiB - 1);
    SeededRandom random(1);
    for (std::byte& byte : period) byte = static_cast<std::byte>(random.Next());
    return period;
  }();
  return std::span(kPeriod).subspan(offset % kPeriod.size());
}

void FillPattern(ByteCount offset, std::span<std::byte> out) {
  while (!out.empty()) {
    const auto piece = PatternFrom(offset).first(std::min(out.size(), PatternFrom(offset).size()));
    std::ranges::copy(piece, out.begin());
    out = out.subspan(piece.size());
    offset += piece.size();
  }
}

}  // namespace

std::string PatternText(ByteCount offset, size_t size) {
  std::string text(size, '\0');
  FillPattern(offset, std::as_writable_bytes(std::span(text)));
  return text;
}

bool IsPattern(ByteCount offset, std::span<const std::byte> data) {
  while (!data.empty()) {
    const auto piece = PatternFrom(offset).first(std::min(data.size(), PatternFrom(offset).size()));
    if (!std::ranges::equal(piece, data.first(piece.size()))) return false;
    data = data.subspan(piece.size());
    offset += piece.size();
  }
  return true;
}

Result<size_t> PatternSource::Read(ByteCount offset, std::span<std::byte> out) {
  const auto count = static_cast<size_t>(std::min<ByteCount>(out.size(), size_ - offset));
  FillPattern(offset, out.first(count));
  return count;
}

Result<> PatternSink::OnData(std::span<const std::byte> data) {
  if (!IsPattern(received_, data)) return Fail(ErrorCode::kInternal, "wrong bytes");
  received_ += data.size();
  return {};
}

}  // namespace cosfuse
