#include "fs/closed_content.h"

#include <gtest/gtest.h>

#include "fs/file_system_fixture.h"
#include "fs/parts.h"

namespace cosfuse {
namespace {

class ClosedContentTest : public FileSystemTest {
 protected:
  /// A file that nobody has open, with content that an upload has stored.
  FileRef AddStored(bool news) {
    FileState state;
    state.content = mount_->cache().Create(std::nullopt);
    EXPECT_TRUE(state.content->Upload({}, {.key = "f", .metadata = {}}));
    if (news) state.changes_handed_over = 0;
    const auto root = std::static_pointer_cast<DirectoryNode>(parts_.nodes.Find(NodeId::kRoot));
    return parts_.nodes.AddFile(*root, "f", nullptr, false, std::move(state));
  }
  static bool HasContent(const FileRef& file) {
    MutexLock lock(file->mutex);
    return file->state().content != nullptr;
  }

  Parts parts_{{}, faulty_, mount_->cache(), clock_};
};

TEST_F(ClosedContentTest, WhatHasNoVersionGoes) {
  const FileRef file = AddStored(false);
  KeepClosedContent(parts_, file);
  EXPECT_FALSE(HasContent(file));
}

TEST_F(ClosedContentTest, WhatHasNewsOfItsUploadStaysUntilTheyAreKnown) {
  const FileRef file = AddStored(true);
  KeepClosedContent(parts_, file);
  EXPECT_TRUE(HasContent(file));
}

}  // namespace
}  // namespace cosfuse
