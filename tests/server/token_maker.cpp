// Signing by OpenSSL's interface, and public numbers read back from its keys.
#include "tests/server/token_maker.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <vector>

#include "server/base64url.h"

namespace portvakt::server {
namespace {

// A number of the key in so many bytes; 0: as many as it needs.
std::string NumberOf(const EVP_PKEY* key, const char* name, int size) {
  BIGNUM* number = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(key, name, &number), 1) << name;
  std::string bytes(static_cast<size_t>(size > 0 ? size : BN_num_bytes(number)), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
               static_cast<int>(bytes.size()));
  BN_free(number);
  return EncodeBase64Url(bytes);
}

}  // namespace

SigningKey::SigningKey(std::string id, std::string algorithm, EVP_PKEY* key)
    : id_(std::move(id)), algorithm_(std::move(algorithm)), key_(key, EVP_PKEY_free) {
  EXPECT_NE(key, nullptr);
}

SigningKey SigningKey::Rsa(const std::string& id, int bits) {
  return {id, "RS256", EVP_RSA_gen(static_cast<unsigned>(bits))};
}
SigningKey SigningKey::P256(const std::string& id) { return {id, "ES256", EVP_EC_gen("P-256")}; }
SigningKey SigningKey::Ed25519(const std::string& id) {
  return {id, "EdDSA", EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
}

std::string SigningKey::Jwk() const {
  const std::string head = R"({"kid":")" + id_ + R"(","use":"sig","alg":")" + algorithm_ + R"(",)";
  const EVP_PKEY* key = key_.get();
  if (algorithm_ == "RS256") {
    return head + R"("kty":"RSA","n":")" + NumberOf(key, OSSL_PKEY_PARAM_RSA_N, 0) + R"(","e":")" +
           NumberOf(key, OSSL_PKEY_PARAM_RSA_E, 0) + "\"}";
  }
  if (algorithm_ == "ES256") {
    return head + R"("kty":"EC","crv":"P-256","x":")" +
           NumberOf(key, OSSL_PKEY_PARAM_EC_PUB_X, 32) + R"(","y":")" +
           NumberOf(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32) + "\"}";
  }
  std::string bytes(32, '\0');
  size_t size = bytes.size();
  EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(bytes.data()), &size);
  return head + R"("kty":"OKP","crv":"Ed25519","x":")" + EncodeBase64Url(bytes) + "\"}";
}

std::string SigningKey::SignRaw(std::string_view bytes) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  const EVP_MD* digest = algorithm_ == "EdDSA" ? nullptr : EVP_sha256();
  EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()), 1);
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t size = 0;
  EXPECT_EQ(EVP_DigestSign(context.get(), nullptr, &size, data, bytes.size()), 1);
  std::string signature(size, '\0');
  EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                           data, bytes.size()),
            1);
  signature.resize(size);
  return signature;
}

std::string SigningKey::Sign(std::string_view bytes) const {
  const std::string raw = SignRaw(bytes);
  if (algorithm_ != "ES256") return raw;
  const auto* data = reinterpret_cast<const unsigned char*>(raw.data());
  ECDSA_SIG* both = d2i_ECDSA_SIG(nullptr, &data, static_cast<long>(raw.size()));
  std::string halves(64, '\0');
  auto* out = reinterpret_cast<unsigned char*>(halves.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(both), out, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(both), out + 32, 32);
  ECDSA_SIG_free(both);
  return halves;
}

std::string SigningKey::PublicPem() const {
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(memory, key_.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(memory);
  return pem;
}

std::string KeySet(const std::string& members) { return R"({"keys":[)" + members + "]}"; }

std::string TokenOf(std::string_view header, std::string_view claims, const SigningKey& key) {
  const std::string head = EncodeBase64Url(header) + "." + EncodeBase64Url(claims);
  return head + "." + EncodeBase64Url(key.Sign(head));
}

std::string HonestToken(std::string_view claims, const SigningKey& key) {
  return TokenOf(R"({"alg":")" + key.algorithm() + R"(","typ":"JWT","kid":")" + key.id() + "\"}",
                 claims, key);
}

}  // namespace portvakt::server
