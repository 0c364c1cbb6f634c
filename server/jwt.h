// Bearer tokens (RFC 7519 in RFC 7515's compact form), verified by the rules of RFC 8725: the key
// decides the algorithm, keys come from our files and never from the token, and issuer, audience,
// expiry and not-before must all be there and fit.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/json.h"
#include "server/jwks.h"

namespace portvakt::server {

// Bytes of a token. More is refused unread; it fits Limits::header_bytes with other fields.
inline constexpr size_t kMaxTokenBytes = 8u << 10;
// How far an issuer's clock may be from ours, for expiry and not-before.
inline constexpr int64_t kClockLeewaySeconds = 30;
// Bytes of `sub`, which names the caller in logs.
inline constexpr size_t kMaxTokenSubjectBytes = 256;

struct TrustedIssuer {
  std::string issuer;    // `iss`, exactly
  std::string audience;  // in `aud`, exactly
  std::shared_ptr<const TokenKeys> keys;
};

// Either `wrong` says for our log what keeps the token from holding (never with a part of it), or
// it holds.
struct TokenCheck {
  std::string_view wrong;  // "": nothing
  size_t issuer = 0;       // which of `issuers`
  std::string subject;     // `sub`: visible characters
  JsonValue claims;
};
// `now_s` is in seconds since 1970. Pure; never throws for what a token says.
TokenCheck CheckToken(std::string_view token, const std::vector<TrustedIssuer>& issuers,
                      int64_t now_s);

}  // namespace portvakt::server
