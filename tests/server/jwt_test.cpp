// Bearer tokens: each of the three algorithms holds, and everything else that a token can be does
// not. Keys are made here.
#include "server/jwt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include <string>
#include <vector>

#include "server/base64url.h"
#include "tests/server/token_maker.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;

constexpr int64_t kNow = 1'800'000'000;
constexpr char kIssuer[] = "https://login.example";

// Valid from a minute ago until in a minute, with `more` members behind.
std::string Claims(const std::string& more = "", const std::string& audience = R"("portvakt")") {
  return R"({"iss":"https://login.example","aud":)" + audience + R"(,"sub":"app1","nbf":)" +
         std::to_string(kNow - 60) + R"(,"exp":)" + std::to_string(kNow + 60) + more + "}";
}
std::string ClaimsWithDates(const std::string& not_before, const std::string& expiry) {
  return R"({"iss":"https://login.example","aud":"portvakt","sub":"app1","nbf":)" + not_before +
         R"(,"exp":)" + expiry + "}";
}

struct Keys {
  SigningKey rsa = SigningKey::Rsa("r");
  SigningKey p256 = SigningKey::P256("p");
  SigningKey ed25519 = SigningKey::Ed25519("e");
  SigningKey stranger = SigningKey::P256("p");
};
// Making an RSA key takes a while.
const Keys& TheKeys() {
  static const Keys keys;
  return keys;
}

std::vector<TrustedIssuer> Issuers() {
  const Keys& keys = TheKeys();
  auto read = ParseJwks(KeySet(keys.rsa.Jwk() + "," + keys.p256.Jwk() + "," + keys.ed25519.Jwk()));
  EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().message);
  return {{kIssuer, "portvakt", std::make_shared<const TokenKeys>(std::move(read.value()))}};
}

TEST(Tokens, HoldByEachOfTheThreeAlgorithms) {
  const Keys& keys = TheKeys();
  for (const SigningKey* key : {&keys.rsa, &keys.p256, &keys.ed25519}) {
    const TokenCheck check = CheckToken(HonestToken(Claims(), *key), Issuers(), kNow);
    EXPECT_EQ(check.wrong, "") << key->algorithm();
    EXPECT_EQ(check.subject, "app1");
    ASSERT_NE(check.claims.Find("aud"), nullptr);
  }
  const auto holds = [&](const std::string& claims) {
    return CheckToken(HonestToken(claims, keys.p256), Issuers(), kNow).wrong;
  };
  EXPECT_EQ(holds(Claims("", R"(["other","portvakt"])")), "");
  EXPECT_EQ(holds(ClaimsWithDates("1799999990.5", "1800000010.5")), "");
}

TEST(Tokens, AllowForClocksThatDiffer) {
  const auto check = [&](int64_t not_before, int64_t expiry) {
    const std::string claims =
        ClaimsWithDates(std::to_string(kNow + not_before), std::to_string(kNow + expiry));
    return CheckToken(HonestToken(claims, TheKeys().p256), Issuers(), kNow).wrong;
  };
  EXPECT_EQ(check(-60, -kClockLeewaySeconds + 1), "");
  EXPECT_EQ(check(-60, -kClockLeewaySeconds), "it has expired");
  EXPECT_EQ(check(kClockLeewaySeconds, 60), "");
  EXPECT_EQ(check(kClockLeewaySeconds + 1, 60), "it is not valid yet");
}

// Signed as it should be, and still not to be believed.
TEST(Tokens, WithHostileHeadersAreRefused) {
  const SigningKey& key = TheKeys().p256;
  struct Row {
    const char* what;
    std::string header;
    const char* wrong;
  };
  const Row rows[] = {
      {"no algorithm", R"({"kid":"p"})", "algorithm"},
      {"algorithm none", R"({"alg":"none","kid":"p"})", "algorithm"},
      {"algorithm None", R"({"alg":"None","kid":"p"})", "algorithm"},
      {"algorithm of an HMAC", R"({"alg":"HS256","kid":"p"})", "algorithm"},
      {"algorithm in small letters", R"({"alg":"es256","kid":"p"})", "algorithm"},
      {"algorithm no string", R"({"alg":["ES256"],"kid":"p"})", "algorithm"},
      {"algorithm twice", R"({"alg":"ES256","alg":"ES256","kid":"p"})", "three parts"},
      {"RSA with other padding", R"({"alg":"PS256","kid":"r"})", "algorithm"},
      {"longer hash", R"({"alg":"ES384","kid":"p"})", "algorithm"},
      {"another key's algorithm", R"({"alg":"RS256","kid":"p"})", "no key"},
      {"no key id", R"({"alg":"ES256"})", "no key"},
      {"unknown key id", R"({"alg":"ES256","kid":"q"})", "no key"},
      {"key id no string", R"({"alg":"ES256","kid":1})", "no key"},
      {"key id as a path", R"({"alg":"ES256","kid":"../../dev/null"})", "no key"},
      {"its own key", R"({"alg":"ES256","kid":"p","jwk":)" + key.Jwk() + "}", "member"},
      {"a link to keys", R"({"alg":"ES256","kid":"p","jku":"https://evil.example/k"})", "member"},
      {"a link to a certificate", R"({"alg":"ES256","kid":"p","x5u":"https://e.example"})",
       "member"},
      {"a certificate", R"({"alg":"ES256","kid":"p","x5c":["MIIB"]})", "member"},
      {"critical members", R"({"alg":"ES256","kid":"p","crit":["exp"]})", "member"},
      {"an empty list of critical members", R"({"alg":"ES256","kid":"p","crit":[]})", "member"},
      {"another purpose", R"({"alg":"ES256","kid":"p","typ":"logout+jwt"})", "typ"},
      {"header no object", R"(["ES256"])", "three parts"},
      {"header no JSON", R"({"alg":"ES256","kid":"p")", "three parts"},
  };
  for (const Row& row : rows) {
    const TokenCheck check = CheckToken(TokenOf(row.header, Claims(), key), Issuers(), kNow);
    EXPECT_THAT(std::string(check.wrong), HasSubstr(row.wrong)) << row.what;
  }
}

TEST(Tokens, WithClaimsThatDoNotFitAreRefused) {
  const std::string dates = R"("nbf":1799999940,"exp":1800000060)";
  struct Row {
    const char* what;
    std::string claims;
    const char* wrong;
  };
  const Row rows[] = {
      {"no issuer", R"({"aud":"portvakt","sub":"a",)" + dates + "}", "issuer"},
      {"another issuer",
       R"({"iss":"https://evil.example","aud":"portvakt","sub":"a",)" + dates + "}", "issuer"},
      {"an issuer with a slash more",
       R"({"iss":"https://login.example/","aud":"portvakt","sub":"a",)" + dates + "}", "issuer"},
      {"issuer no string",
       R"({"iss":["https://login.example"],"aud":"portvakt","sub":"a",)" + dates + "}", "issuer"},
      {"no audience", R"({"iss":"https://login.example","sub":"a",)" + dates + "}", "audience"},
      {"another audience", Claims("", R"("other")"), "audience"},
      {"other audiences", Claims("", R"(["other","portvakt2"])"), "audience"},
      {"no audience in the list", Claims("", "[]"), "audience"},
      {"an audience that is no string", Claims("", R"(["portvakt",1])"), "audience"},
      {"no expiry", R"({"iss":"https://login.example","aud":"portvakt","sub":"a","nbf":1})",
       "`exp`"},
      {"no not-before",
       R"({"iss":"https://login.example","aud":"portvakt","sub":"a","exp":1800000060})", "`nbf`"},
      {"expiry as text", ClaimsWithDates("1", R"("1800000060")"), "`exp`"},
      {"expiry null", ClaimsWithDates("1", "null"), "`exp`"},
      {"expiry beyond all time", ClaimsWithDates("1", "1e300"), "`exp`"},
      {"negative not-before", ClaimsWithDates("-1", "1800000060"), "`nbf`"},
      {"not-before as true", ClaimsWithDates("true", "1800000060"), "`nbf`"},
      {"long expired", ClaimsWithDates("1", "1700000000"), "expired"},
      {"of next year", ClaimsWithDates("1830000000", "1840000000"), "not valid yet"},
      {"no subject", R"({"iss":"https://login.example","aud":"portvakt",)" + dates + "}", "`sub`"},
      {"a subject that forges lines of a log",
       R"({"iss":"https://login.example","aud":"portvakt","sub":"a\nb",)" + dates + "}", "`sub`"},
      {"a long subject",
       R"({"iss":"https://login.example","aud":"portvakt","sub":")" + std::string(300, 'a') +
           "\"," + dates + "}",
       "`sub`"},
      {"claims no object", R"([1])", "three parts"},
      {"a claim twice", Claims(R"(,"aud":"portvakt")"), "three parts"},
      {"claims nested deep", Claims(R"(,"x":[[[[[[[[[[1]]]]]]]]]])"), "three parts"},
  };
  for (const Row& row : rows) {
    const TokenCheck check = CheckToken(HonestToken(row.claims, TheKeys().p256), Issuers(), kNow);
    EXPECT_THAT(std::string(check.wrong), HasSubstr(row.wrong)) << row.what;
  }
}

TEST(Tokens, ThatAreForgedAreRefused) {
  const Keys& keys = TheKeys();
  const std::string good = HonestToken(Claims(), keys.p256);
  const size_t last_dot = good.rfind('.');
  const std::string head = good.substr(0, last_dot);
  const std::string hmac_head =
      EncodeBase64Url(R"({"alg":"HS256","kid":"r"})") + "." + EncodeBase64Url(Claims());
  const std::string pem = keys.rsa.PublicPem();
  unsigned char hash[32];
  HMAC(EVP_sha256(), pem.data(), static_cast<int>(pem.size()),
       reinterpret_cast<const unsigned char*>(hmac_head.data()), hmac_head.size(), hash, nullptr);
  const std::string hmac(reinterpret_cast<const char*>(hash), sizeof hash);
  std::string of_another = HonestToken(Claims(R"(,"x":1)"), keys.p256);
  of_another = head + of_another.substr(of_another.rfind('.'));
  const std::string rsa = HonestToken(Claims(), keys.rsa);
  const std::string ed25519 = HonestToken(Claims(), keys.ed25519);
  struct Row {
    const char* what;
    std::string token;
  };
  const Row rows[] = {
      {"nothing", ""},
      {"dots", ".."},
      {"one part", "abc"},
      {"two parts", head},
      {"four parts", good + ".abc"},
      {"five parts, as if encrypted", good + ".abc.abc"},
      {"no signature", head + "."},
      {"no signature and no algorithm",
       EncodeBase64Url(R"({"alg":"none"})") + "." + EncodeBase64Url(Claims()) + "."},
      {"the public key as the secret of an HMAC", hmac_head + "." + EncodeBase64Url(hmac)},
      {"another key under the same id", HonestToken(Claims(), keys.stranger)},
      {"the signature of another token", of_another},
      {"the signature in DER", head + "." + EncodeBase64Url(keys.p256.SignRaw(head))},
      {"a signature of zeros", head + "." + EncodeBase64Url(std::string(64, '\0'))},
      {"a signature that is too long",
       head + "." + EncodeBase64Url(keys.p256.Sign(head) + std::string(1, '\0'))},
      {"a signature that is cut", good.substr(0, good.size() - 4)},
      {"an RSA signature that is cut", rsa.substr(0, rsa.size() - 4)},
      {"an Ed25519 signature that is cut", ed25519.substr(0, ed25519.size() - 4)},
      {"padding", good + "=="},
      {"another alphabet", head + "." + std::string(86, '+')},
      {"a line break", good + "\n"},
      {"a blank before", " " + good},
      {"a byte of the claims changed",
       [&] {
         std::string changed = good;
         char& byte = changed[good.find('.') + 10];
         byte = byte == 'A' ? 'B' : 'A';
         return changed;
       }()},
      {"more than may be", good + std::string(kMaxTokenBytes, 'A')},
  };
  for (const Row& row : rows) {
    EXPECT_NE(CheckToken(row.token, Issuers(), kNow).wrong, "") << row.what;
  }
  EXPECT_EQ(CheckToken(good, Issuers(), kNow).wrong, "");
}

// An issuer's key verifies its own tokens only.
TEST(Tokens, OfOneIssuerAreNotTakenByTheKeysOfAnother) {
  const Keys& keys = TheKeys();
  auto others = ParseJwks(KeySet(keys.stranger.Jwk()));
  ASSERT_TRUE(others.ok());
  std::vector<TrustedIssuer> issuers = Issuers();
  issuers.push_back({"https://other.example", "portvakt",
                     std::make_shared<const TokenKeys>(std::move(others.value()))});
  EXPECT_EQ(CheckToken(HonestToken(Claims(), keys.stranger), issuers, kNow).wrong,
            "its signature is wrong");
  std::string claims = Claims();
  claims.replace(claims.find(kIssuer), sizeof kIssuer - 1, "https://other.example");
  EXPECT_EQ(CheckToken(HonestToken(claims, keys.p256), issuers, kNow).wrong,
            "its signature is wrong");
  const TokenCheck check = CheckToken(HonestToken(claims, keys.stranger), issuers, kNow);
  EXPECT_EQ(check.wrong, "");
  EXPECT_EQ(check.issuer, 1u);
}

TEST(KeySets, PassOverWhatVerifiesNothingHere) {
  const std::string good = TheKeys().p256.Jwk();
  const auto read = ParseJwks(KeySet(good + R"(,
    {"kty":"EC","crv":"P-521","kid":"a","x":"AA","y":"AA"},
    {"kty":"OKP","crv":"X25519","kid":"b","x":"AA"},
    {"kty":"new","kid":"c"},
    {"kty":"RSA","kid":"d","alg":"RS512","n":"AA","e":"AQAB"},
    {"kty":"RSA","kid":"e","use":"enc","n":"AA","e":"AQAB"},
    {"kty":"RSA","kid":"f","key_ops":["encrypt"],"n":"AA","e":"AQAB"})"));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().size(), 1u);
}

TEST(KeySets, ThatAreBrokenSayWhere) {
  const std::string p256 = TheKeys().p256.Jwk();
  const std::string many = [&] {
    std::string members = p256;
    for (size_t i = 0; i < kMaxTokenKeys; ++i) members += R"(,{"kty":"new"})";
    return members;
  }();
  struct Row {
    std::string text;
    const char* message;
  };
  const Row rows[] = {
      {"", "(byte 0)"},
      {"[]", "there is no array `/keys`"},
      {R"({"keys":{}})", "there is no array `/keys`"},
      {R"({"keys":[]})", "there is no key that verifies"},
      {KeySet("1"), "`/keys/0` is not an object"},
      {KeySet(p256 + "," + p256), "`/keys/1` has the same `kid` as another key"},
      {KeySet(many), "more than 100 keys"},
      {KeySet(R"({"kty":"oct","kid":"a","k":"c2VjcmV0"})"), "`/keys/0` holds a secret (`k`)"},
      {KeySet(R"({"kty":"OKP","crv":"Ed25519","kid":"a","x":"AA","d":"AA"})"), "(`d`)"},
      {KeySet(R"({"kty":"OKP","crv":"Ed25519","x":"AA"})"), "has no `kid`"},
      {KeySet(R"({"kty":"OKP","crv":"Ed25519","kid":"a","x":"AA"})"), "is no valid key for EdDSA"},
      {KeySet(R"({"kty":"EC","crv":"P-256","kid":"a","x":")" + std::string(43, 'A') + R"(","y":")" +
              std::string(43, 'A') + "\"}"),
       "is no valid key for ES256"},
      {KeySet(R"({"kty":"RSA","kid":"a","n":"!","e":"AQAB"})"), "has 0 bits"},
      {KeySet(SigningKey::Rsa("small", 1024).Jwk()), "has 1024 bits; RSA keys have 2048 to 8192"},
      {KeySet(R"({"kty":"RSA","kid":"a","n":")" + EncodeBase64Url(std::string(2048, '\xFF')) +
              R"(","e":"AQAB"})"),
       "has 16384 bits"},
      {KeySet(R"({"kty":"RSA","kid":"a","n":")" + EncodeBase64Url(std::string(256, '\xFF')) +
              R"(","e":"Ag"})"),
       "is no valid key for RS256"},
  };
  for (const Row& row : rows) {
    const auto read = ParseJwks(row.text);
    ASSERT_FALSE(read.ok()) << row.text;
    EXPECT_THAT(read.error().message, HasSubstr(row.message)) << row.text;
  }
}

}  // namespace
}  // namespace portvakt::server
