#include "emulator/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

CommandLine Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "cosfuse-emulator");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

TEST(CommandLine, HasDefaultsForEverything) {
  const CommandLine line = Parse({});
  ASSERT_TRUE(line.options);
  EXPECT_EQ(line.options->listen.host, "127.0.0.1");
  EXPECT_EQ(line.options->listen.port, 0);
  EXPECT_THAT(line.options->buckets, ElementsAre("demo-bucket"));
  ASSERT_EQ(line.options->profiles.size(), 1U);
  EXPECT_EQ(line.options->profiles[0].id, "Profile-00000000-0000-4000-8000-000000000001");
  EXPECT_EQ(line.options->profiles[0].name, "demo-profile");
  EXPECT_EQ(line.options->profiles[0].roles, RoleSet(Role::kWriter));
  EXPECT_EQ(line.options->access_token_lifetime, std::chrono::hours(1));
  EXPECT_FALSE(line.options->tls);
}

TEST(CommandLine, TakesWhatTheContractNames) {
  const CommandLine line = Parse({"--listen",
                                  "0.0.0.0:9000",
                                  "--bucket",
                                  "one",
                                  "--bucket",
                                  "two",
                                  "--public-bucket",
                                  "open-bucket",
                                  "--profile",
                                  "ID=Profile-a,name=n,namespace=ns,service-account=sa,role=ContentReader+ObjectWriter",
                                  "--versioned-bucket",
                                  "three",
                                  "--api-key",
                                  "secret-key=ContentReader",
                                  "--api-key",
                                  "other",
                                  "--hmac",
                                  "access:secret",
                                  "--hmac",
                                  "access2:secret2:ObjectWriter",
                                  "--dialect",
                                  "delete=honoured",
                                  "--signing-key",
                                  "/keys/key.pem",
                                  "--access-token-lifetime",
                                  "20",
                                  "--latency-ms",
                                  "5",
                                  "--tls",
                                  "--tls-handshake-ms",
                                  "40",
                                  "--threads",
                                  "3"});
  ASSERT_TRUE(line.options) << line.message;
  EXPECT_EQ(line.options->listen.port, 9000);
  EXPECT_THAT(line.options->buckets, ElementsAre("one", "two"));
  EXPECT_THAT(line.options->public_buckets, ElementsAre("open-bucket"));
  ASSERT_EQ(line.options->profiles.size(), 1U);
  EXPECT_EQ(line.options->profiles[0].id, "Profile-a");
  EXPECT_EQ(line.options->profiles[0].namespace_name, "ns");
  EXPECT_TRUE(line.options->profiles[0].roles.Has(Role::kObjectWriter));
  EXPECT_EQ(line.options->access_token_lifetime, std::chrono::seconds(20));
  EXPECT_EQ(line.options->signing_key, "/keys/key.pem");
  EXPECT_THAT(line.options->versioned_buckets, ElementsAre("three"));
  ASSERT_EQ(line.options->api_keys.size(), 2U);
  EXPECT_EQ(line.options->api_keys[0].key, "secret-key");
  EXPECT_EQ(line.options->api_keys[0].roles, RoleSet(Role::kContentReader));
  EXPECT_EQ(line.options->api_keys[1].roles, RoleSet(Role::kWriter));
  ASSERT_EQ(line.options->hmac_keys.size(), 2U);
  EXPECT_EQ(line.options->hmac_keys[0].secret, "secret");
  EXPECT_EQ(line.options->hmac_keys[0].roles, RoleSet(Role::kWriter));
  EXPECT_EQ(line.options->hmac_keys[1].access_key, "access2");
  EXPECT_EQ(line.options->hmac_keys[1].secret, "secret2");
  EXPECT_EQ(line.options->hmac_keys[1].roles, RoleSet(Role::kObjectWriter));
  EXPECT_TRUE(line.options->dialect.conditions_on_delete);
  EXPECT_EQ(line.options->latency.base, std::chrono::milliseconds(5));
  EXPECT_TRUE(line.options->tls);
  EXPECT_EQ(line.options->tls_handshake_delay, std::chrono::milliseconds(40));
  EXPECT_EQ(line.options->threads, 3U);
}

TEST(CommandLine, TakesFaultsAndLatencyAsTheControlInterfaceDoes) {
  const CommandLine line =
      Parse({"--fault", "op=PutObject&status=503&rate=0.5&seed=7", "--fault", "op=*&key=a*&kind=truncate&at=3",
             "--latency", "ms=20&jitter-ms=10&tail-rate=0.25&tail-ms=500", "--bandwidth", "1000000"});
  ASSERT_TRUE(line.options) << line.message;
  ASSERT_EQ(line.options->faults.size(), 2U);
  EXPECT_EQ(line.options->faults[0].operation, Operation::kPutObject);
  EXPECT_EQ(line.options->faults[0].seed, 7U);
  EXPECT_EQ(line.options->faults[1].key, "a*");
  EXPECT_EQ(line.options->faults[1].fault.kind, Fault::Kind::kTruncate);
  EXPECT_EQ(line.options->latency.jitter, std::chrono::milliseconds(10));
  EXPECT_EQ(line.options->latency.tail_rate, 0.25);
  EXPECT_EQ(line.options->bytes_per_second, 1'000'000U);
}

TEST(CommandLine, TakesWhatIsMeantToBeRefused) {
  const CommandLine line =
      Parse({"--tls", "--tls-certificate", "expired", "--profile", "ID=Profile-a,cluster=another"});
  ASSERT_TRUE(line.options) << line.message;
  EXPECT_EQ(line.options->certificate_defect, CertificateDefect::kExpired);
  EXPECT_EQ(line.options->profiles[0].cluster, "another");
  EXPECT_EQ(Parse({"--tls", "--tls-certificate", "stolen"}).exit_code, 2);
  EXPECT_THAT(Parse({"--tls-certificate", "expired"}).message, HasSubstr("--tls-certificate needs --tls"));
}

TEST(CommandLine, ChoosesHowBytesAreKept) {
  const CommandLine line = Parse({"--sink", "--etag=opaque"});
  ASSERT_TRUE(line.options) << line.message;
  EXPECT_TRUE(line.options->sink);
  EXPECT_EQ(line.options->etag, ETagKind::kOpaque);
  EXPECT_EQ(Parse({"--etag", "md5"}).options->etag, ETagKind::kMd5);
}

TEST(CommandLine, HelpIsNoError) {
  const CommandLine line = Parse({"--help"});
  EXPECT_FALSE(line.options);
  EXPECT_EQ(line.exit_code, 0);
  EXPECT_THAT(line.message, HasSubstr("--kubelet-dir"));
}

TEST(CommandLine, MistakesAreOneLineAndExitCode2) {
  for (const std::vector<const char*>& arguments : {std::vector<const char*>{"--unknown"},
                                                    {"--bucket", "Upper"},
                                                    {"--bucket", "_emulator"},
                                                    {"--listen", "here"},
                                                    {"--listen", "127.0.0.1:x"},
                                                    {"--profile", "role=King"},
                                                    {"--profile", "colour=red"},
                                                    {"--hmac", "access"},
                                                    {"--hmac", "access:"},
                                                    {"--hmac", ":secret"},
                                                    {"--hmac", "access:secret:King"},
                                                    {"--api-key", "=Writer"},
                                                    {"--api-key", "key=King"},
                                                    {"--dialect", "delete=perhaps"},
                                                    {"--versioned-bucket", "Upper"},
                                                    {"--latency-ms", "fast"},
                                                    {"--latency", "jitter-ms=3"},
                                                    {"--latency", "ms=1", "--latency-ms", "1"},
                                                    {"--fault", "op=Dance"},
                                                    {"--etag", "sha1"},
                                                    {"--sink", "--data-dir", "/tmp"},
                                                    {"--fault", "op=%zz"},
                                                    {"stray"}}) {
    const CommandLine line = Parse(arguments);
    EXPECT_FALSE(line.options) << arguments[0];
    EXPECT_EQ(line.exit_code, 2);
    EXPECT_EQ(std::ranges::count(line.message, '\n'), 1) << line.message;
    EXPECT_THAT(line.message, HasSubstr("cosfuse-emulator: "));
  }
}

}  // namespace
}  // namespace cosfuse::emulator
