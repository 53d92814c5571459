#include "emulator/wire/stream_copy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace cosfuse::emulator {
namespace {

TEST(StreamCopy, CopiesExactlyTheBytesWhereverTheyBeginAndEnd) {
  constexpr size_t kRoom = 512;
  constexpr size_t kLine = 64;
  constexpr std::byte kUntouched{0xEE};
  std::vector<std::byte> source(kRoom);
  for (size_t i = 0; i < kRoom; ++i) source[i] = static_cast<std::byte>(i % 251);
  for (size_t start = 0; start <= kLine; ++start) {
    for (size_t size = 0; size <= 3 * kLine + 1; ++size) {
      std::vector<std::byte> target(kRoom, kUntouched);
      StreamCopy(target.data() + start, std::span(source).subspan(start / 2, size));
      std::vector<std::byte> expected(kRoom, kUntouched);
      std::copy_n(source.begin() + static_cast<ptrdiff_t>(start / 2), size,
                  expected.begin() + static_cast<ptrdiff_t>(start));
      ASSERT_EQ(target, expected) << size << " bytes at " << start;
    }
  }
}

}  // namespace
}  // namespace cosfuse::emulator
