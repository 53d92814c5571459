#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "cache/content_layers.h"
#include "cache/file_cache.h"
#include "cache/file_cache_fixture.h"

namespace cosfuse {
namespace {

/// Of a campaign that reads the whole journal after each step.
constexpr uint64_t JournalSeeds(uint64_t usual) {
#ifdef COSFUSE_SANITIZED
  return usual / 10;
#else
  return usual;
#endif
}

// Random operations on one file, beside the same file as a plain string. Requests fail at random, before they take
// effect and after; the disk and the memory are small. No byte may ever be wrong; failures may only be errors.
class FileCacheModelTest : public FileCacheFixture {
 protected:
  using FileCacheFixture::FileCacheFixture;

  struct Shape {
    ByteCount largest_offset;
    ByteCount largest_write;
    int steps;
    double faults;
    ByteCount appends = 0;  ///< In a row, beyond one.
  };

  void Play(uint64_t seed, const Shape& shape) {
    dice_ = std::make_unique<SeededRandom>(seed);
    shape_ = shape;
    store_.RemoveObject("k");
    model_ = RandomText(Dice(shape.largest_offset), seed);
    file_ = cache_->OpenBase(Stored("k", model_));
    source_model_ = RandomText(Dice(shape.largest_offset / 2), seed + 1);
    source_ = cache_->OpenBase(Stored("source", source_model_));
    faulty_.FailRandomly(shape.faults, seed, Failure(ErrorCode::kUnavailable));
    for (int step = 0; step < shape.steps; ++step) {
      Step();
      if (journal_ != nullptr) CheckJournal();
      if (HasFatalFailure()) FAIL() << "step " << step;
    }
    faulty_.ClearFaults();
    const auto uploaded = file_->Upload({}, To("k"));
    ASSERT_TRUE(uploaded) << uploaded.error().ToString();
    ExpectStored();
    file_.reset();
    source_.reset();
    // What could not be aborted while requests failed goes with some later upload.
    const auto left = [this] { return store_.open_uploads() - faulty_.lost_uploads(); };
    const auto last = cache_->Create(std::nullopt);
    for (int i = 0; i < 10'000 && left() > 0; ++i) {
      sched_yield();
      ASSERT_TRUE(Write(*last, 0, "x"));
      ASSERT_TRUE(last->Upload({}, To("last")));
    }
    ASSERT_EQ(left(), 0u);
    store_.RemoveObject("last");
  }

  void ExpectStored() {
    const auto content = store_.GetContent("k");
    ASSERT_TRUE(content);
    ASSERT_TRUE(*content == model_) << "the object is not the file";
    ASSERT_EQ(store_.Keys(), (std::vector<ObjectKey>{"k", "source"})) << "a conflict that was none";
    ASSERT_FALSE(file_->dirty());
  }

 private:
  ByteCount Dice(ByteCount limit) { return dice_->Next() % std::max<ByteCount>(limit, 1); }

  void Step() {
    switch (Dice(15)) {
      case 0:
      case 1:
      case 2: return WriteAt(Dice(shape_.largest_offset));
      case 3: return Append();
      case 4: return Truncate(Dice(shape_.largest_offset));
      case 5: return Truncate(model_.size() / 2);
      case 6:
      case 7: return CheckRead();
      case 8: return Upload();
      case 9: return Zero(Dice(shape_.largest_offset), Dice(shape_.largest_write * 4));
      case 10: return Zero(0, model_.size());
      case 11: return CheckHoles();
      case 12: return Copy();
      case 13: return ChangeSource();
      default: return Dice(3) == 0 ? Reopen() : CheckRead();
    }
  }

  void WriteAt(ByteCount offset) {
    const std::string data = RandomText(Dice(shape_.largest_write) + 1, dice_->Next());
    const auto written = WriteEarly(*file_, offset, data, To("k"));
    if (!written) {
      const ErrorCode code = written.error().code();
      ASSERT_TRUE(code == ErrorCode::kNoSpace || (shape_.faults > 0 && code == ErrorCode::kUnavailable))
          << written.error().ToString();
      return;
    }
    if (model_.size() < offset + data.size()) model_.resize(offset + data.size());
    model_.replace(offset, data.size(), data);
    ASSERT_EQ(file_->size(), model_.size());
  }

  void Append() {
    for (ByteCount i = 0; i <= shape_.appends && !HasFatalFailure(); ++i) WriteAt(model_.size());
  }

  void Truncate(ByteCount size) {
    auto truncated = file_->Truncate(size);
    while (!truncated && truncated.error().code() == ErrorCode::kWouldWait) {
      const auto prepared = file_->PrepareWrite({}, {size, 1});
      if (!prepared) return;
      truncated = file_->Truncate(size);
    }
    ASSERT_TRUE(truncated);
    model_.resize(size);
  }

  void Zero(ByteCount offset, ByteCount length) {
    const bool extend = Dice(3) == 0;
    auto zeroed = file_->Zero({offset, length}, extend);
    while (!zeroed && zeroed.error().code() == ErrorCode::kWouldWait) {
      const auto prepared = file_->PrepareWrite({}, {offset, length});
      if (!prepared) return;
      zeroed = file_->Zero({offset, length}, extend);
    }
    ASSERT_TRUE(zeroed);
    const ByteCount before = model_.size();
    if (extend) model_.resize(std::max<ByteCount>(model_.size(), offset + length));
    const ByteCount from = std::min<ByteCount>(offset, model_.size());
    const ByteCount to = std::min<ByteCount>(offset + length, model_.size());
    const bool changes = model_.size() != before || model_.substr(from, to - from) != std::string(to - from, '\0');
    std::fill_n(model_.begin() + static_cast<std::ptrdiff_t>(from), to - from, '\0');
    if (changes) {
      ASSERT_TRUE(*zeroed);
    }
    ASSERT_EQ(file_->size(), model_.size());
  }

  // The other file, in pieces, into this one, which is cut to nothing first.
  void Copy() {
    Truncate(0);
    if (HasFatalFailure() || !model_.empty()) return;
    for (ByteCount pieces = Dice(3) + 1; pieces > 0; --pieces) {
      const auto taken =
          file_->CopyFrom(source_->copyable_version(), model_.size(), model_.size(), Dice(source_model_.size()) + 1);
      if (!taken) return;
      model_ += source_model_.substr(model_.size(), *taken);
      ASSERT_EQ(file_->size(), model_.size());
    }
  }

  // Where nothing can be in the way of keeping what was copied from it.
  void ChangeSource() {
    if (shape_.faults > 0 || options_.disk_budget < kLargestObject || source_model_.empty()) return;
    const ByteCount at = Dice(source_model_.size());
    ASSERT_TRUE(Write(*source_, at, "changed"));
    source_model_.resize(std::max(source_model_.size(), at + 7));
    source_model_.replace(at, 7, "changed");
    if (Dice(2) == 0) return;
    ASSERT_TRUE(source_->Upload({}, To("source")));
  }

  // What is said to be a hole is zero.
  void CheckHoles() {
    ByteCount at = 0;
    while (at < model_.size()) {
      const ByteCount data = file_->FindData(at).value_or(model_.size());
      ASSERT_GE(model_.find_first_not_of('\0', at), data) << "at " << at;
      at = data < model_.size() ? file_->FindHole(data).value() : data;
    }
    ASSERT_EQ(file_->FindHole(model_.size()), std::nullopt);
  }

  void CheckRead() {
    const ByteCount offset = Dice(model_.size() + 10);
    const size_t length = Dice(shape_.largest_write * 2);
    const auto read = Read(*file_, offset, length);
    if (!read) return;
    const std::string wanted = offset < model_.size() ? model_.substr(offset, length) : "";
    const auto differs = std::ranges::mismatch(*read, wanted);
    ASSERT_TRUE(*read == wanted) << length << " bytes at " << offset << " of " << model_.size() << " from byte "
                                 << differs.in1 - read->begin() << " on";
  }

  void Upload() {
    const auto uploaded = file_->Upload({}, To("k"));
    if (!uploaded) {
      ASSERT_TRUE(file_->dirty());
      return;
    }
    ExpectStored();
  }

  // What is not stored is lost when the last handle of a file that was never asked to be stored goes: store it first.
  void Reopen() {
    if (file_->dirty() && !file_->Upload({}, To("k"))) return;
    file_ = cache_->OpenBase(*file_->base());
    ASSERT_EQ(file_->size(), model_.size());
  }

  // A process that ended now would leave the file as it is. Uploads that are at work change both at the same time.
  void CheckJournal() {
    constexpr int kMostLooks = 10'000;
    std::string wrong;
    for (int look = 0; look < kMostLooks; ++look) {
      wrong = FindWrongInJournal();
      if (wrong.empty()) return;
      sched_yield();
    }
    FAIL() << wrong;
  }

  std::string FindWrongInJournal() {
    const auto found = ReadJournal(disk_, identity_);
    if (!found) return found.error().ToString();
    for (const auto& [id, file] : found->state.files()) {
      if (file.target.key != "k") continue;
      if (file.content.size != model_.size()) return "size " + std::to_string(file.content.size);
      for (const ContentSegment& segment : ContentLayers(file.content).PlanRead({0, model_.size()})) {
        const std::string wanted = model_.substr(segment.range.offset, segment.range.length);
        if (segment.source != ContentSegment::Source::kParked && Bytes(id, file, segment) != wanted) {
          return std::to_string(segment.range.length) + " bytes at " + std::to_string(segment.range.offset) +
                 " of source " + std::to_string(static_cast<int>(segment.source));
        }
      }
      return {};
    }
    return file_->dirty() ? "not in the journal" : "";
  }

  std::string Bytes(JournalFileId id, const JournaledFile& file, const ContentSegment& segment) {
    const ByteRange range = segment.range;
    std::string bytes(range.length, '\0');
    if (segment.source == ContentSegment::Source::kBase) {
      const BaseVersion& base = file.copied_from ? *file.copied_from : *file.base;
      const auto content = store_.GetContent(base.key);
      return content && content->size() >= range.end() ? content->substr(range.offset, range.length) : "no base";
    }
    if (segment.source != ContentSegment::Source::kLayer) return bytes;
    const auto staged = disk_.OpenFile(StagingFileName(id, segment.layer));
    if (!staged) return staged.error().ToString();
    if (!(*staged)->Read(range.offset, std::as_writable_bytes(std::span(bytes)))) return "unreadable";
    return bytes;
  }

  std::unique_ptr<SeededRandom> dice_;
  Shape shape_{};
  File file_;
  std::string model_;
  File source_;
  std::string source_model_;
};

TEST_F(FileCacheModelTest, SmallFilesAreNeverWrong) {
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Play(seed, {.largest_offset = 3000, .largest_write = 400, .steps = 60, .faults = 0});
    if (HasFatalFailure()) return;
  }
}

TEST_F(FileCacheModelTest, SmallFilesAreNeverWrongWhileRequestsFail) {
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Play(seed, {.largest_offset = 3000, .largest_write = 400, .steps = 60, .faults = 0.2});
    if (HasFatalFailure()) return;
  }
}

TEST_F(FileCacheModelTest, WhatIsNotStoredIsInTheJournalAtEachMoment) {
  StartJournal();
  Restart();
  for (uint64_t seed = 1; seed <= JournalSeeds(60); ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Play(seed, {.largest_offset = 3000, .largest_write = 400, .steps = 60, .faults = seed % 2 == 0 ? 0.2 : 0});
    if (HasFatalFailure()) return;
    const auto left = ReadJournal(disk_, identity_);
    ASSERT_TRUE(left);
    // The other file may go without having been stored.
    for (const auto& [id, file] : left->state.files()) ASSERT_EQ(file.target.key, "source");
  }
}

TEST_F(FileCacheModelTest, FilesOfManyBlocksAreNeverWrongWithLittleMemoryAndDisk) {
  options_.memory_budget = 2 * kMiB;
  options_.disk_budget = 3 * kMiB;
  Restart();
  for (uint64_t seed = 1; seed <= 15; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Play(seed, {.largest_offset = 2500 * kKiB, .largest_write = 300 * kKiB, .steps = 25, .faults = 0.05});
    if (HasFatalFailure()) return;
  }
}

TEST_F(FileCacheModelTest, Pitfall3_FilesOfSeveralPartsAreNeverWrong) {
  options_.part_size = 8 * kMiB;
  Restart();
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Play(seed, {.largest_offset = 20 * kMiB, .largest_write = 2 * kMiB, .steps = 7, .faults = 0.03});
    if (HasFatalFailure()) return;
  }
}

// Parts of a few KiB: files leave early, in many parts, are edited by part copies, and are larger than the disk.
class SmallPartsModelTest : public FileCacheModelTest {
 protected:
  SmallPartsModelTest() : FileCacheModelTest({.min_part_size = kSmallLimits.smallest_part}) {
    options_.limits = kSmallLimits;
    options_.part_size = 8 * kKiB;
  }
  void PlayAll(uint64_t seeds, const Shape& shape) {
    constexpr uint64_t kLong = 50;
    if (std::getenv("COSFUSE_LONG") != nullptr) seeds *= kLong;
    Restart();
    for (uint64_t seed = 1; seed <= seeds; ++seed) {
      SCOPED_TRACE(testing::Message() << "seed " << seed);
      Play(seed, shape);
      if (HasFatalFailure()) return;
    }
  }
};

TEST_F(SmallPartsModelTest, Pitfall4_FilesThatLeaveEarlyAreNeverWrong) {
  PlayAll(100, {.largest_offset = 100 * kKiB, .largest_write = 6 * kKiB, .steps = 40, .faults = 0, .appends = 10});
}

TEST_F(SmallPartsModelTest, Pitfall4_FilesThatLeaveEarlyAreNeverWrongWhileRequestsFail) {
  PlayAll(100, {.largest_offset = 100 * kKiB, .largest_write = 6 * kKiB, .steps = 40, .faults = 0.1, .appends = 10});
}

TEST_F(SmallPartsModelTest, WhatLeavesEarlyIsInTheJournalAtEachMoment) {
  StartJournal();
  PlayAll(JournalSeeds(30),
          {.largest_offset = 100 * kKiB, .largest_write = 6 * kKiB, .steps = 40, .faults = 0.1, .appends = 10});
}

TEST_F(SmallPartsModelTest, WhatDoesNotFitOnTheDiskIsInTheJournalAsGone) {
  StartJournal();
  options_.disk_budget = 80 * kKiB;
  PlayAll(JournalSeeds(30),
          {.largest_offset = 60 * kKiB, .largest_write = 6 * kKiB, .steps = 40, .faults = 0.1, .appends = 30});
}

TEST_F(SmallPartsModelTest, Pitfall5_FilesLargerThanTheDiskAreNeverWrong) {
  options_.disk_budget = 80 * kKiB;
  PlayAll(100, {.largest_offset = 60 * kKiB, .largest_write = 6 * kKiB, .steps = 40, .faults = 0, .appends = 30});
}

TEST_F(SmallPartsModelTest, Pitfall5_FilesLargerThanTheDiskAreNeverWrongWhileRequestsFail) {
  options_.disk_budget = 80 * kKiB;
  PlayAll(100, {.largest_offset = 60 * kKiB, .largest_write = 6 * kKiB, .steps = 40, .faults = 0.1, .appends = 30});
}

}  // namespace
}  // namespace cosfuse
