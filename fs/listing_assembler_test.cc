#include "fs/listing_assembler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cosfuse {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

ListPage PageOf(std::vector<ObjectKey> keys, std::vector<std::string> prefixes = {}) {
  ListPage page;
  for (ObjectKey& key : keys) {
    ListedObject& object = page.objects.emplace_back();
    object.key = std::move(key);
    object.size = 5;
    object.etag = {"e"};
  }
  page.common_prefixes = std::move(prefixes);
  return page;
}

std::vector<std::string> NamesOf(const std::vector<ListedName>& names) {
  std::vector<std::string> result;
  result.reserve(names.size());
  for (const ListedName& name : names) result.push_back(name.name + (name.is_directory ? "/" : ""));
  return result;
}

TEST(ListingAssembler, NamesAreRelativeToTheDirectory) {
  ListingAssembler assembler("p/d/", false);
  assembler.AddPage(PageOf({"p/d/", "p/d/a"}, {"p/d/sub/"}));
  assembler.Finish();
  EXPECT_THAT(NamesOf(assembler.Take()), UnorderedElementsAre("a", "sub/"));
  ASSERT_TRUE(assembler.marker().has_value());
  EXPECT_TRUE(assembler.sorted());
}

TEST(ListingAssembler, FileKeepsWhatTheListingSays) {
  ListingAssembler assembler("", false);
  assembler.AddPage(PageOf({"a"}));
  assembler.Finish();
  const auto names = assembler.Take();
  ASSERT_EQ(names.size(), 1U);
  EXPECT_EQ(names[0].size, 5U);
  EXPECT_EQ(names[0].etag.value, "e");
}

TEST(ListingAssembler, Pitfall29_PrefixTakesTheNameInWhateverOrder) {
  const ListPage object_page = PageOf({"foo"});
  const ListPage prefix_page = PageOf({}, {"foo/"});
  for (const bool object_first : {true, false}) {
    ListingAssembler assembler("", false);
    assembler.AddPage(object_first ? object_page : prefix_page);
    std::vector<std::string> names = NamesOf(assembler.Take());
    assembler.AddPage(object_first ? prefix_page : object_page);
    assembler.Finish();
    for (std::string& name : NamesOf(assembler.Take())) names.push_back(std::move(name));
    EXPECT_THAT(names, UnorderedElementsAre("foo/", "foo%file"));
    EXPECT_EQ(assembler.sorted(), object_first);
  }
}

TEST(ListingAssembler, UntrustedOrderHoldsObjectsToTheEnd) {
  ListingAssembler assembler("", false);
  assembler.AddPage(PageOf({"a", "b"}));
  EXPECT_THAT(assembler.Take(), IsEmpty());
  assembler.AddPage(PageOf({"c"}));
  assembler.Finish();
  EXPECT_THAT(NamesOf(assembler.Take()), ElementsAre("a", "b", "c"));
}

TEST(ListingAssembler, TrustedOrderReleasesWhatIsPassed) {
  ListingAssembler assembler("", true);
  assembler.AddPage(PageOf({"a", "foo", "foo-bar"}));
  EXPECT_THAT(NamesOf(assembler.Take()), ElementsAre("a"));
  assembler.AddPage(PageOf({"g"}, {"foo/"}));
  EXPECT_THAT(NamesOf(assembler.Take()), ElementsAre("foo/", "foo%file", "foo-bar"));
  assembler.Finish();
  EXPECT_THAT(NamesOf(assembler.Take()), ElementsAre("g"));
}

TEST(ListingAssembler, ViolatedOrderIsNoticedAndNoLongerUsed) {
  ListingAssembler assembler("", true);
  assembler.AddPage(PageOf({"m"}));
  assembler.AddPage(PageOf({"a", "z"}));
  EXPECT_FALSE(assembler.sorted());
  EXPECT_THAT(assembler.Take(), IsEmpty());
  assembler.Finish();
  EXPECT_EQ(assembler.Take().size(), 3U);
}

TEST(ListingAssembler, Pitfall34_KeysThatCannotBeNamesAreHiddenAndCounted) {
  ListingAssembler assembler("d/", false);
  assembler.AddPage(PageOf({"d/" + std::string(256, 'n'), "d/.", "d/ok"}, {"d//", "d/../"}));
  assembler.Finish();
  EXPECT_THAT(NamesOf(assembler.Take()), ElementsAre("ok"));
  EXPECT_EQ(assembler.hidden(), 4U);
}

TEST(ListingAssembler, MarkedNamesAreEscaped) {
  ListingAssembler assembler("", false);
  assembler.AddPage(PageOf({"foo%file"}));
  assembler.Finish();
  EXPECT_THAT(NamesOf(assembler.Take()), ElementsAre("foo%%file"));
}

TEST(ListingAssembler, RepeatedPrefixIsOneName) {
  ListingAssembler assembler("", false);
  assembler.AddPage(PageOf({}, {"d/"}));
  assembler.AddPage(PageOf({}, {"d/"}));
  assembler.Finish();
  EXPECT_EQ(assembler.Take().size(), 1U);
}

}  // namespace
}  // namespace cosfuse
