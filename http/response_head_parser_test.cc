#include "http/response_head_parser.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

namespace cosfuse {
namespace {

using Step = ResponseHeadParser::Step;

/// Feeds all lines; returns how often the head was reported complete, -1 on an error.
int FeedAll(ResponseHeadParser& parser, std::initializer_list<std::string_view> lines) {
  int completed = 0;
  for (const std::string_view line : lines) {
    const auto step = parser.Feed(line);
    if (!step) return -1;
    completed += *step == Step::kComplete;
  }
  return completed;
}

TEST(ResponseHeadParser, CollectsStatusAndFields) {
  ResponseHeadParser parser;
  EXPECT_EQ(FeedAll(parser, {"HTTP/1.1 206 Partial Content\r\n", "ETag: \"abc\"\r\n", "x-empty:\r\n", "\r\n"}), 1);
  EXPECT_EQ(parser.head().status, 206);
  EXPECT_EQ(parser.head().headers.Get("etag"), "\"abc\"");
  EXPECT_EQ(parser.head().headers.Get("x-empty"), "");
}

TEST(ResponseHeadParser, DropsInterimAnswers) {
  ResponseHeadParser parser;
  EXPECT_EQ(FeedAll(parser, {"HTTP/1.1 100 Continue\r\n", "x-interim: 1\r\n", "\r\n", "HTTP/1.1 200 OK\r\n", "\r\n"}),
            1);
  EXPECT_EQ(parser.head().status, 200);
  EXPECT_TRUE(parser.head().headers.fields().empty());
}

TEST(ResponseHeadParser, IgnoresTrailers) {
  ResponseHeadParser parser;
  EXPECT_EQ(FeedAll(parser, {"HTTP/1.1 200 OK\r\n", "\r\n", "x-trailer: 1\r\n", "\r\n"}), 1);
  EXPECT_TRUE(parser.head().headers.fields().empty());
}

TEST(ResponseHeadParser, RefusesWhatIsNoHead) {
  for (const auto& lines :
       {std::pair{"<html>\r\n", "\r\n"}, std::pair{"HTTP/1.1 200 OK\r\n", "no field\r\n"},
        std::pair{"HTTP/1.1 200 OK\r\n", ": nameless\r\n"}, std::pair{"HTTP/1.1 200 OK\r\n", " folded: line\r\n"}}) {
    ResponseHeadParser parser;
    EXPECT_EQ(FeedAll(parser, {lines.first, lines.second}), -1) << lines.first << lines.second;
  }
}

TEST(ResponseHeadParser, StatusLineTable) {
  EXPECT_EQ(ParseStatusLine("HTTP/1.1 200 OK"), 200);
  EXPECT_EQ(ParseStatusLine("HTTP/1.0 404"), 404);
  EXPECT_EQ(ParseStatusLine("HTTP/1.1  503 "), 503);
  for (const char* line : {"", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 2x0", "ICY 200 OK"}) {
    EXPECT_EQ(ParseStatusLine(line), 0) << line;
  }
}

}  // namespace
}  // namespace cosfuse
