// Certificates by the library, so that tests need no command. Keys are on P-256, which is quick.
#include "tests/server/test_certificates.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>

namespace portvakt::server {
namespace {

void Require(bool is_true, const char* what) {
  if (is_true) return;
  ADD_FAILURE() << "cannot make a test certificate: " << what;
  std::abort();
}

void AddExtension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  Require(extension != nullptr, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* Begin(EVP_PKEY* key, const TestAuthority::Subject& subject, int days) {
  static long serial = 0;
  X509* certificate = X509_new();
  Require(certificate != nullptr, "memory");
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  constexpr long kDay = 86400;
  X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), days * kDay);
  X509_set_pubkey(certificate, key);
  for (const auto& [name, value] : subject) {
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), name.c_str(), MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(value.c_str()), -1, -1, 0);
  }
  return certificate;
}

// Written beside and moved into place, as renewal programs do.
template <class Write>
void Replace(const std::string& path, Write write) {
  const std::string beside = path + ".new";
  FILE* file = std::fopen(beside.c_str(), "w");
  Require(file != nullptr, path.c_str());
  Require(write(file) == 1, path.c_str());
  Require(std::fclose(file) == 0, path.c_str());
  Require(std::rename(beside.c_str(), path.c_str()) == 0, path.c_str());
}

}  // namespace

TestAuthority::TestAuthority(const std::string& name) : key_(EVP_EC_gen("P-256")) {
  Require(key_ != nullptr, "a key");
  certificate_ = Begin(key_, {{"CN", name}}, 3);
  X509_set_issuer_name(certificate_, X509_get_subject_name(certificate_));
  AddExtension(certificate_, certificate_, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(certificate_, certificate_, NID_key_usage, "critical,keyCertSign");
  AddExtension(certificate_, certificate_, NID_subject_key_identifier, "hash");
  Require(X509_sign(certificate_, key_, EVP_sha256()) > 0, "a signature");
}

TestAuthority::~TestAuthority() {
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

TestAuthority::Files TestAuthority::Issue(const std::string& file_stem, const Subject& subject,
                                          int days) const {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  Require(key != nullptr, "a key");
  X509* certificate = Begin(key, subject, days);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate_));
  AddExtension(certificate, certificate_, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  AddExtension(certificate, certificate_, NID_ext_key_usage, "serverAuth,clientAuth");
  Require(X509_sign(certificate, key_, EVP_sha256()) > 0, "a signature");
  const Files files{file_stem + ".crt", file_stem + ".key"};
  Replace(files.certificate_path, [&](FILE* out) { return PEM_write_X509(out, certificate); });
  Replace(files.key_path, [&](FILE* out) {
    return PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  X509_free(certificate);
  EVP_PKEY_free(key);
  return files;
}

void TestAuthority::Write(const std::string& path) const {
  Replace(path, [&](FILE* out) { return PEM_write_X509(out, certificate_); });
}

}  // namespace portvakt::server
