#include "base/log.h"

#include <gtest/gtest.h>

#include <regex>

namespace cosfuse {
namespace {

TEST(FormatLogText, WritesFieldsAsKeyAndValue) {
  EXPECT_EQ(FormatLogText("mounted", {{"bucket", "b"}, {"count", "3"}}), "mounted bucket=b count=3");
  EXPECT_EQ(FormatLogText("mounted", {}), "mounted");
}

TEST(FormatLogText, QuotesWhatWouldNotReadBack) {
  EXPECT_EQ(FormatLogText("m", {{"k", "two words"}}), "m k=\"two words\"");
  EXPECT_EQ(FormatLogText("m", {{"k", ""}}), "m k=\"\"");
  EXPECT_EQ(FormatLogText("m", {{"k", "a=b"}}), "m k=\"a=b\"");
  EXPECT_EQ(FormatLogText("m", {{"k", "say \"x\" \\"}}), R"(m k="say \"x\" \\")");
}

TEST(FormatLogText, KeepsALineALine) {
  EXPECT_EQ(FormatLogText("two\nlines", {{"k", "a\nb"}}), "two\\u000alines k=\"a\\u000ab\"");
}

TEST(FormatLogJson, EscapesControlCharactersQuotesAndBackslashes) {
  EXPECT_EQ(FormatLogJson("say \"x\"", {{"path", "a\\b\x01\x7f"}}),
            R"("message":"say \"x\"","path":"a\\b\u0001\u007f")");
}

std::string Logged(LogLevel threshold, LogFormat format, LogLevel level, std::initializer_list<LogField> fields) {
  ConfigureLogging(threshold, format);
  testing::internal::CaptureStderr();
  Log(level, "uploaded", fields);
  return testing::internal::GetCapturedStderr();
}

TEST(Log, DropsWhatIsBelowTheLevel) {
  EXPECT_EQ(Logged(LogLevel::kWarning, LogFormat::kText, LogLevel::kInfo, {}), "");
  EXPECT_NE(Logged(LogLevel::kWarning, LogFormat::kText, LogLevel::kWarning, {}), "");
  EXPECT_NE(Logged(LogLevel::kDebug, LogFormat::kText, LogLevel::kDebug, {}), "");
}

TEST(Log, SaysWhetherALevelIsWritten) {
  ConfigureLogging(LogLevel::kWarning, LogFormat::kText);
  EXPECT_FALSE(IsLogged(LogLevel::kInfo));
  EXPECT_TRUE(IsLogged(LogLevel::kWarning));
  SetLogLevel(LogLevel::kInfo);
  EXPECT_TRUE(IsLogged(LogLevel::kInfo));
}

TEST(Log, WritesOneTextLineWithTheTimeInUtc) {
  const std::string line = Logged(LogLevel::kInfo, LogFormat::kText, LogLevel::kError, {{"key", "v"}});
  EXPECT_TRUE(
      std::regex_match(line, std::regex("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z error uploaded key=v\n")))
      << line;
}

TEST(Log, WritesOneJsonObjectALineAwayFromATerminal) {
  // Under capture stderr is a file, which kAuto takes for a log collector.
  for (const LogFormat format : {LogFormat::kJson, LogFormat::kAuto}) {
    testing::internal::CaptureStderr();
    ConfigureLogging(LogLevel::kInfo, format);
    Log(LogLevel::kInfo, "uploaded", {{"key", "a \"b\""}});
    const std::string line = testing::internal::GetCapturedStderr();
    const std::regex expected(
        "\\{\"time\":\"[-0-9T:.]+Z\",\"level\":\"info\",\"message\":\"uploaded\",\"key\":\"a \\\\\"b\\\\\"\"\\}\n");
    EXPECT_TRUE(std::regex_match(line, expected)) << line;
  }
}

TEST(Log, ABraceInAMessageIsNoFormat) {
  EXPECT_NE(Logged(LogLevel::kInfo, LogFormat::kText, LogLevel::kInfo, {{"key", "{} {0}"}}).find("{} {0}"),
            std::string::npos);
}

}  // namespace
}  // namespace cosfuse
