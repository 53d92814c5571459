#include "fs/metadata_codec.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>

namespace cosfuse {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr AttributeDefaults kDefaults = {.uid = 7, .gid = 8, .file_mode = 0640, .directory_mode = 0750};

ObjectInfo InfoWith(UserMetadata user) {
  ObjectInfo info;
  info.last_modified = WallTime(seconds(1000));
  info.metadata.user = std::move(user);
  return info;
}

TEST(MetadataCodec, ObjectWithoutMetadataHasDefaults) {
  const PosixAttributes file = DecodeAttributes(InfoWith({}), false, kDefaults);
  EXPECT_EQ(file.mode, static_cast<mode_t>(S_IFREG | 0640));
  EXPECT_EQ(file.uid, 7U);
  EXPECT_EQ(file.gid, 8U);
  EXPECT_EQ(file.modification_time, WallTime(seconds(1000)));
  EXPECT_EQ(file.change_time, WallTime(seconds(1000)));
  EXPECT_EQ(file.access_time, WallTime(seconds(1000)));
  EXPECT_EQ(DecodeAttributes(InfoWith({}), true, kDefaults).mode, static_cast<mode_t>(S_IFDIR | 0750));
}

TEST(MetadataCodec, ReadsWhatS3fsWrites) {
  const ObjectInfo info = InfoWith({{"mode", "33188"},
                                    {"uid", "1000"},
                                    {"gid", "1001"},
                                    {"mtime", "1600000000.25"},
                                    {"ctime", "1600000001"},
                                    {"atime", "1600000002.000000001"}});
  const PosixAttributes attributes = DecodeAttributes(info, false, kDefaults);
  EXPECT_EQ(attributes.mode, static_cast<mode_t>(S_IFREG | 0644));
  EXPECT_EQ(attributes.uid, 1000U);
  EXPECT_EQ(attributes.gid, 1001U);
  EXPECT_EQ(attributes.modification_time, WallTime(seconds(1'600'000'000) + nanoseconds(250'000'000)));
  EXPECT_EQ(attributes.change_time, WallTime(seconds(1'600'000'001)));
  EXPECT_EQ(attributes.access_time, WallTime(seconds(1'600'000'002) + nanoseconds(1)));
}

TEST(MetadataCodec, WhatIsWrittenIsReadBack) {
  PosixAttributes attributes;
  attributes.mode = S_IFCHR | 04755;
  attributes.uid = 4'000'000'000;
  attributes.gid = 5;
  attributes.device = 0x1234;
  attributes.access_time = WallTime(nanoseconds(-1'500'000'000));
  attributes.modification_time = WallTime(nanoseconds(123'456'789));
  attributes.change_time = WallTime(seconds(0));
  attributes.extended = {{"user.comment", "any\xff bytes"}, {"trusted.t", ""}};
  ObjectInfo info = InfoWith({});
  EncodeAttributes(attributes, info.metadata);
  EXPECT_EQ(DecodeAttributes(info, false, kDefaults), attributes);
}

TEST(MetadataCodec, EncodingLeavesForeignMetadataAlone) {
  ObjectMetadata metadata;
  metadata.user = {{"owner-team", "billing"}, {"mode", "33188"}, {"xattr", "{}"}};
  metadata.content_type = "application/x-special";
  metadata.standard = {{"cache-control", "no-store"}};
  PosixAttributes attributes;
  attributes.mode = S_IFREG | 0600;
  EncodeAttributes(attributes, metadata);
  EXPECT_EQ(metadata.user.at("owner-team"), "billing");
  EXPECT_EQ(metadata.user.at("xattr"), "{}");
  EXPECT_EQ(metadata.user.at("mode"), "33152");
  EXPECT_EQ(metadata.content_type, "application/x-special");
  EXPECT_EQ(metadata.standard.at("cache-control"), "no-store");
  EXPECT_FALSE(metadata.user.contains("rdev"));
}

TEST(MetadataCodec, ExtendedAttributesThatNobodyChangesStayToTheByte) {
  for (const char* const field : {R"({"user.a": "MQ=="})", "not one of ours", R"({"user.a":"MQ==","user.bad":"!"})"}) {
    ObjectInfo info = InfoWith({{"xattr", field}});
    PosixAttributes attributes = DecodeAttributes(info, false, kDefaults);
    attributes.mode = S_IFREG | 0600;
    EncodeAttributes(attributes, info.metadata);
    EXPECT_EQ(info.metadata.user.at("xattr"), field);
    attributes.extended["user.b"] = "2";
    EncodeAttributes(attributes, info.metadata);
    EXPECT_EQ(DecodeAttributes(info, false, kDefaults), attributes);
  }
}

TEST(MetadataCodec, WithoutExtendedAttributesThereIsNoField) {
  ObjectInfo info = InfoWith({{"xattr", R"({"user.a":"MQ=="})"}});
  PosixAttributes attributes = DecodeAttributes(info, false, kDefaults);
  attributes.extended.clear();
  EncodeAttributes(attributes, info.metadata);
  EXPECT_FALSE(info.metadata.user.contains("xattr"));
}

TEST(MetadataCodec, WhatFitsStillFitsWithOtherTimesAndOwners) {
  ObjectMetadata foreign;
  foreign.user = {{"owner-team", std::string(500, 'x')}};
  PosixAttributes attributes;
  attributes.mode = S_IFREG | 0644;
  size_t most = 0;
  while (FitsIntoMetadata(attributes, foreign)) attributes.extended["user.v"] = std::string(most++, 'v');
  EXPECT_GT(most, 700U);
  EXPECT_LT(most, 1000U);
  attributes.extended["user.v"].pop_back();
  EXPECT_TRUE(FitsIntoMetadata(attributes, foreign));
  attributes.uid = 4'000'000'000;
  attributes.gid = 4'000'000'000;
  attributes.access_time = WallTime(nanoseconds(1'700'000'000'123'456'789));
  attributes.modification_time = attributes.access_time;
  attributes.change_time = attributes.access_time;
  EXPECT_TRUE(FitsIntoMetadata(attributes, foreign));
  ObjectMetadata stored = foreign;
  EncodeAttributes(attributes, stored);
  ByteCount bytes = 0;
  for (const auto& [name, value] : stored.user) bytes += name.size() + value.size();
  EXPECT_LE(bytes, 2048U - std::string("cosfuse-upload-id").size() - 32);
}

TEST(MetadataCodec, ModeIsReadTolerantly) {
  struct Row {
    const char* text;
    bool is_directory;
    mode_t mode;
  };
  const Row rows[] = {
      {"33188", false, S_IFREG | 0644},   {"0100644", false, S_IFREG | 0644}, {"420", false, S_IFREG | 0644},
      {" 33188 ", false, S_IFREG | 0644}, {"41471", false, S_IFLNK | 0777},   {"4480", false, S_IFIFO | 0600},
      {"49536", false, S_IFSOCK | 0600},  {"16877", false, S_IFREG | 0755},   {"16832", true, S_IFDIR | 0700},
      {"33188", true, S_IFDIR | 0644},    {"", false, S_IFREG | 0640},        {"rw-r--r--", false, S_IFREG | 0640},
      {"-1", false, S_IFREG | 0640},      {"99999999", false, S_IFREG | 0640}};
  for (const Row& row : rows) {
    EXPECT_EQ(DecodeAttributes(InfoWith({{"mode", row.text}}), row.is_directory, kDefaults).mode, row.mode) << row.text;
  }
}

TEST(MetadataCodec, NonsenseFallsBackToDefaults) {
  const ObjectInfo info = InfoWith({{"uid", "root"}, {"gid", "-5"}, {"mtime", "yesterday"}, {"atime", "1e9"}});
  const PosixAttributes attributes = DecodeAttributes(info, false, kDefaults);
  EXPECT_EQ(attributes.uid, 7U);
  EXPECT_EQ(attributes.gid, 8U);
  EXPECT_EQ(attributes.modification_time, WallTime(seconds(1000)));
  EXPECT_EQ(attributes.access_time, WallTime(seconds(1000)));
}

TEST(MetadataCodec, OldDirectoryMarkersAreKnown) {
  ObjectInfo info = InfoWith({});
  EXPECT_FALSE(IsOldDirectoryMarker(info));
  info.metadata.content_type = "application/x-directory";
  EXPECT_TRUE(IsOldDirectoryMarker(info));
  info.size = 1;
  EXPECT_FALSE(IsOldDirectoryMarker(info));
  EXPECT_TRUE(IsOldDirectoryMarker(InfoWith({{"mode", "16877"}})));
}

TEST(Seconds, AreReadWithAnyFraction) {
  EXPECT_EQ(ParseSeconds("12"), WallTime(seconds(12)));
  EXPECT_EQ(ParseSeconds("12."), WallTime(seconds(12)));
  EXPECT_EQ(ParseSeconds("12.5"), WallTime(seconds(12) + nanoseconds(500'000'000)));
  EXPECT_EQ(ParseSeconds("12.1234567899"), WallTime(seconds(12) + nanoseconds(123'456'789)));
  EXPECT_EQ(ParseSeconds("-1.5"), WallTime(seconds(-1) + nanoseconds(500'000'000)));
  for (const char* const text : {"", ".", ".5", "1.x", "x", "1 2", "99999999999999", "0x10", "-9999999999999999999"}) {
    EXPECT_EQ(ParseSeconds(text), std::nullopt) << text;
  }
}

TEST(Seconds, AreWrittenWithAWholeFractionOrNone) {
  EXPECT_EQ(FormatSeconds(WallTime(seconds(1'500'000'000))), "1500000000");
  EXPECT_EQ(FormatSeconds(WallTime(seconds(1) + nanoseconds(50'000'000))), "1.050000000");
  EXPECT_EQ(FormatSeconds(WallTime(nanoseconds(1))), "0.000000001");
  EXPECT_EQ(FormatSeconds(WallTime(nanoseconds(-1))), "-1.999999999");
  EXPECT_EQ(ParseSeconds(FormatSeconds(WallTime(nanoseconds(-1)))), WallTime(nanoseconds(-1)));
}

}  // namespace
}  // namespace cosfuse
