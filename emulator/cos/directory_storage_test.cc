#include "emulator/cos/directory_storage.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/encoding.h"
#include "emulator/cos/bucket.h"
#include "emulator/cos/object_record.h"
#include "emulator/fake_emulator_bed.h"

namespace cosfuse::emulator {
namespace {

namespace fs = std::filesystem;

/// One run of a process on the directory.
class ProcessRun {
 public:
  ProcessRun(const std::string& directory, Random& random)
      : storage_(OpenDirectoryStorage(directory, random).value()),
        bucket_("bucket", false, *storage_, storage_->Load("bucket").value()) {}
  ~ProcessRun() { storage_->Close(); }
  ProcessRun(const ProcessRun&) = delete;
  ProcessRun& operator=(const ProcessRun&) = delete;

  std::unique_ptr<BodySink> NewSink() { return storage_->NewSink(0).value(); }
  Body Write(std::string_view text) {
    const auto sink = NewSink();
    EXPECT_TRUE(sink->Append(AsBytes(text)));
    return sink->Finish().value();
  }
  bool Put(const std::string& key, const Body& body, const WriteConditions& conditions = {}) {
    auto object = std::make_shared<Object>();
    object->body = body;
    object->etag = "e";
    object->last_modified = WallTime(std::chrono::seconds(1'767'225'600));
    object->attributes.metadata = {{"note", "\xff\n"}};
    return bucket_.Put(key, std::move(object), conditions).has_value();
  }
  void Delete(const std::string& key) { EXPECT_TRUE(bucket_.Delete(key, {}, {})); }
  ObjectPtr Find(const std::string& key) const { return bucket_.Find(key); }
  std::string TextOf(const std::string& key) const { return Find(key)->body.ToText().value(); }

 private:
  const std::unique_ptr<Storage> storage_;
  Bucket bucket_;
};

class DirectoryStorageTest : public testing::Test {
 protected:
  ProcessRun Start() { return {directory_.path(), random_}; }

  size_t CountFiles(const std::string& part) const {
    size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(directory_.path()) / part)) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  }

  const TemporaryDirectory directory_;
  SeededRandom random_{7};
};

TEST_F(DirectoryStorageTest, ObjectsSurviveTheProcess) {
  const std::string key = "odd/\n\xff/" + std::string(900, 'k');
  {
    ProcessRun run = Start();
    Body body = run.Write("hello ");
    body.Append(run.Write("world").Sub({1, 3}));
    EXPECT_TRUE(run.Put(key, body));
    EXPECT_TRUE(run.Put("empty", Body()));
  }
  const ProcessRun run = Start();
  ASSERT_NE(run.Find(key), nullptr);
  EXPECT_EQ(run.TextOf(key), "hello orl");
  EXPECT_EQ(run.Find(key)->etag, "e");
  EXPECT_EQ(run.Find(key)->attributes.metadata.at("note"), "\xff\n");
  EXPECT_EQ(run.Find("empty")->body.size(), 0U);
}

TEST_F(DirectoryStorageTest, DeletedObjectsStayDeleted) {
  {
    ProcessRun run = Start();
    EXPECT_TRUE(run.Put("k", run.Write("text")));
  }
  {
    ProcessRun run = Start();
    run.Delete("k");
    EXPECT_EQ(CountFiles("chunks"), 0U);
  }
  EXPECT_EQ(Start().Find("k"), nullptr);
}

TEST_F(DirectoryStorageTest, FilesOfDeadVersionsGoAtOnce) {
  ProcessRun run = Start();
  EXPECT_TRUE(run.Put("k", run.Write("one")));
  EXPECT_TRUE(run.Put("k", run.Write("two")));
  EXPECT_EQ(CountFiles("chunks"), 1U);
  run.Delete("k");
  EXPECT_EQ(CountFiles("chunks"), 0U);
  EXPECT_EQ(CountFiles("buckets"), 0U);
}

TEST_F(DirectoryStorageTest, AReaderKeepsTheBytesOfADeadVersion) {
  ProcessRun run = Start();
  std::shared_ptr<const std::byte> mapped;
  {
    const Body body = run.Write("still here");
    mapped = body.slices()[0].chunk->Map({0, body.slices()[0].chunk->size()}).value();
  }
  EXPECT_EQ(CountFiles("chunks"), 0U);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(mapped.get()), 10), "still here");
}

TEST_F(DirectoryStorageTest, AnUploadThatIsGivenUpLeavesNothing) {
  ProcessRun run = Start();
  {
    const auto sink = run.NewSink();
    ASSERT_TRUE(sink->Append(AsBytes("abc")));
    EXPECT_EQ(CountFiles("chunks"), 1U);
  }
  EXPECT_EQ(CountFiles("chunks"), 0U);
}

TEST_F(DirectoryStorageTest, AFailedConditionLeavesTheOldVersion) {
  {
    ProcessRun run = Start();
    EXPECT_TRUE(run.Put("k", run.Write("old")));
    EXPECT_FALSE(run.Put("k", run.Write("new"), {"\"wrong\"", std::nullopt}));
  }
  EXPECT_EQ(Start().TextOf("k"), "old");
  EXPECT_EQ(CountFiles("buckets"), 1U);
}

TEST_F(DirectoryStorageTest, WhatAKilledProcessLeftIsRemoved) {
  {
    ProcessRun run = Start();
    EXPECT_TRUE(run.Put("k", run.Write("kept")));
  }
  std::ofstream(fs::path(directory_.path()) / "chunks" / "orphan") << "half a body";
  std::ofstream(fs::path(directory_.path()) / "buckets" / "bucket" / "0123.tmp") << "{";
  const ProcessRun run = Start();
  EXPECT_EQ(CountFiles("chunks"), 1U);
  EXPECT_EQ(CountFiles("buckets"), 1U);
  EXPECT_EQ(run.TextOf("k"), "kept");
}

TEST_F(DirectoryStorageTest, ADamagedDirectoryIsRefused) {
  {
    ProcessRun run = Start();
    EXPECT_TRUE(run.Put("k", run.Write("text")));
  }
  for (const auto& chunk : fs::directory_iterator(fs::path(directory_.path()) / "chunks")) fs::remove(chunk.path());
  const auto storage = OpenDirectoryStorage(directory_.path(), random_);
  ASSERT_FALSE(storage);
  EXPECT_EQ(storage.error().code(), ErrorCode::kCorrupt);
}

TEST(ObjectRecord, RefusesWhatIsNone) {
  EXPECT_EQ(ParseObjectRecord("").error().code(), ErrorCode::kCorrupt);
  EXPECT_EQ(ParseObjectRecord("{}").error().code(), ErrorCode::kCorrupt);
  EXPECT_EQ(ParseObjectRecord(R"({"key": 7})").error().code(), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace cosfuse::emulator
