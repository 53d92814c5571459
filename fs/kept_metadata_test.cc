#include <linux/falloc.h>

#include <functional>

#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

// What others have put beside the bytes of an object is theirs: it survives whatever is done to the file here.
class KeptMetadataTest : public FileSystemTest {
 protected:
  static ObjectMetadata Foreign() {
    ObjectMetadata metadata;
    metadata.user = {{"owner-team", "billing"}, {"xattr", "%7B%22user.comment%22%3A%22aGVsbG8%3D%22%7D"}};
    metadata.content_type = "application/x-special";
    metadata.standard = {{"cache-control", "no-store"}, {"content-disposition", "attachment"}};
    metadata.tags = {{"class", "secret"}, {"keep", "10y"}};
    return metadata;
  }
  void ExpectKept(const ObjectKey& key) {
    const auto info = store_.GetInfo(key);
    ASSERT_TRUE(info.has_value()) << key;
    EXPECT_EQ(info->metadata.user.at("owner-team"), "billing");
    EXPECT_EQ(info->metadata.user.at("xattr"), Foreign().user.at("xattr"));
    EXPECT_EQ(info->metadata.content_type, "application/x-special");
    EXPECT_EQ(info->metadata.standard, Foreign().standard);
    EXPECT_EQ(store_.GetTags({}, key, {}), Foreign().tags);
  }
  void WithHandle(int flags, const std::function<void(HandleId)>& change) {
    const HandleId handle = mount_->MustOpen("f", flags);
    change(handle);
    EXPECT_TRUE(mount_->Close(handle).has_value());
  }
};

TEST_F(KeptMetadataTest, Pitfall19_SurvivesEveryRewrite) {
  const struct {
    const char* what;
    std::function<void()> change;
    std::string content;
    ObjectKey key;
  } rows[] = {
      {"truncation and rewrite", [&] { EXPECT_TRUE(mount_->WriteFile("f", "new").has_value()); }, "new", "f"},
      {"append", [&] { WithHandle(O_WRONLY | O_APPEND, [&](HandleId h) { EXPECT_TRUE(mount_->Write(h, 0, "+")); }); },
       "0123456789+", "f"},
      {"edit", [&] { WithHandle(O_RDWR, [&](HandleId h) { EXPECT_TRUE(mount_->Write(h, 2, "xy")); }); }, "01xy456789",
       "f"},
      {"hole",
       [&] {
         WithHandle(O_RDWR, [&](HandleId h) {
           EXPECT_TRUE(fs().Allocate({}, h, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, {8, 2}).has_value());
         });
       },
       std::string("01234567\0\0", 10), "f"},
      {"truncation",
       [&] { EXPECT_TRUE(fs().SetAttributes({}, mount_->caller, mount_->Node("f"), std::nullopt, {.size = 3})); },
       "012", "f"},
      {"rename", [&] { EXPECT_TRUE(mount_->Rename("f", "g.txt")); }, "0123456789", "g.txt"},
      {"chmod", [&] { EXPECT_TRUE(mount_->Chmod(mount_->Node("f"), 0600)); }, "0123456789", "f"},
      {"chown",
       [&] { EXPECT_TRUE(fs().SetAttributes({}, mount_->caller, mount_->Node("f"), std::nullopt, {.uid = 5})); },
       "0123456789", "f"},
      {"edit and rename while it is open",
       [&] {
         WithHandle(O_RDWR, [&](HandleId h) {
           EXPECT_TRUE(mount_->Write(h, 0, "A"));
           EXPECT_TRUE(mount_->Rename("f", "g"));
           EXPECT_TRUE(mount_->Write(h, 1, "B"));
         });
       },
       "AB23456789", "g"},
      {"two rewrites and a chmod",
       [&] {
         EXPECT_TRUE(mount_->WriteFile("f", "one").has_value());
         EXPECT_TRUE(mount_->Chmod(mount_->Node("f"), 0600));
         EXPECT_TRUE(mount_->WriteFile("f", "two").has_value());
       },
       "two", "f"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    store_.RemoveObject("g");
    PutForeign("f", "0123456789", Foreign());
    Mount();
    row.change();
    EXPECT_EQ(Content(row.key), row.content);
    ExpectKept(row.key);
  }
}

TEST_F(KeptMetadataTest, Pitfall19_SurvivesTheRewriteOfALargeFile) {
  PutForeign("f", std::string(25 * kMiB, 'x'), Foreign());
  WithHandle(O_WRONLY, [&](HandleId handle) { EXPECT_TRUE(mount_->Write(handle, 21 * kMiB, "edited")); });
  EXPECT_EQ(Content("f").substr(21 * kMiB, 7), "editedx");
  ExpectKept("f");
}

TEST_F(KeptMetadataTest, SurvivesTheRenameOfItsDirectory) {
  PutForeign("d/f", "0123456789", Foreign());
  EXPECT_TRUE(mount_->Rename("d", "e"));
  EXPECT_EQ(Content("e/f"), "0123456789");
  ExpectKept("e/f");
}

TEST_F(KeptMetadataTest, GuessedTypeOfANewFileStaysWithItsNextRewrite) {
  EXPECT_TRUE(mount_->WriteFile("f.html", "one").has_value());
  EXPECT_EQ(store_.GetInfo("f.html")->metadata.content_type, "text/html");
  EXPECT_TRUE(mount_->WriteFile("f.html", "two").has_value());
  EXPECT_EQ(store_.GetInfo("f.html")->metadata.content_type, "text/html");
}

}  // namespace
}  // namespace cosfuse
