#include "emulator/request_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emulator/ready_file.h"

namespace cosfuse::emulator {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(LogLine, IsOneJsonObject) {
  LogEntry entry;
  entry.time = WallTime(std::chrono::milliseconds(1500));
  entry.operation = "PutObject";
  entry.method = "PUT";
  entry.path = "/b/\xff\"\n";
  entry.status = 200;
  entry.bytes_in = 3;
  entry.duration = std::chrono::milliseconds(2);
  const std::string line = FormatLogLine(entry, {});
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["t"], 1.5);
  EXPECT_EQ(json["op"], "PutObject");
  EXPECT_EQ(json["status"], 200);
  EXPECT_EQ(json["bytes_in"], 3);
  EXPECT_EQ(json["ms"], 2.0);
  EXPECT_EQ(json["fault"], "");
}

TEST(LogLine, NeverShowsAToken) {
  Headers headers;
  headers.Add("Authorization", "Bearer secret-token");
  headers.Add("Cookie", "secret-cookie");
  headers.Add("If-Match", "\"e\"");
  headers.Add("Range", "bytes=0-1");
  headers.Add("x-amz-copy-source", "/b/k");
  const std::string line = FormatLogLine({}, headers);
  EXPECT_THAT(line, Not(HasSubstr("secret")));
  const auto shown = nlohmann::json::parse(line)["headers"];
  EXPECT_EQ(shown.size(), 3U);
  EXPECT_EQ(shown["range"], "bytes=0-1");
}

TEST(ReadyFacts, NameOnlyTheFilesThatExist) {
  ReadyFacts facts;
  facts.pid = 7;
  facts.port = 80;
  facts.endpoint = "http://127.0.0.1:80";
  facts.bucket = "b";
  facts.profile_id = "Profile-1";
  auto json = nlohmann::json::parse(FormatReadyFacts(facts));
  EXPECT_EQ(json["pid"], 7);
  EXPECT_EQ(json["iam"], "http://127.0.0.1:80");
  EXPECT_FALSE(json.contains("token_file"));
  EXPECT_FALSE(json.contains("ca_file"));
  facts.token_file = "/t";
  facts.ca_file = "/c";
  json = nlohmann::json::parse(FormatReadyFacts(facts));
  EXPECT_EQ(json["token_file"], "/t");
  EXPECT_EQ(json["ca_file"], "/c");
}

}  // namespace
}  // namespace cosfuse::emulator
