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

TEST(AttributeChange, ChangeToThePresentValueMovesTheChangeTimeAlone) {
  const PosixAttributes present = File(04755);
  for (const AttributeChange& change :
       {AttributeChange{.permissions = 04755, .uid = 1, .gid = 2}, AttributeChange{.uid = 1}, AttributeChange{}}) {
    const PosixAttributes changed = ApplyChange(present, change, kNow);
    EXPECT_EQ(changed.change_time, kNow);
    EXPECT_TRUE(DifferInChangeTimeAlone(changed, present));
  }
  EXPECT_FALSE(DifferInChangeTimeAlone(ApplyChange(present, {.permissions = 0755}, kNow), present));
}

TEST(MovesAccessTime, OnceAfterEachChangeAndOnceADay) {
  struct Case {
    int64_t read;
    int64_t modified;
    int64_t changed;
    bool moves;
  };
  const int64_t now = kNow.time_since_epoch() / seconds(1);
  for (const Case& row :
       {Case{10, 10, 5, true}, Case{10, 9, 10, true}, Case{10, 11, 5, true}, Case{10, 9, 9, false},
        Case{now - 86'399, -100'000, -100'000, false}, Case{now - 86'400, -100'000, -100'000, true}}) {
    PosixAttributes file = File(0644);
    file.access_time = WallTime(seconds(row.read));
    file.modification_time = WallTime(seconds(row.modified));
    file.change_time = WallTime(seconds(row.changed));
    EXPECT_EQ(MovesAccessTime(file, kNow), row.moves) << row.read << " " << row.modified << " " << row.changed;
  }
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
