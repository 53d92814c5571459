#include <dirent.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <set>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

std::multiset<std::string> NamesIn(const std::string& directory) {
  std::multiset<std::string> names;
  DIR* const stream = opendir(directory.c_str());
  EXPECT_NE(stream, nullptr) << directory;
  if (stream == nullptr) return names;
  while (const dirent* entry = readdir(stream)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.insert(name);
  }
  closedir(stream);
  return names;
}

TEST_F(MountTest, MissingNameIsEnoent) {
  EXPECT_EQ(StatErrno(Path("missing")), ENOENT);
  EXPECT_EQ(StatErrno(Path("missing/below")), ENOENT);
}

TEST_F(MountTest, NameBelowAFileIsEnotdir) {
  emulator_.PutObject("file", "x");
  EXPECT_EQ(StatErrno(Path("file/below")), ENOTDIR);
}

TEST_F(MountTest, ForeignObjectHasDefaultsAndItsSize) {
  emulator_.PutObject("some/deep/object", "12345");
  const struct stat file = MustStat(Path("some/deep/object"));
  EXPECT_EQ(file.st_size, 5);
  EXPECT_EQ(file.st_mode, static_cast<mode_t>(S_IFREG | 0644));
  EXPECT_EQ(MustStat(Path("some/deep")).st_mode, static_cast<mode_t>(S_IFDIR | 0755));
}

TEST_F(TrustingMountTest, ColdLookupOfAnObjectCostsOneHeadAndOneList) {
  emulator_.PutObject("cold", "x");
  emulator_.ResetCounters();
  MustStat(Path("cold"));
  const auto counts = emulator_.RequestCounts();
  EXPECT_EQ(counts.at("HeadObject"), 1U);
  EXPECT_EQ(counts.at("ListObjectsV2"), 1U);
  emulator_.ResetCounters();
  MustStat(Path("cold"));
  EXPECT_TRUE(emulator_.RequestCounts().size() == 1);  // TokenExchange alone, with 0.
}

TEST_F(MountTest, ReaddirShowsEachNameOnceOverSeveralPages) {
  std::multiset<std::string> expected;
  for (int i = 0; i < 2500; ++i) {
    const std::string name = "name-" + std::to_string(i);
    expected.insert(name);
    emulator_.PutObject("many/" + name, "");
  }
  emulator_.PutObject("many/sub/x", "");
  expected.insert("sub");
  EXPECT_EQ(NamesIn(Path("many")), expected);
}

TEST_F(MountTest, ReaddirGoesOnWhereTelldirStood) {
  for (int i = 0; i < 300; ++i) emulator_.PutObject("d/name-" + std::to_string(i), "");
  DIR* const stream = opendir(Path("d").c_str());
  ASSERT_NE(stream, nullptr);
  for (int i = 0; i < 100; ++i) ASSERT_NE(readdir(stream), nullptr);
  const long position = telldir(stream);
  const std::string next = readdir(stream)->d_name;
  while (readdir(stream) != nullptr) {
  }
  seekdir(stream, position);
  EXPECT_EQ(std::string(readdir(stream)->d_name), next);
  closedir(stream);
}

TEST_F(MountTest, OddNamesAreFilesLikeOthers) {
  const std::vector<std::string> names = {"with space",  "plus+and%20",         "quote\"'",    "new\nline", "ünïcödé",
                                          "back\\slash", "amp&lt;<>",           "hash#query?", "~tilde",    "-dash",
                                          "\x01\x7f",    std::string(255, 'n'), "%2F",         "a=b;c:d,e"};
  for (const std::string& name : names) WriteWholeFile(Path(name), "content of " + name);
  const auto listed = NamesIn(mount_.mountpoint());
  for (const std::string& name : names) {
    EXPECT_EQ(listed.count(name), 1U) << name;
    EXPECT_EQ(ReadWholeFile(Path(name)), "content of " + name);
    EXPECT_EQ(emulator_.FetchObject(name).body, "content of " + name) << name;
  }
}

TEST_F(MountTest, TooLongNameIsEnametoolong) { EXPECT_EQ(StatErrno(Path(std::string(256, 'n'))), ENAMETOOLONG); }

TEST_F(MountTest, MkdirOfAnExistingNameIsEexist) {
  ASSERT_EQ(mkdir(Path("d").c_str(), 0755), 0);
  EXPECT_EQ(ErrnoOf(mkdir(Path("d").c_str(), 0755)), EEXIST);
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>{"d/"});
}

TEST_F(UncachedMountTest, RmdirAsksTheBucketWhetherADirectoryIsEmpty) {
  ASSERT_EQ(mkdir(Path("d").c_str(), 0755), 0);
  EXPECT_TRUE(NamesIn(Path("d")).empty());
  emulator_.PutObject("d/foreign", "x");
  EXPECT_EQ(ErrnoOf(rmdir(Path("d").c_str())), ENOTEMPTY);
  emulator_.DeleteObject("d/foreign");
  EXPECT_EQ(rmdir(Path("d").c_str()), 0);
  EXPECT_TRUE(emulator_.Keys().empty());
}

TEST_F(MountTest, Pitfall35_DirectoryStaysWhenItsLastFileGoes) {
  emulator_.PutObject("implied/only", "x");
  ASSERT_EQ(unlink(Path("implied/only").c_str()), 0);
  EXPECT_TRUE(S_ISDIR(MustStat(Path("implied")).st_mode));
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>{"implied/"});
}

TEST_F(UncachedMountTest, Pitfall28_NameCreatedElsewhereIsSeenAndOwnCreateAtOnce) {
  EXPECT_EQ(StatErrno(Path("f")), ENOENT);
  emulator_.PutObject("f", "x");
  EXPECT_EQ(MustStat(Path("f")).st_size, 1);
  EXPECT_EQ(StatErrno(Path("own")), ENOENT);
  const FileDescriptor fd = MustOpen(Path("own"), O_CREAT | O_WRONLY);
  EXPECT_EQ(StatErrno(Path("own")), 0);
}

TEST_F(UncachedMountTest, Pitfall29_FileAndPrefixOfOneNameAreBothReachable) {
  emulator_.PutObject("foo", "the file");
  emulator_.PutObject("foo/bar", "below");
  EXPECT_TRUE(S_ISDIR(MustStat(Path("foo")).st_mode));
  EXPECT_EQ(ReadWholeFile(Path("foo/bar")), "below");
  EXPECT_EQ(ReadWholeFile(Path("foo%file")), "the file");
  EXPECT_EQ(NamesIn(mount_.mountpoint()), (std::multiset<std::string>{"foo", "foo%file"}));
  EXPECT_TRUE(S_ISDIR(MustStat(Path("foo")).st_mode));
}

TEST_F(MountTest, StatfsAnswersWithoutARequest) {
  emulator_.ResetCounters();
  struct statvfs status{};
  ASSERT_EQ(statvfs(mount_.mountpoint().c_str(), &status), 0);
  EXPECT_GT(status.f_bavail, 0U);
  EXPECT_EQ(status.f_namemax, 255U);
  EXPECT_EQ(emulator_.RequestCounts().size(), 1U);
}

TEST_F(UncachedMountTest, Pitfall27_UnreachableStoreIsNeverNotFound) {
  emulator_.PutObject("f", "x");
  emulator_.Post("fault?op=HeadObject&status=403&code=AccessDenied&count=1000");
  const int error = StatErrno(Path("f"));
  EXPECT_EQ(error, EACCES);
  emulator_.Post("fault/clear");
  EXPECT_EQ(StatErrno(Path("f")), 0);
}

}  // namespace
}  // namespace cosfuse::testing
