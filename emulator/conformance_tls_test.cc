#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <memory>

#include "base/file_descriptor.h"
#include "emulator/fake_emulator_bed.h"

namespace cosfuse::emulator {
namespace {

class TlsConformance : public EmulatorTest {
 protected:
  TlsConformance() {
    options_.tls = true;
    options_.tls_dir = directory_.path();
    Restart();
  }

  FileDescriptor Connect() const {
    FileDescriptor socket_fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket_fd.valid()) return socket_fd;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    return socket_fd;
  }

  /// The answer to a request over TLS; empty where the handshake fails. `ca_file` may be empty: nothing is trusted.
  std::string Fetch(const std::string& ca_file, int highest_version, const std::string& request) const {
    const FileDescriptor socket_fd = Connect();
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_max_proto_version(context.get(), highest_version);
    SSL_CTX_set_security_level(context.get(), 0);
    if (!ca_file.empty()) {
      EXPECT_EQ(SSL_CTX_load_verify_file(context.get(), ca_file.c_str()), 1);
    }
    const std::unique_ptr<SSL, decltype(&SSL_free)> connection(SSL_new(context.get()), &SSL_free);
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection.get()), "127.0.0.1");
    SSL_set_fd(connection.get(), socket_fd.get());
    if (SSL_connect(connection.get()) != 1) return "";
    SSL_write(connection.get(), request.data(), static_cast<int>(request.size()));
    std::string answer(4096, '\0');
    const int length = SSL_read(connection.get(), answer.data(), static_cast<int>(answer.size()));
    answer.resize(length > 0 ? static_cast<size_t>(length) : 0);
    return answer;
  }

  const TemporaryDirectory directory_;
  const std::string request_ = "HEAD /bucket HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
};

TEST_F(TlsConformance, ServesWhoTrustsItsAuthority) {
  const ReadyFacts facts = emulator_->facts();
  EXPECT_EQ(facts.endpoint, "https://127.0.0.1:" + std::to_string(port()));
  EXPECT_EQ(facts.ca_file, directory_.path() + "/ca.pem");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    EXPECT_TRUE(Fetch(facts.ca_file, version, request_).starts_with("HTTP/1.1 403")) << version;
  }
}

TEST_F(TlsConformance, IsNotTrustedWithoutIt) { EXPECT_EQ(Fetch("", TLS1_3_VERSION, request_), ""); }

TEST_F(TlsConformance, MayHaveACertificateThatNobodyTakes) {
  for (const CertificateDefect defect : {CertificateDefect::kExpired, CertificateDefect::kOtherName}) {
    options_.certificate_defect = defect;
    Restart();
    EXPECT_EQ(Fetch(emulator_->facts().ca_file, TLS1_3_VERSION, request_), "");
  }
}

TEST_F(TlsConformance, RefusesWhatIsOlderThanTls12) {
  EXPECT_EQ(Fetch(emulator_->facts().ca_file, TLS1_1_VERSION, request_), "");
}

TEST_F(TlsConformance, RefusesPlainText) { EXPECT_EQ(HttpClient(port()).Do("HEAD", "/bucket").status, 0); }

TEST_F(TlsConformance, AHandshakeMayBeSlowWhileOthersAreServed) {
  const SystemClock clock;
  emulator_->services().network.SetHandshakeDelay(std::chrono::hours(1));
  const FileDescriptor waits_for_ever = Connect();
  emulator_->services().network.SetHandshakeDelay(std::chrono::milliseconds(60));
  const MonotonicTime start = clock.Now();
  EXPECT_NE(Fetch(emulator_->facts().ca_file, TLS1_3_VERSION, request_), "");
  EXPECT_GE(clock.Now() - start, std::chrono::milliseconds(60));
}

}  // namespace
}  // namespace cosfuse::emulator
