// No text crashes the reader of keys files, and what it takes is written so that the same is read
// again; no text that is sent as a key crashes what takes it apart, or has the secret of another.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "server/key_file.h"

namespace {

using namespace portvakt::server;

void Require(bool is_true) {
  if (!is_true) std::abort();
}

void TryFile(std::string_view text) {
  const auto keys = ParseKeyFile(text);
  if (!keys.ok()) return Require(!keys.error().message.empty());
  Require(keys->size() <= kMaxApiKeys);
  std::set<std::string> ids;
  for (const ApiKey& key : *keys) {
    Require(IsApiKeyId(key.id) && ids.insert(key.id).second && IsCallerName(key.caller.name));
    Require(!key.caller.actor || !key.caller.names_actor);
  }
  const std::string written = KeyFileText(*keys);
  const auto again = ParseKeyFile(written);
  Require(again.ok() && KeyFileText(*again) == written);
}

void TrySent(std::string_view text) {
  const auto parts = SplitApiKey(text);
  if (!parts) return;
  Require(IsApiKeyId(parts->id) && parts->secret.size() == kApiKeySecretDigits);
  ApiKey of_another;
  Require(!HasSecret(of_another, parts->secret));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  TryFile(text);
  TrySent(text);
  return 0;
}
