// Cursors sealed by HMAC-SHA256, by OpenSSL.
#include "server/cursor.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "server/base64url.h"

namespace portvakt::server {
namespace {

constexpr size_t kPayloadBytes = 12;
constexpr size_t kSealBytes = 32;
// What the seal is for, so that the secret can seal other things too.
constexpr std::string_view kPurpose = "portvakt search cursor 1";

void AppendNumber(uint64_t number, size_t bytes, std::string& out) {
  for (size_t index = 0; index < bytes; ++index) {
    out.push_back(static_cast<char>(number >> (8 * index) & 0xFF));
  }
}

uint64_t NumberAt(std::string_view bytes, size_t offset, size_t count) {
  uint64_t number = 0;
  for (size_t index = 0; index < count; ++index) {
    number |= uint64_t{static_cast<unsigned char>(bytes[offset + index])} << (8 * index);
  }
  return number;
}

// Each part with its length before it, so that no two bindings have the same bytes.
std::optional<std::string> Seal(std::string_view payload, const CursorBinding& binding) {
  std::string sealed;
  for (const std::string_view part : {kPurpose, binding.endpoint, binding.query, payload}) {
    AppendNumber(part.size(), sizeof(uint64_t), sealed);
    sealed.append(part);
  }
  AppendNumber(binding.policy_version, sizeof(uint32_t), sealed);
  std::array<unsigned char, kSealBytes> digest{};
  unsigned int length = 0;
  const unsigned char* made = HMAC(
      EVP_sha256(), binding.secret.data(), static_cast<int>(binding.secret.size()),
      reinterpret_cast<const unsigned char*>(sealed.data()), sealed.size(), digest.data(), &length);
  if (made == nullptr || length != kSealBytes) return std::nullopt;
  return std::string(digest.begin(), digest.end());
}

}  // namespace

std::string SealCursor(const Cursor& cursor, const CursorBinding& binding) {
  std::string token;
  AppendNumber(cursor.after, sizeof(uint64_t), token);
  AppendNumber(cursor.limit, sizeof(uint32_t), token);
  const auto seal = Seal(token, binding);
  return seal ? EncodeBase64Url(token + *seal) : "";
}

std::optional<Cursor> OpenCursor(std::string_view token, const CursorBinding& binding) {
  if (token.size() > 2 * (kPayloadBytes + kSealBytes)) return std::nullopt;
  const auto bytes = DecodeBase64Url(token);
  if (!bytes || bytes->size() != kPayloadBytes + kSealBytes) return std::nullopt;
  const std::string_view payload = std::string_view(*bytes).substr(0, kPayloadBytes);
  const auto seal = Seal(payload, binding);
  if (!seal || CRYPTO_memcmp(seal->data(), bytes->data() + kPayloadBytes, kSealBytes) != 0) {
    return std::nullopt;
  }
  Cursor cursor;
  cursor.after = NumberAt(payload, 0, sizeof(uint64_t));
  cursor.limit = static_cast<uint32_t>(NumberAt(payload, sizeof(uint64_t), sizeof(uint32_t)));
  return cursor;
}

}  // namespace portvakt::server
