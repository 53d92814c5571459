#include "cache/content_layers.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace cosfuse {

ContentLayers::ContentLayers(ByteCount base_size) : base_size_(base_size), size_(base_size) {
  layers_.push_back(Layer(NewId(), false));
}

ContentLayers::ContentLayers(const ContentImage& image) : base_size_(image.base_size), size_(image.size) {
  for (const LayerImage& from : image.layers) {
    layers_.emplace_back(from);
    next_id_ = std::max(next_id_, static_cast<uint64_t>(from.id) + 1);
  }
  layers_.push_back(Layer(NewId(), false));
}

ContentImage ContentLayers::Image() const {
  ContentImage image{.base_size = base_size_, .size = size_};
  for (const Layer& layer : layers_) {
    if (layer.clean || layer.Empty()) continue;
    image.layers.push_back(layer);
  }
  return image;
}

ContentSnapshot ContentLayers::InImage(const ContentSnapshot& snapshot) const {
  return layers_[IndexOf(snapshot.top)].clean ? ContentSnapshot{LayerId{0}, snapshot.size} : snapshot;
}

ByteCount ContentLayers::dirty_bytes() const {
  ByteCount bytes = 0;
  for (const Layer& layer : layers_) bytes += layer.clean ? 0 : layer.written.total();
  return bytes;
}

ByteCount ContentLayers::clean_bytes() const {
  ByteCount bytes = 0;
  for (const Layer& layer : layers_) bytes += layer.clean ? layer.written.total() : 0;
  return bytes;
}

void ContentLayers::AppendSegment(std::vector<ContentSegment>& plan, ContentSegment segment) {
  if (segment.range.empty()) return;
  if (!plan.empty()) {
    ContentSegment& last = plan.back();
    if (last.source == segment.source && last.layer == segment.layer && last.range.end() == segment.range.offset) {
      last.range.length += segment.range.length;
      return;
    }
  }
  plan.push_back(segment);
}

void ContentLayers::AppendWritten(const Layer& layer, ByteRange range, std::vector<ContentSegment>& plan) {
  using enum ContentSegment::Source;
  ByteCount at = range.offset;
  for (const ByteRange gone : layer.parked.Parts(range)) {
    AppendSegment(plan, {kLayer, layer.id, ByteRange::FromTo(at, gone.offset)});
    AppendSegment(plan, {kParked, layer.id, gone});
    at = gone.end();
  }
  AppendSegment(plan, {kLayer, layer.id, ByteRange::FromTo(at, range.end())});
}

void ContentLayers::PlanFrom(size_t depth, ByteRange range, std::vector<ContentSegment>& plan) const {
  using enum ContentSegment::Source;
  if (range.empty()) return;
  if (depth == 0) {
    AppendSegment(plan, {kBase, {}, range.Intersect({0, base_size_})});
    AppendSegment(plan, {kZero, {}, ByteRange::FromTo(std::max(range.offset, base_size_), range.end())});
    return;
  }
  const Layer& layer = layers_[depth - 1];
  ByteCount at = range.offset;
  for (const ByteRange part : layer.written.Parts(range)) {
    PlanThrough(layer, depth, ByteRange::FromTo(at, part.offset), plan);
    AppendWritten(layer, part, plan);
    at = part.end();
  }
  PlanThrough(layer, depth, ByteRange::FromTo(at, range.end()), plan);
}

void ContentLayers::PlanThrough(const Layer& layer, size_t depth, ByteRange range,
                                std::vector<ContentSegment>& plan) const {
  using enum ContentSegment::Source;
  const ByteRange shown = range.Intersect({0, layer.clip});
  ByteCount at = shown.offset;
  for (const ByteRange part : layer.zeroed.Parts(shown)) {
    PlanFrom(depth - 1, ByteRange::FromTo(at, part.offset), plan);
    AppendSegment(plan, {kZero, {}, part});
    at = part.end();
  }
  PlanFrom(depth - 1, ByteRange::FromTo(at, shown.end()), plan);
  AppendSegment(plan, {kZero, {}, ByteRange::FromTo(std::max(range.offset, layer.clip), range.end())});
}

std::vector<ContentSegment> ContentLayers::PlanBelow(size_t depth, ByteRange range) const {
  std::vector<ContentSegment> plan;
  PlanFrom(depth, range, plan);
  return plan;
}

std::vector<ContentSegment> ContentLayers::PlanRead(ByteRange range) const {
  return PlanBelow(layers_.size(), range.Intersect({0, size_}));
}

std::vector<ContentSegment> ContentLayers::PlanSnapshot(const ContentSnapshot& snapshot, ByteRange range) const {
  return PlanBelow(IndexOf(snapshot.top) + 1, range.Intersect({0, snapshot.size}));
}

KeptBytes ContentLayers::FindKept(const ContentSnapshot& snapshot) const {
  ExtentMap unchanged;
  unchanged.Insert({0, std::min(base_size_, snapshot.size)});
  for (size_t i = 0; i <= IndexOf(snapshot.top); ++i) {
    const Layer& layer = layers_[i];
    if (layer.clean) continue;
    unchanged.RemoveFrom(layer.clip);
    for (const ByteRange range : layer.written.ranges()) unchanged.Remove(range);
    for (const ByteRange range : layer.zeroed.ranges()) unchanged.Remove(range);
  }
  KeptBytes kept{.ranges = unchanged.ranges(), .missing = 0};
  for (const ByteRange range : kept.ranges) {
    for (const ContentSegment& segment : PlanSnapshot(snapshot, range)) {
      if (segment.source == ContentSegment::Source::kBase) kept.missing += segment.range.length;
    }
  }
  return kept;
}

void ContentLayers::Park(LayerId id, ByteRange range) {
  Layer& layer = layers_[IndexOf(id)];
  assert(!layer.clean && layer.written.Covers(range));
  layer.parked.Insert(range);
}

bool ContentLayers::AnyParked(ByteRange range) const {
  return std::ranges::any_of(layers_, [range](const Layer& layer) { return !layer.parked.Parts(range).empty(); });
}

void ContentLayers::Write(ByteRange range) {
  if (range.empty()) return;
  layers_.back().written.Insert(range);
  layers_.back().parked.Remove(range);
  layers_.back().zeroed.Remove(range);
  size_ = std::max(size_, range.end());
}

void ContentLayers::Truncate(ByteCount size) {
  if (size < size_) {
    Layer& layer = layers_.back();
    layer.written.RemoveFrom(size);
    layer.parked.RemoveFrom(size);
    layer.zeroed.RemoveFrom(size);
    layer.clip = std::min(layer.clip, size);
  }
  size_ = size;
}

void ContentLayers::Zero(ByteRange range) {
  const ByteRange part = range.Intersect({0, size_});
  layers_.back().written.Remove(part);
  layers_.back().zeroed.Insert(part);
}

std::optional<ByteCount> ContentLayers::FindData(ByteCount offset) const {
  for (const ContentSegment& segment : PlanRead(ByteRange::FromTo(offset, size_))) {
    if (segment.source != ContentSegment::Source::kZero) return segment.range.offset;
  }
  return std::nullopt;
}

ByteCount ContentLayers::FindHole(ByteCount offset) const {
  for (const ContentSegment& segment : PlanRead(ByteRange::FromTo(offset, size_))) {
    if (segment.source == ContentSegment::Source::kZero) return segment.range.offset;
  }
  return size_;
}

bool ContentLayers::ShowsBaseOnly() const {
  const auto plan = PlanRead({0, size_});
  return plan.empty() || (plan.size() == 1 && plan.front().source == ContentSegment::Source::kBase);
}

std::vector<LayerId> ContentLayers::ReplaceBase(ByteCount size) {
  std::vector<LayerId> gone;
  gone.reserve(layers_.size());
  for (const Layer& layer : layers_) gone.push_back(layer.id);
  layers_.clear();
  layers_.push_back(Layer(NewId(), false));
  base_size_ = size_ = size;
  return gone;
}

ContentSnapshot ContentLayers::Freeze() {
  if (layers_.back().Empty() && layers_.size() > 1) return {layers_[layers_.size() - 2].id, size_};
  return FreezeApart();
}

ContentSnapshot ContentLayers::FreezeApart() {
  const ContentSnapshot snapshot{layers_.back().id, size_};
  layers_.push_back(Layer(NewId(), false));
  return snapshot;
}

std::vector<LayerId> ContentLayers::Commit(const ContentSnapshot& snapshot) {
  const size_t top = IndexOf(snapshot.top);
  assert(top + 1 < layers_.size());
  base_size_ = snapshot.size;
  // The base alone has what was parked. A layer of which a piece is missing would show what lies below, or zeros.
  bool any_parked = false;
  for (size_t i = 0; i <= top; ++i) {
    layers_[i].clean = true;
    any_parked = any_parked || !layers_[i].parked.empty();
  }
  std::vector<LayerId> gone;
  std::erase_if(layers_, [&](const Layer& layer) {
    if (!layer.clean || !(any_parked || layer.Empty())) return false;
    gone.push_back(layer.id);
    return true;
  });
  return gone;
}

LayerId ContentLayers::PrepareBaseCopy(std::optional<LayerId> fixed) {
  if (!layers_.front().clean || layers_.front().id == fixed) layers_.insert(layers_.begin(), Layer(NewId(), true));
  return layers_.front().id;
}

void ContentLayers::AddBaseCopy(LayerId id, ByteRange range) {
  Layer& layer = layers_[IndexOf(id)];
  assert(layer.clean);
  // What was zeroed is clean too: the base has zeros there.
  for (const ByteRange part : layer.zeroed.Gaps(range)) layer.written.Insert(part);
}

std::vector<LayerId> ContentLayers::clean_layers() const {
  std::vector<LayerId> clean;
  for (const Layer& layer : layers_) {
    if (layer.clean) clean.push_back(layer.id);
  }
  return clean;
}

std::vector<LayerId> ContentLayers::DropClean() {
  auto gone = clean_layers();
  std::erase_if(layers_, [](const Layer& layer) { return layer.clean; });
  return gone;
}

std::optional<ContentLayers::Merge> ContentLayers::PlanMerge(size_t limit, std::optional<LayerId> fixed,
                                                             std::optional<LayerId> apart) const {
  if (layers_.size() - 1 <= limit) return std::nullopt;
  std::optional<Merge> best;
  ByteCount best_cost = 0;
  const auto offer = [&](Merge merge) {
    if (merge.into == fixed) return;
    ByteCount cost = 0;
    for (const ByteRange range : merge.to_copy) cost += range.length;
    if (best && best_cost <= cost) return;
    best_cost = cost;
    best = std::move(merge);
  };
  for (size_t i = 0; i + 2 < layers_.size(); ++i) {
    const Layer& lower = layers_[i];
    const Layer& upper = layers_[i + 1];
    if (lower.id == apart || lower.clean != upper.clean || !lower.parked.empty() || !upper.parked.empty()) continue;
    offer({.from = upper.id, .into = lower.id, .to_copy = upper.written.ranges()});
    ExtentMap visible = lower.written;
    visible.RemoveFrom(upper.clip);
    for (const ByteRange range : upper.written.ranges()) visible.Remove(range);
    for (const ByteRange range : upper.zeroed.ranges()) visible.Remove(range);
    offer({.from = lower.id, .into = upper.id, .to_copy = visible.ranges()});
  }
  return best;
}

void ContentLayers::ApplyMerge(const Merge& merge) {
  const size_t index = std::min(IndexOf(merge.from), IndexOf(merge.into));
  Layer& lower = layers_[index];
  lower.id = merge.into;
  lower.Absorb(layers_[index + 1]);
  layers_.erase(std::next(layers_.begin(), static_cast<std::ptrdiff_t>(index) + 1));
}

size_t ContentLayers::IndexOf(LayerId id) const {
  const auto it = std::find_if(layers_.begin(), layers_.end(), [id](const Layer& layer) { return layer.id == id; });
  assert(it != layers_.end());
  return static_cast<size_t>(std::distance(layers_.begin(), it));
}

}  // namespace cosfuse
