#include "cache/content_image.h"

#include <algorithm>
#include <iterator>

namespace cosfuse {

void LayerImage::Absorb(const LayerImage& upper) {
  written.RemoveFrom(upper.clip);
  zeroed.RemoveFrom(upper.clip);
  for (const ByteRange range : upper.zeroed.ranges()) written.Remove(range);
  for (const ByteRange range : upper.written.ranges()) zeroed.Remove(range);
  written.InsertAll(upper.written);
  zeroed.InsertAll(upper.zeroed);
  clip = std::min(clip, upper.clip);
}

LayerImage& ContentImage::On(LayerId layer) {
  const auto found = std::ranges::find(layers, layer, &LayerImage::id);
  if (found != layers.end()) return *found;
  return layers.emplace_back(LayerImage{.id = layer});
}

void ContentImage::Write(LayerId layer, ByteRange range) {
  if (range.empty()) return;
  LayerImage& on = On(layer);
  on.written.Insert(range);
  on.parked.Remove(range);
  on.zeroed.Remove(range);
  size = std::max(size, range.end());
}

void ContentImage::Truncate(LayerId layer, ByteCount to) {
  if (to < size) {
    LayerImage& on = On(layer);
    on.written.RemoveFrom(to);
    on.parked.RemoveFrom(to);
    on.zeroed.RemoveFrom(to);
    on.clip = std::min(on.clip, to);
  }
  size = to;
}

void ContentImage::Zero(LayerId layer, ByteRange range) {
  const ByteRange part = range.Intersect({0, size});
  if (part.empty()) return;
  LayerImage& on = On(layer);
  on.written.Remove(part);
  on.parked.Remove(part);
  on.zeroed.Insert(part);
}

void ContentImage::Park(LayerId layer, ByteRange range) { On(layer).parked.Insert(range); }

void ContentImage::Merge(LayerId from, LayerId into) {
  const auto source = std::ranges::find(layers, from, &LayerImage::id);
  if (source == layers.end()) return;
  const auto target = std::ranges::find(layers, into, &LayerImage::id);
  if (target == layers.end()) {
    source->id = into;
    return;
  }
  LayerImage& lower = source < target ? *source : *target;
  const LayerImage& upper = source < target ? *target : *source;
  lower.id = into;
  lower.Absorb(upper);
  layers.erase(std::max(source, target));
}

void ContentImage::Commit(const ContentSnapshot& snapshot) {
  std::erase_if(layers, [&](const LayerImage& layer) { return layer.id <= snapshot.top; });
  base_size = snapshot.size;
}

void ContentImage::ReturnTo(const ContentSnapshot& snapshot) {
  std::erase_if(layers, [&](const LayerImage& layer) { return layer.id > snapshot.top; });
  size = snapshot.size;
}

bool ContentImage::AnyParked() const {
  return std::ranges::any_of(layers, [](const LayerImage& layer) { return !layer.parked.empty(); });
}

ByteCount ContentImage::bytes() const {
  ByteCount sum = 0;
  for (const LayerImage& layer : layers) sum += layer.written.total();
  return sum;
}

}  // namespace cosfuse
