#include "fs/names.h"

#include <gtest/gtest.h>

#include <set>

namespace cosfuse {
namespace {

NameMeaning Plain(std::string component) { return {.component = std::move(component)}; }
NameMeaning Beside(std::string component) { return {.component = std::move(component), .beside_directory = true}; }

TEST(Names, OrdinaryNamesAreTheirComponents) {
  for (const char* const name : {"a", "a.txt", "%", "file", "a%2F", "afile", " ", "...", "a\nb", "\xff\xfe"}) {
    EXPECT_EQ(ParseName(name), Plain(name));
    EXPECT_EQ(NameOfComponent(name), name);
  }
}

TEST(Names, MarkMeansTheObjectBesideADirectory) {
  EXPECT_EQ(NameBesideDirectory("foo"), "foo%file");
  EXPECT_EQ(ParseName("foo%file"), Beside("foo"));
}

TEST(Names, ComponentThatLooksMarkedIsEscaped) {
  EXPECT_EQ(NameOfComponent("foo%file"), "foo%%file");
  EXPECT_EQ(ParseName("foo%%file"), Plain("foo%file"));
  EXPECT_EQ(NameOfComponent("foo%%file"), "foo%%%file");
  EXPECT_EQ(ParseName("foo%%%file"), Plain("foo%%file"));
  EXPECT_EQ(NameOfComponent("%file"), "%%file");
  EXPECT_EQ(ParseName("%%file"), Plain("%file"));
}

TEST(Names, MarkedComponentBesideADirectoryHasANameToo) {
  EXPECT_EQ(NameBesideDirectory("a%file"), "a%%file%file");
  EXPECT_EQ(ParseName("a%%file%file"), Beside("a%file"));
}

TEST(Names, NoNameIsMarkedTwice) {
  EXPECT_EQ(ParseName("foo%file%file"), std::nullopt);
  EXPECT_EQ(ParseName("%file"), std::nullopt);
}

TEST(Names, WhatCannotBeANameIsHidden) {
  using std::string_view_literals::operator""sv;
  for (const std::string_view component : {""sv, "."sv, ".."sv, "a/b"sv, "a\0b"sv}) {
    EXPECT_EQ(NameOfComponent(component), std::nullopt);
    EXPECT_EQ(NameBesideDirectory(component), std::nullopt);
    EXPECT_EQ(ParseName(component), std::nullopt);
  }
  EXPECT_EQ(NameOfComponent(std::string(256, 'n')), std::nullopt);
  EXPECT_TRUE(NameOfComponent(std::string(255, 'n')).has_value());
  EXPECT_EQ(NameBesideDirectory(std::string(251, 'n')), std::nullopt);
  EXPECT_EQ(NameBesideDirectory("a%"), std::nullopt);
}

TEST(Names, MappingIsReversibleForEveryShortComponent) {
  // Every string of up to three of these pieces, each as an object with and without a prefix beside it.
  const std::vector<std::string> pieces = {"%", "file", "a", "%file", "."};
  std::vector<std::string> components = {""};
  for (int length = 0; length < 3; ++length) {
    const std::vector<std::string> shorter = components;
    for (const std::string& head : shorter) {
      for (const std::string& piece : pieces) components.push_back(head + piece);
    }
  }
  const std::set<std::string> unique(components.begin(), components.end());
  std::set<std::string> names;
  for (const std::string& component : unique) {
    if (const auto name = NameOfComponent(component)) {
      EXPECT_EQ(ParseName(*name), Plain(component)) << *name;
      EXPECT_TRUE(names.insert(*name).second) << *name;
    }
    if (const auto name = NameBesideDirectory(component)) {
      EXPECT_EQ(ParseName(*name), Beside(component)) << *name;
      EXPECT_TRUE(names.insert(*name).second) << *name;
    }
  }
  EXPECT_GT(names.size(), unique.size());
}

}  // namespace
}  // namespace cosfuse
