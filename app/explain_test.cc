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
       {"Profile-1 may not list bucket my-bucket", "HTTP 403 AccessDenied, request req-7", ". Grant it the role Writer",
        "--access=write-only"}},
      {StartStage::kWrite,
       Answer(ErrorCode::kAccessDenied, 403, "AccessDenied"),
       {"Profile-1 may not write to bucket my-bucket", ". Grant it the role Object Writer"}},
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
       {"the certificate of s3.eu-de", "is not trusted (self-signed)", "--ca-file"}},
      {StartStage::kRead, Answer(ErrorCode::kThrottled, 503, "SlowDown"), {"asks for fewer requests", ". Start again"}},
      {StartStage::kRead, Error(ErrorCode::kProtocol, "no XML"), {"unexpected answer (Protocol: no XML)", ". Check"}},
      {StartStage::kRead, Error(ErrorCode::kUnauthenticated, "IAM says no. Link it"), {"IAM says no. Link it."}},
      {StartStage::kIdentity,
       Error(ErrorCode::kUnauthenticated, "the token file\nis missing. Project one"),
       {"the token file is missing. Project one."}},
      {StartStage::kIdentity,
       Answer(ErrorCode::kUnauthenticated, 400, "BXNIM0398E"),
       {"refused (HTTP 400 BXNIM0398E, request req-7)."}},
      {StartStage::kIdentity, Error(ErrorCode::kUnavailable, "no route"), {"no route. Check IBM_AUTH_ENDPOINT"}},
      {StartStage::kIdentity, Error(ErrorCode::kUntrustedPeer, "self-signed"), {"self-signed. Name the CA"}},
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

TEST(ExplainStartFailure, AskedToReadOnlyItNeedsOnlyTheReadersRole) {
  MountOptions options = Options();
  options.access = AccessRequest::kReadOnly;
  const std::string line =
      ExplainStartFailure(StartStage::kRead, Answer(ErrorCode::kAccessDenied, 403, "AccessDenied"), options);
  EXPECT_NE(line.find(". Grant it the role Content Reader"), std::string::npos) << line;
  EXPECT_EQ(line.find("write-only"), std::string::npos) << line;
}

TEST(ExplainStartFailure, OffersPrivateHostsForPublicOnesAlone) {
  MountOptions options = Options();
  options.bucket.endpoint = "https://s3.direct.eu-de.cloud-object-storage.appdomain.cloud";
  const std::string line =
      ExplainStartFailure(StartStage::kRead, Error(ErrorCode::kUnavailable, "cannot connect"), options);
  EXPECT_EQ(line.find("from a private cluster"), std::string::npos) << line;
}

TEST(DescribeProfile, PrefersTheIdThenTheName) {
  IdentityOptions identity;
  identity.profile_crn = "crn:1";
  EXPECT_EQ(DescribeProfile(identity), "crn:1");
  identity.profile_name = "name";
  EXPECT_EQ(DescribeProfile(identity), "name");
  identity.profile_id = "Profile-1";
  EXPECT_EQ(DescribeProfile(identity), "Profile-1");
}

}  // namespace
}  // namespace cosfuse
