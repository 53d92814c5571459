#include "fs/fuse/set_id_bits.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace cosfuse {
namespace {

TEST(SetIdBits, SetuidGoes) { EXPECT_EQ(PermissionsWithoutSetId(S_IFREG | 04755), 0755u); }

TEST(SetIdBits, SetgidGoesOnlyWhereTheGroupMayExecute) {
  EXPECT_EQ(PermissionsWithoutSetId(S_IFREG | 02775), 0775u);
  EXPECT_EQ(PermissionsWithoutSetId(S_IFREG | 02664), std::nullopt);
  EXPECT_EQ(PermissionsWithoutSetId(S_IFREG | 06664), 02664u);
}

TEST(SetIdBits, OtherBitsStay) { EXPECT_EQ(PermissionsWithoutSetId(S_IFREG | 07711), 01711u); }

TEST(SetIdBits, TheyGoFromPipesAsFromFiles) { EXPECT_EQ(PermissionsWithoutSetId(S_IFIFO | 06755), 0755u); }

TEST(SetIdBits, PlainFilesAndDirectoriesStay) {
  EXPECT_EQ(PermissionsWithoutSetId(S_IFREG | 0777), std::nullopt);
  EXPECT_EQ(PermissionsWithoutSetId(S_IFDIR | 06777), std::nullopt);
}

}  // namespace
}  // namespace cosfuse
