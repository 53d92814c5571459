#include "emulator/wire/body.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace cosfuse::emulator {
namespace {

std::string TextOf(const Body& body) { return body.ToText().value(); }

TEST(Body, SubTakesBytesAcrossSlices) {
  Body body = Body::FromText("abc");
  body.Append(Body::FromText("defg"));
  EXPECT_EQ(body.size(), 7U);
  EXPECT_EQ(TextOf(body.Sub({0, 7})), "abcdefg");
  EXPECT_EQ(TextOf(body.Sub({2, 3})), "cde");
  EXPECT_EQ(TextOf(body.Sub({3, 1})), "d");
  EXPECT_EQ(TextOf(body.Sub({6, 1})), "g");
}

TEST(Body, SubSharesChunks) {
  const Body body = Body::FromText("abcdef");
  EXPECT_EQ(body.Sub({1, 2}).slices()[0].chunk, body.slices()[0].chunk);
}

TEST(Body, OfNothingHasNoSlices) {
  EXPECT_TRUE(Body::FromText("").slices().empty());
  EXPECT_EQ(TextOf(Body()), "");
}

TEST(MemorySink, KeepsPiecesOfAnySize) {
  const auto sink = NewMemorySink(0);
  std::string expected;
  for (size_t i = 0; i < 200; ++i) {
    const std::string piece(i * 37 % 9001, static_cast<char>('a' + i % 26));
    ASSERT_TRUE(sink->Append(AsBytes(piece)));
    expected += piece;
  }
  const auto body = sink->Finish();
  ASSERT_TRUE(body);
  EXPECT_EQ(TextOf(*body), expected);
}

TEST(MemorySink, SplitsLongBodiesIntoSegmentsOfBoundedSize) {
  constexpr ByteCount kSize = 20 * kMiB;
  const auto sink = NewMemorySink(kSize);
  const std::string piece(kMiB, 'x');
  for (ByteCount i = 0; i < kSize; i += kMiB) ASSERT_TRUE(sink->Append(AsBytes(piece)));
  const auto body = sink->Finish();
  ASSERT_TRUE(body);
  EXPECT_EQ(body->size(), kSize);
  EXPECT_EQ(body->slices().size(), 10U);
}

TEST(MemorySink, TakesMoreThanWasAnnounced) {
  const auto sink = NewMemorySink(2);
  ASSERT_TRUE(sink->Append(AsBytes("abcdef")));
  EXPECT_EQ(TextOf(sink->Finish().value()), "abcdef");
  const auto unannounced = NewMemorySink(0);
  const std::string long_piece(5 * kMiB + 3, 'x');
  ASSERT_TRUE(unannounced->Append(AsBytes(long_piece)));
  EXPECT_EQ(TextOf(unannounced->Finish().value()), long_piece);
}

TEST(MemorySink, TakesSegmentsThatWereGivenBack) {
  for (const char c : {'a', 'b'}) {
    const std::string text(4 * kMiB, c);
    const auto sink = NewMemorySink(text.size());
    ASSERT_TRUE(sink->Append(AsBytes(text)));
    EXPECT_EQ(TextOf(sink->Finish().value()), text);
  }
}

}  // namespace
}  // namespace cosfuse::emulator
