#include "app/explain.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cosfuse {
namespace {

MountOptions Options() {
  MountOptions options;
  options.bucket.endpoint = "https://s3.eu-de.cloud-object-storage.appdomain.cloud";
  options.bucket.bucket = "my-bucket";
  options.identity.profile_id = "Profile-1";
  return options;
}

Error Answer(ErrorCode code, int status, const std::string& service_code) {
  return Error(code, "refused").SetService(service_code, "req-7", status);
}

struct Row {
  StartStage stage;
  Error error;
  std::vector<std::string> says;
};

TEST(ExplainStartFailure, NamesCauseAndRemedyInOneLine) {
  const std::vector<Row> table = {
      {StartStage::kRead,
       Answer(ErrorCode::kAccessDenied, 403, "AccessDenied"),
       {"trusted profile Profile-1 may not list bucket my-bucket (HTTP 403 AccessDenied, request req-7). On this "
        "bucket "
        "grant it the role Writer (Content Reader to read only)",
        "--access=write-only", "firewall"}},
      {StartStage::kWrite,
       Answer(ErrorCode::kAccessDenied, 403, "AccessDenied"),
       {"Profile-1 may not write to bucket my-bucket", "grant it the role Writer"}},
      {StartStage::kRead,
       Answer(ErrorCode::kMissingBucket, 404, "NoSuchBucket"),
       {"bucket my-bucket does not exist at s3.eu-de.cloud-object-storage.appdomain.cloud", ". Check COS_BUCKET",
        "another location"}},
      {StartStage::kRead,
       Error(ErrorCode::kUnavailable, "cannot connect"),
       {"COS at s3.eu-de.cloud-object-storage.appdomain.cloud does not answer (cannot connect)",
        "s3.direct.eu-de.cloud-object-storage.appdomain.cloud", "s3.private.eu-de"}},
      {StartStage::kRead, Error(ErrorCode::kTimedOut, "no answer"), {"does not answer (no answer)", ". Check"}},
      {StartStage::kWrite, Error(ErrorCode::kUnavailable, "reset"), {"does not answer (reset)", ". Check"}},
      {StartStage::kRead,
       Error(ErrorCode::kUntrustedPeer, "self-signed"),
       {"the certificate of s3.eu-de", "is not trusted (self-signed)", "--ca-file", "COS_ENDPOINT"}},
      {StartStage::kRead,
       Error(ErrorCode::kUntrustedPeer, "SSL certificate problem: certificate has expired"),
       {"is not trusted (SSL certificate problem: certificate has expired). Renew the certificate of the host in "
        "COS_ENDPOINT",
        "clock"}},
      {StartStage::kRead,
       Error(ErrorCode::kUnavailable, "no TLS connection to s3:443: wrong version number"),
       {"wrong version number). Check COS_ENDPOINT: the host and port of a service that speaks https."}},
      {StartStage::kRead,
       Error(ErrorCode::kUntrustedPeer, "SSL certificate problem: certificate is not yet valid"),
       {"this node's clock", "behind"}},
      {StartStage::kRead,
       Error(ErrorCode::kUntrustedPeer, "SSL: no alternative certificate subject name matches target host name 's3'"),
       {"for another name", "COS_ENDPOINT"}},
      {StartStage::kRead, Answer(ErrorCode::kThrottled, 503, "SlowDown"), {"asks for fewer requests", ". Start again"}},
      {StartStage::kRead, Error(ErrorCode::kProtocol, "no XML"), {"unexpected answer (Protocol: no XML)", ". Check"}},
      {StartStage::kRead, Error(ErrorCode::kUnauthenticated, "IAM says no. Link it"), {"IAM says no. Link it."}},
      {StartStage::kIdentity,
       Error(ErrorCode::kUnauthenticated, "the token file\nis missing. Project one"),
       {"the token file is missing. Project one."}},
      {StartStage::kIdentity,
       Answer(ErrorCode::kUnauthenticated, 400, "BXNIM0398E"),
       {"refused. IAM's answer: HTTP 400 BXNIM0398E, request req-7."}},
      {StartStage::kIdentity, Error(ErrorCode::kUnavailable, "no route. Check X"), {"no route. Check X."}},
      {StartStage::kIdentity,
       Answer(ErrorCode::kProtocol, 200, ""),
       {"refused. IAM's answer: HTTP 200, request req-7."}},
      {StartStage::kIdentity,
       Error(ErrorCode::kUntrustedPeer, "self-signed"),
       {"self-signed. Name the CA", "IBM_AUTH_ENDPOINT"}},
      {StartStage::kMountpoint,
       Error(ErrorCode::kNotFound, "/mnt does not exist. Make it."),
       {"/mnt does not exist. Make it."}},
      {StartStage::kMount, Error(ErrorCode::kNotPermitted, "mount refused. Be privileged."), {"mount refused. Be"}},
      {StartStage::kCacheDirectory,
       Error(ErrorCode::kBusy, "in use by process 7"),
       {"in use by process 7. Give this mount a directory of its own by --cache-dir"}},
      {StartStage::kTransport, Error(ErrorCode::kNotFound, "no such CA file"), {"no such CA file. Check --ca-file"}},
      {StartStage::kRead, Error(ErrorCode::kCancelled, "interrupted"), {"stopped before the mount was ready. Start"}},
  };
  for (const Row& row : table) {
    const std::string line = ExplainStartFailure(row.stage, row.error, Options());
    for (const std::string& text : row.says) EXPECT_NE(line.find(text), std::string::npos) << text << "\n" << line;
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    EXPECT_TRUE(line.ends_with('.')) << line;
  }
}

std::string ExplainDenial(StartStage stage, AccessRequest access, const IdentityOptions& identity) {
  MountOptions options = Options();
  options.access = access;
  options.identity = identity;
  return ExplainStartFailure(stage, Answer(ErrorCode::kAccessDenied, 403, "AccessDenied"), options);
}

TEST(ExplainStartFailure, OffersTheSmallestRoleThatTheAccessNeeds) {
  struct Case {
    StartStage stage;
    AccessRequest access;
    std::string grants;
  };
  const std::vector<Case> table = {
      {StartStage::kRead, AccessRequest::kReadOnly, "grant it the role Content Reader. "},
      {StartStage::kWrite, AccessRequest::kWriteOnly, "grant it the role Object Writer. "},
      {StartStage::kRead, AccessRequest::kReadWrite, "grant it the role Writer (Content Reader to read only)"},
      {StartStage::kWrite, AccessRequest::kReadWrite, "grant it the role Writer, or mount with --access=read-only. "},
  };
  for (const Case& row : table) {
    const std::string line = ExplainDenial(row.stage, row.access, Options().identity);
    EXPECT_NE(line.find(row.grants), std::string::npos) << line;
  }
}

TEST(ExplainStartFailure, SaysWhoAsked) {
  IdentityOptions key;
  key.api_key_file = "/keys/cos";
  const std::string keys = ExplainDenial(StartStage::kRead, AccessRequest::kAuto, key);
  EXPECT_TRUE(keys.starts_with("the API key in /keys/cos may not list bucket my-bucket")) << keys;
  EXPECT_NE(keys.find("grant the key's owner the role Writer"), std::string::npos) << keys;
  IdentityOptions nobody;
  nobody.anonymous = true;
  const std::string public_bucket = ExplainDenial(StartStage::kRead, AccessRequest::kReadOnly, nobody);
  EXPECT_TRUE(public_bucket.starts_with("anybody may not list bucket my-bucket")) << public_bucket;
  EXPECT_NE(public_bucket.find("Public Access"), std::string::npos) << public_bucket;
  EXPECT_NE(public_bucket.find("leave --anonymous out"), std::string::npos) << public_bucket;
}

TEST(ExplainStartFailure, OffersPrivateHostsForPublicOnesAlone) {
  MountOptions options = Options();
  options.bucket.endpoint = "https://s3.direct.eu-de.cloud-object-storage.appdomain.cloud";
  const std::string line =
      ExplainStartFailure(StartStage::kRead, Error(ErrorCode::kUnavailable, "cannot connect"), options);
  EXPECT_EQ(line.find("from a private cluster"), std::string::npos) << line;
}

TEST(DescribeIdentity, PrefersTheIdThenTheName) {
  IdentityOptions identity;
  identity.profile_crn = "crn:1";
  EXPECT_EQ(DescribeIdentity(identity), "trusted profile crn:1");
  identity.profile_name = "name";
  EXPECT_EQ(DescribeIdentity(identity), "trusted profile name");
  identity.profile_id = "Profile-1";
  EXPECT_EQ(DescribeIdentity(identity), "trusted profile Profile-1");
}

}  // namespace
}  // namespace cosfuse
