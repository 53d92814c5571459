#include "fs/left_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace cosfuse {
namespace {

std::vector<LeftPath> PlanPaths(const std::vector<ObjectKey>& keys, std::string_view prefix = "") {
  return PlanLeftPaths(prefix, keys);
}

TEST(PlanLeftPaths, AKeyIsTheWayDownToItsFile) {
  EXPECT_EQ(PlanPaths({"f", "d/e/f", "d/g"}), (std::vector<LeftPath>{{"f"}, {"d", "e", "f"}, {"d", "g"}}));
  EXPECT_EQ(PlanPaths({"p/q/f", "p/f"}, "p/"), (std::vector<LeftPath>{{"q", "f"}, {"f"}}));
  EXPECT_TRUE(PlanPaths({}).empty());
}

TEST(PlanLeftPaths, WhatIsOutsideOfThePrefixOrCanBeNoNameHasNone) {
  EXPECT_EQ(PlanPaths({"other/f", "p/f"}, "p/"), (std::vector<LeftPath>{{}, {"f"}}));
  for (const char* const key : {"", "a//b", "/a", "a/", "a/../b", "."}) {
    EXPECT_EQ(PlanPaths({key}), std::vector<LeftPath>{{}}) << key;
  }
  EXPECT_EQ(PlanPaths({std::string(256, 'x')}), std::vector<LeftPath>{{}});
}

TEST(PlanLeftPaths, OfTwoFilesWithOneKeyTheLaterOneHasTheName) {
  EXPECT_EQ(PlanPaths({"f", "g", "f"}), (std::vector<LeftPath>{{}, {"g"}, {"f"}}));
}

TEST(PlanLeftPaths, AFileWhoseKeyIsAlsoADirectoryStandsBesideIt) {
  EXPECT_EQ(PlanPaths({"d", "d/f", "d/e/f", "d/e"}),
            (std::vector<LeftPath>{{"d%file"}, {"d", "f"}, {"d", "e", "f"}, {"d", "e%file"}}));
  EXPECT_EQ(PlanPaths({"d%", "d%/f"}), (std::vector<LeftPath>{{}, {"d%", "f"}}));
}

TEST(PlanLeftPaths, NamesAreEscapedAsAListingShowsThem) {
  EXPECT_EQ(PlanPaths({"a%file/b%file"}), std::vector<LeftPath>({{"a%%file", "b%%file"}}));
}

TEST(LeftFileState, IsTheFileAsItWasClosed) {
  PosixAttributes attributes;
  attributes.mode = S_IFREG | 0640;
  attributes.uid = 7;
  attributes.gid = 8;
  attributes.modification_time = WallTime(std::chrono::seconds(1'000));
  UploadTarget target;
  target.key = "f";
  target.metadata.content_type = "text/plain";
  EncodeAttributes(attributes, target.metadata);

  const FileState created = LeftFileState(target, std::nullopt, {});
  EXPECT_EQ(created.attributes.mode, attributes.mode);
  EXPECT_EQ(created.attributes.uid, 7U);
  EXPECT_EQ(created.attributes.modification_time, attributes.modification_time);
  EXPECT_EQ(created.metadata, target.metadata);
  EXPECT_EQ(created.etag, ETag());
  EXPECT_FALSE(created.replaces_unseen);
  EXPECT_FALSE(created.evidence) << "the store has not been asked";

  const FileState edited = LeftFileState(target, BaseVersion{.key = "f", .etag = ETag{"e"}, .size = 5}, {});
  EXPECT_EQ(edited.etag, ETag{"e"});
  EXPECT_EQ(edited.stored_size, 5U);
  EXPECT_EQ(LeftFileState(target, BaseVersion{.key = "another", .etag = ETag{"e"}, .size = 5}, {}).etag, ETag());

  target.mode = WriteMode::kReplaceAny;
  EXPECT_TRUE(LeftFileState(target, std::nullopt, {}).replaces_unseen) << "of a drop box";
}

}  // namespace
}  // namespace cosfuse
