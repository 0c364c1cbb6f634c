// What proves a caller while a server runs: files that change, certificates beside other proofs,
// and that nothing of a credential is logged.
#include <gmock/gmock.h>

#include "tests/server/authentication_fixture.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;
using testing::Not;

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
  const ErrorsInFile errors(Path("errors"));
  Put("keys.json", "{\"keys\": [");
  std::string log;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (log.find("credentials_not_read") == std::string::npos &&
         std::chrono::steady_clock::now() < deadline) {
    EXPECT_EQ(Status(first), 200);
    log = errors.Read();
  }
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
