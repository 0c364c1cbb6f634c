// Who may call, over a real socket: keys and tokens that hold and those that do not, what each
// caller may do, changes of the files behind them, and that nothing of a credential is logged.
#include "server/authentication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "server/api_key.h"
#include "server/handlers.h"
#include "server/jwt.h"
#include "server/key_file.h"
#include "server/log.h"
#include "tests/server/http_fixture.h"
#include "tests/server/token_maker.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;
using testing::Not;

int64_t NowSeconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

constexpr int64_t kMicroseconds = 1'000'000;

// A policy in which the boss may give the right to look, and the clerk may not.
constexpr std::string_view kOffice = R"(policy office "Who may look"

entity user
entity doc

fact user curates doc
fact user reads doc

permission look on doc

permit readers
    user may look on doc
    if  user reads doc

permit giving
    add user reads doc
    by  user as actor
    if  actor curates doc
)";

class AuthenticationTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "portvakt-test-").string() + std::string(6, 'X');
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    world_.InstallText(Policy());
  }
  void TearDown() override {
    SetLogLevel(LogLevel::kError);
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  virtual std::string_view Policy() const { return kOpenPolicy; }
  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  // As `portvakt key` does: beside it, then in its place.
  void Put(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name + ".new"), std::ios::binary) << text;
    std::filesystem::rename(Path(name + ".new"), Path(name));
  }

  NewApiKey MakeKey(const Caller& caller, std::optional<int64_t> expires_us = std::nullopt) {
    const auto made = MakeApiKey(caller, NowSeconds() * kMicroseconds, expires_us);
    EXPECT_TRUE(made);
    return *made;
  }
  NewApiKey AddKey(const Caller& caller, std::optional<int64_t> expires_us = std::nullopt) {
    NewApiKey made = MakeKey(caller, expires_us);
    keys_.push_back(made.key);
    return made;
  }
  void PutKeys() { Put("keys.json", KeyFileText(keys_)); }

  void Start() {
    if (!keys_.empty()) {
      PutKeys();
      callers_.keys_file = Path("keys.json");
    }
    Server::Options options;
    options.listen = "127.0.0.1:0";
    options.workers = 2;
    options.callers = callers_;
    auto server = Server::Start(world_.engine(), options);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
  }

  TestResponse Ask(const std::string& fields) {
    const auto response =
        Fetch(server_->port(), "POST", kEvaluation, EvaluationBody("read"), fields);
    EXPECT_TRUE(response);
    return response.value_or(TestResponse());
  }
  int Status(const std::string& credential) {
    return Ask("Authorization: " + credential + "\r\n").status;
  }
  // Until the status is that, or a time far beyond what is promised is over.
  bool ComesTo(int status, const std::string& credential) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
      if (Status(credential) == status) return true;
      std::this_thread::yield();
    }
    return false;
  }

  void TrustIssuer(const SigningKey& key) {
    Put("jwks.json", KeySet(key.Jwk()));
    TokenIssuerOptions issuer;
    issuer.issuer = "https://login.example";
    issuer.audience = "portvakt";
    issuer.jwks_file = Path("jwks.json");
    issuer.scopes = {Scope::kDecide, Scope::kOperate};
    callers_.issuers.push_back(issuer);
  }
  static std::string Claims(const std::string& more = "") {
    return R"({"iss":"https://login.example","aud":"portvakt","sub":"app1","nbf":)" +
           std::to_string(NowSeconds() - 60) + R"(,"exp":)" + std::to_string(NowSeconds() + 600) +
           more + "}";
  }

  TestWorld world_;
  std::string folder_;
  std::vector<ApiKey> keys_;
  AuthenticationOptions callers_;
  std::unique_ptr<Server> server_;
};

Caller Decider(const std::string& name = "gateway") {
  return {name, {Scope::kDecide}, false, std::nullopt};
}

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

// ---- files that change --------------------------------------------------------------------------

TEST_F(AuthenticationTest, RevokedKeysStopAndNewOnesStart) {
  const std::string first = AddKey(Decider()).text;
  Start();
  ASSERT_EQ(Status(first), 200);
  keys_.clear();
  const std::string second = AddKey(Decider()).text;
  PutKeys();
  EXPECT_TRUE(ComesTo(401, first));
  EXPECT_EQ(Status(second), 200);
}

TEST_F(AuthenticationTest, ABrokenFileLeavesTheKeysThatWereThere) {
  const std::string first = AddKey(Decider()).text;
  Start();
  SetLogLevel(LogLevel::kError);
  testing::internal::CaptureStderr();
  Put("keys.json", "{\"keys\": [");
  std::string log;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (log.find("credentials_not_read") == std::string::npos &&
         std::chrono::steady_clock::now() < deadline) {
    EXPECT_EQ(Status(first), 200);
    log += testing::internal::GetCapturedStderr();
    testing::internal::CaptureStderr();
  }
  testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr(R"("event":"credentials_not_read")"));
  EXPECT_EQ(Status(first), 200);
  const std::string second = AddKey(Decider()).text;
  PutKeys();
  EXPECT_TRUE(ComesTo(200, second));
}

TEST_F(AuthenticationTest, KeysOfTokensAreReplacedWithTheirFile) {
  const SigningKey old_key = SigningKey::P256("old");
  const SigningKey new_key = SigningKey::Rsa("new");
  TrustIssuer(old_key);
  Start();
  const std::string by_old = "Bearer " + HonestToken(Claims(), old_key);
  const std::string by_new = "Bearer " + HonestToken(Claims(), new_key);
  EXPECT_EQ(Status(by_old), 200);
  EXPECT_EQ(Status(by_new), 401);
  Put("jwks.json", KeySet(old_key.Jwk() + "," + new_key.Jwk()));
  EXPECT_TRUE(ComesTo(200, by_new));
  EXPECT_EQ(Status(by_old), 200);
  Put("jwks.json", KeySet(new_key.Jwk()));
  EXPECT_TRUE(ComesTo(401, by_old));
  EXPECT_EQ(Status(by_new), 200);
}

TEST_F(AuthenticationTest, FilesThatAreNotThereKeepTheServerFromStarting) {
  Server::Options options;
  options.listen = "127.0.0.1:0";
  options.callers.keys_file = Path("nothing.json");
  const auto server = Server::Start(world_.engine(), options);
  ASSERT_FALSE(server.ok());
  EXPECT_THAT(server.error().message, HasSubstr("nothing.json: No such file"));
}

// ---- certificates, and several proofs -----------------------------------------------------------

struct Identifying : AuthenticationTest {
  // The caller's name, or "401".
  std::string Identify(const std::string& subject, const std::vector<std::string>& authorization) {
    HttpRequest request;
    request.method = "POST";
    request.target = kEvaluation;
    for (const std::string& value : authorization) {
      request.fields.emplace_back("authorization", value);
    }
    Peer peer;
    peer.address = "192.0.2.7";
    peer.over_tls = true;
    peer.certificate_subject = subject;
    const auto found = authenticator_->Identify(request, peer);
    if (const auto* response = std::get_if<HttpResponse>(&found)) {
      return std::to_string(response->status);
    }
    return std::get<std::shared_ptr<const Caller>>(found)->name;
  }
  void Open() {
    PutKeys();
    callers_.keys_file = Path("keys.json");
    auto opened = CallerAuthenticator::Open(callers_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    authenticator_ = std::move(*opened);
  }
  std::unique_ptr<CallerAuthenticator> authenticator_;
};

TEST_F(Identifying, CertificatesStandForTheCallerOfTheirSubject) {
  const std::string key = AddKey(Decider("by-key")).text;
  const std::string unknown = MakeKey(Decider("other")).text;
  callers_.certificates = {{"CN=gateway,O=Byra", Decider("by-certificate")}};
  Open();
  EXPECT_EQ(Identify("CN=gateway,O=Byra", {}), "by-certificate");
  EXPECT_EQ(Identify("", {key}), "by-key");
  EXPECT_EQ(Identify("", {}), "401");
  for (const char* subject : {"CN=gateway", "CN=Gateway,O=Byra", "O=Byra,CN=gateway",
                              "CN=gateway,O=Byra,C=SE", " CN=gateway,O=Byra"}) {
    EXPECT_EQ(Identify(subject, {}), "401") << subject;
    // Whoever shows a bad certificate is not let in by something else.
    EXPECT_EQ(Identify(subject, {key}), "401") << subject;
  }
  EXPECT_EQ(Identify("CN=gateway,O=Byra", {key}), "by-certificate");
  EXPECT_EQ(Identify("CN=gateway,O=Byra", {unknown}), "401");
  EXPECT_EQ(Identify("CN=gateway,O=Byra", {"Basic YTpi"}), "401");
}

TEST_F(Identifying, CertificatesGuardTheTransportAloneWhereNoneIsConfigured) {
  const std::string key = AddKey(Decider("by-key")).text;
  Open();
  EXPECT_EQ(Identify("CN=mesh", {key}), "by-key");
  EXPECT_EQ(Identify("CN=mesh", {}), "401");
}

TEST_F(Identifying, OtherOptionsAreTakenWhileItRuns) {
  const std::string key = AddKey(Decider("by-key")).text;
  Open();
  AuthenticationOptions other;
  other.keys_file = Path("nothing.json");
  EXPECT_FALSE(authenticator_->Reconfigure(other).ok());
  EXPECT_EQ(Identify("", {key}), "by-key");
  other.keys_file.clear();
  other.certificates = {{"CN=a", Decider("a")}};
  ASSERT_TRUE(authenticator_->Reconfigure(other).ok());
  EXPECT_EQ(Identify("", {key}), "401");
  EXPECT_EQ(Identify("CN=a", {}), "a");
}

// ---- logs ---------------------------------------------------------------------------------------

TEST_F(AuthenticationTest, LogsTellWhyAndNothingOfTheCredential) {
  const SigningKey signer = SigningKey::P256("a");
  const NewApiKey good = AddKey(Decider());
  const NewApiKey expired = AddKey(Decider("old"), (NowSeconds() - 1) * kMicroseconds);
  const NewApiKey unknown = MakeKey(Decider("other"));
  TrustIssuer(signer);
  SetLogLevel(LogLevel::kInfo);
  testing::internal::CaptureStderr();
  Start();
  std::string wrong = good.text;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  const std::string token = HonestToken(Claims(), signer);
  const std::string late = HonestToken(
      R"({"iss":"https://login.example","aud":"portvakt","sub":"app1","nbf":1,"exp":2})", signer);
  const std::string forged = token.substr(0, token.rfind('.')) + late.substr(late.rfind('.'));
  const std::string basic = "c2VjcmV0OnNlY3JldA";
  std::string answers;
  for (const std::string& credential :
       {good.text, "Bearer " + good.text, "Bearer " + expired.text, "Bearer " + unknown.text,
        "Bearer " + wrong, "Bearer " + token, "Bearer " + late, "Bearer " + forged,
        "Basic " + basic}) {
    const TestResponse response = Ask("Authorization: " + credential + "\r\n");
    answers += response.body;
    for (const auto& [name, value] : response.fields) answers += name + ": " + value + "\n";
  }
  const auto metrics =
      Fetch(server_->port(), "GET", "/metrics", "", "Authorization: Bearer " + token + "\r\n");
  ASSERT_EQ(metrics->status, 200);
  answers += metrics->body;
  PutKeys();
  EXPECT_TRUE(ComesTo(200, good.text));
  server_.reset();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr(R"("reason":"it has expired","of":")" + expired.key.id));
  EXPECT_THAT(log, HasSubstr(R"("reason":"there is no key of that id")"));
  EXPECT_THAT(log, HasSubstr(R"("reason":"its secret is wrong","of":")" + good.key.id));
  EXPECT_THAT(log, HasSubstr(R"("reason":"its signature is wrong")"));
  EXPECT_THAT(log, HasSubstr(R"("reason":"its scheme is not Bearer")"));
  const auto secret = [](const std::string& key) { return std::string(SplitApiKey(key)->secret); };
  for (const std::string& text : {log, answers}) {
    for (const std::string& hidden :
         {secret(good.text), secret(expired.text), secret(unknown.text), secret(wrong),
          engine::ToHexadecimal(good.key.secret_hash), token.substr(token.rfind('.') + 1, 20),
          late.substr(late.rfind('.') + 1, 20), token.substr(0, 20), basic}) {
      EXPECT_THAT(text, Not(HasSubstr(hidden)));
    }
  }
}

// Whoever guesses fills no disk.
TEST_F(AuthenticationTest, FailuresWithoutEndAreNotAllLogged) {
  AddKey(Decider());
  Start();
  SetLogLevel(LogLevel::kInfo);
  testing::internal::CaptureStderr();
  constexpr int kAsked = 300;
  const auto begin = std::chrono::steady_clock::now();
  TestConnection connection(server_->port());
  for (int i = 0; i < kAsked; ++i) {
    connection.Send(RequestText("POST", kEvaluation, EvaluationBody("read")));
    ASSERT_EQ(connection.Read()->status, 401);
  }
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin)
          .count();
  const std::string log = testing::internal::GetCapturedStderr();
  int lines = 0;
  for (size_t at = 0; (at = log.find("not_authenticated", at)) != std::string::npos; ++at) ++lines;
  EXPECT_GE(lines, 20);
  EXPECT_LE(lines, 20 * (seconds + 2));
}

}  // namespace
}  // namespace portvakt::server
