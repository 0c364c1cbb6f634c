// A token taken apart, its key found, its signature verified, its claims held against ours. Nothing
// of it is believed before the signature but what says where to look for the key.
#include "server/jwt.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "server/base64url.h"
#include "server/message.h"

namespace portvakt::server {
namespace {

using Kind = JsonValue::Kind;

// Arrays and objects inside each other; claims of issuers have two or three.
constexpr size_t kMaxTokenDepth = 8;
// Seconds since 1970 beyond which a date is nonsense (the year 9999).
constexpr double kLastSecond = 253402300799.0;

struct TokenParts {
  JsonValue header;
  JsonValue claims;
  std::string_view signed_bytes;
  std::string signature;
};

std::optional<JsonValue> ReadPart(std::string_view encoded) {
  const auto bytes = DecodeBase64Url(encoded);
  if (!bytes) return std::nullopt;
  JsonRead read = ReadJson(*bytes, {.max_depth = kMaxTokenDepth, .max_bytes = kMaxTokenBytes});
  if (!read.value || !read.value->is(Kind::kObject)) return std::nullopt;
  return std::move(read.value);
}

std::optional<TokenParts> TakeApart(std::string_view token) {
  const size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  auto header = ReadPart(token.substr(0, first));
  auto claims = ReadPart(token.substr(first + 1, second - first - 1));
  auto signature = DecodeBase64Url(token.substr(second + 1));
  if (!header || !claims || !signature) return std::nullopt;
  return TokenParts{*std::move(header), *std::move(claims), token.substr(0, second),
                    *std::move(signature)};
}

// "" when it is missing or no string.
std::string TextOf(const JsonValue& object, std::string_view name) {
  const JsonValue* member = object.Find(name);
  return member != nullptr && member->is(Kind::kString) ? member->text() : "";
}

// What would make us look for keys or rules in the token itself, or skip some, is refused.
std::string_view WrongHeader(const JsonValue& header) {
  for (const char* member : {"jwk", "jku", "x5u", "x5c", "crit", "zip", "enc", "b64"}) {
    if (header.Find(member) != nullptr) return "its header has a member that is not taken here";
  }
  // Tokens for other purposes (of logouts, of events, of proofs) say so; an issuer may sign them by
  // the same key.
  const JsonValue* type = header.Find("typ");
  if (type == nullptr) return "";
  for (const std::string_view taken : {"JWT", "at+jwt", "application/at+jwt"}) {
    if (type->is(Kind::kString) && EqualIgnoringCase(type->text(), taken)) return "";
  }
  return "its `typ` is that of no access token";
}

// Seconds since 1970, perhaps with a fraction.
std::optional<double> DateOf(const JsonValue& claims, std::string_view name) {
  const JsonValue* date = claims.Find(name);
  if (date == nullptr) return std::nullopt;
  double seconds = 0;
  if (date->is(Kind::kInteger)) {
    seconds = static_cast<double>(date->integer());
  } else if (date->is(Kind::kDouble)) {
    seconds = date->number();
  } else {
    return std::nullopt;
  }
  if (seconds < 0 || seconds > kLastSecond) return std::nullopt;
  return seconds;
}

bool IsFor(const JsonValue& claims, const std::string& audience) {
  const JsonValue* claim = claims.Find("aud");
  if (claim == nullptr) return false;
  if (!claim->is(Kind::kArray)) return *claim == JsonValue(audience);
  const auto& all = claim->elements();
  const bool are_texts = std::all_of(all.begin(), all.end(),
                                     [](const JsonValue& one) { return one.is(Kind::kString); });
  return are_texts && std::find(all.begin(), all.end(), JsonValue(audience)) != all.end();
}

bool IsNameForLogs(const std::string& text) {
  return !text.empty() && text.size() <= kMaxTokenSubjectBytes &&
         std::all_of(text.begin(), text.end(), [](char letter) {
           return static_cast<unsigned char>(letter) > 0x20 && letter != 0x7F;
         });
}

std::string_view WrongClaims(const JsonValue& claims, const std::string& audience, int64_t now_s) {
  if (!IsFor(claims, audience)) return "it is for another audience";
  const auto expiry = DateOf(claims, "exp");
  const auto not_before = DateOf(claims, "nbf");
  if (!expiry) return "it has no `exp`";
  if (!not_before) return "it has no `nbf`";
  const auto now = static_cast<double>(now_s);
  if (now >= *expiry + kClockLeewaySeconds) return "it has expired";
  if (now < *not_before - kClockLeewaySeconds) return "it is not valid yet";
  if (!IsNameForLogs(TextOf(claims, "sub"))) {
    return "its `sub` is missing, too long, or has blanks or control characters";
  }
  return "";
}

}  // namespace

TokenCheck CheckToken(std::string_view token, const std::vector<TrustedIssuer>& issuers,
                      int64_t now_s) {
  const auto wrong = [](std::string_view what) { return TokenCheck{what, 0, "", {}}; };
  if (token.size() > kMaxTokenBytes) return wrong("it is too long");
  std::optional<TokenParts> parts = TakeApart(token);
  if (!parts) return wrong("it is no token of three parts");
  const auto algorithm = TokenAlgorithmOf(TextOf(parts->header, "alg"));
  if (!algorithm) return wrong("its algorithm is none of RS256, ES256 and EdDSA");
  if (const auto fault = WrongHeader(parts->header); !fault.empty()) return wrong(fault);

  const std::string name = TextOf(parts->claims, "iss");
  const auto issuer = std::find_if(issuers.begin(), issuers.end(), [&](const TrustedIssuer& one) {
    return !name.empty() && one.issuer == name;
  });
  if (issuer == issuers.end()) return wrong("its issuer is not one of the configured ones");
  const TokenKey* key = issuer->keys->Find(TextOf(parts->header, "kid"), *algorithm);
  if (key == nullptr) return wrong("the issuer has no key of its `kid` and algorithm");
  if (!key->Verifies(parts->signed_bytes, parts->signature)) return wrong("its signature is wrong");

  const auto fault = WrongClaims(parts->claims, issuer->audience, now_s);
  if (!fault.empty()) return wrong(fault);
  return TokenCheck{"", static_cast<size_t>(issuer - issuers.begin()), TextOf(parts->claims, "sub"),
                    std::move(parts->claims)};
}

}  // namespace portvakt::server
