#include "cache/upload_journal.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/fake_clock.h"
#include "cache/fake_disk.h"
#include "cos/fake_object_store.h"

namespace cosfuse {
namespace {

class UploadJournalTest : public testing::Test {
 protected:
  std::map<std::string, ObjectKey> Left() const {
    auto found = ReadJournal(disk_, {});
    EXPECT_TRUE(found);
    return found ? found->state.open_uploads() : std::map<std::string, ObjectKey>();
  }

  FakeClock clock_;
  FakeObjectStore store_{clock_, {}};
  mutable FakeDisk disk_;
  std::unique_ptr<Journal> journal_ = *Journal::Begin(disk_, {}, JournalFileId{1}, {});
  UploadJournal journaled_{store_, *journal_};
};

TEST_F(UploadJournalTest, AnUploadThatIsOpenIsLeft) {
  const auto upload = journaled_.BeginUpload({}, "key", {}, {});
  ASSERT_TRUE(upload);
  EXPECT_EQ(Left(), (std::map<std::string, ObjectKey>{{*upload, "key"}}));
}

TEST_F(UploadJournalTest, OneThatHasEndedIsNot) {
  const auto aborted = journaled_.BeginUpload({}, "key", {}, {});
  ASSERT_TRUE(journaled_.AbortUpload({}, "key", *aborted));
  EXPECT_TRUE(Left().empty());
  const auto gone = journaled_.BeginUpload({}, "key", {}, {});
  ASSERT_TRUE(store_.AbortUpload({}, "key", *gone));
  EXPECT_EQ(journaled_.CompleteUpload({}, "key", *gone, {}, {}).error().code(), ErrorCode::kMissingUpload);
  EXPECT_TRUE(Left().empty());
}

}  // namespace
}  // namespace cosfuse
