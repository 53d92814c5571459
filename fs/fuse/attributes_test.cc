#include "fs/fuse/attributes.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(FuseAttributes, TimesSurviveTheRoundTrip) {
  for (const nanoseconds time :
       {nanoseconds(0), nanoseconds(1'700'000'000'123'456'789), nanoseconds(-1), nanoseconds(-1'500'000'000)}) {
    const timespec spec = ToTimespec(WallTime(time));
    EXPECT_GE(spec.tv_nsec, 0);
    EXPECT_LT(spec.tv_nsec, 1'000'000'000);
    EXPECT_EQ(FromTimespec(spec).time_since_epoch(), time);
  }
}

TEST(FuseAttributes, TimesThatNoClockReachesAreTheLastOnesThatOneDoes) {
  constexpr time_t kFarAway = 100'000'000'000;
  EXPECT_GT(FromTimespec({.tv_sec = kFarAway, .tv_nsec = 999'999'999}),
            FromTimespec({.tv_sec = 9'000'000'000, .tv_nsec = 0}));
  EXPECT_LT(FromTimespec({.tv_sec = -kFarAway, .tv_nsec = 0}), FromTimespec({.tv_sec = -9'000'000'000, .tv_nsec = 0}));
}

TEST(FuseAttributes, LifetimesAreFractionsOfSecondsAndNeverNegative) {
  EXPECT_DOUBLE_EQ(ToSeconds(milliseconds(250)), 0.25);
  EXPECT_DOUBLE_EQ(ToSeconds(seconds(-5)), 0);
}

TEST(FuseAttributes, EntryCarriesNodeAttributesAndBothLifetimes) {
  NodeEntry entry;
  entry.node = NodeId::kRoot;
  entry.name_lifetime = seconds(2);
  entry.attributes.lifetime = seconds(3);
  FileAttributes& attributes = entry.attributes.attributes;
  attributes.inode = 5;
  attributes.mode = S_IFREG | 0640;
  attributes.size = 1025;
  const fuse_entry_param param = ToEntryParam(entry);
  EXPECT_EQ(param.ino, 1u);
  EXPECT_EQ(param.entry_timeout, 2);
  EXPECT_EQ(param.attr_timeout, 3);
  EXPECT_EQ(param.attr.st_ino, 5u);
  EXPECT_EQ(param.attr.st_mode, static_cast<mode_t>(S_IFREG | 0640));
  EXPECT_EQ(param.attr.st_size, 1025);
  EXPECT_EQ(param.attr.st_blocks, 3);
}

TEST(FuseAttributes, ChangeHoldsWhatIsAskedForOnly) {
  struct stat values{};
  values.st_mode = S_IFREG | 04711;
  values.st_size = 9;
  values.st_mtim = {8, 7};
  const WallTime now{seconds(100)};

  const AttributeChange mode = ToAttributeChange(values, FUSE_SET_ATTR_MODE, now);
  EXPECT_EQ(mode.permissions, 04711u);
  EXPECT_FALSE(mode.size || mode.uid || mode.gid || mode.access_time || mode.modification_time || mode.change_time);

  const AttributeChange rest = ToAttributeChange(
      values, FUSE_SET_ATTR_SIZE | FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_ATIME_NOW, now);
  EXPECT_EQ(rest.size, 9u);
  EXPECT_EQ(rest.modification_time, WallTime(seconds(8) + nanoseconds(7)));
  EXPECT_EQ(rest.access_time, now);
  EXPECT_FALSE(rest.permissions);
}

}  // namespace
}  // namespace cosfuse
