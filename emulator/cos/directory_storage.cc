#include "emulator/cos/directory_storage.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <system_error>
#include <utility>

#include "base/encoding.h"
#include "emulator/cos/chunk_folder.h"
#include "emulator/cos/digest.h"
#include "emulator/cos/object_record.h"

namespace cosfuse::emulator {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRecordSuffix = ".json";
constexpr const char* kTemporarySuffix = ".tmp";

std::unexpected<Error> Failed(const fs::path& path, const std::error_code& error) {
  return Fail(error == std::errc::permission_denied ? ErrorCode::kAccessDenied : ErrorCode::kUnavailable,
              path.string() + ": " + error.message());
}

/// A key may be longer than a file's name may be, and hold any byte.
std::string RecordName(std::string_view key) {
  const auto digest = NewChecksum(ChecksumAlgorithm::kSha256);
  digest->Update(AsBytes(key));
  return HexEncode(AsBytes(digest->Finish())) + kRecordSuffix;
}

class StagedRecord final : public StagedObject {
 public:
  StagedRecord(fs::path temporary, fs::path final_path)
      : temporary_(std::move(temporary)), final_path_(std::move(final_path)) {}
  ~StagedRecord() override {
    std::error_code ignored;
    if (!committed_) fs::remove(temporary_, ignored);
  }
  StagedRecord(const StagedRecord&) = delete;
  StagedRecord& operator=(const StagedRecord&) = delete;

  Result<> Commit() override {
    std::error_code error;
    fs::rename(temporary_, final_path_, error);
    if (error) return Failed(final_path_, error);
    committed_ = true;
    return {};
  }

 private:
  const fs::path temporary_;
  const fs::path final_path_;
  bool committed_ = false;
};

class DirectoryStorage final : public Storage {
 public:
  DirectoryStorage(const fs::path& directory, Random& random)
      : buckets_(directory / "buckets"),
        random_(random),
        chunks_(std::make_shared<ChunkFolder>(directory / "chunks", random)) {}
  ~DirectoryStorage() override { chunks_->Close(); }
  DirectoryStorage(const DirectoryStorage&) = delete;
  DirectoryStorage& operator=(const DirectoryStorage&) = delete;

  void Close() override { chunks_->Close(); }

  /// Reads all records, also of buckets that are not asked for later: their chunks have owners.
  Result<> ReadAll() {
    std::error_code error;
    for (const fs::directory_entry& bucket : fs::directory_iterator(buckets_, error)) {
      ObjectMap& objects = loaded_[bucket.path().filename().string()];
      for (const fs::directory_entry& file : fs::directory_iterator(bucket.path(), error)) {
        if (file.path().extension() == kRecordSuffix) {
          RETURN_IF_ERROR(ReadRecord(file.path(), objects));
        } else {
          fs::remove(file.path(), error);  // Staged by a process that was killed.
        }
      }
    }
    if (error) return Failed(buckets_, error);
    chunks_->RemoveOrphans();
    return {};
  }

  Result<std::unique_ptr<BodySink>> NewSink(ByteCount /*expected*/) override { return chunks_->NewSink(); }

  Result<std::unique_ptr<StagedObject>> Stage(const std::string& bucket, std::string_view key,
                                              const Object& object) override {
    const fs::path final_path = buckets_ / bucket / RecordName(key);
    const fs::path temporary = buckets_ / bucket / (random_.Hex(8) + kTemporarySuffix);
    auto staged = std::make_unique<StagedRecord>(temporary, final_path);
    std::ofstream file(temporary, std::ios::binary);
    file << FormatObjectRecord(key, object);
    file.close();
    if (!file) return Fail(ErrorCode::kUnavailable, "cannot write " + temporary.string());
    return staged;
  }

  Result<> Remove(const std::string& bucket, std::string_view key) override {
    std::error_code error;
    const fs::path path = buckets_ / bucket / RecordName(key);
    fs::remove(path, error);
    if (error) return Failed(path, error);
    return {};
  }

  Result<ObjectMap> Load(const std::string& bucket) override {
    std::error_code error;
    fs::create_directories(buckets_ / bucket, error);
    if (error) return Failed(buckets_ / bucket, error);
    return std::exchange(loaded_[bucket], {});
  }

 private:
  Result<> ReadRecord(const fs::path& path, ObjectMap& objects) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    auto record = ParseObjectRecord(text.str());
    if (!record) return Fail(record.error().WithContext(path.string()));
    auto object = std::make_shared<Object>(std::move(record->object));
    for (const SliceRecord& slice : record->slices) {
      auto chunk = chunks_->Find(slice.chunk);
      if (!chunk || slice.range.end() > (*chunk)->size()) {
        return Fail(ErrorCode::kCorrupt, path.string() + ": a chunk is missing or too short");
      }
      object->body.Append({*std::move(chunk), slice.range});
    }
    objects.insert_or_assign(std::move(record->key), std::move(object));
    return {};
  }

  const fs::path buckets_;
  Random& random_;
  const std::shared_ptr<ChunkFolder> chunks_;
  std::map<std::string, ObjectMap> loaded_;  // Filled by ReadAll and emptied by Load, before requests are served.
};

}  // namespace

Result<std::unique_ptr<Storage>> OpenDirectoryStorage(const std::string& directory, Random& random) {
  std::error_code error;
  for (const char* part : {"buckets", "chunks"}) {
    fs::create_directories(fs::path(directory) / part, error);
    if (error) return Failed(directory, error);
  }
  auto storage = std::make_unique<DirectoryStorage>(directory, random);
  RETURN_IF_ERROR(storage->ReadAll());
  return storage;
}

}  // namespace cosfuse::emulator
