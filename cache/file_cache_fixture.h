#pragma once

#include <gtest/gtest.h>
#include <sched.h>

#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/fake_clock.h"
#include "base/random.h"
#include "base/thread.h"
#include "cache/dialect_probe.h"
#include "cache/fake_disk.h"
#include "cache/file_cache.h"
#include "cache/recovery.h"
#include "cos/fake_object_store.h"
#include "cos/faulty_object_store.h"

namespace cosfuse {

/// Bytes that no other offset or seed has.
inline std::string RandomText(size_t size, uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::string text(size + sizeof(uint64_t), '\0');
  for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
    const uint64_t word = engine();
    std::memcpy(text.data() + at, &word, sizeof(word));
  }
  text.resize(size);
  return text;
}

/// Limits of a store for small files: what takes many parts elsewhere does so here.
constexpr UploadLimits kSmallLimits{.smallest_part = 5 * kKiB,
                                    .largest_part = 100 * kKiB,
                                    .most_parts = 1000,
                                    .largest_object = 10 * kMiB,
                                    .part_multiple = 4 * kKiB};

/// A cache over a store in memory that can be made to fail, and a disk in memory that can be full.
class FileCacheFixture : public testing::Test {
 protected:
  using File = std::shared_ptr<CachedFile>;

  /// The store is known to honour conditions: what finding out costs has its own tests.
  explicit FileCacheFixture(const FakeObjectStore::Options& store_options = {}) : store_(clock_, store_options) {
    options_.conflict_place.host_name = "node";
    options_.store_name = "store";
    const StoreDialect dialect = {.conditions_at_begin = true, .conditions_at_complete = true};
    EXPECT_TRUE(disk_.ReplaceSmallFile(kDialectFile, FormatStoreDialect(dialect, "store", clock_.WallNow())));
  }
  void SetUp() override { Restart(); }
  /// The next cache writes a journal; returns what an earlier one has left.
  Recovered StartJournal() {
    cache_.reset();
    journal_.reset();
    auto recovered = RecoverCacheDirectory(disk_, identity_, clock_.WallNow());
    EXPECT_TRUE(recovered) << recovered.error().ToString();
    if (!recovered) return {};
    journal_ = std::move(recovered->journal);
    return *std::move(recovered);
  }
  /// A new cache with the present options; no file may be open.
  void Restart() {
    cache_.reset();
    cache_ = MakeFileCache(options_, faulty_, disk_, clock_, random_, journal_.get());
  }

  BaseVersion Stored(const std::string& key, const std::string& content) {
    return {key, store_.SetObject(key, content), content.size()};
  }
  static UploadTarget To(const std::string& key) { return {key, {}, WriteMode::kOverBase}; }
  static Error Failure(ErrorCode code) { return {code, "injected"}; }

  static Result<> Write(CachedFile& file, ByteCount offset, std::string_view text) {
    return file.Write(offset, AsBytes(text));
  }
  /// As a program does: waits for room, and lets parts leave.
  static Result<> WriteEarly(CachedFile& file, ByteCount offset, std::string_view text, const UploadTarget& target) {
    for (;;) {
      const auto written = Write(file, offset, text);
      if (written && file.CanStoreEarly()) file.StoreEarly(target);
      if (written || written.error().code() != ErrorCode::kWouldWait) return written;
      RETURN_IF_ERROR(file.PrepareWrite({}, {offset, text.size()}));
    }
  }
  static Result<std::string> Read(CachedFile& file, ByteCount offset, size_t length, const OpContext& context = {}) {
    const auto stream = MakeReadStream();
    std::string out(length, '?');
    auto read = file.Read(context, *stream, offset, std::as_writable_bytes(std::span(out)));
    if (!read) return std::unexpected(read.error());
    out.resize(*read);
    return out;
  }
  static std::string ReadAll(CachedFile& file) {
    auto all = Read(file, 0, file.size() + 10);
    EXPECT_TRUE(all) << all.error().ToString();
    return all.value_or("unreadable");
  }
  template <typename T>
  static std::optional<ErrorCode> CodeOf(const Result<T>& result) {
    return result ? std::nullopt : std::optional(result.error().code());
  }

  void WaitUntilHanging(int calls) {
    while (faulty_.hanging() < calls) sched_yield();
  }
  ByteCount BytesFetched() {
    ByteCount bytes = 0;
    for (const auto& operation : store_.operations()) {
      if (operation.operation == StoreOperation::kGet) bytes += operation.range.length;
    }
    return bytes;
  }

  FakeClock clock_;
  SeededRandom random_{1};
  FakeObjectStore store_;
  FaultyObjectStore faulty_{store_, clock_};
  FakeDisk disk_;
  JournalIdentity identity_{.store = "store", .boot_id = "boot"};
  FileCacheOptions options_;
  std::unique_ptr<Journal> journal_;  ///< None, unless a test begins one.
  std::unique_ptr<FileCache> cache_;
};

}  // namespace cosfuse
