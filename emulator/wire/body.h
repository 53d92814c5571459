#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_range.h"
#include "base/error.h"
#include "base/file_descriptor.h"

namespace cosfuse::emulator {

/// Immutable bytes in memory or in a file. Shared by every version, part and answer that contains them, so that copies,
/// completed uploads and downloads move no byte. Thread-safe.
class Chunk {
 public:
  virtual ~Chunk() = default;

  virtual ByteCount size() const = 0;
  /// The bytes of `range`, which is not empty, readable for as long as the pointer lives. Errors: kUnavailable,
  /// kNotFound (a file that is gone).
  virtual Result<std::shared_ptr<const std::byte>> Map(ByteRange range) const = 0;
  /// The file that the bytes are in, from its start on; an invalid one for a chunk in memory. Errors: as Map.
  virtual Result<FileDescriptor> OpenFile() const { return FileDescriptor(); }
  virtual bool in_memory() const { return true; }
  /// The name under which a Storage finds the chunk again; empty for one that lives in memory.
  virtual std::string_view id() const { return {}; }
};

/// A part of a chunk.
struct Slice {
  std::shared_ptr<const Chunk> chunk;
  ByteRange range;
};

/// A sequence of slices: the content of an object, a part or an answer. A value; copies share the chunks.
class Body {
 public:
  Body() = default;
  static Body FromText(std::string_view text);

  ByteCount size() const { return size_; }
  const std::vector<Slice>& slices() const { return slices_; }

  void Append(Slice slice);
  void Append(const Body& other);
  /// The bytes of `range`, which lies within the body.
  Body Sub(ByteRange range) const;
  /// A copy of the bytes, for small bodies. Errors: as Chunk::Map.
  Result<std::string> ToText() const;

 private:
  std::vector<Slice> slices_;
  ByteCount size_ = 0;
};

/// Walks through a body with a bounded part of it mapped, however long it is. Not thread-safe.
class BodyCursor {
 public:
  explicit BodyCursor(Body body) : body_(std::move(body)) {}
  /// The next bytes, readable until the next call; none at the end. Errors: as Chunk::Map.
  Result<std::span<const std::byte>> Next();

 private:
  const Body body_;
  size_t slice_ = 0;
  ByteCount within_ = 0;
  std::shared_ptr<const std::byte> mapped_;
};

/// Takes a body piece by piece as it arrives. Not thread-safe.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// Errors: kNoSpace, kUnavailable.
  virtual Result<> Append(std::span<const std::byte> piece) = 0;
  /// The whole body. Called once, at the end.
  virtual Result<Body> Finish() = 0;
};

/// A sink into memory. `expected` is the announced length, which only sizes the allocations: a client that announces
/// much and sends little costs one segment.
std::unique_ptr<BodySink> NewMemorySink(ByteCount expected);

}  // namespace cosfuse::emulator
