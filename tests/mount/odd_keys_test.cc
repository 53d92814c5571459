#include <algorithm>
#include <set>
#include <sstream>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

/// A key that another client may make, below the directory `p/`.
struct OddKey {
  std::string below;  ///< The key without its `p/`.
  std::string shown;  ///< The file's path below p; empty: it is none.
};

std::string Repeat(size_t count, char letter) { return std::string(count, letter); }

/// `p/` and this have 1,024 bytes together, the longest that a key may have: three components of 255 and one of 254.
std::string LongestKey() {
  return Repeat(255, 'k') + "/" + Repeat(255, 'l') + "/" + Repeat(255, 'm') + "/" + Repeat(254, 'n');
}

const std::vector<OddKey>& OddKeys() {
  static const std::vector<OddKey> keys = {
      {"plain", "plain"},
      {"new\nline", "new\nline"},
      {"control\x01\x1b[31m\x7f", "control\x01\x1b[31m\x7f"},
      {"not\xff\xfeUTF-8", "not\xff\xfeUTF-8"},
      {"\xc3\xa9", "\xc3\xa9"},    // é in one piece,
      {"e\xcc\x81", "e\xcc\x81"},  // and in two.
      {"%2F", "%2F"},
      {"a+b", "a+b"},
      {"a b", "a b"},
      {"a&b", "a&b"},
      {"<tag>", "<tag>"},
      {"...", "..."},
      {"trailing ", "trailing "},
      {"x%file", "x%%file"},
      {"both", "both%file"},
      {"both/below", "both/below"},
      {Repeat(255, 'n'), Repeat(255, 'n')},
      {LongestKey(), LongestKey()},
      {"/b", ""},
      {"a//b", ""},
      {"a//", ""},
      {"./b", ""},
      {"../b", ""},
      {"deep/../../b", ""},
      {".", ""},
      {"..", ""},
      {Repeat(256, 'n'), ""},
      {Repeat(256, 'd') + "/b", ""},
      {"dir/", ""},
      {"dir/b", "dir/b"},
      {"mark%", ""},
      {"mark%/b", "mark%/b"},
      {Repeat(251, 'x'), ""},
      {Repeat(251, 'x') + "/b", Repeat(251, 'x') + "/b"},
  };
  return keys;
}

std::string BodyOf(const OddKey& key) { return "content of " + key.below; }

class OddKeysTest : public MountTest {
 protected:
  OddKeysTest() {
    for (const OddKey& key : OddKeys()) {
      EXPECT_EQ(emulator_.PutObject("p/" + key.below, BodyOf(key)).status, 200) << key.below;
    }
  }

  /// Every key of `which`, or every other one, has its bytes below `directory`.
  void ExpectThere(const std::string& directory, bool shown) const {
    for (const OddKey& key : OddKeys()) {
      if (key.shown.empty() == shown) continue;
      EXPECT_EQ(emulator_.FetchObject(directory + key.below).body, BodyOf(key)) << directory << key.below;
    }
  }
  static size_t CountHidden() { return std::ranges::count(OddKeys(), "", &OddKey::shown); }

  /// The paths of all files that find shows below a directory.
  std::set<std::string> FilesBelow(const std::string& directory) const {
    const CommandResult found =
        RunCommand({"find", Path(directory), "-type", "f", "-printf", "%P\\0"}, {{"LC_ALL", "C"}});
    EXPECT_EQ(found.status.code, 0) << found.errors;
    std::set<std::string> files;
    std::istringstream output(found.output);
    for (std::string file; std::getline(output, file, '\0');) files.insert(file);
    return files;
  }
  static std::set<std::string> ShownFiles() {
    std::set<std::string> files;
    for (const OddKey& key : OddKeys()) {
      if (!key.shown.empty()) files.insert(key.shown);
    }
    return files;
  }
};

TEST_F(OddKeysTest, Pitfall34_EachKeyThatCanBeAFileIsOneAndListingChangesNone) {
  const CommandResult listed = RunCommand({"ls", "-lR", Path("p")});
  EXPECT_EQ(listed.status.code, 0) << listed.errors;
  EXPECT_EQ(FilesBelow("p"), ShownFiles());
  for (const OddKey& key : OddKeys()) {
    if (key.shown.empty()) continue;
    EXPECT_EQ(ReadWholeFile(Path("p/" + key.shown)), BodyOf(key)) << key.shown;
  }
  // What a directory does not show is counted.
  EXPECT_NE(mount_.Log().find(R"("directory":"p/","keys":"9")"), std::string::npos) << mount_.Log();
  EXPECT_NE(mount_.Log().find(R"("directory":"p/dir/","keys":"1")"), std::string::npos) << mount_.Log();
  ExpectThere("p/", true);
  ExpectThere("p/", false);
  EXPECT_EQ(emulator_.Keys().size(), OddKeys().size());
}

TEST_F(OddKeysTest, Pitfall34_CopyOfTheirParentHasWhatIsShown) {
  const TemporaryDirectory local;
  const CommandResult copied = RunCommand({"cp", "-r", Path("p"), local.path() + "/c"});
  EXPECT_EQ(copied.status.code, 0) << copied.errors;
  EXPECT_EQ(RunCommand({"diff", "-r", Path("p"), local.path() + "/c"}).output, "");

  // On a mount a name that says "beside a directory" cannot be made.
  const CommandResult copied_here = RunCommand({"cp", "-r", Path("p"), Path("c")}, {{"LC_ALL", "C"}});
  EXPECT_EQ(copied_here.status.code, 1);
  EXPECT_EQ(copied_here.errors, "cp: cannot create regular file '" + Path("c/both%file") + "': Invalid argument\n");
  const CommandResult different = RunCommand({"diff", "-r", Path("p"), Path("c")}, {{"LC_ALL", "C"}});
  EXPECT_EQ(different.output, "Only in " + Path("p") + ": both%file\n");
  ExpectThere("p/", true);
  ExpectThere("p/", false);
}

TEST_F(OddKeysTest, Pitfall34_RenameOfTheirParentTakesAllKeysAlong) {
  const CommandResult moved = RunCommand({"mv", Path("p"), Path("q")});
  EXPECT_EQ(moved.status.code, 0) << moved.errors << mount_.Log();
  ExpectThere("q/", true);
  ExpectThere("q/", false);
  EXPECT_EQ(emulator_.Keys().size(), OddKeys().size());
  EXPECT_EQ(FilesBelow("q"), ShownFiles());
}

TEST_F(OddKeysTest, Pitfall34_RenameThatWouldMakeAKeyTooLongChangesNothing) {
  EXPECT_EQ(ErrnoOf(rename(Path("p").c_str(), Path("longer").c_str())), ENAMETOOLONG);
  ExpectThere("p/", true);
  ExpectThere("p/", false);
  EXPECT_EQ(emulator_.Keys().size(), OddKeys().size());
}

TEST_F(OddKeysTest, Pitfall34_RemovalOfTheirParentKeepsWhatIsNotShown) {
  const CommandResult removed = RunCommand({"rm", "-r", Path("p")}, {{"LC_ALL", "C"}});
  EXPECT_EQ(removed.status.code, 1);
  EXPECT_NE(removed.errors.find("Directory not empty"), std::string::npos) << removed.errors;
  EXPECT_EQ(FilesBelow("p"), std::set<std::string>());
  ExpectThere("p/", false);
  EXPECT_GE(emulator_.Keys().size(), CountHidden());
  // Nor does a directory come to stand where they are.
  ASSERT_EQ(mkdir(Path("q").c_str(), 0755), 0);
  EXPECT_EQ(ErrnoOf(rename(Path("q").c_str(), Path("p").c_str())), ENOTEMPTY);
  ExpectThere("p/", false);
}

}  // namespace
}  // namespace cosfuse::testing
