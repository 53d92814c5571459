#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/byte_range.h"
#include "http/transport.h"

namespace cosfuse {

/// A large body that is never in memory as a whole, for tests of streaming: the same bytes for the same offset, with an
/// odd period, so that blocks which change places are noticed.
std::string PatternText(ByteCount offset, size_t size);
bool IsPattern(ByteCount offset, std::span<const std::byte> data);

/// Sends the pattern's first bytes.
class PatternSource final : public BodySource {
 public:
  explicit PatternSource(ByteCount size) : size_(size) {}
  ByteCount size() const override { return size_; }
  Result<size_t> Read(ByteCount offset, std::span<std::byte> out) override;

 private:
  const ByteCount size_;
};

/// Compares an answer with the pattern as it arrives; kInternal at the first difference.
class PatternSink final : public BodySink {
 public:
  Result<> OnHead(const HttpResponseHead& /*head*/) override { return {}; }
  Result<> OnData(std::span<const std::byte> data) override;
  ByteCount received() const { return received_; }

 private:
  ByteCount received_ = 0;
};

}  // namespace cosfuse
