#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fake_clock.h"
#include "base/random.h"
#include "cache/fake_disk.h"
#include "cache/file_cache.h"
#include "cache/journal.h"
#include "cos/fake_object_store.h"
#include "cos/faulty_object_store.h"
#include "fs/bucket_file_system.h"
#include "tests/model/operation.h"
#include "tests/model/settings.h"
#include "tests/model/store_weather.h"
#include "tests/model/subject.h"

namespace cosfuse::model {

/// The real file system and cache over a store, a disk and a clock in memory, asked as the kernel asks: it looks names
/// up, repeats a call that was stale once, and gives back what it looked up.
class FakeSubject : public Subject {
 public:
  explicit FakeSubject(const Settings& settings);
  ~FakeSubject() override;
  FakeSubject(const FakeSubject&) = delete;
  FakeSubject& operator=(const FakeSubject&) = delete;

  Outcome Open(int slot, const std::string& path, int flags, mode_t mode) override;
  Outcome Flush(int slot) override;
  Outcome FlushUnheard(int slot) override;
  Outcome Close(int slot) override;
  Outcome Fsync(int slot) override;
  Outcome Read(int slot, ByteCount offset, size_t length) override;
  Outcome Write(int slot, ByteCount offset, const std::string& bytes) override;
  Outcome TruncateOpen(int slot, ByteCount size) override;
  Outcome Allocate(int slot, int mode, ByteCount offset, ByteCount length) override;
  Outcome Seek(int slot, int whence, ByteCount offset) override;
  Outcome StatOpen(int slot) override;
  Outcome ChmodOpen(int slot, mode_t permissions) override;
  Outcome Truncate(const std::string& path, ByteCount size) override;
  Outcome Stat(const std::string& path) override;
  Outcome Chmod(const std::string& path, mode_t permissions) override;
  Outcome SetModificationTime(const std::string& path, int64_t seconds) override;
  Outcome SetAttribute(const std::string& path, const std::string& name, const std::string& value, int flags) override;
  Outcome GetAttribute(const std::string& path, const std::string& name) override;
  Outcome RemoveAttribute(const std::string& path, const std::string& name) override;
  Outcome Rename(const std::string& from, const std::string& to, bool no_replace) override;
  Outcome Unlink(const std::string& path) override;
  Outcome MakeDirectory(const std::string& path, mode_t mode) override;
  Outcome RemoveDirectory(const std::string& path) override;
  Outcome List(const std::string& path) override;

  void Expire() override;
  void SetFaults(bool on) override;
  Outcome Drain() override;
  std::string DescribeLeaks() override;
  std::optional<StoredObject> FetchObject(const std::string& key) override;
  Bucket FetchBucket() override;
  void PutForeign(const std::string& key, const std::string& bytes) override;
  void DeleteForeign(const std::string& key) override;

 private:
  struct OpenFile {
    HandleId handle{};
    NodeId node{};
    int flags = 0;
  };
  /// The directory and the last component of a path.
  struct Place {
    NodeId parent{};
    std::string name;
  };

  Result<Place> FindPlace(const std::string& path);
  Result<NodeEntry> LookUp(const Place& place);
  Result<NodeEntry> Walk(const std::string& path);
  Result<> OpenOnce(int slot, const std::string& path, int flags, mode_t mode);
  Result<> RenameOnce(const std::string& from, const std::string& to, bool no_replace);
  Outcome Change(const std::string& path, const AttributeChange& change);
  /// A call by name: again, once, where it was stale; afterwards what it looked up is given back.
  Outcome ByName(const std::function<Result<>()>& call);
  void ForgetAll();
  /// What was unlinked goes a moment later: before anybody looks into the bucket, or changes it.
  void FinishRemovals();
  OpenFile& At(int slot) { return slots_.at(slot); }

  const Settings settings_;
  FakeClock clock_;
  FakeObjectStore store_;
  FaultyObjectStore faulty_{store_, clock_};
  StoreWeather weather_;
  FakeDisk disk_;
  SeededRandom random_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<FileCache> cache_;
  std::unique_ptr<BucketFileSystem> fs_;
  std::array<OpenFile, kSlots> slots_;
  std::vector<NodeId> taken_;
};

}  // namespace cosfuse::model
