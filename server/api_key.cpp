// Keys made from the system's randomness and compared by their hashes.
#include "server/api_key.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

namespace portvakt::server {
namespace {

int DigitOf(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

bool AreDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char letter) { return DigitOf(letter) >= 0; });
}

// As many random hexadecimal digits; "" when there is no randomness.
std::string RandomDigits(size_t count) {
  std::array<unsigned char, kApiKeySecretDigits / 2> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(count / 2)) != 1) return "";
  std::string digits;
  for (size_t index = 0; index < count / 2; ++index) {
    digits.push_back("0123456789abcdef"[bytes[index] >> 4]);
    digits.push_back("0123456789abcdef"[bytes[index] & 15]);
  }
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return digits;
}

}  // namespace

bool IsApiKeyId(std::string_view text) { return text.size() == kApiKeyIdDigits && AreDigits(text); }

std::optional<ApiKeyParts> SplitApiKey(std::string_view text) {
  constexpr size_t kSize = kApiKeyPrefix.size() + kApiKeyIdDigits + 1 + kApiKeySecretDigits;
  if (text.size() != kSize || !text.starts_with(kApiKeyPrefix)) return std::nullopt;
  const std::string_view id = text.substr(kApiKeyPrefix.size(), kApiKeyIdDigits);
  const std::string_view secret = text.substr(kSize - kApiKeySecretDigits);
  const bool divided = text[kSize - kApiKeySecretDigits - 1] == '_';
  if (!divided || !AreDigits(id) || !AreDigits(secret)) return std::nullopt;
  return ApiKeyParts{id, secret};
}

std::optional<NewApiKey> MakeApiKey(const Caller& caller, int64_t now_us,
                                    std::optional<int64_t> expires_us) {
  const std::string id = RandomDigits(kApiKeyIdDigits);
  const std::string secret = RandomDigits(kApiKeySecretDigits);
  if (id.empty() || secret.empty()) return std::nullopt;
  return NewApiKey{{id, engine::Sha256Of(secret), caller, now_us, expires_us},
                   std::string(kApiKeyPrefix) + id + "_" + secret};
}

bool HasSecret(const ApiKey& key, std::string_view secret) {
  const engine::Sha256 hash = engine::Sha256Of(secret);
  return CRYPTO_memcmp(hash.data(), key.secret_hash.data(), hash.size()) == 0;
}

std::optional<engine::Sha256> ReadSecretHash(std::string_view hexadecimal) {
  engine::Sha256 hash{};
  if (hexadecimal.size() != 2 * hash.size() || !AreDigits(hexadecimal)) return std::nullopt;
  for (size_t index = 0; index < hash.size(); ++index) {
    hash[index] = static_cast<uint8_t>(DigitOf(hexadecimal[2 * index]) << 4 |
                                       DigitOf(hexadecimal[2 * index + 1]));
  }
  return hash;
}

}  // namespace portvakt::server
