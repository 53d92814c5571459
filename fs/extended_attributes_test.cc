#include "fs/extended_attributes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"

namespace cosfuse {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ExtendedAttributes, NamespacesByPrefix) {
  const struct {
    const char* name;
    AttributeNamespace expected;
  } rows[] = {{"user.comment", AttributeNamespace::kUser},
              {"trusted.overlay.opaque", AttributeNamespace::kTrusted},
              {"security.selinux", AttributeNamespace::kSecurity},
              {"security.capability", AttributeNamespace::kSecurity},
              {"system.posix_acl_access", AttributeNamespace::kUnsupported},
              {"user", AttributeNamespace::kUnsupported},
              {"users.x", AttributeNamespace::kUnsupported},
              {"", AttributeNamespace::kUnsupported}};
  for (const auto& row : rows) EXPECT_EQ(NamespaceOf(row.name), row.expected) << row.name;
}

TEST(ExtendedAttributes, SettingKeepsTheModesOfSetxattr) {
  const ExtendedAttributes present = {{"user.a", "1"}};
  using enum ExtendedAttributeMode;
  EXPECT_EQ(WithAttribute(present, "user.a", "2", kAny), (ExtendedAttributes{{"user.a", "2"}}));
  EXPECT_EQ(WithAttribute(present, "user.b", "", kAny), (ExtendedAttributes{{"user.a", "1"}, {"user.b", ""}}));
  EXPECT_EQ(WithAttribute(present, "user.a", "2", kReplaceOnly), (ExtendedAttributes{{"user.a", "2"}}));
  EXPECT_EQ(WithAttribute(present, "user.b", "2", kCreateOnly)->size(), 2U);
  EXPECT_EQ(WithAttribute(present, "user.a", "2", kCreateOnly).error().code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ(WithAttribute(present, "user.b", "2", kReplaceOnly).error().code(), ErrorCode::kNoAttribute);
}

TEST(ExtendedAttributes, RemovingTakesWhatIsThere) {
  const ExtendedAttributes present = {{"user.a", "1"}, {"user.b", "2"}};
  EXPECT_EQ(WithoutAttribute(present, "user.a"), (ExtendedAttributes{{"user.b", "2"}}));
  EXPECT_EQ(WithoutAttribute(present, "user.c").error().code(), ErrorCode::kNoAttribute);
}

TEST(ExtendedAttributes, NamesOfOtherNamespacesAreNotShown) {
  const ExtendedAttributes present = {
      {"security.selinux", "s"}, {"system.posix_acl_access", "a"}, {"trusted.t", "t"}, {"user.u", "u"}};
  EXPECT_THAT(VisibleNames(present, true), ElementsAre("trusted.t", "user.u"));
  EXPECT_THAT(VisibleNames(present, false), ElementsAre("user.u"));
}

TEST(ExtendedAttributes, AreWrittenAsS3fsWritesThem) {
  EXPECT_EQ(FormatExtendedAttributes({{"user.comment", "hello"}, {"user.x", ""}}),
            "%7B%22user.comment%22%3A%22aGVsbG8%3D%22%2C%22user.x%22%3A%22%22%7D");
}

TEST(ExtendedAttributes, AreReadTolerantly) {
  const ExtendedAttributes both = {{"user.a", "hello"}, {"user.b", "\xff\xfe"}};
  const struct {
    const char* field;
    ExtendedAttributes expected;
  } rows[] = {
      {"%7B%22user.a%22%3A%22aGVsbG8%3D%22%2C%22user.b%22%3A%22%2F%2F4%3D%22%7D", both},
      {R"({"user.a":"aGVsbG8=","user.b":"//4="})", both},
      {R"( { "user.a" : "aGVsbG8" , "user.b" : "__4" } )", both},
      {R"({"user.a":"aGVsbG8=","user.b":"//4=")", both},
      {R"({"user.a":"aGVsbG8=","user.bad":"!","user.b":"//4="})", both},
      {R"({"user.a":"aGVsbG8=","user.b)", {{"user.a", "hello"}}},
      {R"({"user.a":"aGVsbG8=",user.b:"//4="})", {{"user.a", "hello"}}},
      {R"({"":"aGVsbG8="})", {}},
      {R"({"user.a"})", {}},
      {R"({"user.a":aGVsbG8=})", {}},
      {"{}", {}},
      {"%7B%7D", {}},
      {"user.a", {}},
      {"%", {}},
      {"", {}},
  };
  for (const auto& row : rows) EXPECT_EQ(ParseExtendedAttributes(row.field), row.expected) << row.field;
}

TEST(ExtendedAttributes, ComeBackWhateverTheyHold) {
  ExtendedAttributes all = {{"user.\"quoted\"", "1"},   {"user.back\\slash\\", "2"}, {"user.a,b:c{d}", "3"},
                            {"user.\xc3\xbc\xff", "4"}, {"user.percent%41+", "5"},   {"user. space ", "6"}};
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  all["user.bytes"] = bytes;
  const std::string field = FormatExtendedAttributes(all);
  EXPECT_EQ(ParseExtendedAttributes(field), all);
  for (const char c : field) EXPECT_TRUE(c > ' ' && c < 0x7f) << "a header carries it";
  EXPECT_THAT(ParseExtendedAttributes(FormatExtendedAttributes({})), IsEmpty());
}

}  // namespace
}  // namespace cosfuse
