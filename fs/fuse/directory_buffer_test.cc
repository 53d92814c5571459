#include "fs/fuse/directory_buffer.h"

#include <gtest/gtest.h>
#include <linux/fuse.h>
#include <sys/stat.h>

#include <array>
#include <cstring>

namespace cosfuse {
namespace {

DirectoryEntry Entry(std::string name, mode_t type, std::optional<uint64_t> node) {
  DirectoryEntry entry;
  entry.name = std::move(name);
  entry.inode = 9;
  entry.type = type;
  entry.next_offset = 5;
  if (node) {
    entry.entry.emplace();
    entry.entry->node = NodeId{*node};
    entry.entry->attributes.attributes.mode = type | 0644;
    entry.entry->attributes.attributes.inode = 9;
  }
  return entry;
}

TEST(DirectoryBuffer, CountsALookupForEachEntryThatCarriesANode) {
  std::array<std::byte, 4096> memory;
  DirectoryBuffer buffer(nullptr, memory, true);
  EXPECT_TRUE(buffer.Add(Entry(".", S_IFDIR, std::nullopt)));
  EXPECT_TRUE(buffer.Add(Entry("file", S_IFREG, 1)));
  EXPECT_EQ(buffer.counted(), std::vector<NodeId>{NodeId::kRoot});
}

TEST(DirectoryBuffer, UnknownEntryGoesOutWithNodeZeroAndUnknownType) {
  std::array<std::byte, 4096> memory;
  DirectoryBuffer buffer(nullptr, memory, true);
  ASSERT_TRUE(buffer.Add(Entry("small", 0, std::nullopt)));
  fuse_direntplus written;
  std::memcpy(&written, buffer.bytes().data(), sizeof(written));
  EXPECT_EQ(written.entry_out.nodeid, 0u);
  EXPECT_EQ(written.dirent.type, 0u);
  EXPECT_EQ(written.dirent.ino, 9u);
  EXPECT_EQ(written.dirent.off, 5u);
}

TEST(DirectoryBuffer, RefusedEntryIsNotCounted) {
  std::array<std::byte, 200> memory;
  DirectoryBuffer buffer(nullptr, memory, true);
  ASSERT_TRUE(buffer.Add(Entry("a", S_IFREG, 7)));
  const size_t used = buffer.bytes().size();
  EXPECT_FALSE(buffer.Add(Entry("b", S_IFREG, 8)));
  EXPECT_EQ(buffer.bytes().size(), used);
  EXPECT_EQ(buffer.counted().size(), 1u);
}

TEST(DirectoryBuffer, PlainReaddirCarriesTypesAndCountsNothing) {
  std::array<std::byte, 4096> memory;
  DirectoryBuffer buffer(nullptr, memory, false);
  ASSERT_TRUE(buffer.Add(Entry("file", S_IFREG, 1)));
  EXPECT_TRUE(buffer.counted().empty());
  fuse_dirent written;
  std::memcpy(&written, buffer.bytes().data(), sizeof(written));
  EXPECT_EQ(written.type, static_cast<uint32_t>(S_IFREG >> 12));
  EXPECT_EQ(written.ino, 9u);
}

}  // namespace
}  // namespace cosfuse
