#include "fs/fuse/set_id_bits.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace cosfuse {
namespace {

constexpr Caller kRoot = {.uid = 0, .gid = 0};
constexpr Caller kMember = {.uid = 1000, .gid = 7};
constexpr Caller kOther = {.uid = 1000, .gid = 8};

std::optional<mode_t> Kept(mode_t mode, const Caller& caller = kRoot) {
  FileAttributes file;
  file.mode = mode;
  file.gid = 7;
  return PermissionsWithoutSetId(file, caller);
}

TEST(SetIdBits, SetuidGoes) { EXPECT_EQ(Kept(S_IFREG | 04755), 0755u); }

TEST(SetIdBits, SetgidGoesOnlyWhereTheGroupMayExecute) {
  EXPECT_EQ(Kept(S_IFREG | 02775), 0775u);
  EXPECT_EQ(Kept(S_IFREG | 02664), std::nullopt);
  EXPECT_EQ(Kept(S_IFREG | 06664), 02664u);
}

TEST(SetIdBits, SetgidWithoutExecutionStaysForTheGroupAlone) {
  EXPECT_EQ(Kept(S_IFREG | 02664, kMember), std::nullopt);
  EXPECT_EQ(Kept(S_IFREG | 02664, kOther), 0664u);
  EXPECT_EQ(Kept(S_IFREG | 02674, kMember), 0674u);
}

TEST(SetIdBits, OtherBitsStay) { EXPECT_EQ(Kept(S_IFREG | 07711), 01711u); }

TEST(SetIdBits, TheyGoFromPipesAsFromFiles) { EXPECT_EQ(Kept(S_IFIFO | 06755), 0755u); }

TEST(SetIdBits, PlainFilesAndDirectoriesStay) {
  EXPECT_EQ(Kept(S_IFREG | 0777), std::nullopt);
  EXPECT_EQ(Kept(S_IFDIR | 06777), std::nullopt);
}

}  // namespace
}  // namespace cosfuse
