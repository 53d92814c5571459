#include "tests/cli/cli_fixture.h"

namespace cosfuse::testing {
namespace {

TEST_F(BadInputTest, Pitfall47_BucketMissing) {
  ExpectRefusal(Mount({}, {{"COS_BUCKET", "no-such-bucket"}}), 1,
                {"bucket no-such-bucket does not exist at " + HostOf(emulator_), "NoSuchBucket", "COS_BUCKET"});
}

TEST_F(BadInputTest, BucketOfAnotherRegion) {
  const EmulatorProcess other_region({"--bucket", "far-away"});
  ASSERT_EQ(other_region.bucket(), "far-away");
  ExpectRefusal(Mount({}, {{"COS_BUCKET", "far-away"}}), 1,
                {"far-away", HostOf(emulator_), "COS_ENDPOINT: a bucket of another location looks the same"});
}

TEST_F(BadInputTest, BucketWithANameThatNoneHas) {
  for (const char* name : {"My_Bucket", "ab", "-bucket", "a..b", "s3://bucket"}) {
    ExpectRefusal(Mount({}, {{"COS_BUCKET", name}}), 2, {std::string("COS_BUCKET \"") + name, "3 to 63 lower-case"});
  }
}

TEST_F(BadInputTest, EndpointWithAPath) {
  ExpectRefusal(Mount({}, {{"COS_ENDPOINT", emulator_.endpoint() + "/demo-bucket"}}), 2,
                {"COS_ENDPOINT", "has a path", "Write " + emulator_.endpoint() + " and give the bucket by"});
  ExpectRefusal(Mount({}, {{"IBM_AUTH_ENDPOINT", "https://iam.cloud.ibm.com/v1"}}), 2,
                {"IBM_AUTH_ENDPOINT", "has a path", "Write https://iam.cloud.ibm.com or"});
}

TEST_F(BadInputTest, PlainHttpToAForeignHost) {
  ExpectRefusal(Mount({}, {{"COS_ENDPOINT", "http://store.example"}}), 2,
                {"COS_ENDPOINT \"http://store.example\" would send the token unencrypted", "--allow-http"});
  ExpectRefusal(Mount({}, {{"IBM_AUTH_ENDPOINT", "http://iam.example"}}), 2,
                {"IBM_AUTH_ENDPOINT \"http://iam.example\" would send", "https://"});
}

TEST_F(BadInputTest, CertificatesThatCannotBeRead) {
  ExpectRefusal(Mount({"--ca-file", "/nonexistent/ca.pem"}), 1, {"/nonexistent/ca.pem", "--ca-file"});
  const std::string path = directory_.path() + "/ca.pem";
  WriteWholeFile(path, "not a certificate");
  ExpectRefusal(Mount({"--ca-file", path}), 1, {path + " holds no certificate in PEM form", "--ca-file"});
}

struct CertificateCase {
  const char* kind;  ///< Of the server.
  bool trusted;      ///< Its authority.
  std::vector<std::string> says;
};

TEST_F(BadInputTest, CertificateThatIsUnknownExpiredOrForAnotherName) {
  const std::vector<CertificateCase> table = {
      {"good", false, {"--ca-file (COSFUSE_CA_FILE)"}},
      {"expired", true, {"has expired", "Renew the certificate", "clock"}},
      {"other-name", true, {"127.0.0.1", "for another name", "write the host in"}}};
  for (const CertificateCase& row : table) {
    SCOPED_TRACE(row.kind);
    const EmulatorProcess server({"--tls", "--tls-certificate", row.kind});
    const Environment trust = {{"COSFUSE_CA_FILE", row.trusted ? server.ca_file() : ""}};
    // Of COS, whose token comes from an IAM on loopback; then of IAM itself.
    Environment store = trust;
    store["COS_ENDPOINT"] = server.endpoint();
    const CommandResult cos = Mount({}, store);
    ExpectRefusal(cos, 1, row.says);
    ExpectRefusal(cos, 1, {"the certificate of " + HostOf(server) + " is not trusted", "COS_ENDPOINT"});
    Environment identity = trust;
    identity["IBM_AUTH_ENDPOINT"] = server.endpoint();
    const CommandResult iam = Mount({}, identity);
    ExpectRefusal(iam, 1, row.says);
    ExpectRefusal(iam, 1, {"IAM", HostOf(server), "IBM_AUTH_ENDPOINT"});
  }
}

struct RoleCase {
  const char* role;
  const char* access;
  std::vector<std::string> says;
};

TEST_F(BadInputTest, RoleTooSmallForTheAccess) {
  const std::vector<RoleCase> table = {
      {"None", "auto", {"may not list", "grant it the role Writer (Content Reader to read only)"}},
      {"None", "read-write", {"may not list", "grant it the role Writer"}},
      {"None", "read-only", {"may not list", "grant it the role Content Reader"}},
      {"None", "write-only", {"may not write", "grant it the role Object Writer"}},
      {"ContentReader", "read-write", {"may not write", "the role Writer, or mount with --access=read-only"}},
      {"ContentReader", "write-only", {"may not write", "grant it the role Object Writer"}},
      {"ObjectWriter", "auto", {"may not list", "mount with --access=write-only"}},
      {"ObjectWriter", "read-write", {"may not list", "mount with --access=write-only"}},
      {"ObjectWriter", "read-only", {"may not list", "grant it the role Content Reader"}}};
  for (const RoleCase& row : table) {
    SCOPED_TRACE(std::string(row.role) + " " + row.access);
    emulator_.Post("role?profile=" + emulator_.profile_id() + "&role=" + row.role);
    const CommandResult result = Mount({"--access", row.access});
    ExpectRefusal(result, 1, row.says);
    ExpectRefusal(result, 1, {emulator_.profile_id(), "bucket " + emulator_.bucket(), "HTTP 403 AccessDenied"});
  }
}

TEST_F(BadInputTest, AnonymousInABucketThatIsNotPublic) {
  ExpectRefusal(Mount({"--anonymous"}), 1,
                {"anybody may not list bucket " + emulator_.bucket(), "Public Access", "leave --anonymous out"});
}

}  // namespace
}  // namespace cosfuse::testing
