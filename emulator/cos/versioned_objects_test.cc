#include "emulator/cos/versioned_objects.h"

#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

ObjectPtr MakeVersion(const std::string& id) {
  auto object = std::make_shared<Object>();
  object->version_id = id;
  object->body = Body::FromText(id);
  return object;
}

Version MakeMarker(const std::string& id) { return {id, nullptr, {}}; }

class VersionedObjectsTest : public testing::Test {
 protected:
  /// The ids of a key's versions, the latest first, markers in brackets.
  std::string Ids() const {
    std::string ids;
    for (const Version& version : objects_.VersionsOf("k")) {
      ids += ids.empty() ? "" : " ";
      ids += version.is_marker() ? "[" + version.id + "]" : version.id;
    }
    return ids;
  }

  VersionedObjects objects_{{}};
};

TEST_F(VersionedObjectsTest, OffKeepsTheLastAlone) {
  objects_.Put("k", MakeVersion("null"));
  EXPECT_EQ(objects_.Put("k", MakeVersion("null")).size(), 1U);
  EXPECT_EQ(Ids(), "null");
  EXPECT_EQ(objects_.Remove("k", MakeMarker("m")).size(), 1U);
  EXPECT_EQ(Ids(), "");
  EXPECT_TRUE(objects_.Remove("k", MakeMarker("m")).empty());
}

TEST_F(VersionedObjectsTest, EnabledKeepsEverything) {
  objects_.Put("k", MakeVersion("null"));
  objects_.SetVersioning(Versioning::kEnabled);
  EXPECT_TRUE(objects_.Put("k", MakeVersion("1")).empty());
  objects_.Put("k", MakeVersion("2"));
  objects_.Remove("k", MakeMarker("m"));
  EXPECT_EQ(Ids(), "[m] 2 1 null");
  EXPECT_EQ(objects_.Find("k"), nullptr);
  EXPECT_EQ(objects_.bytes(), 6U);
}

TEST_F(VersionedObjectsTest, SuspendedReplacesTheNullVersionAlone) {
  objects_.SetVersioning(Versioning::kEnabled);
  objects_.Put("k", MakeVersion("1"));
  objects_.SetVersioning(Versioning::kSuspended);
  EXPECT_EQ(objects_.NewId("fresh"), "null");
  objects_.Put("k", MakeVersion("null"));
  EXPECT_EQ(Ids(), "null 1");
  objects_.Put("k", MakeVersion("null"));
  EXPECT_EQ(Ids(), "null 1");
  objects_.Remove("k", MakeMarker("null"));
  EXPECT_EQ(Ids(), "[null] 1");
  objects_.Put("k", MakeVersion("null"));
  EXPECT_EQ(Ids(), "null 1");
}

TEST_F(VersionedObjectsTest, RemovingTheLatestShowsTheOneBefore) {
  objects_.SetVersioning(Versioning::kEnabled);
  objects_.Put("k", MakeVersion("1"));
  objects_.Put("k", MakeVersion("2"));
  objects_.Remove("k", MakeMarker("m"));
  EXPECT_EQ(objects_.RemoveVersion("k", "m").size(), 1U);
  EXPECT_EQ(objects_.Find("k")->version_id, "2");
  objects_.RemoveVersion("k", "2");
  EXPECT_EQ(objects_.Find("k")->version_id, "1");
  objects_.RemoveVersion("k", "1");
  EXPECT_EQ(Ids(), "");
  EXPECT_TRUE(objects_.RemoveVersion("k", "1").empty());
}

TEST_F(VersionedObjectsTest, RemovingAnOlderOneLeavesTheLatest) {
  objects_.SetVersioning(Versioning::kEnabled);
  objects_.Put("k", MakeVersion("1"));
  objects_.Put("k", MakeVersion("2"));
  objects_.RemoveVersion("k", "1");
  EXPECT_EQ(Ids(), "2");
  EXPECT_TRUE(objects_.RemoveVersion("k", "none").empty());
  EXPECT_EQ(Ids(), "2");
}

TEST_F(VersionedObjectsTest, KeysWithNothingButVersionsAreFound) {
  objects_.SetVersioning(Versioning::kEnabled);
  objects_.Put("a", MakeVersion("1"));
  objects_.Put("b", MakeVersion("2"));
  objects_.Remove("b", MakeMarker("m"));
  objects_.Remove("c", MakeMarker("n"));
  EXPECT_EQ(objects_.NextKey(""), "a");
  EXPECT_EQ(objects_.NextKey("a"), "b");
  EXPECT_EQ(objects_.NextKey("b"), "c");
  EXPECT_EQ(objects_.NextKey("c"), std::nullopt);
  EXPECT_TRUE(objects_.FindVersion("b", std::nullopt)->is_marker());
  EXPECT_EQ(objects_.FindVersion("b", "2")->object->version_id, "2");
}

}  // namespace
}  // namespace cosfuse::emulator
