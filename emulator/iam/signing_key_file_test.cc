#include "emulator/iam/signing_key_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace cosfuse::emulator {
namespace {

class SigningKeyFileTest : public ::testing::Test {
 protected:
  SigningKeyFileTest() { EXPECT_NE(mkdtemp(directory_.data()), nullptr); }
  ~SigningKeyFileTest() override { std::filesystem::remove_all(directory_); }

  std::string directory_ = std::filesystem::temp_directory_path() / "signing-key-XXXXXX";
};

TEST_F(SigningKeyFileTest, TheSecondProcessHasTheFirstOnesKey) {
  const std::string path = directory_ + "/key.pem";
  const auto first = ReadOrMakeSigningKey(path);
  ASSERT_TRUE(first) << first.error().ToString();
  const auto second = ReadOrMakeSigningKey(path);
  ASSERT_TRUE(second) << second.error().ToString();
  EXPECT_EQ(first->ToPem(), second->ToPem());
  EXPECT_TRUE(second->Verify("text", first->Sign("text").value()));
  struct stat status{};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const std::filesystem::directory_iterator all(directory_);
  EXPECT_EQ(std::distance(begin(all), end(all)), 1) << "nothing else is left";
}

TEST_F(SigningKeyFileTest, WhatIsNoKeyIsNamed) {
  const std::string path = directory_ + "/key.pem";
  std::ofstream(path) << "no key";
  const auto key = ReadOrMakeSigningKey(path);
  ASSERT_FALSE(key);
  EXPECT_NE(key.error().message().find(path), std::string::npos);
  const auto nowhere = ReadOrMakeSigningKey(directory_ + "/missing/key.pem");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code(), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace cosfuse::emulator
