#include "fs/attribute_change.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace cosfuse {
namespace {

using std::chrono::seconds;

constexpr WallTime kNow{seconds(2000)};

PosixAttributes File(mode_t permissions) {
  PosixAttributes attributes;
  attributes.mode = S_IFREG | permissions;
  attributes.uid = 1;
  attributes.gid = 2;
  attributes.change_time = WallTime(seconds(1000));
  return attributes;
}

TEST(AttributeChange, PermissionsKeepTheType) {
  const PosixAttributes changed = ApplyChange(File(0644), {.permissions = S_IFDIR | 04600}, kNow);
  EXPECT_EQ(changed.mode, static_cast<mode_t>(S_IFREG | 04600));
  EXPECT_EQ(changed.change_time, kNow);
}

TEST(AttributeChange, ChangeToThePresentValueIsNone) {
  const PosixAttributes present = File(0644);
  EXPECT_EQ(ApplyChange(present, {.permissions = 0644, .uid = 1, .gid = 2}, kNow), present);
  EXPECT_EQ(ApplyChange(present, {}, kNow), present);
  EXPECT_EQ(ApplyChange(File(04755), {.uid = 1}, kNow), File(04755));
}

TEST(AttributeChange, NewOwnerClearsSetuidAndSetgidOfFiles) {
  EXPECT_EQ(ApplyChange(File(06755), {.uid = 9}, kNow).mode & 07777U, 0755U);
  EXPECT_EQ(ApplyChange(File(06745), {.gid = 9}, kNow).mode & 07777U, 02745U) << "setgid without group execution stays";
  EXPECT_EQ(ApplyChange(File(06755), {.permissions = 06755, .uid = 9}, kNow).mode & 07777U, 06755U);
  PosixAttributes directory = File(0);
  directory.mode = S_IFDIR | 02775;
  EXPECT_EQ(ApplyChange(directory, {.gid = 9}, kNow).mode & 07777U, 02775U);
}

TEST(AttributeChange, TimesAreTakenAsTheyAre) {
  const PosixAttributes changed =
      ApplyChange(File(0644), {.access_time = WallTime(seconds(1)), .modification_time = WallTime(seconds(2))}, kNow);
  EXPECT_EQ(changed.access_time, WallTime(seconds(1)));
  EXPECT_EQ(changed.modification_time, WallTime(seconds(2)));
  EXPECT_EQ(changed.change_time, kNow);
  const AttributeChange with_change_time = {.modification_time = WallTime(seconds(2)),
                                            .change_time = WallTime(seconds(3))};
  EXPECT_EQ(ApplyChange(File(0644), with_change_time, kNow).change_time, WallTime(seconds(3)));
}

TEST(NewAttributes, AreTheCallersUnderTheUmask) {
  const PosixAttributes made = NewAttributes({.uid = 5, .gid = 6, .umask = 027}, S_IFREG | 0666, File(0755), kNow);
  EXPECT_EQ(made.mode, static_cast<mode_t>(S_IFREG | 0640));
  EXPECT_EQ(made.uid, 5U);
  EXPECT_EQ(made.gid, 6U);
  EXPECT_EQ(made.modification_time, kNow);
}

TEST(NewAttributes, InheritTheGroupOfADirectoryWithSetgid) {
  PosixAttributes directory = File(0);
  directory.mode = S_IFDIR | 02775;
  const Caller caller = {.uid = 5, .gid = 6};
  EXPECT_EQ(NewAttributes(caller, S_IFREG | 0644, directory, kNow).gid, 2U);
  EXPECT_EQ(NewAttributes(caller, S_IFREG | 0644, directory, kNow).mode, static_cast<mode_t>(S_IFREG | 0644));
  EXPECT_EQ(NewAttributes(caller, S_IFDIR | 0755, directory, kNow).mode, static_cast<mode_t>(S_IFDIR | 02755));
}

}  // namespace
}  // namespace cosfuse
