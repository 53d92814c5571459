#include <sys/xattr.h>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

/// The value, or the errno as a text.
std::string GetExtended(const std::string& path, const std::string& name) {
  std::string value(65'536, '\0');
  const ssize_t length = lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
  if (length < 0) return "errno " + std::to_string(errno);
  value.resize(static_cast<size_t>(length));
  return value;
}

int SetExtended(const std::string& path, const std::string& name, const std::string& value, int flags = 0) {
  return ErrnoOf(lsetxattr(path.c_str(), name.c_str(), value.data(), value.size(), flags));
}

const std::string kMissing = "errno " + std::to_string(ENODATA);

TEST_F(MountTest, ExtendedAttributesLiveInTheBucketAsS3fsKeepsThem) {
  emulator_.PutObject("foreign", "x", {{"x-amz-meta-xattr", "%7B%22user.comment%22%3A%22aGVsbG8%3D%22%7D"}});
  EXPECT_EQ(GetExtended(Path("foreign"), "user.comment"), "hello");
  WriteWholeFile(Path("f"), "content");
  EXPECT_EQ(SetExtended(Path("f"), "user.comment", "hello"), 0);
  EXPECT_EQ(emulator_.FetchObject("f").headers.Get("x-amz-meta-xattr"), "%7B%22user.comment%22%3A%22aGVsbG8%3D%22%7D");
  ASSERT_EQ(mkdir(Path("d").c_str(), 0755), 0);
  EXPECT_EQ(SetExtended(Path("d"), "user.of", "a directory"), 0);
  ASSERT_EQ(symlink("f", Path("link").c_str()), 0);
  EXPECT_EQ(SetExtended(Path("link"), "trusted.of", "a link"), 0);
  ASSERT_EQ(rename(Path("f").c_str(), Path("d/g").c_str()), 0);
  WriteWholeFile(Path("d/g"), "rewritten");
  ASSERT_EQ(rename(Path("d").c_str(), Path("e").c_str()), 0);
  const MountProcess other(emulator_);
  EXPECT_EQ(GetExtended(other.Path("e/g"), "user.comment"), "hello");
  EXPECT_EQ(GetExtended(other.Path("e"), "user.of"), "a directory");
  EXPECT_EQ(GetExtended(other.Path("link"), "trusted.of"), "a link");
  EXPECT_EQ(lremovexattr(other.Path("e/g").c_str(), "user.comment"), 0);
  EXPECT_EQ(GetExtended(other.Path("e/g"), "user.comment"), kMissing);
  EXPECT_EQ(emulator_.FetchObject("e/g").headers.Get("x-amz-meta-xattr"), std::nullopt);
}

TEST_F(MountTest, SetxattrAnswersAsOnALocalDisk) {
  WriteWholeFile(Path("f"), "x");
  EXPECT_EQ(SetExtended(Path("f"), "user.a", "1", XATTR_REPLACE), ENODATA);
  EXPECT_EQ(SetExtended(Path("f"), "user.a", "1", XATTR_CREATE), 0);
  EXPECT_EQ(SetExtended(Path("f"), "user.a", "2", XATTR_CREATE), EEXIST);
  EXPECT_EQ(SetExtended(Path("f"), "user.a", "2", XATTR_REPLACE), 0);
  EXPECT_EQ(GetExtended(Path("f"), "user.a"), "2");
  EXPECT_EQ(ErrnoOf(removexattr(Path("f").c_str(), "user.b")), ENODATA);
  EXPECT_EQ(SetExtended(Path("f"), "user.big", std::string(2000, 'x')), ENOSPC);
  EXPECT_EQ(SetExtended(Path("f"), "user.big", std::string(65'537, 'x')), E2BIG);
  EXPECT_EQ(SetExtended(Path("f"), "security.selinux", "x"), EOPNOTSUPP);
  EXPECT_EQ(SetExtended(Path("f"), "system.posix_acl_access", std::string("\2\0\0\0", 4)), EOPNOTSUPP);
  char small[1];
  EXPECT_EQ(ErrnoOf(listxattr(Path("f").c_str(), small, sizeof(small))), ERANGE);
  EXPECT_EQ(listxattr(Path("f").c_str(), nullptr, 0), 7);
}

TEST(ReadOnlyMount, ExtendedAttributesCannotBeChanged) {
  const EmulatorProcess emulator;
  emulator.PutObject("f", "content", {{"x-amz-meta-xattr", R"({"user.a":"MQ=="})"}});
  const MountProcess mount(emulator, {"--access", "read-only"});
  EXPECT_EQ(SetExtended(mount.Path("f"), "user.b", "2"), EROFS);
  EXPECT_EQ(ErrnoOf(removexattr(mount.Path("f").c_str(), "user.a")), EROFS);
  EXPECT_EQ(GetExtended(mount.Path("f"), "user.a"), "1");
}

TEST_F(MountTest, ExtendedAttributesSetBeforeCloseRideAlongWithTheUpload) {
  emulator_.ResetCounters();
  FileDescriptor fd = MustOpen(Path("f"), O_CREAT | O_WRONLY);
  MustWrite(fd, "content");
  ASSERT_EQ(fsetxattr(fd.get(), "user.a", "1", 1, 0), 0);
  ASSERT_EQ(fchmod(fd.get(), 0600), 0);
  ASSERT_EQ(fchown(fd.get(), 7, 8), 0);
  const timespec times[2] = {{.tv_sec = 1'600'000'000, .tv_nsec = 0}, {.tv_sec = 1'500'000'000, .tv_nsec = 0}};
  ASSERT_EQ(futimens(fd.get(), times), 0);
  EXPECT_EQ(CloseStatus(fd), 0);
  const auto counts = emulator_.RequestCounts();
  EXPECT_EQ(counts.at("PutObject"), 1U);
  EXPECT_FALSE(counts.contains("CopyObject"));
  const MountProcess other(emulator_);
  EXPECT_EQ(GetExtended(other.Path("f"), "user.a"), "1");
  EXPECT_EQ(MustStat(other.Path("f")).st_mtim.tv_sec, 1'500'000'000);
}

TEST_F(TrustingMountTest, WhatListingToolsAskForCostsNoRequest) {
  for (int i = 0; i < 20; ++i) WriteWholeFile(Path("f" + std::to_string(i)), "x");
  ASSERT_EQ(RunShell("ls -l > /dev/null", mount_.mountpoint()).status.code, 0);
  emulator_.ResetCounters();
  ASSERT_EQ(RunShell("ls -l > /dev/null; ls -lZ > /dev/null; getfattr -d f1; cp f2 /dev/null", mount_.mountpoint())
                .status.code,
            0);
  for (int i = 0; i < 20; ++i) {
    const std::string path = Path("f" + std::to_string(i));
    EXPECT_EQ(GetExtended(path, "security.selinux"), kMissing);
    EXPECT_EQ(GetExtended(path, "security.capability"), kMissing);
    EXPECT_EQ(GetExtended(path, "system.posix_acl_access"), "errno " + std::to_string(EOPNOTSUPP));
    EXPECT_EQ(GetExtended(path, "user.none"), kMissing);
  }
  EXPECT_EQ(emulator_.RequestCounts().size(), 1U) << "no request but an exchange of tokens may be in it";
}

TEST_F(MountTest, CopiesAndRsyncCarryExtendedAttributes) {
  const std::string script = R"(
mkdir source; echo content > source/f; ln -s f source/link; mkdir source/d
setfattr -n user.f -v file source/f
setfattr -n user.d -v directory source/d
setfattr -h -n trusted.l -v link source/link
cp -a source copied
rsync -aX source/ synced
mv copied moved
for tree in moved synced; do
  getfattr -hdm - "$tree/f" "$tree/d" "$tree/link"
done
)";
  const CommandResult done = RunShell(script, mount_.mountpoint());
  ASSERT_EQ(done.status.code, 0) << done.errors;
  std::string expected;
  for (const std::string tree : {"moved", "synced"}) {
    expected.append("# file: ").append(tree).append("/f\nuser.f=\"file\"\n\n# file: ").append(tree);
    expected.append("/d\nuser.d=\"directory\"\n\n# file: ").append(tree).append("/link\ntrusted.l=\"link\"\n\n");
  }
  EXPECT_EQ(done.output, expected);
}

TEST_F(MountTest, Pitfall19_ForeignMetadataHeadersAndTagsSurviveEveryRewrite) {
  const std::map<std::string, std::string> foreign = {{"x-amz-meta-owner-team", "billing"},
                                                      {"Content-Type", "application/x-special"},
                                                      {"Cache-Control", "no-store"},
                                                      {"x-amz-tagging", "class=secret"}};
  for (const std::string name : {"rewritten", "appended", "cut", "moved", "changed", "marked"}) {
    emulator_.PutObject(name, "0123456789", foreign);
  }
  const std::string script = R"(
echo new > rewritten
echo more >> appended
truncate -s 3 cut
mv moved elsewhere
chmod 600 changed
setfattr -n user.a -v 1 marked
)";
  const CommandResult done = RunShell(script, mount_.mountpoint());
  ASSERT_EQ(done.status.code, 0) << done.errors;
  for (const std::string name : {"rewritten", "appended", "cut", "elsewhere", "changed", "marked"}) {
    const RawAnswer object = emulator_.FetchObject(name);
    EXPECT_EQ(object.headers.Get("x-amz-meta-owner-team"), "billing") << name;
    EXPECT_EQ(object.headers.Get("content-type"), "application/x-special") << name;
    EXPECT_EQ(object.headers.Get("cache-control"), "no-store") << name;
    EXPECT_EQ(object.headers.Get("x-amz-tagging-count"), "1") << name;
  }
}

}  // namespace
}  // namespace cosfuse::testing
