#include "fs/resolve.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

ObjectInfo Object(ByteCount size) {
  ObjectInfo info;
  info.size = size;
  info.etag = {"e"};
  return info;
}

ObjectInfo OldMarker() {
  ObjectInfo info = Object(0);
  info.metadata.content_type = "application/x-directory";
  return info;
}

ListPage FindingsPage(std::vector<ObjectKey> keys, std::vector<std::string> prefixes = {}) {
  ListPage page;
  for (ObjectKey& key : keys) page.objects.emplace_back().key = std::move(key);
  page.common_prefixes = std::move(prefixes);
  return page;
}

TEST(Resolve, PrefixHasTheNameWhateverElseIsThere) {
  const PrefixFinding prefix;
  EXPECT_EQ(ResolveFindings(false, Object(3), prefix).kind, NameKind::kDirectory);
  EXPECT_EQ(ResolveFindings(false, std::nullopt, prefix).kind, NameKind::kDirectory);
  EXPECT_EQ(ResolveFindings(false, Object(3), std::nullopt).kind, NameKind::kFile);
  EXPECT_EQ(ResolveFindings(false, std::nullopt, std::nullopt).kind, NameKind::kAbsent);
}

TEST(Resolve, ObjectBesideAPrefixNeedsBoth) {
  const PrefixFinding prefix;
  EXPECT_EQ(ResolveFindings(true, Object(3), prefix).kind, NameKind::kFile);
  EXPECT_EQ(ResolveFindings(true, Object(3), std::nullopt).kind, NameKind::kAbsent);
  EXPECT_EQ(ResolveFindings(true, std::nullopt, prefix).kind, NameKind::kAbsent);
  EXPECT_EQ(ResolveFindings(true, OldMarker(), prefix).kind, NameKind::kAbsent);
}

TEST(Resolve, OldMarkerIsADirectory) {
  const Resolution resolution = ResolveFindings(false, OldMarker(), std::nullopt);
  EXPECT_EQ(resolution.kind, NameKind::kDirectory);
  EXPECT_TRUE(resolution.object.has_value());
  EXPECT_FALSE(resolution.marker.has_value());
}

TEST(Resolve, MarkerIsFoundAmongTheKeys) {
  const auto marked = InterpretList("d/", FindingsPage({"d/", "d/a"}));
  ASSERT_TRUE(marked.has_value() && marked->has_value());
  EXPECT_EQ((*marked)->marker->key, "d/");
  const auto implied = InterpretList("d/", FindingsPage({"d/a"}));
  ASSERT_TRUE(implied.has_value() && implied->has_value());
  EXPECT_FALSE((*implied)->marker.has_value());
  const auto nested = InterpretList("d/", FindingsPage({}, {"d/e/"}));
  EXPECT_TRUE(nested.has_value() && nested->has_value());
  const auto nothing = InterpretList("d/", FindingsPage({}));
  EXPECT_TRUE(nothing.has_value() && !nothing->has_value());
}

TEST(Resolve, EmptyPageThatIsNotTheLastMeansSomething) {
  ListPage page;
  page.next_token = "more";
  const auto finding = InterpretList("d/", page);
  EXPECT_TRUE(finding.has_value() && finding->has_value());
}

TEST(Resolve, Pitfall27_FailureNeverReadsAsAbsent) {
  for (const ErrorCode code : {ErrorCode::kUnavailable, ErrorCode::kTimedOut, ErrorCode::kAccessDenied,
                               ErrorCode::kThrottled, ErrorCode::kUntrustedPeer, ErrorCode::kMissingBucket}) {
    EXPECT_EQ(InterpretHead(Fail(code, "")).error().code(), code);
    EXPECT_EQ(InterpretList("d/", Fail(code, "")).error().code(), code);
  }
  const auto absent = InterpretHead(Fail(ErrorCode::kNotFound, ""));
  EXPECT_TRUE(absent.has_value() && !absent->has_value());
}

}  // namespace
}  // namespace cosfuse
