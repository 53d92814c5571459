#include "fs/fuse/buffer_pool.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

TEST(BufferPool, GivesAReturnedBufferAgain) {
  BufferPool pool(100, 2);
  const std::byte* first = nullptr;
  {
    const auto buffer = pool.Take();
    first = buffer.get();
  }
  EXPECT_EQ(pool.free_buffers(), 1u);
  EXPECT_EQ(pool.Take().get(), first);
}

TEST(BufferPool, KeepsNoMoreThanItMay) {
  BufferPool pool(100, 1);
  {
    const auto one = pool.Take();
    const auto two = pool.Take();
    EXPECT_NE(one.get(), two.get());
    EXPECT_EQ(pool.free_buffers(), 0u);
  }
  EXPECT_EQ(pool.free_buffers(), 1u);
}

TEST(BufferPool, ServesSmallAndOversizedNeedsOutsideThePool) {
  BufferPool pool(100, 4);
  pool.TakeFor(25).reset();
  pool.TakeFor(101).reset();
  EXPECT_EQ(pool.free_buffers(), 0u);
  pool.TakeFor(26).reset();
  EXPECT_EQ(pool.free_buffers(), 1u);
}

}  // namespace
}  // namespace cosfuse
