#include "fs/fuse/mount_info.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

constexpr std::string_view kText =
    "22 1 259:1 / / rw,relatime shared:1 - ext4 /dev/root rw\n"
    "40 22 0:35 / /mnt/a rw - fuse.s3fs s3fs rw,user_id=0\n"
    "41 22 0:36 / /mnt/a\\040b\\134c rw,nosuid shared:5 master:1 - fuse.cosfuse my\\040bucket rw\n"
    "42 40 0:37 / /mnt/a rw - fuse.cosfuse bucket rw\n"
    "nonsense\n";

TEST(MountInfo, ReadsDevicePathTypeAndSource) {
  const auto mounts = ParseMountInfo(kText);
  ASSERT_EQ(mounts.size(), 4u);
  EXPECT_EQ(mounts[0].device, "259:1");
  EXPECT_EQ(mounts[0].path, "/");
  EXPECT_EQ(mounts[0].type, "ext4");
  EXPECT_EQ(mounts[0].source, "/dev/root");
}

TEST(MountInfo, UnescapesOctalDigits) {
  const auto mounts = ParseMountInfo(kText);
  EXPECT_EQ(mounts[2].path, "/mnt/a b\\c");
  EXPECT_EQ(mounts[2].source, "my bucket");
}

TEST(MountInfo, FindsTheUppermostMount) {
  const auto mounts = ParseMountInfo(kText);
  ASSERT_TRUE(FindMount(mounts, "/mnt/a"));
  EXPECT_EQ(FindMount(mounts, "/mnt/a")->type, "fuse.cosfuse");
  EXPECT_FALSE(FindMount(mounts, "/mnt"));
}

TEST(MountInfo, LeavesShortLinesOut) {
  EXPECT_TRUE(ParseMountInfo("1 2 3:4 / /x rw - ext4\n\n- - -\n").empty());
  EXPECT_TRUE(ParseMountInfo("").empty());
}

TEST(MountInfo, KnowsTheRootOfThisMachine) { EXPECT_TRUE(GetMount("/")); }

}  // namespace
}  // namespace cosfuse
