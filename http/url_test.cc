#include "http/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cosfuse {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Url, IsTakenApart) {
  const auto url = ParseUrl("HTTPS://S3.eu-de.Example.com:8443/bucket/a%20b?list-type=2");
  ASSERT_TRUE(url) << url.error().message();
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "s3.eu-de.example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/bucket/a%20b?list-type=2");
  EXPECT_EQ(url->Origin(), "https://s3.eu-de.example.com:8443");
  EXPECT_EQ(url->HostAndPort(), "s3.eu-de.example.com:8443");
}

TEST(Url, PortDefaultsToTheSchemes) {
  EXPECT_EQ(ParseUrl("https://h")->port, 443);
  EXPECT_EQ(ParseUrl("http://h")->port, 80);
  EXPECT_EQ(ParseUrl("https://h:443/x")->Origin(), "https://h");
  EXPECT_EQ(ParseUrl("https://h")->path, "");
  EXPECT_EQ(ParseUrl("https://h?q")->path, "/?q");
}

TEST(Url, Ipv6AddressStandsInBrackets) {
  const auto url = ParseUrl("http://[::1]:9000/b");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 9000);
  EXPECT_EQ(url->Origin(), "http://[::1]:9000");
}

struct BadUrl {
  const char* text;
  const char* reason;
};

class UrlRefusal : public ::testing::TestWithParam<BadUrl> {};

TEST_P(UrlRefusal, SaysWhatIsWrong) {
  const auto url = ParseUrl(GetParam().text);
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(url.error().message(), HasSubstr(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    Table, UrlRefusal,
    ::testing::Values(BadUrl{"", "is empty"}, BadUrl{"s3.eu-de.example.com", "has no scheme"},
                      BadUrl{"ftp://h", "scheme other than"}, BadUrl{"https://", "names no host"},
                      BadUrl{"https:///bucket", "names no host"}, BadUrl{"https://:443", "names no host"},
                      BadUrl{"https://h:", "no valid port"}, BadUrl{"https://h:0", "no valid port"},
                      BadUrl{"https://h:65536", "no valid port"}, BadUrl{"https://h:1x", "no valid port"},
                      BadUrl{"https://[::1", "closing ]"}, BadUrl{"https://[::1]x", "no valid port"},
                      BadUrl{"https://[h]", "host name"}, BadUrl{"https://h_\xc3\xa9", "host name"},
                      BadUrl{"https://a b", "blank"}, BadUrl{"https://h/\r\nX: y", "control"},
                      BadUrl{"https://h/#f", "fragment"}, BadUrl{"https://u:p@h", "user name or password"}));

TEST(Url, APasswordIsNotRepeatedInTheMessage) {
  EXPECT_THAT(ParseUrl("https://user:hunter2@h").error().message(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(ParseUrl("https://user:hunter2@h :1").error().message(), Not(HasSubstr("hunter2")));
}

TEST(Url, LoopbackIsOnlyWhatEveryResolverReadsAlike) {
  for (const char* host : {"localhost", "127.0.0.1", "127.255.0.254", "::1"}) EXPECT_TRUE(IsLoopbackHost(host)) << host;
  for (const char* host :
       {"", "127.0.0", "127.0.0.1.", "127.0.0.1.example.com", "127.evil.com", "127.0.0.256", "127.0.0.01", "0177.0.0.1",
        "128.0.0.1", "1.127.0.0", "localhost.example.com", "127.0.0.1.1", "2130706433", "::2"}) {
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
  }
}

TEST(Url, PlainHttpNeedsLoopbackOrPermission) {
  EXPECT_TRUE(IsTransportAllowed(*ParseUrl("https://h"), false));
  EXPECT_TRUE(IsTransportAllowed(*ParseUrl("http://127.0.0.1:1"), false));
  EXPECT_FALSE(IsTransportAllowed(*ParseUrl("http://h"), false));
  EXPECT_TRUE(IsTransportAllowed(*ParseUrl("http://h"), true));
}

}  // namespace
}  // namespace cosfuse
