#include "base/heap.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

bool MayReturn(HeapWatch& watch, ByteCount free) { return watch.MayReturn({.in_use = kGiB, .free = free}); }

TEST(HeapWatch, LittleIsKept) {
  HeapWatch watch;
  EXPECT_FALSE(MayReturn(watch, 0));
  EXPECT_FALSE(MayReturn(watch, HeapWatch::kWorthwhile - 1));
}

TEST(HeapWatch, MuchIsReturnedOnce) {
  HeapWatch watch;
  EXPECT_TRUE(MayReturn(watch, 100 * kMiB));
  EXPECT_FALSE(MayReturn(watch, 100 * kMiB)) << "malloc counts what was given back as free";
  EXPECT_FALSE(MayReturn(watch, 101 * kMiB));
  EXPECT_TRUE(MayReturn(watch, 108 * kMiB));
}

TEST(HeapWatch, WhatWasUsedAgainIsReturnedAgain) {
  HeapWatch watch;
  EXPECT_TRUE(MayReturn(watch, 100 * kMiB));
  EXPECT_FALSE(MayReturn(watch, 10 * kMiB));
  EXPECT_TRUE(MayReturn(watch, 100 * kMiB));
}

}  // namespace
}  // namespace cosfuse
