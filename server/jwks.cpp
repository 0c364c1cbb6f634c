// Key sets to OpenSSL's keys, and signatures verified by them.
#include "server/jwks.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <iterator>

#include "server/base64url.h"
#include "server/json.h"

namespace portvakt::server {
namespace {

using Kind = JsonValue::Kind;
using engine::Error;

// Of one coordinate on P-256, or half of a signature by it.
constexpr size_t kP256Bytes = 32;
constexpr size_t kEd25519Bytes = 32;
constexpr int kMaxExponentBits = 32;

// The library's frees as a deleter.
template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using BigNumber = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;
using Key = std::shared_ptr<EVP_PKEY>;

// The library leaves its complaints in a queue of the thread, where the next user of it (TLS on the
// same thread) would take them for its own.
struct ErrorsForgotten {
  ~ErrorsForgotten() { ERR_clear_error(); }
};

const unsigned char* BytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

BigNumber NumberOf(std::string_view bytes) {
  return BigNumber(BN_bin2bn(BytesOf(bytes), static_cast<int>(bytes.size()), nullptr));
}

// Null when the library refuses the parameters or the key that they make.
Key KeyFrom(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext making(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (!parameters || !making || EVP_PKEY_fromdata_init(making.get()) != 1 ||
      EVP_PKEY_fromdata(making.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  Key key(made, EVP_PKEY_free);
  const KeyContext checking(EVP_PKEY_CTX_new_from_pkey(nullptr, made, nullptr));
  return checking && EVP_PKEY_public_check(checking.get()) == 1 ? key : nullptr;
}

// Reads one key of the set. What is wrong stays in `fault`.
class KeyReader {
 public:
  KeyReader(const JsonValue& value, std::string where) : value_(value), where_(std::move(where)) {}

  // Nothing when the key is of no use here, or `fault` says what is wrong.
  std::optional<TokenKey> Read() {
    const ErrorsForgotten forgotten;
    if (!value_.is(Kind::kObject)) return Broken("is not an object");
    // Of all kinds of keys; they do not belong into a file of public ones.
    for (const char* secret : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
      if (value_.Find(secret) != nullptr) {
        return Broken("holds a secret (`" + std::string(secret) +
                      "`); keep only the public part here, and replace that key");
      }
    }
    if (!IsForSignatures()) return std::nullopt;
    const std::string type = Text("kty");
    if (type == "RSA") return Made(TokenAlgorithm::kRs256, "RS256", [&] { return Rsa(); });
    if (type == "EC" && Text("crv") == "P-256") {
      return Made(TokenAlgorithm::kEs256, "ES256", [&] { return P256(); });
    }
    if (type == "OKP" && Text("crv") == "Ed25519") {
      return Made(TokenAlgorithm::kEdDsa, "EdDSA", [&] { return Ed25519(); });
    }
    return std::nullopt;
  }

  const std::string& fault() const { return fault_; }

 private:
  std::nullopt_t Broken(const std::string& what) {
    if (fault_.empty()) fault_ = "`" + where_ + "` " + what;
    return std::nullopt;
  }

  // "" when it is missing or no string.
  std::string Text(std::string_view name) const {
    const JsonValue* member = value_.Find(name);
    return member != nullptr && member->is(Kind::kString) ? member->text() : "";
  }

  std::string Bytes(std::string_view name) { return DecodeBase64Url(Text(name)).value_or(""); }

  bool IsForSignatures() const {
    const JsonValue* use = value_.Find("use");
    if (use != nullptr && Text("use") != "sig") return false;
    const JsonValue* operations = value_.Find("key_ops");
    if (operations == nullptr) return true;
    if (!operations->is(Kind::kArray)) return false;
    const auto& all = operations->elements();
    return std::find(all.begin(), all.end(), JsonValue("verify")) != all.end();
  }

  template <class Make>
  std::optional<TokenKey> Made(TokenAlgorithm algorithm, std::string_view name, Make make) {
    if (value_.Find("alg") != nullptr && Text("alg") != name) return std::nullopt;
    const std::string id = Text("kid");
    if (id.empty()) return Broken("has no `kid`, by which tokens name their key");
    Key key = make();
    if (!key) return Broken("is no valid key for " + std::string(name));
    return TokenKey(id, algorithm, std::move(key));
  }

  Key Rsa() {
    const BigNumber modulus = NumberOf(Bytes("n"));
    const BigNumber exponent = NumberOf(Bytes("e"));
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!modulus || !exponent || !builder) return nullptr;
    const int bits = BN_num_bits(modulus.get());
    if (bits < kMinRsaBits || bits > kMaxRsaBits) {
      Broken("has " + std::to_string(bits) + " bits; RSA keys have " + std::to_string(kMinRsaBits) +
             " to " + std::to_string(kMaxRsaBits));
      return nullptr;
    }
    if (BN_num_bits(exponent.get()) > kMaxExponentBits ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
      return nullptr;
    }
    return KeyFrom("RSA", builder.get());
  }

  Key P256() {
    const std::string x = Bytes("x");
    const std::string y = Bytes("y");
    const Builder builder(OSSL_PARAM_BLD_new());
    if (x.size() != kP256Bytes || y.size() != kP256Bytes || !builder) return nullptr;
    const std::string point = '\x04' + x + y;  // uncompressed
    if (OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1",
                                        0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1) {
      return nullptr;
    }
    return KeyFrom("EC", builder.get());
  }

  Key Ed25519() {
    const std::string x = Bytes("x");
    if (x.size() != kEd25519Bytes) return nullptr;
    return Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, BytesOf(x), x.size()),
               EVP_PKEY_free);
  }

  const JsonValue& value_;
  const std::string where_;
  std::string fault_;
};

// Tokens carry the two numbers side by side, the library wants them in DER. "" when they are none.
std::string EcSignatureInDer(std::string_view signature) {
  if (signature.size() != 2 * kP256Bytes) return "";
  BigNumber r = NumberOf(signature.substr(0, kP256Bytes));
  BigNumber s = NumberOf(signature.substr(kP256Bytes));
  const EcSignature both(ECDSA_SIG_new());
  if (!r || !s || !both || ECDSA_SIG_set0(both.get(), r.get(), s.get()) != 1) return "";
  static_cast<void>(r.release());  // owned by `both` from here on
  static_cast<void>(s.release());
  unsigned char* bytes = nullptr;
  const int count = i2d_ECDSA_SIG(both.get(), &bytes);
  if (count <= 0) return "";
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<size_t>(count));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace

std::optional<TokenAlgorithm> TokenAlgorithmOf(std::string_view name) {
  if (name == "RS256") return TokenAlgorithm::kRs256;
  if (name == "ES256") return TokenAlgorithm::kEs256;
  if (name == "EdDSA") return TokenAlgorithm::kEdDsa;
  return std::nullopt;
}

bool TokenKey::Verifies(std::string_view signed_bytes, std::string_view signature) const {
  const ErrorsForgotten forgotten;
  std::string der;
  if (algorithm_ == TokenAlgorithm::kEs256) {
    der = EcSignatureInDer(signature);
    if (der.empty()) return false;
    signature = der;
  }
  const DigestContext context(EVP_MD_CTX_new());
  // Ed25519 hashes by itself. RSA's padding is PKCS #1 v1.5 unless something else is asked for.
  const EVP_MD* digest = algorithm_ == TokenAlgorithm::kEdDsa ? nullptr : EVP_sha256();
  return context &&
         EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), BytesOf(signature), signature.size(),
                          BytesOf(signed_bytes), signed_bytes.size()) == 1;
}

const TokenKey* TokenKeys::Find(std::string_view id, TokenAlgorithm algorithm) const {
  const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const TokenKey& key) {
    return key.id() == id && key.algorithm() == algorithm;
  });
  return found == keys_.end() ? nullptr : &*found;
}

engine::Result<TokenKeys> ParseJwks(std::string_view text) {
  const auto invalid = [](std::string message) {
    return Error{Error::Code::kInvalid, std::move(message)};
  };
  const JsonRead read = ReadJson(text, {.max_depth = 8, .max_bytes = kMaxJwksBytes});
  if (!read.value) {
    return invalid(read.error.message + " (byte " + std::to_string(read.error.offset) + ")");
  }
  const JsonValue* array = read.value->Find("keys");
  if (array == nullptr || !array->is(Kind::kArray)) {
    return invalid("there is no array `/keys`, so this is no JSON Web Key Set");
  }
  if (array->elements().size() > kMaxTokenKeys) {
    return invalid("there are more than " + std::to_string(kMaxTokenKeys) + " keys");
  }
  std::vector<TokenKey> keys;
  for (size_t index = 0; index < array->elements().size(); ++index) {
    const std::string where = "/keys/" + std::to_string(index);
    KeyReader reader(array->elements()[index], where);
    std::optional<TokenKey> key = reader.Read();
    if (!reader.fault().empty()) return invalid(reader.fault());
    if (!key) continue;
    const auto same = [&](const TokenKey& other) { return other.id() == key->id(); };
    if (std::any_of(keys.begin(), keys.end(), same)) {
      return invalid("`" + where + "` has the same `kid` as another key");
    }
    keys.push_back(*std::move(key));
  }
  if (keys.empty()) {
    return invalid("there is no key that verifies RS256, ES256 or EdDSA (Ed25519)");
  }
  return TokenKeys(std::move(keys));
}

}  // namespace portvakt::server
