#include "fs/content_type.h"

#include <gtest/gtest.h>

#include <string>

namespace cosfuse {
namespace {

TEST(ContentType, FollowsTheExtension) {
  EXPECT_EQ(GuessContentType("trusted-profile-object.txt"), "text/plain");
  EXPECT_EQ(GuessContentType("a.html"), "text/html");
  EXPECT_EQ(GuessContentType("a.json"), "application/json");
  EXPECT_EQ(GuessContentType("a.csv"), "text/csv");
  EXPECT_EQ(GuessContentType("a.tar.gz"), "application/gzip");
  EXPECT_EQ(GuessContentType("first.7z"), "application/x-7z-compressed");
  EXPECT_EQ(GuessContentType("last.zst"), "application/zstd");
}

TEST(ContentType, IgnoresCase) { EXPECT_EQ(GuessContentType("PHOTO.JPG"), "image/jpeg"); }

TEST(ContentType, UnknownIsOctetStream) {
  for (const char* const name : {"", "Makefile", "a.", "a.unknown", "txt", ".", "a.txt~", "a.tx", "a.txtt"}) {
    EXPECT_EQ(GuessContentType(name), "application/octet-stream") << name;
  }
}

TEST(ContentType, HiddenFilesWithThatNameCountAsExtensions) { EXPECT_EQ(GuessContentType(".txt"), "text/plain"); }

}  // namespace
}  // namespace cosfuse
