// No token and no key set crashes what reads them; no token holds but by a signature of one of the
// fixed keys; and claims that hold, once they are signed, are claims that should. The first byte of
// an input says what the rest is: a token, the claims of one that is signed here, or a key set.
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/base64url.h"
#include "server/jwt.h"

namespace {

using namespace portvakt::server;

constexpr int64_t kNow = 1'800'000'000;
constexpr char kIssuer[] = "https://login.example";
constexpr char kAudience[] = "portvakt";

// Of RSA and P-256 only the public halves are left: their tokens are those of the seeds, whose
// header and claims are these. Ed25519's private half is the bytes 0 to 31.
constexpr std::array<std::string_view, 3> kSignedHeaders = {
    R"({"alg":"RS256","kid":"r","typ":"JWT"})", R"({"alg":"ES256","kid":"p","typ":"JWT"})",
    R"({"alg":"EdDSA","kid":"e","typ":"JWT"})"};
constexpr char kSignedClaims[] =
    R"({"iss":"https://login.example","aud":"portvakt","sub":"app1","nbf":1799999940,)"
    R"("exp":1800000060})";
constexpr char kKeys[] =
    R"({"keys":[{"kid":"r","kty":"RSA","e":"AQAB","n":"wxtfT1h_HGb9Eig-5eWEQH8JPVoQ0YsaCIO1NdRE)"
    R"(wIDEopqn8HGnTckA06v7XYo1GvGeAId44TPiE67ZmIGOCwYQ78pSyBAraJgexMNm0MvPVDPRqvSyHM4BUGlTT5KOda)"
    R"(3SRuJ5h3D9tht02lni6TzkPfXfHFCqy9V2PbGIbhL5T0SItrfyD91_avHgVBAzCP5NIpZ3rs9rxidbPSWZLEN4hVxo)"
    R"(7f5yRrZCiaI4GFyihG4a48ngKzgijSWWg_csxzPaT0R_xboYmaRBP6GinVOcZ78JTH02zl4yXXg4mFwqT9ThhGrFLg)"
    R"(JZ0hsB5mLXG4lOGgyJBUtIHyqnJw-qiw"},)"
    R"({"kid":"p","kty":"EC","crv":"P-256","x":"QnuNK_K8gotnwhMNa43nehcP7gSQaWF2zVJA6FgrPOo",)"
    R"("y":"YkasGdgSWcmxH5QTsMfHxJfImJwLdgqBbWXzOw4caEI"},)"
    R"({"kid":"e","kty":"OKP","crv":"Ed25519",)"
    R"("x":"A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"}]})";

void Require(bool is_true) {
  if (!is_true) std::abort();
}

const std::vector<TrustedIssuer>& Issuers() {
  static const std::vector<TrustedIssuer> issuers = [] {
    auto keys = ParseJwks(kKeys);
    Require(keys.ok() && keys->size() == 3);
    return std::vector<TrustedIssuer>{
        {kIssuer, kAudience, std::make_shared<const TokenKeys>(std::move(*keys))}};
  }();
  return issuers;
}

std::string SignedPart(std::string_view header, std::string_view claims) {
  return EncodeBase64Url(header) + "." + EncodeBase64Url(claims);
}

std::string Signed(std::string_view claims) {
  static EVP_PKEY* const key = [] {
    std::array<unsigned char, 32> bytes{};
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i);
    return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes.data(), bytes.size());
  }();
  const std::string text = SignedPart(kSignedHeaders[2], claims);
  std::string signature(64, '\0');
  size_t size = signature.size();
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  Require(EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key) == 1 &&
          EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                         reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1);
  EVP_MD_CTX_free(context);
  return text + "." + EncodeBase64Url(signature);
}

double SecondsOf(const JsonValue& claims, const char* name) {
  const JsonValue* value = claims.Find(name);
  Require(value != nullptr);
  if (value->is(JsonValue::Kind::kInteger)) return static_cast<double>(value->integer());
  Require(value->is(JsonValue::Kind::kDouble));
  return value->number();
}

void TryToken(std::string_view token) {
  const TokenCheck check = CheckToken(token, Issuers(), kNow);
  if (!check.wrong.empty()) return;
  bool is_ours = false;
  for (const std::string_view header : kSignedHeaders) {
    is_ours = is_ours || token.starts_with(SignedPart(header, kSignedClaims) + ".");
  }
  Require(is_ours && check.subject == "app1");
}

void TryClaims(std::string_view claims) {
  const TokenCheck check = CheckToken(Signed(claims), Issuers(), kNow);
  Require(check.wrong != "its signature is wrong");
  if (!check.wrong.empty()) return;
  Require(check.claims.Find("iss")->text() == kIssuer);
  Require(check.claims.Find("sub")->text() == check.subject && !check.subject.empty());
  const JsonValue* audience = check.claims.Find("aud");
  Require(audience->is(JsonValue::Kind::kArray) ? !audience->elements().empty()
                                                : audience->text() == kAudience);
  Require(SecondsOf(check.claims, "exp") > kNow - kClockLeewaySeconds);
  Require(SecondsOf(check.claims, "nbf") <= kNow + kClockLeewaySeconds);
}

void TryKeys(std::string_view text) {
  const auto keys = ParseJwks(text);
  if (!keys.ok()) return Require(!keys.error().message.empty());
  Require(keys->size() > 0 && keys->size() <= kMaxTokenKeys);
  // Whatever keys they are, they verify nothing of this.
  for (const char* id : {"r", "p", "e"}) {
    for (const auto algorithm :
         {TokenAlgorithm::kRs256, TokenAlgorithm::kEs256, TokenAlgorithm::kEdDsa}) {
      const TokenKey* key = keys->Find(id, algorithm);
      if (key != nullptr) Require(!key->Verifies("nobody signed this", std::string(64, '\x01')));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'T': TryToken(rest); break;
    case 'C': TryClaims(rest); break;
    case 'K': TryKeys(rest); break;
    default: break;
  }
  return 0;
}
