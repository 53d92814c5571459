#include "base/coding.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace cosfuse {
namespace {

constexpr uint64_t kLargest = std::numeric_limits<uint64_t>::max();

TEST(Coding, EverythingComesBackInOrder) {
  ByteWriter writer;
  const std::vector<uint64_t> integers = {0, 1, 127, 128, 16383, 16384, uint64_t{1} << 63, kLargest};
  for (const uint64_t value : integers) writer.Integer(value);
  writer.Fixed32(0xdeadbeef);
  writer.Flag(true);
  writer.Flag(false);
  writer.Text("");
  writer.Text(std::string("a\0b", 3));
  ByteReader reader(writer.bytes());
  for (const uint64_t value : integers) EXPECT_EQ(reader.Integer(), value);
  EXPECT_EQ(reader.Fixed32(), 0xdeadbeef);
  EXPECT_TRUE(reader.Flag());
  EXPECT_FALSE(reader.Flag());
  EXPECT_EQ(reader.Text(), "");
  EXPECT_EQ(reader.Text(), std::string("a\0b", 3));
  EXPECT_TRUE(reader.done());
}

TEST(Coding, EachCutIsNoticed) {
  ByteWriter writer;
  writer.Integer(300);
  writer.Text("text");
  writer.Fixed32(7);
  for (size_t length = 0; length < writer.bytes().size(); ++length) {
    ByteReader reader(std::string_view(writer.bytes()).substr(0, length));
    reader.Integer();
    reader.Text();
    reader.Fixed32();
    EXPECT_FALSE(reader.ok()) << length;
  }
}

TEST(Coding, NoIntegerIsLargerThanSixtyFourBits) {
  const std::string eleven_bytes = std::string(10, '\xff') + '\x01';
  ByteReader longer(eleven_bytes);
  EXPECT_EQ(longer.Integer(), 0U);
  EXPECT_FALSE(longer.ok());
  const std::string too_high = std::string(9, '\xff') + '\x02';
  ByteReader reader(too_high);
  EXPECT_EQ(reader.Integer(), 0U);
  EXPECT_FALSE(reader.ok());
}

TEST(Coding, ALengthOrCountBeyondTheEndAllocatesNothing) {
  ByteWriter writer;
  writer.Integer(kLargest);
  ByteReader text(writer.bytes());
  EXPECT_EQ(text.Text(), "");
  EXPECT_FALSE(text.ok());
  ByteReader count(writer.bytes());
  EXPECT_EQ(count.Count(), 0U);
  EXPECT_FALSE(count.ok());
}

TEST(Coding, AfterAFailureEverythingIsEmpty) {
  ByteReader reader("\x05zz");
  EXPECT_EQ(reader.Text(), "");
  EXPECT_EQ(reader.Integer(), 0U);
  EXPECT_EQ(reader.Text(), "");
  EXPECT_FALSE(reader.done());
}

}  // namespace
}  // namespace cosfuse
