#include "emulator/cos/upload_table.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "emulator/cos/digest.h"

namespace cosfuse::emulator {
namespace {

constexpr WallTime kNow{std::chrono::seconds(1'767'225'600)};

UploadedPart MakePart(const std::string& text) {
  return {Body::FromText(text), Md5(text), HexEncode(AsBytes(Md5(text))), kNow};
}

Upload MakeUpload(const std::string& id, const std::string& key) {
  Upload upload;
  upload.id = id;
  upload.key = key;
  return upload;
}

class Assembly : public testing::Test {
 protected:
  const std::string big_ = std::string(5 * kMiB, 'b');
  Upload upload_ = MakeUpload("u", "k");

  std::string Add(int number, const std::string& text) {
    upload_.parts[number] = MakePart(text);
    return upload_.parts[number].etag;
  }
  S3Code Fails(const std::vector<CompletedPart>& parts) const {
    return AssembleObject(upload_, parts, kNow).error().code;
  }
};

TEST_F(Assembly, JoinsThePartsThatAreNamed) {
  const std::string first = Add(1, big_);
  Add(2, "left out");
  const std::string last = Add(7, "end");
  const auto object = AssembleObject(upload_, {{1, first}, {7, last}}, kNow);
  ASSERT_TRUE(object);
  EXPECT_EQ(object->body.size(), big_.size() + 3);
  EXPECT_EQ(object->body.Sub({big_.size() - 1, 4}).ToText().value(), "bend");
  EXPECT_EQ(object->etag, HexEncode(AsBytes(Md5(Md5(big_) + Md5("end")))) + "-2");
  EXPECT_EQ(object->last_modified, kNow);
}

TEST_F(Assembly, Pitfall3_RefusesASmallPartThatIsNotTheLast) {
  const std::string small = Add(1, std::string(5 * kMiB - 1, 'b'));
  const std::string last = Add(2, "x");
  EXPECT_EQ(Fails({{1, small}, {2, last}}), S3Code::kEntityTooSmall);
  EXPECT_TRUE(AssembleObject(upload_, {{2, last}}, kNow));
}

TEST_F(Assembly, RefusesWrongOrderAndUnknownParts) {
  const std::string first = Add(1, big_);
  const std::string last = Add(2, big_);
  EXPECT_EQ(Fails({{2, last}, {1, first}}), S3Code::kInvalidPartOrder);
  EXPECT_EQ(Fails({{1, first}, {1, first}}), S3Code::kInvalidPartOrder);
  EXPECT_EQ(Fails({{1, first}, {3, last}}), S3Code::kInvalidPart);
  EXPECT_EQ(Fails({{1, "00"}}), S3Code::kInvalidPart);
}

TEST(UploadTable, KnowsAnUploadUnderItsOwnKeyAlone) {
  UploadTable table;
  table.Add(MakeUpload("u", "k"));
  EXPECT_TRUE(table.Get("u", "k"));
  EXPECT_EQ(table.Get("u", "other").error().code, S3Code::kNoSuchUpload);
  EXPECT_EQ(table.AddPart("v", "k", 1, MakePart("x")).error().code, S3Code::kNoSuchUpload);
  EXPECT_EQ(table.Abort("u", "other").error().code, S3Code::kNoSuchUpload);
}

TEST(UploadTable, LetsOneCompletionRunAtATime) {
  UploadTable table;
  table.Add(MakeUpload("u", "k"));
  ASSERT_TRUE(table.BeginComplete("u", "k"));
  EXPECT_EQ(table.BeginComplete("u", "k").error().code, S3Code::kOperationAborted);
  EXPECT_EQ(table.Abort("u", "k").error().code, S3Code::kOperationAborted);
  table.EndComplete("u", false);
  ASSERT_TRUE(table.BeginComplete("u", "k"));
  table.EndComplete("u", true);
  EXPECT_EQ(table.Get("u", "k").error().code, S3Code::kNoSuchUpload);
  EXPECT_EQ(table.size(), 0U);
}

TEST(UploadTable, ListsByKey) {
  UploadTable table;
  table.Add(MakeUpload("1", "b"));
  table.Add(MakeUpload("3", "a"));
  table.Add(MakeUpload("2", "a"));
  const auto uploads = table.List();
  ASSERT_EQ(uploads.size(), 3U);
  EXPECT_EQ(uploads[0].id, "2");
  EXPECT_EQ(uploads[1].id, "3");
  EXPECT_EQ(uploads[2].key, "b");
}

}  // namespace
}  // namespace cosfuse::emulator
