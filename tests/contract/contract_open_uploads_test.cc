#include <algorithm>

#include "base/encoding.h"
#include "tests/contract/object_store_contract.h"

namespace cosfuse::testing {
namespace {

TEST_P(ObjectStoreContract, PartsOfAnUploadAreListed) {
  const auto id = store().BeginUpload(context(), Key("a"), {}, {});
  ASSERT_TRUE(id.has_value());
  EXPECT_TRUE(store().ListParts(context(), Key("a"), *id, 0)->parts.empty());
  const UploadedPart second = MustUpload(Key("a"), *id, 2, "12345");
  const UploadedPart first = MustUpload(Key("a"), *id, 1, "123");
  const auto page = store().ListParts(context(), Key("a"), *id, 0);
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ(page->parts.size(), 2U);
  EXPECT_EQ(page->next_after, 0);
  for (const auto& [listed, sent] : {std::pair{page->parts[0], first}, std::pair{page->parts[1], second}}) {
    EXPECT_EQ(listed.number, sent.number);
    EXPECT_EQ(listed.etag, sent.etag);
    EXPECT_EQ(listed.size, sent.size);
    EXPECT_EQ(listed.crc32c.value_or(*sent.crc32c), *sent.crc32c);
  }
  const auto behind = store().ListParts(context(), Key("a"), *id, 1);
  ASSERT_EQ(behind->parts.size(), 1U);
  EXPECT_EQ(behind->parts[0].number, 2);
  EXPECT_TRUE(store().AbortUpload(context(), Key("a"), *id));
  EXPECT_EQ(CodeOf(store().ListParts(context(), Key("a"), *id, 0)), ErrorCode::kMissingUpload);
}

TEST_P(ObjectStoreContract, PartsComeInPages) {
  if (GetParam().distant) GTEST_SKIP() << "takes thousands of requests";
  const auto id = store().BeginUpload(context(), Key("a"), {}, {});
  constexpr int kParts = 1002;
  for (int number = 1; number <= kParts; ++number) MustUpload(Key("a"), *id, number, "x");
  std::vector<int> numbers;
  int after = 0;
  do {
    const auto page = store().ListParts(context(), Key("a"), *id, after);
    ASSERT_TRUE(page.has_value());
    EXPECT_LE(page->parts.size(), 1000U);
    for (const UploadedPart& part : page->parts) numbers.push_back(part.number);
    after = page->next_after;
  } while (after != 0);
  EXPECT_EQ(numbers.size(), static_cast<size_t>(kParts));
  EXPECT_TRUE(std::ranges::is_sorted(numbers, std::ranges::less_equal()));
  EXPECT_EQ(numbers.back(), kParts);
  EXPECT_TRUE(store().AbortUpload(context(), Key("a"), *id));
}

TEST_P(ObjectStoreContract, Pitfall48_UploadsInProgressAreListedUntilTheyEnd) {
  const auto uploads = [&](const std::string& prefix) {
    std::vector<std::pair<std::string, std::string>> found;
    UploadMarker after;
    for (;;) {
      const auto page = store().ListUploads(context(), prefix, after);
      EXPECT_TRUE(page.has_value()) << page.error().ToString();
      if (!page) return found;
      for (const OpenUpload& upload : page->uploads) {
        EXPECT_GT(upload.begun_at, WallTime());
        found.emplace_back(upload.key, upload.upload_id);
      }
      if (!page->next_after) return found;
      after = *page->next_after;
    }
  };
  EXPECT_TRUE(uploads(prefix()).empty());
  MustPut(Key("object"), "no upload");
  const auto first = store().BeginUpload(context(), Key("a b\x01"), {}, {});
  const auto second = store().BeginUpload(context(), Key("c"), {}, {});
  ASSERT_TRUE(first && second);
  EXPECT_EQ(uploads(prefix()), (std::vector{std::pair(Key("a b\x01"), *first), std::pair(Key("c"), *second)}));
  EXPECT_EQ(uploads(Key("a")), (std::vector{std::pair(Key("a b\x01"), *first)}));
  ASSERT_TRUE(store().AbortUpload(context(), Key("a b\x01"), *first));
  const UploadedPart part = MustUpload(Key("c"), *second, 1, "x");
  ASSERT_TRUE(store().CompleteUpload(context(), Key("c"), *second, {&part, 1}, {}));
  EXPECT_TRUE(uploads(prefix()).empty());
}

TEST_P(ObjectStoreContract, UploadsInProgressComeInPages) {
  if (GetParam().distant) GTEST_SKIP() << "takes thousands of requests";
  constexpr size_t kUploads = 1001;
  std::vector<std::string> begun;
  begun.reserve(kUploads);
  for (size_t i = 0; i < kUploads; ++i) begun.push_back(*store().BeginUpload(context(), Key("same"), {}, {}));
  std::vector<std::string> listed;
  UploadMarker after;
  for (;;) {
    const auto page = store().ListUploads(context(), prefix(), after);
    ASSERT_TRUE(page.has_value());
    for (const OpenUpload& upload : page->uploads) listed.push_back(upload.upload_id);
    if (!page->next_after) break;
    after = *page->next_after;
  }
  for (const std::string& id : begun) EXPECT_TRUE(store().AbortUpload(context(), Key("same"), id));
  std::ranges::sort(begun);
  std::ranges::sort(listed);
  EXPECT_EQ(listed, begun);
}

}  // namespace
}  // namespace cosfuse::testing
