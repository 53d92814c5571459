#include <algorithm>

#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

constexpr ByteCount kPartSize = 5 * kMiB;
constexpr ByteCount kLargeFile = 40 * kMiB;

/// A file that is written while its name changes, on a disk that is too small for all of it: what has left the disk
/// lies in parts of an unfinished upload alone, so that has to be one to the right name.
class LeavingPartsTest : public FileSystemTest {
 protected:
  LeavingPartsTest() {
    cache_options_.part_size = kPartSize;
    cache_options_.disk_budget = 16 * kMiB;
    Mount();
    for (size_t i = 0; i < content_.size(); i += 512) content_[i] = static_cast<char>('a' + i / 512 % 23);
  }

  /// Writes on from where the last one ended, up to `end`, or up to what would have to wait.
  void WriteOn(HandleId handle, ByteCount end, const OpContext& context) {
    while (written_ < end) {
      const ByteCount length = std::min<ByteCount>(kMiB / 2, end - written_);
      const auto piece = AsBytes(std::string_view(content_).substr(written_, length));
      const auto written = fs().Write(context, handle, written_, piece);
      if (!written && !context.may_wait()) return;
      ASSERT_TRUE(written.has_value()) << written.error().ToString();
      written_ += length;
    }
  }
  /// Writes as much as the disk takes in the midst of a rename, and, if that begins an upload by then, more.
  void WriteAmidRename(HandleId handle, const ObjectKey& old_key) {
    WriteOn(handle, kLargeFile, OpContext::Immediate());
    const SystemClock clock;
    const MonotonicTime end = clock.Now() + std::chrono::milliseconds(100);
    while (Arrived(old_key) < 2 && clock.Now() < end) sched_yield();
    if (Arrived(old_key) >= 2) WriteOn(handle, written_ + kPartSize, {});
  }
  size_t Arrived(const ObjectKey& key) {
    const auto calls = store_.operations();
    return static_cast<size_t>(std::ranges::count_if(calls, [&](const RecordedOperation& call) {
      return call.operation == StoreOperation::kUploadPart && call.key == key;
    }));
  }
  /// What `rename` does while the handle is written, and what is right afterwards: all bytes, under the new name alone.
  void ExpectAllUnder(const ObjectKey& new_key, HandleId handle, const ObjectKey& old_key,
                      const std::function<Result<>()>& rename) {
    store_.ForgetOperations();
    store_.SetHooks([&, first = true](const RecordedOperation& call) mutable {
      if (call.operation == StoreOperation::kCopy && std::exchange(first, false)) WriteAmidRename(handle, old_key);
    });
    ASSERT_TRUE(rename().has_value());
    store_.SetHooks({});
    WriteOn(handle, kLargeFile, {});
    const auto closed = mount_->Close(handle);
    EXPECT_TRUE(closed.has_value()) << closed.error().ToString();
    EXPECT_TRUE(Content(new_key) == content_);
    EXPECT_EQ(Content(old_key), "no such object");
    EXPECT_EQ(Arrived(old_key), 0U);
    mount_.reset();
    EXPECT_EQ(store_.open_uploads(), 0U);
  }

 private:
  std::string content_ = std::string(kLargeFile, '.');
  ByteCount written_ = 0;
};

TEST_F(LeavingPartsTest, Pitfall12_OfAFileThatIsBeingRenamedLeaveForItsNewName) {
  PutForeign("old", "as it was");
  const HandleId handle = mount_->MustOpen("old", O_WRONLY);
  ExpectAllUnder("new", handle, "old", [&] { return mount_->Rename("old", "new"); });
}

TEST_F(LeavingPartsTest, Pitfall12_OfAFileWhoseDirectoryIsBeingRenamedLeaveForItsNewName) {
  PutForeign("old/f", "as it was");
  const HandleId handle = mount_->MustOpen("old/f", O_WRONLY);
  ExpectAllUnder("new/f", handle, "old/f", [&] { return mount_->Rename("old", "new"); });
}

}  // namespace
}  // namespace cosfuse
