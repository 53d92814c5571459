#include "auth/token_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "auth/fake_token_disk.h"
#include "auth/jwt_fixture.h"

namespace cosfuse {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPath[] = "/var/run/secrets/tokens/service-account-token";

TEST(TokenFile, IsReadAnewByPathEachTime) {
  const std::string first = MakeTestJwt(R"({"jti": 1})");
  const std::string second = MakeTestJwt(R"({"jti": 2})");
  FakeTokenDisk disk(first);
  const TokenFile file(disk, kPath);
  EXPECT_EQ(file.Read()->Reveal(), first);
  disk.SetContent(second);
  EXPECT_EQ(file.Read()->Reveal(), second);
  EXPECT_THAT(disk.reads(), ElementsAre(kPath, kPath));
}

TEST(TokenFile, WhiteSpaceAroundTheTokenIsTrimmed) {
  const std::string token = MakeTestJwt("{}");
  FakeTokenDisk disk(" " + token + "\r\n\n");
  EXPECT_EQ(TokenFile(disk, kPath).Read()->Reveal(), token);
}

struct FileErrorRow {
  ErrorCode disk_error;
  const char* cause;
  const char* remedy;
};

class TokenFileError : public ::testing::TestWithParam<FileErrorRow> {};

TEST_P(TokenFileError, NamesFileCauseAndRemedy) {
  FakeTokenDisk disk;
  disk.SetError(Error(GetParam().disk_error, "details"));
  const auto token = TokenFile(disk, kPath).Read();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code(), ErrorCode::kUnauthenticated);
  EXPECT_THAT(token.error().message(), HasSubstr(GetParam().cause));
  EXPECT_THAT(token.error().message(), HasSubstr(GetParam().remedy));
  EXPECT_THAT(token.error().message(), Not(HasSubstr("\n")));
}

INSTANTIATE_TEST_SUITE_P(
    Table, TokenFileError,
    ::testing::Values(FileErrorRow{ErrorCode::kNotFound, "service-account-token does not exist", "projected volume"},
                      FileErrorRow{ErrorCode::kNotDirectory, "does not exist", "--token-file"},
                      FileErrorRow{ErrorCode::kIsDirectory, "is a directory", "Name the file in it"},
                      FileErrorRow{ErrorCode::kAccessDenied, "may not be read", "fsGroup"},
                      FileErrorRow{ErrorCode::kTooLarge, "too long", "right file"},
                      FileErrorRow{ErrorCode::kUnavailable, "cannot be read: details", "--token-file"}));

TEST(TokenFile, EmptyAndForeignContentAreToldApart) {
  FakeTokenDisk disk(" \n");
  EXPECT_THAT(TokenFile(disk, kPath).Read().error().message(), HasSubstr("is empty"));
  disk.SetContent("an-api-key-by-mistake");
  const auto token = TokenFile(disk, kPath).Read();
  EXPECT_EQ(token.error().code(), ErrorCode::kUnauthenticated);
  EXPECT_THAT(token.error().message(), HasSubstr("no JSON web token"));
  EXPECT_THAT(token.error().message(), Not(HasSubstr("an-api-key-by-mistake")));
}

/// A directory as kubelet keeps it: `token` → `..data/token`, `..data` → a directory of one version.
class ProjectedVolume {
 public:
  ProjectedVolume() {
    std::string name = ::testing::TempDir() + "cosfuse-token-XXXXXX";
    root_ = mkdtemp(name.data());
    fs::create_symlink("..data/token", root_ / "token");
  }
  ~ProjectedVolume() { fs::remove_all(root_); }

  void Project(const std::string& version, const std::string& token) {
    fs::create_directory(root_ / version);
    std::ofstream(root_ / version / "token") << token;
    fs::create_symlink(version, root_ / "..data_tmp");
    fs::rename(root_ / "..data_tmp", root_ / "..data");
  }
  std::string path() const { return root_ / "token"; }

 private:
  fs::path root_;
};

TEST(TokenFile, OnARealDiskFollowsKubeletsSymlinkSwap) {
  const std::string first = MakeTestJwt(R"({"jti": 1})");
  const std::string second = MakeTestJwt(R"({"jti": 2})");
  ProjectedVolume volume;
  const auto disk = OpenPosixDisk("/");
  const TokenFile file(*disk, volume.path());
  EXPECT_THAT(file.Read().error().message(), HasSubstr("does not exist"));
  volume.Project("..2026_01_01", first);
  EXPECT_EQ(file.Read()->Reveal(), first);
  volume.Project("..2026_01_02", second);
  EXPECT_EQ(file.Read()->Reveal(), second);
}

}  // namespace
}  // namespace cosfuse
