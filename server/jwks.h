// Public keys that verify tokens, read from a JSON Web Key Set (RFC 7517), and the verifying. The
// algorithm follows from the key, never from the token. OpenSSL does the arithmetic.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"

struct evp_pkey_st;

namespace portvakt::server {

enum class TokenAlgorithm : uint8_t {
  kRs256,  // RSA with SHA-256, PKCS #1 v1.5
  kEs256,  // ECDSA on P-256 with SHA-256
  kEdDsa,  // Ed25519
};
// "RS256", "ES256", "EdDSA"; nothing for all others.
std::optional<TokenAlgorithm> TokenAlgorithmOf(std::string_view name);

// Keys of one set: an issuer has two or three. A look-up walks them.
inline constexpr size_t kMaxTokenKeys = 100;
// Bytes of a set: that many keys with certificates beside them.
inline constexpr size_t kMaxJwksBytes = 1u << 20;
// Bits of an RSA modulus: less is weak, more makes each token dear.
inline constexpr int kMinRsaBits = 2048;
inline constexpr int kMaxRsaBits = 8192;

// Any thread; copies share the key.
class TokenKey {
 public:
  TokenKey(std::string id, TokenAlgorithm algorithm, std::shared_ptr<evp_pkey_st> key)
      : id_(std::move(id)), algorithm_(algorithm), key_(std::move(key)) {}

  const std::string& id() const { return id_; }  // `kid`
  TokenAlgorithm algorithm() const { return algorithm_; }
  // Of the bytes before the last dot of a token, with the decoded signature behind it.
  bool Verifies(std::string_view signed_bytes, std::string_view signature) const;

 private:
  std::string id_;
  TokenAlgorithm algorithm_;
  std::shared_ptr<evp_pkey_st> key_;
};

class TokenKeys {
 public:
  explicit TokenKeys(std::vector<TokenKey> keys) : keys_(std::move(keys)) {}
  // Null when there is none of that id and algorithm.
  const TokenKey* Find(std::string_view id, TokenAlgorithm algorithm) const;
  size_t size() const { return keys_.size(); }

 private:
  std::vector<TokenKey> keys_;
};

// Keys for encryption and of kinds that verify nothing here are passed over. kInvalid: the set
// cannot be read, a key of ours is broken, has no `kid`, shares it, or is a secret one; or there is
// no key to verify with.
engine::Result<TokenKeys> ParseJwks(std::string_view text);

}  // namespace portvakt::server
