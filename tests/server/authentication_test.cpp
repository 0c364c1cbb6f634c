// Who may call, over a real socket: keys and tokens that hold and those that do not, and what each
// caller may do.
#include <gmock/gmock.h>

#include "tests/server/authentication_fixture.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(AuthenticationTest, KeysAreTakenWithAndWithoutAScheme) {
  const std::string key = AddKey(Decider()).text;
  Start();
  for (const std::string& credential : {"Bearer " + key, "bearer  " + key, key}) {
    EXPECT_EQ(Status(credential), 200) << credential.substr(0, 12);
  }
}

// Every wrong credential has the same answer, byte for byte.
TEST_F(AuthenticationTest, WhatIsWrongIsRefusedWithoutAHint) {
  const SigningKey signer = SigningKey::P256("a");
  const std::string key = AddKey(Decider()).text;
  const std::string expired = AddKey(Decider("old"), (NowSeconds() - 1) * kMicroseconds).text;
  const std::string unknown = MakeKey(Decider("other")).text;
  TrustIssuer(signer);
  Start();
  std::string wrong_secret = key;
  wrong_secret.back() = wrong_secret.back() == '0' ? '1' : '0';
  const std::string token = HonestToken(Claims(), signer);
  ASSERT_EQ(Status("Bearer " + token), 200);
  struct Row {
    const char* what;
    std::string fields;
  };
  const auto bearer = [](const std::string& credential) {
    return "Authorization: Bearer " + credential + "\r\n";
  };
  const Row rows[] = {
      {"nothing", ""},
      {"no value", "Authorization: \r\n"},
      {"a scheme alone", "Authorization: Bearer\r\n"},
      {"a scheme and a blank", "Authorization: Bearer  \r\n"},
      {"another scheme", "Authorization: Basic YTpi\r\n"},
      {"a key behind another scheme", "Authorization: Basic " + key + "\r\n"},
      {"a key that is not there", bearer(unknown)},
      {"a wrong secret", bearer(wrong_secret)},
      {"an expired key", bearer(expired)},
      {"a key that is cut", bearer(key.substr(0, key.size() - 1))},
      {"a key that is longer", bearer(key + "0")},
      {"the key's id alone", bearer(key.substr(4, 16))},
      {"the secret's hash",
       bearer(key.substr(0, 21) + engine::ToHexadecimal(keys_[0].secret_hash))},
      {"two keys", bearer(key) + bearer(key)},
      {"a good key and a bad one", bearer(key) + bearer(unknown)},
      {"a key in another field", "X-API-Key: " + key + "\r\n"},
      {"a token that is cut", bearer(token.substr(0, token.size() - 4))},
      {"an unsigned token", bearer(token.substr(0, token.rfind('.') + 1))},
      {"a token without a scheme", "Authorization: " + token + "\r\n"},
      {"a long token", bearer(token + std::string(kMaxTokenBytes, 'A'))},
      {"a key and a token", bearer(key + " " + token)},
  };
  std::string body;
  for (const Row& row : rows) {
    const TestResponse response = Ask(row.fields);
    EXPECT_EQ(response.status, 401) << row.what;
    EXPECT_EQ(response.Field("WWW-Authenticate"), R"(Bearer realm="portvakt")") << row.what;
    EXPECT_EQ(CodeOf(response), "unauthenticated") << row.what;
    if (body.empty()) body = response.body;
    EXPECT_EQ(response.body, body) << row.what;
  }
  EXPECT_EQ(Status("Bearer " + key), 200);
}

TEST_F(AuthenticationTest, WhatIsOpenNeedsNoCredential) {
  AddKey(Decider());
  Start();
  for (const char* path : {"/healthz", "/readyz"}) {
    EXPECT_EQ(Fetch(server_->port(), "GET", path)->status, 200) << path;
    EXPECT_EQ(Fetch(server_->port(), "GET", path, "", "Authorization: Bearer x\r\n")->status, 200);
  }
  EXPECT_EQ(Fetch(server_->port(), "GET", "/nowhere")->status, 404);
}

// Each endpoint lets in exactly the callers that have its scope.
TEST_F(AuthenticationTest, EndpointsTakeTheirScopeAlone) {
  std::vector<std::pair<Scope, std::string>> callers;
  for (const std::string& name : ScopeNames(Scopes::All())) {
    Caller caller{name, {*ScopeOf(name)}, true, std::nullopt};
    callers.emplace_back(*ScopeOf(name), AddKey(caller).text);
  }
  Start();
  size_t closed = 0;
  for (const EndpointInfo& endpoint : ListEndpoints()) {
    const std::string method =
        endpoint.method == "any other" ? "PUT" : std::string(endpoint.method);
    for (const auto& [scope, key] : callers) {
      const auto response =
          Fetch(server_->port(), method, endpoint.path, method == "GET" ? "" : "{}",
                "Authorization: Bearer " + key + "\r\n");
      ASSERT_TRUE(response) << endpoint.path;
      const bool may = endpoint.scope == Scope::kOpen || endpoint.scope == scope;
      EXPECT_EQ(CodeOf(*response) == "outside_scope", !may)
          << endpoint.path << " by " << ScopeName(scope);
      if (!may) {
        EXPECT_EQ(response->status, 403);
      }
      EXPECT_NE(CodeOf(*response), "unauthenticated") << endpoint.path;
    }
    closed += endpoint.scope == Scope::kOpen ? 0 : 1;
    if (endpoint.scope == Scope::kOpen) continue;
    EXPECT_EQ(Fetch(server_->port(), method, endpoint.path, method == "GET" ? "" : "{}")->status,
              401)
        << endpoint.path;
  }
  EXPECT_GE(closed, 15u);
}

TEST_F(AuthenticationTest, ThePageSaysWhichScopeAnEndpointNeeds) {
  std::ifstream page(PORTVAKT_SOURCE_DIR "/docs/security.md");
  std::map<std::string, std::string> rows;  // by scope
  for (std::string line; std::getline(page, line);) {
    const size_t end = line.find(" | ");
    if (line.starts_with("| ") && end != std::string::npos) rows[line.substr(2, end - 2)] += line;
  }
  for (const EndpointInfo& endpoint : ListEndpoints()) {
    if (endpoint.path.ends_with('/')) continue;
    const bool is_open = endpoint.scope == Scope::kOpen;
    const std::string scope = is_open ? "none" : "`" + std::string(ScopeName(endpoint.scope)) + "`";
    EXPECT_THAT(rows[scope], HasSubstr("`" + std::string(endpoint.method) + " " +
                                       std::string(endpoint.path) + "`"));
  }
}

TEST_F(AuthenticationTest, CallsOutsideTheirScopeAreLoggedWithTheCaller) {
  const std::string key = AddKey(Decider()).text;
  Start();
  SetLogLevel(LogLevel::kInfo);
  testing::internal::CaptureStderr();
  EXPECT_EQ(Fetch(server_->port(), "GET", "/metrics", "", "Authorization: " + key + "\r\n")->status,
            403);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr(R"("event":"outside_scope")"));
  EXPECT_THAT(log, HasSubstr(R"("caller":"gateway")"));
  EXPECT_THAT(log, HasSubstr(R"("scope":"operate")"));
}

// ---- changes ------------------------------------------------------------------------------------

class ActingTest : public AuthenticationTest {
 protected:
  void SetUp() override {
    AuthenticationTest::SetUp();
    world_.LoadYaml(
        "entities:\n  user: { boss: {}, clerk: {}, eva: {} }\n  doc: { plan: {} }\n"
        "facts: [ boss curates plan ]\n");
  }
  std::string_view Policy() const override { return kOffice; }
  int Change(const std::string& credential, const std::string& actor) {
    const std::string named =
        actor.empty() ? "" : R"("actor":{"type":"user","id":")" + actor + R"("},)";
    const std::string body = "{" + named +
                             R"("changes":[{"add":{"subject":{"type":"user","id":"eva"},)"
                             R"("relation":"reads","object":{"type":"doc","id":"plan"}}}]})";
    const auto response = Fetch(server_->port(), "POST", "/v1/changes", body,
                                "Authorization: Bearer " + credential + "\r\n");
    EXPECT_TRUE(response);
    last_ = response->body;
    return response->status;
  }
  static Caller Changing(const std::string& name) {
    return {name, {Scope::kChange}, false, std::nullopt};
  }
  std::string last_;
};

TEST_F(ActingTest, ChangesAreByWhomTheCallerMayNameOrIs) {
  Caller naming = Changing("portal");
  naming.names_actor = true;
  Caller boss = Changing("boss-tool");
  boss.actor = engine::EntityName{"user", "boss"};
  Caller clerk = Changing("clerk-tool");
  clerk.actor = engine::EntityName{"user", "clerk"};
  const std::string by_name = AddKey(naming).text;
  const std::string by_boss = AddKey(boss).text;
  const std::string by_clerk = AddKey(clerk).text;
  const std::string by_nobody = AddKey(Changing("lost")).text;
  Start();
  EXPECT_EQ(Change(by_name, ""), 400) << last_;
  EXPECT_EQ(Change(by_name, "clerk"), 422) << last_;
  EXPECT_EQ(Change(by_clerk, ""), 422) << last_;
  EXPECT_EQ(Change(by_clerk, "boss"), 400) << last_;
  EXPECT_THAT(last_, HasSubstr("wrong_actor"));
  EXPECT_EQ(Change(by_nobody, "boss"), 403) << last_;
  EXPECT_THAT(last_, HasSubstr("changes_off"));
  EXPECT_EQ(Change(by_boss, "boss"), 200) << last_;
  EXPECT_EQ(Change(by_boss, ""), 200) << last_;
  EXPECT_EQ(Change(by_name, "boss"), 200) << last_;
}

TEST_F(ActingTest, TokensActAsTheirClaimSays) {
  const SigningKey signer = SigningKey::Ed25519("a");
  TrustIssuer(signer);
  callers_.issuers[0].scopes = {Scope::kChange};
  callers_.issuers[0].actor_claim = "person";
  callers_.issuers[0].actor_type = "user";
  Start();
  const auto token = [&](const std::string& more) { return HonestToken(Claims(more), signer); };
  EXPECT_EQ(Change(token(R"(,"person":"clerk")"), ""), 422) << last_;
  EXPECT_EQ(Change(token(R"(,"person":"clerk")"), "boss"), 400) << last_;
  EXPECT_EQ(Change(token(R"(,"person":"boss")"), ""), 200) << last_;
  EXPECT_EQ(Change(token(""), "boss"), 403) << last_;
  EXPECT_EQ(Change(token(R"(,"person":["boss"])"), ""), 401) << last_;
  EXPECT_EQ(Change(token(R"(,"person":"")"), ""), 401) << last_;
  EXPECT_EQ(Change(token(R"(,"person":"bo\u0000ss")"), ""), 401) << last_;
}

// ---- scopes of tokens ---------------------------------------------------------------------------

TEST_F(AuthenticationTest, TokensHaveTheScopesOfBothIssuerAndClaim) {
  const SigningKey signer = SigningKey::Ed25519("a");
  TrustIssuer(signer);
  callers_.issuers[0].scopes_claim = "scope";
  Start();
  const auto status = [&](const std::string& more, const char* path) {
    const bool is_get = std::string(path) == "/v1/status";
    return Fetch(server_->port(), is_get ? "GET" : "POST", path,
                 is_get ? "" : EvaluationBody("read"),
                 "Authorization: Bearer " + HonestToken(Claims(more), signer) + "\r\n")
        ->status;
  };
  EXPECT_EQ(status(R"(,"scope":"openid decide")", kEvaluation), 200);
  EXPECT_EQ(status(R"(,"scope":"openid decide")", "/v1/status"), 403);
  EXPECT_EQ(status(R"(,"scope":["decide","operate"])", "/v1/status"), 200);
  EXPECT_EQ(status(R"(,"scope":"  operate  ")", "/v1/status"), 200);
  EXPECT_EQ(status(R"(,"scope":"search change policy")", "/v1/search"), 403);
  for (const char* none : {"", R"(,"scope":"")", R"(,"scope":null)", R"(,"scope":{"decide":true})",
                           R"(,"scope":"decide,operate")", R"(,"scope":"Decide")"}) {
    EXPECT_EQ(status(none, kEvaluation), 403) << none;
  }
}

}  // namespace
}  // namespace portvakt::server
