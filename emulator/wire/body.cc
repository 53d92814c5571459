#include "emulator/wire/body.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/encoding.h"
#include "emulator/wire/segments.h"
#include "emulator/wire/stream_copy.h"

namespace cosfuse::emulator {
namespace {

constexpr ByteCount kWindowBytes = 8 * kMiB;  // Of a file, at one time.
constexpr ByteCount kSmallestSegment = 4 * kKiB;

class MemoryChunk final : public Chunk {
 public:
  MemoryChunk(std::shared_ptr<const std::byte> bytes, ByteCount size) : bytes_(std::move(bytes)), size_(size) {}
  ByteCount size() const override { return size_; }
  Result<std::shared_ptr<const std::byte>> Map(ByteRange range) const override {
    return std::shared_ptr<const std::byte>(bytes_, bytes_.get() + range.offset);
  }

 private:
  const std::shared_ptr<const std::byte> bytes_;
  const ByteCount size_;
};

/// Fills segments of a bounded size one after the other: no byte is moved twice, whatever the body's length.
class MemorySink final : public BodySink {
 public:
  explicit MemorySink(ByteCount expected) : expected_(expected) {}

  Result<> Append(std::span<const std::byte> piece) override {
    while (!piece.empty()) {
      if (used_ == capacity_) StartSegment(piece.size());
      const size_t n = std::min<size_t>(piece.size(), capacity_ - used_);
      CopyIn(piece.first(n));
      used_ += n;
      piece = piece.subspan(n);
    }
    return {};
  }

  Result<Body> Finish() override {
    CloseSegment();
    return std::move(body_);
  }

 private:
  void StartSegment(size_t at_least) {
    CloseSegment();
    const ByteCount announced = expected_ > body_.size() ? expected_ - body_.size() : 0;
    const ByteCount wanted = announced > 0 ? announced : at_least;
    capacity_ = std::clamp<ByteCount>(wanted, kSmallestSegment, kSegmentBytes);
    segment_ = NewSegment(capacity_);
  }

  /// A small body is likely to be read again at once, a whole segment is not.
  void CopyIn(std::span<const std::byte> bytes) {
    std::byte* const to = segment_.get() + used_;
    if (capacity_ == kSegmentBytes) {
      StreamCopy(to, bytes);
    } else {
      std::memcpy(to, bytes.data(), bytes.size());
    }
  }

  void CloseSegment() {
    if (used_ > 0) body_.Append({std::make_shared<MemoryChunk>(std::move(segment_), used_), {0, used_}});
    segment_ = nullptr;
    used_ = capacity_ = 0;
  }

  const ByteCount expected_;
  Body body_;
  std::shared_ptr<std::byte> segment_;
  ByteCount used_ = 0;
  ByteCount capacity_ = 0;
};

}  // namespace

Body Body::FromText(std::string_view text) {
  if (text.empty()) return {};
  auto owner = std::make_shared<const std::string>(text);
  const auto* bytes = reinterpret_cast<const std::byte*>(owner->data());
  Body body;
  body.Append({std::make_shared<MemoryChunk>(std::shared_ptr<const std::byte>(owner, bytes), text.size()),
               {0, static_cast<ByteCount>(text.size())}});
  return body;
}

void Body::Append(Slice slice) {
  if (slice.range.empty()) return;
  size_ += slice.range.length;
  slices_.push_back(std::move(slice));
}

void Body::Append(const Body& other) {
  slices_.reserve(slices_.size() + other.slices_.size());
  for (const Slice& slice : other.slices_) Append(slice);
}

Body Body::Sub(ByteRange range) const {
  Body out;
  ByteCount start = 0;
  for (const Slice& slice : slices_) {
    const ByteRange here = ByteRange{start, slice.range.length}.Intersect(range);
    out.Append({slice.chunk, {slice.range.offset + (here.offset - start), here.length}});
    start += slice.range.length;
    if (start >= range.end()) break;
  }
  return out;
}

Result<std::string> Body::ToText() const {
  std::string text;
  text.reserve(size_);
  for (BodyCursor cursor(*this);;) {
    ASSIGN_OR_RETURN(const auto bytes, cursor.Next());
    if (bytes.empty()) return text;
    text += AsText(bytes);
  }
}

Result<std::span<const std::byte>> BodyCursor::Next() {
  mapped_ = nullptr;
  if (slice_ == body_.slices().size()) return std::span<const std::byte>();
  const Slice& slice = body_.slices()[slice_];
  const ByteRange window{slice.range.offset + within_, std::min(slice.range.length - within_, kWindowBytes)};
  ASSIGN_OR_RETURN(mapped_, slice.chunk->Map(window));
  within_ += window.length;
  if (within_ == slice.range.length) {
    ++slice_;
    within_ = 0;
  }
  return std::span(mapped_.get(), window.length);
}

std::unique_ptr<BodySink> NewMemorySink(ByteCount expected) { return std::make_unique<MemorySink>(expected); }

}  // namespace cosfuse::emulator
