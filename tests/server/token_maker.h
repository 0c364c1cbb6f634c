// Issuers of tokens for tests: keys made on the spot by OpenSSL, key sets of their public halves,
// and tokens signed by them, as good or as bad as a test wants.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

namespace portvakt::server {

class SigningKey {
 public:
  static SigningKey Rsa(const std::string& id, int bits = 2048);
  static SigningKey P256(const std::string& id);
  static SigningKey Ed25519(const std::string& id);

  const std::string& id() const { return id_; }
  const std::string& algorithm() const { return algorithm_; }  // "RS256" ..
  // The public half as a member of a key set: {"kty": .., "kid": ..}.
  std::string Jwk() const;
  // As tokens carry it. For P-256 the two halves, not DER.
  std::string Sign(std::string_view bytes) const;
  // The same in the form that the library gives.
  std::string SignRaw(std::string_view bytes) const;
  // The public half as PEM.
  std::string PublicPem() const;

 private:
  SigningKey(std::string id, std::string algorithm, EVP_PKEY* key);
  std::string id_;
  std::string algorithm_;
  std::shared_ptr<EVP_PKEY> key_;
};

// {"keys": [..]} of members as Jwk writes them, with commas between.
std::string KeySet(const std::string& members);

// base64url(header) "." base64url(claims) "." base64url(signature)
std::string TokenOf(std::string_view header, std::string_view claims, const SigningKey& key);
// With the header that an honest issuer writes.
std::string HonestToken(std::string_view claims, const SigningKey& key);

}  // namespace portvakt::server
