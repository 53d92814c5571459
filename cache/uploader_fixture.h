#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/fake_clock.h"
#include "cache/fake_disk.h"
#include "cache/uploader.h"
#include "cos/fake_object_store.h"
#include "cos/faulty_object_store.h"

namespace cosfuse {

/// Content that is all there, or lacks its base.
class TextContent final : public UploadContent {
 public:
  explicit TextContent(std::string text) : text_(std::move(text)) {}
  ByteCount size() const override { return text_.size(); }
  Result<> Prepare(const OpContext& /*context*/, ByteRange /*range*/) override {
    if (base_gone) return Fail(ErrorCode::kStale, "the base is gone");
    return {};
  }
  Result<> Read(ByteCount offset, std::span<std::byte> out) override {
    std::memcpy(out.data(), text_.data() + offset, out.size());
    return {};
  }
  Result<ContentMap> Locate() const override {
    if (parked) return Fail(ErrorCode::kStale, "parked");
    if (!base_gone) return ContentMap{.data = {{0, size()}}, .missing = {}};
    return ContentMap{.data = {{0, size() / 2}}, .missing = {{size() / 2, size() - size() / 2}}};
  }
  KeptBytes kept() const override { return {.ranges = {}, .missing = base_gone ? 1U : 0U}; }
  void BaseIsVersion(const std::string& version_id) override {
    base_gone = false;
    base_version = version_id;
  }
  bool base_gone = false;
  bool parked = false;
  std::string base_version;

 private:
  const std::string text_;
};

/// An uploader over a store in memory that can be made to fail.
class UploaderTest : public testing::Test {
 protected:
  using Kind = UploadOutcome::Kind;

  UploaderTest() {
    const StoreDialect dialect = {.conditions_at_begin = true, .conditions_at_complete = true};
    EXPECT_TRUE(disk_.ReplaceSmallFile(kDialectFile, FormatStoreDialect(dialect, "store", clock_.WallNow())));
  }

  UploadJob Job(const std::string& key, std::optional<BaseVersion> base = {}) {
    UploadJob job;
    job.target = {
        key, {.user = {{"mode", "33188"}}, .content_type = "text/plain", .standard = {}}, WriteMode::kOverBase};
    job.base = std::move(base);
    job.id = uploader_.NewUploadId();
    return job;
  }
  BaseVersion Existing(const std::string& key, const std::string& text) {
    return {key, store_.SetObject(key, text), text.size()};
  }
  Result<UploadOutcome> Run(const std::string& text, const UploadJob& job) {
    TextContent content(text);
    return uploader_.Run({}, content, job);
  }
  const RecordedOperation& Last(StoreOperation operation) {
    operations_ = store_.operations();
    for (auto it = operations_.rbegin(); it != operations_.rend(); ++it) {
      if (it->operation == operation) return *it;
    }
    ADD_FAILURE() << "no such request";
    return operations_.front();
  }
  std::unique_ptr<Uploader> WithPolicy(ConflictPolicy policy) {
    Uploader::Options options;
    options.on_conflict = policy;
    return std::make_unique<Uploader>(options, faulty_, dialects_, clock_, random_, pool_);
  }
  static Error Failure(ErrorCode code) { return {code, "injected"}; }

  const std::string large_ = std::string(17 * kMiB, 'L');

  FakeClock clock_;
  FakeObjectStore store_{clock_};
  FaultyObjectStore faulty_{store_, clock_};
  SeededRandom random_{1};
  FakeDisk disk_;
  DialectProbe dialects_{"store", store_, disk_, clock_, random_};
  ThreadPool pool_{{.name = "upload", .max_threads = 4}};
  Uploader uploader_{{.part_size = 8 * kMiB, .parallel_parts = 4, .conflict_place = {.host_name = "node"}},
                     faulty_,
                     dialects_,
                     clock_,
                     random_,
                     pool_};
  std::vector<RecordedOperation> operations_;
};

}  // namespace cosfuse
