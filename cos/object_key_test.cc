#include "cos/object_key.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace cosfuse {
namespace {

TEST(ObjectKey, EmptyIsNoKeyBecauseItWouldNameTheBucket) {
  EXPECT_EQ(CheckObjectKey("").error().code(), ErrorCode::kInvalidArgument);
}

TEST(ObjectKey, UpTo1024BytesAreTaken) {
  EXPECT_TRUE(CheckObjectKey(std::string(1024, 'k')));
  EXPECT_EQ(CheckObjectKey(std::string(1025, 'k')).error().code(), ErrorCode::kNameTooLong);
}

TEST(ObjectKey, PathKeepsSlashesAndDotSegments) {
  EXPECT_EQ(EncodeKeyPath("a/./../b//c/"), "a/./../b//c/");
  EXPECT_EQ(EncodeKeyPath("/leading"), "/leading");
}

TEST(ObjectKey, PathEncodesWhatAUrlGivesAnotherMeaning) {
  EXPECT_EQ(EncodeKeyPath("a b+c%2F?x=1#y&z"), "a%20b%2Bc%252F%3Fx%3D1%23y%26z");
  EXPECT_EQ(EncodeKeyPath("\xc3\xa9\n\x7f"), "%C3%A9%0A%7F");
}

TEST(ObjectKey, Pitfall34_EveryByteSurvivesThePath) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string key = {'a', static_cast<char>(byte), 'b'};
    const std::string path = EncodeKeyPath(key);
    EXPECT_EQ(PercentDecode(path), key) << "byte " << byte;
    EXPECT_EQ(path.find_first_of("?#+ \n"), std::string::npos) << "byte " << byte;
  }
}

}  // namespace
}  // namespace cosfuse
