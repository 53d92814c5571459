#include "app/memory_budget.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

TEST(ParseCgroupLimit, KnowsBothWaysOfSayingNoLimit) {
  EXPECT_EQ(ParseCgroupLimit("536870912\n"), 512 * kMiB);
  EXPECT_EQ(ParseCgroupLimit("max\n"), std::nullopt);
  EXPECT_EQ(ParseCgroupLimit("9223372036854771712\n"), std::nullopt);
  EXPECT_EQ(ParseCgroupLimit(""), std::nullopt);
}

TEST(CgroupLimitFiles, GoFromTheGroupToTheRoot) {
  EXPECT_EQ(CgroupLimitFiles("0::/kubepods/pod1\n"),
            (std::vector<std::string>{"/sys/fs/cgroup/kubepods/pod1/memory.max", "/sys/fs/cgroup/kubepods/memory.max",
                                      "/sys/fs/cgroup/memory.max"}));
}

TEST(CgroupLimitFiles, OfANamespaceOfItsOwnLieAtTheRoot) {
  EXPECT_EQ(CgroupLimitFiles("0::/\n"), std::vector<std::string>{"/sys/fs/cgroup/memory.max"});
}

TEST(CgroupLimitFiles, OfVersion1AreThoseOfTheMemoryController) {
  EXPECT_EQ(CgroupLimitFiles("5:cpu,cpuacct:/a\n4:memory:/b\n1:name=systemd:/c\n"),
            (std::vector<std::string>{"/sys/fs/cgroup/memory/b/memory.limit_in_bytes",
                                      "/sys/fs/cgroup/memory/memory.limit_in_bytes"}));
}

TEST(CgroupLimitFiles, LinesThatMakeNoSenseAreLeftOut) { EXPECT_TRUE(CgroupLimitFiles("nonsense\n\n1:\n").empty()); }

TEST(PromisedFiles, TakeAQuarterOfTheBudget) {
  EXPECT_EQ(PromisedFiles(96 * kMiB), 2457U);
  EXPECT_EQ(PromisedFiles(kGiB), 26'214U);
}

TEST(DecideMemoryBudget, IsAQuarterWithinBounds) {
  EXPECT_EQ(DecideMemoryBudget(2 * kGiB), 512 * kMiB);
  EXPECT_EQ(DecideMemoryBudget(128 * kMiB), 96 * kMiB);
  EXPECT_EQ(DecideMemoryBudget(64 * kGiB), kGiB);
  EXPECT_EQ(DecideMemoryBudget(std::nullopt), kGiB);
}

}  // namespace
}  // namespace cosfuse
