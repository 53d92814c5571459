#include "emulator/cos/sink_storage.h"

#include <sys/mman.h>

#include <algorithm>
#include <utility>

namespace cosfuse::emulator {
namespace {

/// Zeros without end, all in the same few pages.
class ZeroChunk final : public Chunk {
 public:
  static constexpr ByteCount kSize = 8 * kMiB;

  ByteCount size() const override { return kSize; }

  /// Never written to, the pages are the kernel's one page of zeros.
  Result<std::shared_ptr<const std::byte>> Map(ByteRange range) const override {
    if (zeros_ == MAP_FAILED) return Fail(ErrorCode::kUnavailable, "no address space for zeros");
    return std::shared_ptr<const std::byte>(std::shared_ptr<void>(),
                                            static_cast<const std::byte*>(zeros_) + range.offset);
  }

 private:
  void* const zeros_ = mmap(nullptr, kSize, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
};

class DiscardingSink final : public BodySink {
 public:
  explicit DiscardingSink(std::shared_ptr<const Chunk> zeros) : zeros_(std::move(zeros)) {}

  Result<> Append(std::span<const std::byte> piece) override {
    size_ += piece.size();
    return {};
  }

  Result<Body> Finish() override {
    Body body;
    for (ByteCount left = size_; left > 0;) {
      const ByteCount n = std::min(left, ZeroChunk::kSize);
      body.Append({zeros_, {0, n}});
      left -= n;
    }
    return body;
  }

 private:
  const std::shared_ptr<const Chunk> zeros_;
  ByteCount size_ = 0;
};

class KeptNowhere final : public StagedObject {
 public:
  Result<> Commit() override { return {}; }
};

class SinkStorage final : public Storage {
 public:
  Result<std::unique_ptr<BodySink>> NewSink(ByteCount /*expected*/) override {
    return std::make_unique<DiscardingSink>(zeros_);
  }
  Result<std::unique_ptr<StagedObject>> Stage(const std::string& /*bucket*/, std::string_view /*key*/,
                                              const Object& /*object*/) override {
    return std::make_unique<KeptNowhere>();
  }
  Result<> Remove(const std::string& /*bucket*/, std::string_view /*key*/) override { return {}; }
  Result<ObjectMap> Load(const std::string& /*bucket*/) override { return ObjectMap{}; }
  void Close() override {}

 private:
  const std::shared_ptr<const Chunk> zeros_ = std::make_shared<ZeroChunk>();
};

}  // namespace

std::unique_ptr<Storage> NewSinkStorage() { return std::make_unique<SinkStorage>(); }

}  // namespace cosfuse::emulator
