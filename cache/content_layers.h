#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/byte_range.h"
#include "cache/content_image.h"
#include "cache/extent_map.h"
#include "cache/kept_bytes.h"

namespace cosfuse {

/// Where a stretch of a file's bytes comes from.
struct ContentSegment {
  enum class Source {
    kZero,
    kBase,
    kLayer,
    kParked,  ///< Of a layer, but its only copy is a part of an unfinished upload.
  };
  Source source = Source::kZero;
  LayerId layer{};  ///< Of kLayer and kParked only.
  ByteRange range;  ///< In the file; a layer and the base hold the bytes at the same place.
  friend bool operator==(const ContentSegment&, const ContentSegment&) = default;
};

/// What a file consists of: a base version, and over it layers of bytes that were written here. Pure bookkeeping: it
/// knows which bytes are where, never the bytes. Not thread-safe.
///
/// Writes go to the topmost, active layer. Freeze makes it immutable and puts an empty one on top, so that a snapshot
/// is a layer and all below it. A truncation within a layer cuts what lies below it for good: each layer has a clip,
/// the smallest size that the file had while the layer was active, and what is below shows only before it. So does a
/// range that was zeroed: nothing below shows through it. What no layer and no base shows reads as zeros.
///
/// From bottom to top the layers are clean (their bytes are in the store, as part of the base), then dirty, then
/// active. Clean layers may be dropped at any time: the base has their bytes.
class ContentLayers {
 public:
  explicit ContentLayers(ByteCount base_size);
  /// The content that the image shows; all its layers are dirty, and immutable.
  explicit ContentLayers(const ContentImage& image);

  ByteCount size() const { return size_; }
  LayerId active() const { return layers_.back().id; }
  size_t layer_count() const { return layers_.size(); }
  /// The smallest size since the last Freeze; beyond every size where the file was not cut.
  ByteCount active_clip() const { return layers_.back().clip; }
  /// What the active layer holds already.
  const ExtentMap& active_extents() const { return layers_.back().written; }
  const ExtentMap& active_zeroed() const { return layers_.back().zeroed; }
  /// Bytes in layers that are not clean, and in clean ones.
  ByteCount dirty_bytes() const;
  ByteCount clean_bytes() const;

  /// The sources of `range`, in order and without gaps, cut at the end of the file. Neighbours of one source are one.
  std::vector<ContentSegment> PlanRead(ByteRange range) const;
  /// The same for a snapshot that is still held.
  std::vector<ContentSegment> PlanSnapshot(const ContentSnapshot& snapshot, ByteRange range) const;

  /// What the base has of a snapshot: all that no dirty layer has changed, zeros that were stored included.
  KeptBytes FindKept(const ContentSnapshot& snapshot) const;

  /// The bytes of `range`, all of them in that layer, are no longer on disk. The next Commit has them in the base;
  /// until then nobody may write to them.
  void Park(LayerId layer, ByteRange range);
  bool AnyParked(ByteRange range) const;
  /// All that is not clean.
  ContentImage Image() const;
  /// The snapshot as the image knows it: what lies on clean layers alone is below all of its layers.
  ContentSnapshot InImage(const ContentSnapshot& snapshot) const;

  /// `range` is now in the active layer; a file that was shorter is extended.
  void Write(ByteRange range);
  void Truncate(ByteCount size);
  /// `range` reads as zeros now, as far as it lies before the end of the file; the active layer holds nothing for it.
  void Zero(ByteRange range);

  /// The file is the first bytes of the base as they are, or empty.
  bool ShowsBaseOnly() const;
  /// The file is the first `size` bytes of the base, which may be another one now. No snapshot may be held. Returns the
  /// layers that are gone: all there were.
  std::vector<LayerId> ReplaceBase(ByteCount size);

  /// The first byte at or after `offset` that some layer or the base holds; nothing where only zeros follow.
  std::optional<ByteCount> FindData(ByteCount offset) const;
  /// The first byte at or after `offset` that nothing holds; the end of the file at the latest. `offset` is before it.
  ByteCount FindHole(ByteCount offset) const;

  /// The content of this moment as a snapshot; later writes go to a new layer. Each snapshot ends by Commit, or is just
  /// forgotten: then its layers are dirty as before, and part of the next one.
  ContentSnapshot Freeze();
  /// The same with a top layer that no earlier snapshot has: what becomes of that says nothing about this one.
  ContentSnapshot FreezeApart();
  /// The snapshot is in the store and is the new base: its layers are clean. Returns the layers that are gone: empty
  /// ones, and all of them where some bytes had been parked.
  std::vector<LayerId> Commit(const ContentSnapshot& snapshot);

  /// Bytes of the base in `range` are local now, in the returned layer (the lowest clean one, or a new one below all).
  /// A caller must store them there first: PrepareBaseCopy says which layer it will be. `fixed` takes no bytes.
  LayerId PrepareBaseCopy(std::optional<LayerId> fixed);
  void AddBaseCopy(LayerId layer, ByteRange range);

  std::vector<LayerId> clean_layers() const;
  /// Forgets all clean layers and returns them. Their bytes are read from the base from now on.
  std::vector<LayerId> DropClean();

  /// Two neighbouring layers, both immutable and both clean or both dirty, that are worth being one.
  struct Merge {
    LayerId from{};                  ///< Its bytes are copied...
    LayerId into{};                  ///< ...into this one, and it is gone.
    std::vector<ByteRange> to_copy;  ///< What must be copied first.
  };
  /// The cheapest merge, if there are more than `limit` layers below the active one. `fixed` takes no bytes; `apart`
  /// and the layer above it stay two.
  std::optional<Merge> PlanMerge(size_t limit, std::optional<LayerId> fixed, std::optional<LayerId> apart = {}) const;
  void ApplyMerge(const Merge& merge);

 private:
  static constexpr ByteCount kNoClip = LayerImage::kNoClip;

  struct Layer : LayerImage {
    Layer(LayerId name, bool in_store) : LayerImage{.id = name}, clean(in_store) {}
    explicit Layer(const LayerImage& dirty) : LayerImage(dirty), clean(false) {}
    bool clean;
  };

  /// Appends the sources of `range` as seen from layer `depth - 1` down; `depth` 0 is the base.
  void PlanFrom(size_t depth, ByteRange range, std::vector<ContentSegment>& plan) const;
  /// What `layer`, which is at `depth`, lets show of those below it.
  void PlanThrough(const Layer& layer, size_t depth, ByteRange range, std::vector<ContentSegment>& plan) const;
  std::vector<ContentSegment> PlanBelow(size_t depth, ByteRange range) const;
  size_t IndexOf(LayerId id) const;
  LayerId NewId() { return LayerId{next_id_++}; }
  static void AppendWritten(const Layer& layer, ByteRange range, std::vector<ContentSegment>& plan);
  static void AppendSegment(std::vector<ContentSegment>& plan, ContentSegment segment);

  uint64_t next_id_ = 1;
  ByteCount base_size_;
  ByteCount size_;
  std::vector<Layer> layers_;  // Bottom to top; never empty.
};

}  // namespace cosfuse
