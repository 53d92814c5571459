#include "emulator/wire/tls_certificate.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <memory>

namespace cosfuse::emulator {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Memory = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

constexpr long kMinute = 60;
constexpr long kHour = 60 * kMinute;
constexpr long kYear = 365L * 24 * kHour;

struct Issuer {
  X509* certificate;
  EVP_PKEY* key;
};

/// Who a certificate is for, and until when, from now.
struct Subject {
  const char* common_name;
  const char* alternative_names;
  long end;
};

Subject ServerSubject(CertificateDefect defect) {
  constexpr const char* kOwnNames = "IP:127.0.0.1,DNS:localhost";
  switch (defect) {
    case CertificateDefect::kNone: break;
    case CertificateDefect::kExpired: return {"localhost", kOwnNames, -kMinute};
    case CertificateDefect::kOtherName: return {"store.example", "DNS:store.example", kYear};
  }
  return {"localhost", kOwnNames, kYear};
}

bool AddExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value), &X509_EXTENSION_free);
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool SetSerial(X509* certificate) {
  uint64_t serial = 0;
  return RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1;
}

/// A certificate for `key`; without an issuer it signs itself.
Certificate MakeCertificate(EVP_PKEY* key, const Subject& whose, const Issuer* issuer) {
  Certificate certificate(X509_new(), &X509_free);
  X509* raw = certificate.get();
  if (raw == nullptr) return certificate;
  X509* signer = issuer == nullptr ? raw : issuer->certificate;
  X509_NAME* subject = X509_get_subject_name(raw);
  const bool is_ca = issuer == nullptr;
  const bool made =
      X509_set_version(raw, X509_VERSION_3) == 1 && SetSerial(raw) &&
      X509_gmtime_adj(X509_getm_notBefore(raw), -kHour) != nullptr &&
      X509_gmtime_adj(X509_getm_notAfter(raw), whose.end) != nullptr && X509_set_pubkey(raw, key) == 1 &&
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(whose.common_name),
                                 -1, -1, 0) == 1 &&
      X509_set_issuer_name(raw, X509_get_subject_name(signer)) == 1 &&
      AddExtension(raw, signer, NID_basic_constraints, is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
      AddExtension(raw, signer, NID_key_usage, is_ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature") &&
      AddExtension(raw, signer, NID_subject_key_identifier, "hash") &&
      (is_ca || (AddExtension(raw, signer, NID_authority_key_identifier, "keyid") &&
                 AddExtension(raw, signer, NID_ext_key_usage, "serverAuth") &&
                 AddExtension(raw, signer, NID_subject_alt_name, whose.alternative_names))) &&
      X509_sign(raw, issuer == nullptr ? key : issuer->key, EVP_sha256()) != 0;
  if (!made) certificate.reset();
  return certificate;
}

std::string TakeText(BIO* memory) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(memory, &data);
  return {data, static_cast<size_t>(length)};
}

std::string ToPem(X509* certificate) {
  const Memory memory(BIO_new(BIO_s_mem()), &BIO_free_all);
  PEM_write_bio_X509(memory.get(), certificate);
  return TakeText(memory.get());
}

std::string ToPem(EVP_PKEY* key) {
  const Memory memory(BIO_new(BIO_s_mem()), &BIO_free_all);
  PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return TakeText(memory.get());
}

}  // namespace

Result<TlsMaterial> MakeTlsMaterial(CertificateDefect defect) {
  const Key ca_key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const Key server_key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  if (ca_key == nullptr || server_key == nullptr) return Fail(ErrorCode::kInternal, "OpenSSL cannot make a key");
  const Certificate ca = MakeCertificate(ca_key.get(), {"cosfuse-emulator CA", "", kYear}, nullptr);
  if (ca == nullptr) return Fail(ErrorCode::kInternal, "OpenSSL cannot make a certificate");
  const Issuer issuer{ca.get(), ca_key.get()};
  const Certificate server = MakeCertificate(server_key.get(), ServerSubject(defect), &issuer);
  if (server == nullptr) return Fail(ErrorCode::kInternal, "OpenSSL cannot make a certificate");
  return TlsMaterial{ToPem(ca.get()), {ToPem(server_key.get()), ToPem(server.get())}};
}

}  // namespace cosfuse::emulator
