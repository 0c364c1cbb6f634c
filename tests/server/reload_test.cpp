// A configuration that changes under a running server: what is taken over, what is named as waiting
// for the next start, and what is refused whole.
#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <thread>

#include "server/segments.h"
#include "tests/server/gateway_world.h"
#include "tests/server/reload_fixture.h"
#include "tests/server/scratch_folder.h"

namespace portvakt::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kAuthRequest[] = "/authz/auth-request";

// ---- what is taken over -------------------------------------------------------------------------

TEST_F(ReloadTest, CallersComeAndGoAtOnce) {
  StartPlain();
  EXPECT_EQ(Anonymous(), 200);
  const std::string first = PutKey("first.json", Decider("first"));
  const std::string second = PutKey("second.json", Decider("second"));
  Server::Options next = options_;
  next.callers.keys_file = Path("first.json");
  EXPECT_THAT(Reload(next), IsEmpty());
  EXPECT_EQ(Anonymous(), 401);
  EXPECT_EQ(Status(first), 200);
  EXPECT_EQ(Status(second), 401);
  next.callers.keys_file = Path("second.json");
  EXPECT_THAT(Reload(next), IsEmpty());
  EXPECT_EQ(Status(first), 401);
  EXPECT_EQ(Status(second), 200);
  EXPECT_THAT(Reload(options_), IsEmpty());
  EXPECT_EQ(Anonymous(), 200);
}

// The file is the same, and what is in it is not.
TEST_F(ReloadTest, KeysAreReadAgain) {
  Server::Options options;
  options.listen = "127.0.0.1:0";
  options.callers.keys_file = Path("keys.json");
  const std::string old = PutKey("keys.json", Decider());
  StartWith(options);
  const std::string renewed = PutKey("keys.json", Decider());
  EXPECT_THAT(Reload(options_), IsEmpty());
  EXPECT_EQ(Status(old), 401);
  EXPECT_EQ(Status(renewed), 200);
}

TEST_F(ReloadTest, IssuersComeAndGo) {
  StartPlain();
  const SigningKey signer = SigningKey::P256("a");
  const std::string token = "Bearer " + HonestToken(Claims(), signer);
  TrustIssuer(signer);
  Server::Options next = options_;
  next.callers = callers_;
  EXPECT_THAT(Reload(next), IsEmpty());
  EXPECT_EQ(Status(token), 200);
  next.callers.issuers[0].audience = "another";
  EXPECT_THAT(Reload(next), IsEmpty());
  EXPECT_EQ(Status(token), 401);
}

TEST_F(ReloadTest, TrustInCallersChanges) {
  StartPlain();
  const auto is_let_in = [&] {
    const auto response = Fetch(server_->port(), "POST", "/v1/changes", "{}");
    return response && CodeOf(*response) != "changes_off";
  };
  EXPECT_FALSE(is_let_in());
  Server::Options next = options_;
  next.trust_callers = true;
  EXPECT_THAT(Reload(next), IsEmpty());
  EXPECT_TRUE(is_let_in());
  EXPECT_THAT(Reload(options_), IsEmpty());
  EXPECT_FALSE(is_let_in());
}

TEST_F(ReloadTest, RatesChange) {
  StartPlain();
  Server::Options next = options_;
  next.limits.requests_per_second = 1;
  EXPECT_THAT(Reload(next), IsEmpty());
  EXPECT_TRUE(ComesTo(429, ""));
  EXPECT_THAT(Reload(options_), IsEmpty());
  for (int asked = 0; asked < 50; ++asked) EXPECT_EQ(Anonymous(), 200);
}

TEST_F(ReloadTest, TheBaseUrlChanges) {
  StartPlain();
  const auto document = [&] {
    return Fetch(server_->port(), "GET", "/.well-known/authzen-configuration")->body;
  };
  EXPECT_THAT(document(), HasSubstr("http://127.0.0.1:"));
  Server::Options next = options_;
  next.base_url = "https://pdp.example.com";
  EXPECT_THAT(Reload(next), IsEmpty());
  EXPECT_THAT(document(), HasSubstr("https://pdp.example.com/access/v1/evaluation"));
  EXPECT_THAT(Reload(options_), IsEmpty());
  EXPECT_THAT(document(), Not(HasSubstr("pdp.example.com")));
}

// ---- logs ---------------------------------------------------------------------------------------

TEST_F(ReloadTest, TheDecisionLogChangesItsRulesAndItsMask) {
  Server::Options options;
  options.listen = "127.0.0.1:0";
  options.decision_log.directory = Path("decisions");
  options.decision_log.segments = 4;
  StartWith(options);
  EXPECT_EQ(Anonymous(), 200);
  Server::Options next = options_;
  next.decision_log.mask = {"subject.id"};
  next.decision_log.mode = DecisionLogOptions::Mode::kMustLog;
  next.decision_log.segments = 8;
  next.decision_log.queue_bytes *= 2;
  EXPECT_THAT(Reload(next), ElementsAre("decision_log.segments", "decision_log.queue_bytes"));
  next.decision_log.directory += "/";  // the same folder
  EXPECT_THAT(Reload(next), ElementsAre("decision_log.segments", "decision_log.queue_bytes"));
  EXPECT_EQ(Anonymous(), 200);
  next.decision_log.rules = {{{"read"}, std::nullopt, 0}};
  Reload(next);
  EXPECT_EQ(Anonymous(), 200);
  next.decision_log = {};
  EXPECT_THAT(Reload(next), IsEmpty());
  EXPECT_EQ(Anonymous(), 200);
  // Whoever closed it let go of its folder.
  EXPECT_THAT(Reload(options_), IsEmpty());
  EXPECT_EQ(Anonymous(), 200);
  server_.reset();
  std::vector<std::string> lines;
  for (const std::string& path : ListSegments(Path("decisions"))) {
    for (std::string& line : LinesOf(TextOf(path))) lines.push_back(std::move(line));
  }
  ASSERT_EQ(lines.size(), 3u);
  size_t masked = 0;
  for (const std::string& line : lines) masked += line.find("\"ada\"") == line.npos ? 1 : 0;
  EXPECT_EQ(masked, 1u);
}

TEST_F(ReloadTest, LogsMoveToOtherPlaces) {
  StartPlain();
  Server::Options next = options_;
  for (const std::string name : {"one", "two"}) {
    next.decision_log.directory = Path(name);
    next.decision_log.segments += 1;
    next.access_log.to = AccessLogOptions::To::kFile;
    next.access_log.file = Path(name + ".jsonl");
    EXPECT_THAT(Reload(next), IsEmpty());
    EXPECT_EQ(Anonymous(), 200);
  }
  EXPECT_THAT(Reload(options_), IsEmpty());
  EXPECT_EQ(Anonymous(), 200);
  // What was closed is written.
  for (const std::string name : {"one", "two"}) {
    EXPECT_EQ(LinesOf(TextOf(ListSegments(Path(name)).front())).size(), 1u) << name;
    EXPECT_EQ(LinesOf(TextOf(Path(name + ".jsonl"))).size(), 1u) << name;
  }
}

// ---- what is refused, and what waits ------------------------------------------------------------

TEST_F(ReloadTest, WhatDoesNotCheckChangesNothing) {
  Server::Options options;
  options.listen = "127.0.0.1:0";
  options.callers.keys_file = Path("keys.json");
  options.access_log = {AccessLogOptions::To::kFile, Path("access.jsonl")};
  const std::string key = PutKey("keys.json", Decider());
  Put("broken.json", "{");
  StartWith(options);
  using Spoil = std::function<void(Server::Options&)>;
  const std::pair<Spoil, std::string> rows[] = {
      {[](auto& next) { next.listen = "nowhere"; }, "nowhere"},
      {[](auto& next) { next.listen = "0.0.0.0:1"; }, "`tls`"},
      {[](auto& next) { next.trust_callers = true; }, "`trust_callers`"},
      {[](auto& next) { next.base_url = "https://a/"; }, "`base_url`"},
      {[&](auto& next) { next.callers.keys_file = Path("none.json"); }, "none.json"},
      {[&](auto& next) { next.callers.keys_file = Path("broken.json"); }, "broken.json"},
      {[](auto& next) {
         next.callers.certificates = {{"CN=a", Decider()}};
       },
       "certificates"},
      {[&](auto& next) {
         next.callers.issuers.resize(1);
         next.callers.issuers[0].issuer = next.callers.issuers[0].audience = "a";
         next.callers.issuers[0].jwks_file = Path("broken.json");
       },
       "broken.json"},
      {[&](auto& next) { next.tls.certificate_path = next.tls.key_path = Path("keys.json"); },
       "keys.json"},
      {[](auto& next) {
         next.gateway = PayrollGateway();
         next.gateway->routes[0].path = "no/slash";
       },
       "no/slash"},
      {[&](auto& next) { next.decision_log.directory = Path("none/log"); }, "none"},
      {[&](auto& next) { next.decision_log.directory = Path("keys.json"); }, "keys.json"},
      {[&](auto& next) { next.access_log.file = Path("none/access"); }, "none"},
  };
  for (const auto& [spoil, why] : rows) {
    Server::Options next = options_;
    next.limits.body_bytes = 10;
    next.base_url = "https://pdp.example.com";
    spoil(next);
    EXPECT_THAT(Refusal(next), HasSubstr(why));
    EXPECT_EQ(Status(key), 200) << why;
    EXPECT_EQ(Anonymous(), 401) << why;
    EXPECT_THAT(Fetch(server_->port(), "GET", "/.well-known/authzen-configuration")->body,
                Not(HasSubstr("pdp.example.com")))
        << why;
  }
}

TEST_F(ReloadTest, WhatWaitsIsNamedUntilItIsAsItWas) {
  StartPlain();
  Server::Options next = options_;
  next.listen = "127.0.0.1:1";
  next.workers = 3;
  next.limits.body_bytes = 10;
  EXPECT_THAT(Reload(next), ElementsAre("listen", "workers"));
  EXPECT_EQ(Anonymous(), 413);
  EXPECT_THAT(Reload(next), ElementsAre("listen", "workers"));
  EXPECT_THAT(Reload(options_), IsEmpty());
  EXPECT_EQ(Anonymous(), 200);
}

TEST_F(ReloadTest, AServerThatStopsTakesNothing) {
  StartPlain();
  server_->Stop();
  EXPECT_THAT(Refusal(options_), HasSubstr("about to stop"));
}

// ---- requests meanwhile -------------------------------------------------------------------------

TEST_F(ReloadTest, RequestsInFlightAreAnsweredAndConnectionsStay) {
  StartPlain();
  const std::string body = EvaluationBody("read");
  const std::string text = RequestText("POST", kEvaluation, body);
  TestConnection connection(server_->port());
  connection.Send(text);
  EXPECT_EQ(connection.Read()->status, 200);
  connection.Send(text.substr(0, text.size() - 5));
  TestConnection poll(server_->port());
  poll.Send(RequestText("GET", "/v1/changes?since=0&wait=1"));
  Server::Options next = options_;
  next.access_log = {AccessLogOptions::To::kFile, Path("access.jsonl")};
  next.limits.body_bytes = 2048;
  EXPECT_THAT(Reload(next), IsEmpty());
  connection.Send(text.substr(text.size() - 5));
  const auto answer = connection.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, R"({"decision":true})");
  EXPECT_TRUE(poll.Read());
}

class ReloadGatewayTest : public ReloadTest {
 protected:
  std::string_view Policy() const override { return kPayrollPolicy; }
  void SetUp() override {
    ReloadTest::SetUp();
    world_.LoadYaml(kPayrollData);
  }
};

TEST_F(ReloadGatewayTest, RoutesChange) {
  StartPlain();
  EXPECT_EQ(GatewayStatus("/clients/alfa/payroll/7"), 403);
  Server::Options next = options_;
  next.gateway = PayrollGateway();
  EXPECT_THAT(Reload(next), IsEmpty());
  EXPECT_EQ(GatewayStatus("/clients/alfa/payroll/7"), 200);
  EXPECT_EQ(GatewayStatus("/wages/alfa"), 403);
  next.gateway->routes[0].path = "/wages/{client}";
  EXPECT_THAT(Reload(next), IsEmpty());
  EXPECT_EQ(GatewayStatus("/clients/alfa/payroll/7"), 403);
  EXPECT_EQ(GatewayStatus("/wages/alfa"), 200);
}

// The gateway of each configuration believes the caller as that configuration alone names it, so a
// request that met parts of both would be refused.
TEST_F(ReloadGatewayTest, NoRequestSeesHalfOfEach) {
  const NewApiKey made = MakeKey(Decider("one"));
  ApiKey renamed = made.key;
  renamed.caller.name = "two";
  Put("one.json", KeyFileText({made.key}));
  Put("two.json", KeyFileText({renamed}));
  Server::Options one;
  one.listen = "127.0.0.1:0";
  one.workers = 2;
  one.callers.keys_file = Path("one.json");
  one.gateway = PayrollGateway();
  one.gateway->subject.callers = {"one"};
  Server::Options two = one;
  two.callers.keys_file = Path("two.json");
  two.gateway->subject.callers = {"two"};
  two.decision_log.directory = Path("decisions");
  two.decision_log.mode = DecisionLogOptions::Mode::kMustLog;
  two.access_log = {AccessLogOptions::To::kFile, Path("access.jsonl")};
  StartWith(one);

  std::atomic<bool> is_over = false;
  std::atomic<uint64_t> answered = 0, others = 0;
  const std::string text =
      RequestText("GET", kAuthRequest, "",
                  "X-Original-Method: GET\r\nX-Original-URI: /clients/alfa/payroll/7\r\n"
                  "X-Auth-User: ada\r\nAuthorization: Bearer " +
                      made.text + "\r\n");
  const auto ask = [&] {
    TestConnection connection(server_->port());
    while (!is_over) {
      connection.Send(text);
      const auto response = connection.Read();
      ++(response && response->status == 200 ? answered : others);
      if (!response) return;
    }
  };
  std::vector<std::thread> threads;
  for (int count = 0; count < 4; ++count) threads.emplace_back(ask);
  for (int turn = 0; turn < 40; ++turn) {
    const uint64_t before = answered + others;
    EXPECT_THAT(Reload(turn % 2 == 0 ? two : one), IsEmpty());
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (answered + others == before && std::chrono::steady_clock::now() < patience) {
      std::this_thread::yield();
    }
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(answered, 40u);
  EXPECT_EQ(others, 0u);
}

}  // namespace
}  // namespace portvakt::server
