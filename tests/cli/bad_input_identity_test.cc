#include <filesystem>

#include "auth/jwt_fixture.h"
#include "http/fake_http_server.h"
#include "tests/cli/cli_fixture.h"

namespace cosfuse::testing {
namespace {

class TokenFileTest : public BadInputTest {
 protected:
  /// Mounts with a token file of this content.
  CommandResult MountWithToken(const std::string& content) {
    WriteWholeFile(path_, content);
    return Mount({"--token-file", path_});
  }

  const std::string path_ = directory_.path() + "/token";
};

TEST_F(TokenFileTest, Missing) {
  ExpectRefusal(Mount({}, {{"CR_TOKEN_FILE_PATH", "/nonexistent/token"}}), 1,
                {"/nonexistent/token does not exist", "projected volume", "CR_TOKEN_FILE_PATH"});
}

TEST_F(TokenFileTest, EmptyOrNoToken) {
  ExpectRefusal(MountWithToken("\n"), 1, {path_ + " is empty", "projected volume"});
  ExpectRefusal(MountWithToken("not a token\n"), 1, {path_ + " holds no JSON web token", "projected volume"});
  ExpectRefusal(Mount({"--token-file", directory_.path()}), 1, {"is a directory", "Name the file in it"});
}

TEST_F(TokenFileTest, NotReadable) {
  WriteWholeFile(path_, MakeTestJwt("{}"));
  std::filesystem::permissions(path_, std::filesystem::perms::none);
  const CommandResult result = RunCommand({"setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps",
                                           "-all", COSFUSE_BINARY, "token", "--token-file", path_},
                                          Pod());
  ExpectRefusal(result, 1, {path_ + " may not be read", "fsGroup"});
}

TEST_F(TokenFileTest, Expired) {
  const std::string token = MakeTestJwt(R"({"aud":["iam"],"iat":999996400,"exp":1000000000})");
  ExpectRefusal(MountWithToken(token), 1, {"token expired", "days ago", "subPath", "BXNIM0408E"});
}

TEST_F(TokenFileTest, WrongAudience) {
  const std::string token =
      MakeTestJwt(R"({"aud":["https://kubernetes.default.svc"],"iat":1000000000,"exp":4102444800})");
  ExpectRefusal(MountWithToken(token), 1,
                {"not meant for IAM but for https://kubernetes.default.svc", "audience: iam"});
}

TEST_F(TokenFileTest, OfAnUnknownIssuer) {
  const std::string token = MakeTestJwt(R"({"aud":["iam"],"iat":1000000000,"exp":4102444800})");
  ExpectRefusal(MountWithToken(token), 1, {"does not accept the service-account token in " + path_, "cluster"});
}

TEST_F(BadInputTest, ProfileUnknown) {
  for (const char* option : {"--profile-id=Profile-unknown", "--profile-name=unknown"}) {
    ExpectRefusal(Mount({option}), 1, {"unknown does not exist", "BXNIM0398E", "trusted-profile-link-create"});
  }
}

class UnlinkedProfileTest : public BadInputTest {
 protected:
  UnlinkedProfileTest()
      : BadInputTest({"--namespace", "work", "--service-account", "robot",  //
                      "--profile", "ID=Profile-1,name=one,namespace=default,service-account=robot", "--profile",
                      "ID=Profile-2,name=two,namespace=work,service-account=default", "--profile",
                      "ID=Profile-3,name=three,namespace=work,service-account=robot,cluster=another"}) {}
};

TEST_F(UnlinkedProfileTest, NamesNamespaceServiceAccountAndTheLinkToMake) {
  for (const char* profile : {"Profile-1", "Profile-2", "Profile-3"}) {
    ExpectRefusal(Mount({"--profile-id", profile}), 1,
                  {profile, "does not trust service account robot of namespace work in this cluster",
                   "--link-crn CLUSTER_CRN --link-namespace work --link-name robot", "BXNIM0398E", "request "});
  }
}

TEST_F(BadInputTest, Pitfall47_IamThatAnswersHtml) {
  for (const int status : {200, 302, 404}) {
    FakeHttpServer proxy([status](const FakeHttpServer::Request& /*request*/, FakeHttpServer::Peer& peer) {
      return peer.Send(FakeHttpServer::Answer(status, "<!DOCTYPE html>\n<html>Sign in</html>\n",
                                              "Content-Type: text/html\r\nTransaction-Id: tx-7\r\n"));
    });
    ExpectRefusal(Mount({}, {{"IBM_AUTH_ENDPOINT", proxy.Url("/identity/token")}}), 1,
                  {proxy.Url("/identity/token"), "IBM_AUTH_ENDPOINT names IAM", "proxy", "request tx-7"});
  }
}

TEST_F(BadInputTest, ApiKeyFile) {
  const std::string path = directory_.path() + "/key";
  ExpectRefusal(Mount({"--api-key-file", path}), 1, {path + " does not exist", "COSFUSE_API_KEY_FILE"});
  WriteWholeFile(path, "\n");
  ExpectRefusal(Mount({"--api-key-file", path}), 1, {path + " is empty"});
  WriteWholeFile(path, R"({"apikey": "very-secret"})");
  const CommandResult result = Mount({"--api-key-file", path});
  ExpectRefusal(result, 1, {path + " holds more than a key", "bare key"});
  EXPECT_EQ(result.errors.find("very-secret"), std::string::npos) << result.errors;
}

}  // namespace
}  // namespace cosfuse::testing
