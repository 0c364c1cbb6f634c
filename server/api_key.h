// API keys: `pvk_<id>_<secret>`, as sent in `Authorization`. The prefix lets scanners of published
// code find a leaked one; the id names the key in lists and logs; the secret is 256 random bits, so
// a plain SHA-256 of it is all that is kept and cannot be guessed back.
//
//   auto made = MakeApiKey(caller, now_us, std::nullopt);   // show made->text once, keep made->key
//   auto parts = SplitApiKey(text);                         // has it the form of a key?
//   if (parts && HasSecret(key, parts->secret)) ...
//
// Pure functions but for the randomness of MakeApiKey.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/sha256.h"
#include "server/caller.h"

namespace portvakt::server {

inline constexpr std::string_view kApiKeyPrefix = "pvk_";
// Hexadecimal digits of the two parts.
inline constexpr size_t kApiKeyIdDigits = 16;
inline constexpr size_t kApiKeySecretDigits = 64;

struct ApiKey {
  std::string id;
  engine::Sha256 secret_hash{};
  Caller caller;
  int64_t created_us = 0;
  std::optional<int64_t> expires_us;  // from then on it is none
};

struct ApiKeyParts {
  std::string_view id;
  std::string_view secret;
};
// Views into `text`; nothing when it has not the form of a key.
std::optional<ApiKeyParts> SplitApiKey(std::string_view text);

struct NewApiKey {
  ApiKey key;
  std::string text;
};
// Nothing when the system has no randomness to give.
std::optional<NewApiKey> MakeApiKey(const Caller& caller, int64_t now_us,
                                    std::optional<int64_t> expires_us);

// In a time that does not depend on how much of the secret is right.
bool HasSecret(const ApiKey& key, std::string_view secret);

// Whether that is the id of a key, in form.
bool IsApiKeyId(std::string_view text);
// The hash in a keys file.
std::optional<engine::Sha256> ReadSecretHash(std::string_view hexadecimal);

}  // namespace portvakt::server
