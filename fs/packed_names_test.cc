#include "fs/packed_names.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

ListedName NameOf(size_t number) {
  const std::string etag(32, static_cast<char>('a' + number % 6));
  return {.name = std::string(number % 7 * 40, 'n') + std::to_string(number),
          .is_directory = number % 5 == 0,
          .size = number << 33,
          .etag = {number % 3 == 0   ? etag + "-17"
                   : number % 3 == 1 ? etag
                                     : std::string()},
          .last_modified = WallTime(std::chrono::seconds(number) - std::chrono::hours(1))};
}

void ExpectEqual(const ListedName& found, const ListedName& expected) {
  EXPECT_EQ(found.name, expected.name);
  EXPECT_EQ(found.is_directory, expected.is_directory);
  EXPECT_EQ(found.size, expected.size);
  EXPECT_EQ(found.etag, expected.etag);
  EXPECT_EQ(found.last_modified, expected.last_modified);
}

TEST(PackedNames, GiveBackWhatWasPackedInAnyOrder) {
  constexpr size_t kCount = 1000;
  PackedNames names;
  for (size_t i = 0; i < kCount; ++i) {
    EXPECT_EQ(names.size(), i);
    names.Append(NameOf(i));
  }
  for (size_t i = 0; i < kCount; ++i) ExpectEqual(names.At(i), NameOf(i));
  for (size_t i = kCount; i-- > 0;) ExpectEqual(names.At(i), NameOf(i));
}

TEST(PackedNames, AnyBytesAreAName) {
  using std::string_literals::operator""s;
  PackedNames names;
  const std::vector<std::string> odd = {"", "a\0b"s, std::string(1022, '\xff'), "\n", "%2F"};
  for (const std::string& name : odd) names.Append({.name = name, .etag = {"ABC not hex \xff"}});
  for (size_t i = 0; i < odd.size(); ++i) {
    EXPECT_EQ(names.At(i).name, odd[i]);
    EXPECT_EQ(names.At(i).etag.value, "ABC not hex \xff");
  }
}

TEST(PackedNames, WhatIsGivenBackIsBehindTheRest) {
  PackedNames names;
  for (size_t i = 0; i < 100; ++i) names.Append(NameOf(i));
  for (size_t i = 0; i < 100; ++i) {
    names.FreeBefore(i);
    ExpectEqual(names.At(i), NameOf(i));
  }
  EXPECT_EQ(names.size(), 100U);
  names.Append(NameOf(100));
  ExpectEqual(names.At(100), NameOf(100));
}

}  // namespace
}  // namespace cosfuse
