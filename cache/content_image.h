#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "base/byte_range.h"
#include "cache/extent_map.h"

namespace cosfuse {

/// Names one layer of a file's content; never used twice for one file. A layer above another one has the higher id.
enum class LayerId : uint64_t {};

/// The content of a file at one moment: everything from one layer down.
struct ContentSnapshot {
  LayerId top{};
  ByteCount size = 0;
  friend bool operator==(const ContentSnapshot&, const ContentSnapshot&) = default;
};

/// What one layer says: which bytes lie in it, which it makes zeros, and from where on nothing below it shows.
struct LayerImage {
  static constexpr ByteCount kNoClip = std::numeric_limits<ByteCount>::max();

  LayerId id{};
  ExtentMap written{};
  ExtentMap zeroed{};  ///< No byte is in this and in `written`.
  ExtentMap parked{};  ///< A subset of `written`: its only copy is a part of an unfinished upload.
  ByteCount clip = kNoClip;

  bool Empty() const { return written.empty() && zeroed.empty() && clip == kNoClip; }
  /// Becomes what this one and the one above it say together. Neither has parked bytes.
  void Absorb(const LayerImage& upper);
  friend bool operator==(const LayerImage&, const LayerImage&) = default;
};

/// Where the bytes of a file are that the store does not have: ContentLayers without what is clean, as a plain value
/// that can be written down. It is kept up to date by the same changes, each with the layer that it went to, so that
/// whoever only hears of the changes (a journal, a restarted process) knows the same as the ContentLayers that made
/// them. Changes of a layer that it has not heard of are those of a new one on top.
struct ContentImage {
  ByteCount base_size = 0;
  ByteCount size = 0;
  std::vector<LayerImage> layers{};  ///< Bottom to top; none is empty.

  void Write(LayerId layer, ByteRange range);
  void Truncate(LayerId layer, ByteCount to);
  void Zero(LayerId layer, ByteRange range);
  void Park(LayerId layer, ByteRange range);
  /// Two neighbours have become one, which has the id `into`.
  void Merge(LayerId from, LayerId into);
  /// The snapshot is the base now.
  void Commit(const ContentSnapshot& snapshot);
  /// Forgets what came after the snapshot.
  void ReturnTo(const ContentSnapshot& snapshot);

  /// Some bytes are on no disk.
  bool AnyParked() const;
  /// Bytes that lie in layers.
  ByteCount bytes() const;

  friend bool operator==(const ContentImage&, const ContentImage&) = default;

 private:
  LayerImage& On(LayerId layer);
};

}  // namespace cosfuse
