#include "cache/conflict_name.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace cosfuse {
namespace {

using namespace std::chrono_literals;

const WallTime kNow = std::chrono::sys_days(std::chrono::January / 31 / 2026) + 23h + 59min + 58s;

TEST(ConflictName, StandsBesideTheObject) {
  EXPECT_EQ(ConflictSiblingKey("a/b/report.txt", {.host_name = "node-1"}, kNow, 0),
            "a/b/report.txt.conflict-node-1-20260131T235958Z");
  EXPECT_EQ(ConflictSiblingKey("report", {.host_name = "node-1"}, kNow, 0), "report.conflict-node-1-20260131T235958Z");
}

TEST(ConflictName, ATakenNameGetsANumber) {
  EXPECT_EQ(ConflictSiblingKey("f", {.host_name = "h"}, kNow, 2), "f.conflict-h-20260131T235958Z-2");
}

TEST(ConflictName, APrefixGoesBeforeTheWholeKeyAndAnEndingBehindAll) {
  EXPECT_EQ(ConflictSiblingKey("a/f", {.host_name = "h", .prefix = "lost/"}, kNow, 1, ".changes.tar"),
            "lost/a/f.conflict-h-20260131T235958Z-1.changes.tar");
  const std::string key = ConflictSiblingKey(std::string(255, 'x'), {.host_name = "h"}, kNow, 0, ".changes.tar");
  EXPECT_EQ(key.size(), 255U);
  EXPECT_TRUE(key.ends_with(".changes.tar"));
}

TEST(ConflictName, AllSiblingsOfAKeyBeginAlike) {
  EXPECT_EQ(ConflictSiblingPrefix("a/f", {.host_name = "h"}), "a/f.conflict-");
  EXPECT_EQ(ConflictSiblingPrefix("a/f", {.host_name = "x.conflict-y", .prefix = "lost/"}), "lost/a/f.conflict-");
  EXPECT_EQ(ConflictSiblingPrefix("a/f.conflict-h-20260131T235958Z", {.host_name = "h"}),
            "a/f.conflict-h-20260131T235958Z.conflict-");
  const std::string name(255, 'x');
  const ConflictPlace place{.host_name = "h"};
  const ObjectKey prefix = ConflictSiblingPrefix(name, place, ".changes.tar");
  EXPECT_TRUE(ConflictSiblingKey(name, place, kNow, 0, ".changes.tar").starts_with(prefix)) << prefix;
}

TEST(ConflictName, TheHostIsMadeHarmless) {
  EXPECT_EQ(ConflictSiblingKey("f", {.host_name = "a/b c\n"}, kNow, 0), "f.conflict-abc-20260131T235958Z");
  EXPECT_EQ(ConflictSiblingKey("f", {.host_name = ""}, kNow, 0), "f.conflict-unknown-20260131T235958Z");
}

TEST(ConflictName, TheComponentStaysWithin255Bytes) {
  const std::string key =
      ConflictSiblingKey("d/" + std::string(255, 'x'), {.host_name = std::string(300, 'h')}, kNow, 12);
  EXPECT_EQ(key.size(), 2 + 255u);
  EXPECT_TRUE(key.starts_with("d/xxx"));
  EXPECT_TRUE(key.ends_with("-20260131T235958Z-12"));
}

TEST(ConflictName, TheKeyStaysWithin1024Bytes) {
  std::string directory;
  for (int i = 0; i < 9; ++i) directory += std::string(100, 'd') + "/";
  EXPECT_EQ(ConflictSiblingKey(directory + std::string(115, 'x'), {.host_name = "host"}, kNow, 0).size(), 1024u);
}

TEST(ConflictName, AUtf8SequenceIsNotTorn) {
  std::string name;
  while (name.size() < 254) name += "\xC3\xA9";
  const std::string key = ConflictSiblingKey(name, {.host_name = "h"}, kNow, 0);
  const size_t dot = key.find(".conflict");
  EXPECT_EQ(dot % 2, 0u);
  EXPECT_LE(key.size(), 255u);
  EXPECT_GE(key.size(), 254u);
}

TEST(ConflictName, BytesThatAreNotUtf8AreCutAnywhere) {
  const std::string key = ConflictSiblingKey(std::string(255, '\x80'), {.host_name = "h"}, kNow, 0);
  EXPECT_EQ(key.size(), 255u);
}

}  // namespace
}  // namespace cosfuse
