// SHA-256 through libcrypto's digest interface, which uses the processor's instructions for it.
#include "engine/sha256.h"

#include <openssl/evp.h>

#include <cstdlib>

namespace portvakt::engine {
namespace {

// Fails only when memory runs out: nothing can be sealed then.
void Require(bool done) {
  if (!done) std::abort();
}

// Looked up once: the library would do it again for each hash, which costs more than a short one.
const EVP_MD* Algorithm() {
  static const EVP_MD* const found = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return found;
}

}  // namespace

void Sha256Hasher::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256Hasher::Sha256Hasher() : context_(EVP_MD_CTX_new()) {
  Require(context_ && Algorithm() != nullptr &&
          EVP_DigestInit_ex(context_.get(), Algorithm(), nullptr) == 1);
}
Sha256Hasher::~Sha256Hasher() = default;

void Sha256Hasher::Add(std::string_view bytes) {
  Require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

Sha256 Sha256Hasher::Finish() {
  Sha256 hash{};
  Require(EVP_DigestFinal_ex(context_.get(), hash.data(), nullptr) == 1);
  return hash;
}

Sha256 Sha256Of(std::string_view bytes) {
  Sha256Hasher hasher;
  hasher.Add(bytes);
  return hasher.Finish();
}

std::string ToHexadecimal(const Sha256& hash) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : hash) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

}  // namespace portvakt::engine
