#include "cache/changes_archive.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/encoding.h"

namespace cosfuse {
namespace {

// Each byte says where it is.
class NumberedContent final : public UploadContent {
 public:
  static char At(ByteCount offset) { return static_cast<char>('a' + offset % 23); }
  ByteCount size() const override { return 0; }
  Result<> Prepare(const OpContext& /*context*/, ByteRange /*range*/) override { return {}; }
  Result<> Read(ByteCount offset, std::span<std::byte> out) override {
    for (size_t i = 0; i < out.size(); ++i) out[i] = std::byte(At(offset + i));
    return {};
  }
};

std::string ReadAll(ChangesArchive& archive, size_t piece) {
  std::string bytes(archive.size(), '?');
  for (size_t at = 0; at < bytes.size(); at += piece) {
    const size_t length = std::min(piece, bytes.size() - at);
    EXPECT_TRUE(archive.Read(at, std::as_writable_bytes(std::span(bytes)).subspan(at, length)));
  }
  return bytes;
}

struct Archived {
  ChangesManifest manifest;
  std::vector<ByteRange> data;
};

const std::vector<Archived>& Archives() {
  const auto manifest = [](ByteCount size, std::vector<ByteRange> missing) {
    return ChangesManifest{.key = "dir/na me\n\xff%", .base = {"\"e:1\""}, .size = size, .missing = std::move(missing)};
  };
  constexpr ByteCount kFar = 10 * kTiB;
  static const std::vector<Archived> archives = {
      {manifest(0, {}), {}},
      {manifest(10, {}), {{0, 10}}},
      {manifest(10, {{0, 10}}), {}},
      {manifest(5000, {{0, 3}, {10, 90}}), {{3, 7}, {600, 1}, {1100, 600}, {4999, 1}}},
      // Sizes that the header has no room for.
      {manifest(2 * kFar, {{1, 9 * kGiB}}), {{0, 1}, {kFar, 512}}},
  };
  return archives;
}

std::string Head(const Archived& archived) {
  return EncodeArchiveHead(archived.manifest, StoredRanges(archived.data, archived.manifest.size), WallTime());
}

TEST(ChangesArchive, HeadSaysWhatItWasMadeOf) {
  for (const Archived& archived : Archives()) {
    const std::string head = Head(archived);
    EXPECT_EQ(head.size() % 512, 0U);
    const auto parsed = ParseArchiveHead(head + "data");
    ASSERT_TRUE(parsed && *parsed);
    EXPECT_EQ((*parsed)->length, head.size());
    EXPECT_TRUE((*parsed)->manifest == archived.manifest) << archived.manifest.size;
    EXPECT_TRUE((*parsed)->stored == StoredRanges(archived.data, archived.manifest.size)) << archived.manifest.size;
  }
}

TEST(ChangesArchive, WholeBlocksAreStored) {
  EXPECT_TRUE(StoredRanges({}, 10).empty());
  const std::vector<ByteRange> data = {{3, 7}, {600, 1}, {2100, 600}, {4999, 1}};
  EXPECT_TRUE(StoredRanges(data, 5000) == (std::vector<ByteRange>{{0, 1024}, {2048, 1024}, {4608, 392}}));
}

TEST(ChangesArchive, HeadOfWhichSomethingIsMissingWantsMore) {
  const std::string head = Head(Archives()[3]);
  for (size_t length = 0; length < head.size(); ++length) {
    const auto parsed = ParseArchiveHead(head.substr(0, length));
    ASSERT_TRUE(parsed) << length;
    EXPECT_FALSE(*parsed) << length;
  }
}

TEST(ChangesArchive, OtherTarsAndOtherBytesAreRefused) {
  const std::string head = Head(Archives()[4]);
  std::vector<std::string> others(1, std::string(2048, 'x'));
  for (const std::string_view part : {"ustar", "cosfuse changes 1", "key: ", "missing: 1 "}) {
    std::string other = head;
    other[other.find(part)] = '!';
    others.push_back(std::move(other));
  }
  // A range that begins before the one before it ends, and one that ends behind the end.
  for (const std::string_view range : {"\n00000000000512\n", "\n99999999999999\n"}) {
    std::string other = head;
    const std::string_view offset = "\n10995116277760\n";
    other.replace(other.rfind(offset), offset.size(), range);
    if (range[1] == '0') other.replace(other.rfind("\n512\n00"), 5, "\n513\n");
    others.push_back(std::move(other));
  }
  for (const std::string& other : others) {
    EXPECT_EQ(ParseArchiveHead(other).error().code(), ErrorCode::kInvalidArgument);
  }
}

TEST(ChangesArchive, TheFileFollowsTheHeadWhateverIsReadAtOnce) {
  const Archived& archived = Archives()[3];
  NumberedContent content;
  ChangesArchive archive(content, archived.manifest, archived.data, WallTime());
  const std::string whole = ReadAll(archive, archive.size());
  EXPECT_EQ(whole.size() % 512, 0U);
  for (const size_t piece : {1U, 7U, 512U, 1000U}) EXPECT_TRUE(ReadAll(archive, piece) == whole) << piece;
  const auto head = ParseArchiveHead(whole);
  ASSERT_TRUE(head && *head);
  std::string wanted(archived.manifest.size, '\0');
  for (const ByteRange range : archived.data) {
    for (ByteCount at = range.offset; at < range.end(); ++at) wanted[at] = NumberedContent::At(at);
  }
  std::string file(archived.manifest.size, '\0');
  ByteCount at = (*head)->length;
  for (const ByteRange range : (*head)->stored) {
    file.replace(range.offset, range.length, whole, at, range.length);
    at += range.length;
  }
  EXPECT_TRUE(file == wanted);
  EXPECT_EQ(whole.find_first_not_of('\0', at), std::string::npos);
  EXPECT_GE(whole.size() - at, 1024U);
}

}  // namespace
}  // namespace cosfuse
