#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "base/random.h"
#include "cache/content_layers.h"

namespace cosfuse {
namespace {

using Bytes = std::vector<unsigned char>;

// A file built on ContentLayers with its bytes in vectors, beside the same file as one plain vector.
class LayeredFile {
 public:
  explicit LayeredFile(uint64_t seed) : random_(seed), base_(Fresh(random_.Next() % 300)), layers_(base_.size()) {
    model_ = base_;
    image_ = layers_.Image();
  }

  void Step() {
    switch (random_.Next() % 14) {
      case 0:
      case 1:
      case 2: return Write(random_.Next() % 400);
      case 3: return Write(model_.size());
      case 4:
      case 5: return Truncate(random_.Next() % 400);
      case 6:
      case 7: return Freeze();
      case 8: return Commit();
      case 9: return CopyBase();
      case 10:
        if (!snapshot_) layers_.DropClean();
        return;
      case 11:
      case 12: return Zero({random_.Next() % 400, random_.Next() % 100});
      default: return Merge();
    }
  }

  void Check() {
    ASSERT_EQ(layers_.size(), model_.size());
    ASSERT_EQ(Assemble(layers_.PlanRead({0, 1000})), model_);
    if (!model_.empty()) {
      const ByteCount from = random_.Next() % model_.size();
      const ByteCount to = from + random_.Next() % 100;
      const Bytes part(model_.begin() + static_cast<std::ptrdiff_t>(from),
                       model_.begin() + static_cast<std::ptrdiff_t>(std::min<ByteCount>(to, model_.size())));
      ASSERT_EQ(Assemble(layers_.PlanRead(ByteRange::FromTo(from, to))), part);
    }
    if (snapshot_) {
      ASSERT_EQ(Assemble(layers_.PlanSnapshot(*snapshot_, {0, 1000})), frozen_);
    }
    CheckHoles();
    // Whoever has only heard of the changes shows the same.
    ASSERT_EQ(Assemble(ContentLayers(image_).PlanRead({0, 1000})), model_);
    ASSERT_EQ(Assemble(ContentLayers(layers_.Image()).PlanRead({0, 1000})), model_);
    if (snapshot_) {
      ContentImage then = image_;
      then.ReturnTo(layers_.InImage(*snapshot_));
      ASSERT_EQ(Assemble(ContentLayers(then).PlanRead({0, 1000})), frozen_);
    }
  }

 private:
  // What is said to be a hole is zero, and what is not zero is said to be data.
  void CheckHoles() {
    ByteCount at = 0;
    while (at < model_.size()) {
      const ByteCount data = layers_.FindData(at).value_or(model_.size());
      for (ByteCount i = at; i < data; ++i) ASSERT_EQ(model_[i], 0) << i;
      at = data < model_.size() ? layers_.FindHole(data) : data;
    }
    ASSERT_EQ(at, model_.size());
  }

  Bytes Fresh(ByteCount count) {
    Bytes bytes(count);
    for (auto& byte : bytes) byte = static_cast<unsigned char>(random_.Next() % 255 + 1);
    return bytes;
  }

  Bytes& Store(LayerId layer) {
    Bytes& bytes = stores_[layer];
    bytes.resize(1000, 0xEE);  // What was never written must never be seen.
    return bytes;
  }

  Bytes Assemble(const std::vector<ContentSegment>& plan) {
    Bytes out;
    for (const ContentSegment& segment : plan) {
      for (ByteCount i = segment.range.offset; i < segment.range.end(); ++i) {
        switch (segment.source) {
          case ContentSegment::Source::kZero: out.push_back(0); break;
          case ContentSegment::Source::kBase: out.push_back(base_.at(i)); break;
          case ContentSegment::Source::kParked:
          case ContentSegment::Source::kLayer: out.push_back(Store(segment.layer).at(i)); break;
        }
      }
    }
    return out;
  }

  void Write(ByteCount offset) {
    const Bytes data = Fresh(random_.Next() % 60 + 1);
    if (model_.size() < offset + data.size()) model_.resize(offset + data.size());
    std::copy(data.begin(), data.end(), model_.begin() + static_cast<std::ptrdiff_t>(offset));
    std::copy(data.begin(), data.end(), Store(layers_.active()).begin() + static_cast<std::ptrdiff_t>(offset));
    image_.Write(layers_.active(), {offset, data.size()});
    layers_.Write({offset, data.size()});
  }

  void Truncate(ByteCount size) {
    model_.resize(size);
    image_.Truncate(layers_.active(), size);
    layers_.Truncate(size);
  }

  void Zero(ByteRange range) {
    for (ByteCount i = range.offset; i < std::min<ByteCount>(range.end(), model_.size()); ++i) model_[i] = 0;
    image_.Zero(layers_.active(), range);
    layers_.Zero(range);
    // The blocks are given back: what they held must never be seen again.
    Bytes& active = Store(layers_.active());
    for (ByteCount i = range.offset; i < range.end(); ++i) active.at(i) = 0xEE;
  }

  // A snapshot that is still there fails by being forgotten.
  void Freeze() {
    snapshot_ = layers_.Freeze();
    frozen_ = model_;
  }

  void Commit() {
    if (!snapshot_) return;
    image_.Commit(layers_.InImage(*snapshot_));
    layers_.Commit(*snapshot_);
    base_ = frozen_;
    snapshot_.reset();
  }

  void CopyBase() {
    for (const ContentSegment& segment : layers_.PlanRead({random_.Next() % 200, 100})) {
      if (segment.source != ContentSegment::Source::kBase) continue;
      const LayerId copy = layers_.PrepareBaseCopy({});
      const auto from = static_cast<std::ptrdiff_t>(segment.range.offset);
      const auto to = static_cast<std::ptrdiff_t>(segment.range.end());
      std::copy(base_.begin() + from, base_.begin() + to, Store(copy).begin() + from);
      layers_.AddBaseCopy(copy, segment.range);
    }
  }

  void Merge() {
    if (snapshot_) return;
    const auto merge = layers_.PlanMerge(random_.Next() % 3, {});
    if (!merge) return;
    Bytes& into = Store(merge->into);
    const Bytes& from = Store(merge->from);
    for (const ByteRange range : merge->to_copy) {
      for (ByteCount i = range.offset; i < range.end(); ++i) into.at(i) = from.at(i);
    }
    const auto clean = layers_.clean_layers();
    if (std::ranges::find(clean, merge->from) == clean.end()) image_.Merge(merge->from, merge->into);
    layers_.ApplyMerge(*merge);
    stores_.erase(merge->from);
  }

  SeededRandom random_;
  Bytes base_;
  ContentLayers layers_;
  ContentImage image_;
  Bytes model_;
  std::map<LayerId, Bytes> stores_;
  std::optional<ContentSnapshot> snapshot_;
  Bytes frozen_;
};

TEST(ContentLayersModel, AgreesWithAByteVector) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    LayeredFile file(seed);
    for (int step = 0; step < 60; ++step) {
      file.Step();
      file.Check();
      if (testing::Test::HasFatalFailure()) {
        ADD_FAILURE() << "step " << step;
        return;
      }
    }
  }
}

}  // namespace
}  // namespace cosfuse
