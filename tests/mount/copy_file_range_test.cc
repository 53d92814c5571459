#include <unistd.h>

#include <string>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

constexpr ByteCount kCopied = 64 * kMiB;

class CopyFileRangeMountTest : public ::testing::Test {
 protected:
  void SetUp() override {
    emulator_.PutObject("source", content_);
    emulator_.ResetCounters();
  }
  std::string Path(const std::string& name) const { return mount_.Path(name); }
  uint64_t BytesRequests() const {
    return emulator_.RequestCount("GetObject") + emulator_.RequestCount("PutObject") +
           emulator_.RequestCount("UploadPart");
  }
  bool StoredAs(const std::string& key, const std::string& content) const {
    return emulator_.FetchObject(key).body == content;
  }

  const std::string content_ = PatternBytes(kCopied, 11);
  EmulatorProcess emulator_{{"--etag=opaque"}};
  MountProcess mount_{emulator_};
};

TEST_F(CopyFileRangeMountTest, CpSendsAndFetchesNoByteOfAStoredFile) {
  const auto result = RunCommand({"cp", Path("source"), Path("target")});
  EXPECT_EQ(result.status.code, 0) << result.errors;
  EXPECT_EQ(BytesRequests(), 0U);
  EXPECT_EQ(emulator_.RequestCount("UploadPartCopy"), 1U);
  EXPECT_TRUE(StoredAs("target", content_));
  EXPECT_TRUE(ReadWholeFile(Path("target")) == content_);
}

TEST_F(CopyFileRangeMountTest, ACopyInPiecesIsReadAndEditedBeforeItIsClosed) {
  const FileDescriptor from = MustOpen(Path("source"), O_RDONLY);
  FileDescriptor to = MustOpen(Path("target"), O_CREAT | O_RDWR);
  while (copy_file_range(from.get(), nullptr, to.get(), nullptr, 10'000'000, 0) > 0) {
  }
  EXPECT_EQ(MustStat(Path("target")).st_size, static_cast<off_t>(kCopied));
  std::string seen(100, '?');
  ASSERT_EQ(pread(to.get(), seen.data(), seen.size(), 20'000'000), 100);
  EXPECT_EQ(seen, content_.substr(20'000'000, 100));
  std::string expected = content_;
  expected.replace(20'000'050, 6, "edited");
  ASSERT_EQ(pwrite(to.get(), "edited", 6, 20'000'050), 6);
  ASSERT_EQ(pread(to.get(), seen.data(), seen.size(), 20'000'000), 100);
  EXPECT_EQ(seen, expected.substr(20'000'000, 100));
  EXPECT_EQ(CloseStatus(to), 0);
  EXPECT_TRUE(StoredAs("target", expected));
}

TEST_F(CopyFileRangeMountTest, WhatTheStoreCannotCopyIsReadAndWrittenByTheKernel) {
  const FileDescriptor from = MustOpen(Path("source"), O_RDONLY);
  FileDescriptor to = MustOpen(Path("target"), O_CREAT | O_RDWR);
  MustWrite(to, "head");
  off_t at = 1'000'000;
  ssize_t copied = 0;
  while (at < 3'000'000) {
    const ssize_t piece = copy_file_range(from.get(), &at, to.get(), nullptr, static_cast<size_t>(3'000'000 - at), 0);
    ASSERT_GT(piece, 0) << "errno " << errno;
    copied += piece;
  }
  EXPECT_EQ(copied, 2'000'000);
  EXPECT_EQ(CloseStatus(to), 0);
  EXPECT_TRUE(StoredAs("target", "head" + content_.substr(1'000'000, 2'000'000)));
}

TEST_F(CopyFileRangeMountTest, TheCopyOfASourceThatOthersReplaceFailsAtClose) {
  const FileDescriptor from = MustOpen(Path("source"), O_RDONLY);
  FileDescriptor to = MustOpen(Path("target"), O_CREAT | O_WRONLY);
  ASSERT_EQ(copy_file_range(from.get(), nullptr, to.get(), nullptr, kCopied, 0), static_cast<ssize_t>(kCopied));
  emulator_.PutObject("source", "another program's");
  EXPECT_EQ(CloseStatus(to), ESTALE);
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>{"source"});
  WriteWholeFile(Path("target"), "written anew");
  EXPECT_TRUE(StoredAs("target", "written anew"));
}

}  // namespace
}  // namespace cosfuse::testing
