#include "base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"

namespace cosfuse {
namespace {

class DiskTest : public testing::Test {
 protected:
  DiskTest() : disk_(OpenPosixDisk(directory_)) {}
  ~DiskTest() override { std::filesystem::remove_all(directory_); }

  std::string ReadAll(const DiskFile& file, ByteCount offset, size_t size) {
    std::vector<std::byte> out(size);
    const auto length = file.Read(offset, out);
    if (!length) return length.error().ToString();
    return std::string(AsText(std::span(out).first(*length)));
  }

  void MakeFile(const std::string& name, std::string_view text) { std::ofstream(directory_ + "/" + name) << text; }

  const std::string directory_ = [] {
    std::string name = (std::filesystem::temp_directory_path() / "disk-test-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    return name;
  }();
  const std::unique_ptr<Disk> disk_;
};

TEST_F(DiskTest, AnUnnamedFileLeavesNoNameBehind) {
  const auto file = disk_->CreateUnnamed();
  ASSERT_TRUE(file.has_value());
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST_F(DiskTest, ReadReturnsWhatWasWritten) {
  const auto file = *disk_->CreateUnnamed();
  ASSERT_TRUE(file->Write(3, AsBytes("hello")).has_value());
  EXPECT_EQ(ReadAll(*file, 3, 5), "hello");
  EXPECT_EQ(ReadAll(*file, 0, 4), std::string("\0\0\0h", 4));
}

TEST_F(DiskTest, ReadIsShortOnlyAtTheEnd) {
  const auto file = *disk_->CreateUnnamed();
  ASSERT_TRUE(file->Write(0, AsBytes("hello")).has_value());
  EXPECT_EQ(ReadAll(*file, 4, 10), "o");
  EXPECT_EQ(ReadAll(*file, 5, 10), "");
  EXPECT_EQ(ReadAll(*file, 500, 10), "");
}

TEST_F(DiskTest, TruncateCutsAndExtendsWithZeros) {
  const auto file = *disk_->CreateUnnamed();
  ASSERT_TRUE(file->Write(0, AsBytes("hello")).has_value());
  ASSERT_TRUE(file->Truncate(2).has_value());
  EXPECT_EQ(ReadAll(*file, 0, 10), "he");
  ASSERT_TRUE(file->Truncate(4).has_value());
  EXPECT_EQ(ReadAll(*file, 0, 10), std::string("he\0\0", 4));
}

TEST_F(DiskTest, AHoleReadsAsZerosAndGivesItsBlocksBack) {
  const auto file = *disk_->CreateUnnamed();
  const std::string data(256 * kKiB, 'x');
  ASSERT_TRUE(file->Write(0, AsBytes(data)).has_value());
  ASSERT_TRUE(file->Sync().has_value());
  const auto before = file->AllocatedBytes();
  ASSERT_TRUE(before.has_value());
  EXPECT_GE(*before, 256 * kKiB);
  ASSERT_TRUE(file->PunchHole({64 * kKiB, 128 * kKiB}).has_value());
  ASSERT_TRUE(file->Sync().has_value());
  EXPECT_EQ(ReadAll(*file, 64 * kKiB, 128 * kKiB), std::string(128 * kKiB, '\0'));
  EXPECT_EQ(ReadAll(*file, 192 * kKiB, kMiB), std::string(64 * kKiB, 'x'));
  const auto after = file->AllocatedBytes();
  ASSERT_TRUE(after.has_value());
  EXPECT_LE(*after + 128 * kKiB, *before);
}

TEST_F(DiskTest, AnEmptyHoleChangesNothing) {
  const auto file = *disk_->CreateUnnamed();
  ASSERT_TRUE(file->Write(0, AsBytes("hello")).has_value());
  ASSERT_TRUE(file->PunchHole({2, 0}).has_value());
  EXPECT_EQ(ReadAll(*file, 0, 10), "hello");
}

TEST_F(DiskTest, ASparseFileUsesLittle) {
  const auto file = *disk_->CreateUnnamed();
  ASSERT_TRUE(file->Write(kGiB, AsBytes("x")).has_value());
  const auto used = file->AllocatedBytes();
  ASSERT_TRUE(used.has_value());
  EXPECT_LT(*used, kMiB);
}

TEST_F(DiskTest, ReadSmallFileTakesRelativeAndAbsolutePaths) {
  MakeFile("token", "abc\n");
  EXPECT_EQ(disk_->ReadSmallFile("token", 100).value(), "abc\n");
  EXPECT_EQ(disk_->ReadSmallFile(directory_ + "/token", 100).value(), "abc\n");
}

TEST_F(DiskTest, ReadSmallFileOpensThePathAnewEachTime) {
  std::filesystem::create_directories(directory_ + "/one");
  std::filesystem::create_directories(directory_ + "/two");
  MakeFile("one/token", "old");
  MakeFile("two/token", "new");
  std::filesystem::create_directory_symlink("one", directory_ + "/..data");
  EXPECT_EQ(disk_->ReadSmallFile("..data/token", 100).value(), "old");
  std::filesystem::create_directory_symlink("two", directory_ + "/..next");
  std::filesystem::rename(directory_ + "/..next", directory_ + "/..data");
  EXPECT_EQ(disk_->ReadSmallFile("..data/token", 100).value(), "new");
}

TEST_F(DiskTest, ReadSmallFileRefusesMoreThanTheLimit) {
  MakeFile("token", "12345");
  EXPECT_EQ(disk_->ReadSmallFile("token", 5).value(), "12345");
  const auto result = disk_->ReadSmallFile("token", 4);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), ErrorCode::kTooLarge);
}

TEST_F(DiskTest, ReadSmallFileNamesTheMissingPath) {
  const auto result = disk_->ReadSmallFile("missing", 10);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), ErrorCode::kNotFound);
  EXPECT_NE(result.error().message().find(directory_ + "/missing"), std::string::npos);
}

TEST_F(DiskTest, ReadSmallFileOfADirectoryIsAnError) {
  const auto result = disk_->ReadSmallFile(".", 10);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), ErrorCode::kIsDirectory);
}

TEST_F(DiskTest, ASmallFileIsReplacedAsAWhole) {
  ASSERT_TRUE(disk_->ReplaceSmallFile("known", "the first text"));
  EXPECT_EQ(disk_->ReadSmallFile("known", 100), "the first text");
  ASSERT_TRUE(disk_->ReplaceSmallFile("known", "second"));
  EXPECT_EQ(disk_->ReadSmallFile("known", 100), "second");
  ASSERT_TRUE(disk_->ReplaceSmallFile("known", ""));
  EXPECT_EQ(disk_->ReadSmallFile("known", 100), "");
  EXPECT_EQ(disk_->ReadSmallFile("known.new", 100).error().code(), ErrorCode::kNotFound) << "nothing is left beside it";
  EXPECT_EQ(disk_->ReplaceSmallFile("no/such/directory", "x").error().code(), ErrorCode::kNotFound);
}

TEST_F(DiskTest, FreeBytesIsAPlausibleFigure) {
  const auto free = disk_->FreeBytes();
  ASSERT_TRUE(free.has_value());
  EXPECT_GT(*free, 0U);
}

TEST(Disk, ADirectoryThatDoesNotExistIsAnErrorOfTheCall) {
  const auto disk = OpenPosixDisk("/nonexistent-directory");
  EXPECT_EQ(disk->CreateUnnamed().error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(disk->FreeBytes().error().code(), ErrorCode::kNotFound);
}

struct ErrnoCase {
  int number;
  ErrorCode meaning;
};

TEST(ErrorFromErrno, GivesEachNumberItsMeaning) {
  for (const auto& [number, meaning] : {
           ErrnoCase{ENOENT, ErrorCode::kNotFound},
           ErrnoCase{EACCES, ErrorCode::kAccessDenied},
           ErrnoCase{EPERM, ErrorCode::kAccessDenied},
           ErrnoCase{ENOSPC, ErrorCode::kNoSpace},
           ErrnoCase{EDQUOT, ErrorCode::kNoSpace},
           ErrnoCase{EFBIG, ErrorCode::kTooLarge},
           ErrnoCase{ENOTDIR, ErrorCode::kNotDirectory},
           ErrnoCase{EISDIR, ErrorCode::kIsDirectory},
           ErrnoCase{EROFS, ErrorCode::kReadOnly},
           ErrnoCase{EBUSY, ErrorCode::kBusy},
           ErrnoCase{EIO, ErrorCode::kUnavailable},
       }) {
    EXPECT_EQ(ErrorFromErrno(number, "x").code(), meaning) << number;
  }
  EXPECT_EQ(ErrorFromErrno(ENOENT, "/a/token").message(), "/a/token: No such file or directory");
}

TEST_F(DiskTest, ANamedFileIsFoundAgainUntilItIsRemoved) {
  ASSERT_TRUE(disk_->MakeDirectory("data"));
  ASSERT_TRUE(disk_->MakeDirectory("data"));
  {
    const auto file = disk_->CreateFile("data/one");
    ASSERT_TRUE(file) << file.error().ToString();
    ASSERT_TRUE((*file)->Write(2, AsBytes("bytes")));
    ASSERT_TRUE((*file)->Sync());
    EXPECT_EQ((*file)->Size(), 7U);
  }
  EXPECT_EQ(disk_->CreateFile("data/one").error().code(), ErrorCode::kAlreadyExists);
  ASSERT_TRUE(disk_->LinkFile("data/one", "data/two"));
  EXPECT_EQ(disk_->LinkFile("data/one", "data/two").error().code(), ErrorCode::kAlreadyExists);
  ASSERT_TRUE(disk_->RenameFile("data/one", "data/three"));
  ASSERT_TRUE(disk_->SyncDirectory("data"));
  auto names = disk_->ListNames("data");
  ASSERT_TRUE(names);
  std::ranges::sort(*names);
  EXPECT_EQ(*names, (std::vector<std::string>{"three", "two"}));
  ASSERT_TRUE(disk_->RemoveFile("data/three"));
  ASSERT_TRUE(disk_->RemoveFile("data/three"));
  EXPECT_EQ(disk_->OpenFile("data/three").error().code(), ErrorCode::kNotFound);
  const auto file = disk_->OpenFile("data/two");
  ASSERT_TRUE(file);
  EXPECT_EQ(ReadAll(**file, 2, 9), "bytes");
}

TEST_F(DiskTest, AMissingDirectoryHasNoNames) {
  EXPECT_EQ(disk_->ListNames("nothing"), std::vector<std::string>());
  EXPECT_EQ(disk_->SyncDirectory("nothing").error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace cosfuse
