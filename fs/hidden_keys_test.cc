#include "fs/hidden_keys.h"

#include <gtest/gtest.h>

#include <string>

namespace cosfuse {
namespace {

TEST(HiddenKeys, OrdinaryKeysAreShown) {
  for (const char* const key : {"a", "a/b", "a/b/", "%2F", "...", "a\nb", "\xff", "x%file", ".hidden/..b"}) {
    EXPECT_EQ(FindWhyHidden(key, 0), std::nullopt) << key;
  }
  EXPECT_EQ(FindWhyHidden("", 0), std::nullopt) << "the marker of the mount's own prefix";
  EXPECT_EQ(FindWhyHidden(std::string(255, 'n') + "/" + std::string(255, 'n'), 1), std::nullopt);
}

TEST(HiddenKeys, Pitfall34_EachKeyThatIsNoPathHasItsReason) {
  using std::string_view_literals::operator""sv;
  const std::string longer(256, 'n');
  const struct {
    std::string_view key;
    WhyHidden why;
  } rows[] = {
      {"a//b", WhyHidden::kEmptyComponent}, {"/b", WhyHidden::kEmptyComponent},     {"a//", WhyHidden::kEmptyComponent},
      {"./b", WhyHidden::kDotComponent},    {"a/../b", WhyHidden::kDotComponent},   {"..", WhyHidden::kDotComponent},
      {"a/.", WhyHidden::kDotComponent},    {longer, WhyHidden::kLongComponent},    {"a\0b"sv, WhyHidden::kNulByte},
      {"dir/", WhyHidden::kDirectoryBytes}, {"a/./dir/", WhyHidden::kDotComponent},
  };
  for (const auto& row : rows) EXPECT_EQ(FindWhyHidden(row.key, 1), row.why) << row.key;
  EXPECT_EQ(FindWhyHidden(longer + "/b", 1), WhyHidden::kLongComponent);
  EXPECT_EQ(FindWhyHidden("a/" + std::string(250, 'n') + "%file", 1), WhyHidden::kLongComponent)
      << "the escaped name would be longer than the component";
}

TEST(HiddenKeys, NamesThatCannotBeMarkedGiveWayToADirectory) {
  EXPECT_TRUE(NeedsNameOfItsOwn("a/b%"));
  EXPECT_TRUE(NeedsNameOfItsOwn("a/" + std::string(251, 'n')));
  EXPECT_FALSE(NeedsNameOfItsOwn(std::string(251, 'n') + "/a"));
  EXPECT_FALSE(NeedsNameOfItsOwn("a/b"));
  EXPECT_FALSE(NeedsNameOfItsOwn("a/")) << "a marker is no file";
  EXPECT_FALSE(NeedsNameOfItsOwn("..")) << "it is hidden in any case";
}

TEST(HiddenKeys, EachReasonHasItsOwnWord) {
  EXPECT_EQ(DescribeWhyHidden(WhyHidden::kEmptyComponent), "empty-component");
  EXPECT_EQ(DescribeWhyHidden(WhyHidden::kDotComponent), "dot-component");
  EXPECT_EQ(DescribeWhyHidden(WhyHidden::kLongComponent), "long-component");
  EXPECT_EQ(DescribeWhyHidden(WhyHidden::kNulByte), "nul-byte");
  EXPECT_EQ(DescribeWhyHidden(WhyHidden::kDirectoryBytes), "directory-bytes");
  EXPECT_EQ(DescribeWhyHidden(WhyHidden::kBesideDirectory), "beside-directory");
}

}  // namespace
}  // namespace cosfuse
