// A real nginx and a real Caddy between a user and an application, with the configurations that
// examples/gateways/ offers, of which only the ports are changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "server/config.h"
#include "server/server.h"
#include "tests/gateways/process.h"
#include "tests/server/http_client.h"
#include "tests/server/test_world.h"
#include "tests/server/token_maker.h"

namespace portvakt::gateways {
namespace {

using server::Fetch;
using server::TestResponse;
using testing::HasSubstr;
using testing::Not;

const std::filesystem::path kExamples =
    std::filesystem::path(PORTVAKT_SOURCE_DIR) / "examples" / "gateways";
// david:demo, and with another password.
constexpr char kDavid[] = "Authorization: Basic ZGF2aWQ6ZGVtbw==\r\n";
constexpr char kWrongPassword[] = "Authorization: Basic ZGF2aWQ6d3Jvbmc=\r\n";

std::string Address(uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

class GatewaysTest : public testing::Test {
 protected:
  // The server of the example on a free port, with its policy and data.
  void SetUp() override {
    const server::ConfigRead read = server::ReadConfig((kExamples / "portvakt.yaml").string());
    for (const auto& finding : read.findings) ADD_FAILURE() << finding.message;
    ASSERT_TRUE(read.config);
    world_.InstallPath(*read.config->policy);
    for (const std::string& file : read.config->data) world_.LoadData(file);
    options_ = read.config->server;
    options_.listen = "127.0.0.1:0";
    options_.workers = 2;
    auto started = server::Server::Start(world_.engine(), options_);
    ASSERT_TRUE(started.ok()) << started.error().message;
    portvakt_ = std::move(*started);
  }

  // The example's file with the ports of this test.
  std::string Configured(const std::string& name) {
    std::string text = ReadText(kExamples / name);
    text = Replaced(text, ":8000", ":" + std::to_string(port_));
    text = Replaced(text, "127.0.0.1:8080", Address(portvakt_->port()));
    return Replaced(text, "127.0.0.1:3000", Address(application_.port()));
  }

  void StartNginx() {
    port_ = FreePort();
    StartNginxWith(Configured("nginx.conf"));
  }
  void StartNginxWith(const std::string& site) {
    const std::filesystem::path& folder = folder_.path();
    WriteText(folder / "site.conf", site);
    std::filesystem::copy_file(kExamples / "users", folder / "users");
    std::string text = "daemon off;\nworker_processes 1;\npid nginx.pid;\nerror_log stderr;\n";
    text += "events {}\nhttp {\n  access_log off;\n";
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
      text += std::string("  ") + kind + "_temp_path " + kind + ";\n";
    }
    WriteText(folder / "nginx.conf", text + "  include site.conf;\n}\n");
    Run({"/usr/sbin/nginx", "-p", folder.string() + "/", "-c", (folder / "nginx.conf").string(),
         "-e", "stderr"});
  }

  void StartCaddy() {
    port_ = FreePort();
    const std::filesystem::path file = folder_.path() / "Caddyfile";
    WriteText(file, Configured("Caddyfile"));
    Run({"/usr/bin/caddy", "run", "--config", file.string(), "--adapter", "caddyfile"});
  }

  void Run(const std::vector<std::string>& arguments) {
    const std::filesystem::path log = folder_.path() / "log";
    gateway_ = std::make_unique<Process>(arguments, log);
    ASSERT_TRUE(WaitForPort(port_)) << ReadText(log);
  }

  TestResponse Ask(const std::string& method, const std::string& target,
                   const std::string& fields) {
    const bool has_body = method == "POST";
    return Fetch(port_, method, target, has_body ? R"({"amount": 7})" : "", fields)
        .value_or(TestResponse{});
  }

  // What holds behind every gateway.
  void ExpectAllowedAndDenied();
  // Of paths that the gateway itself does not refuse or change.
  void ExpectNothingReached(const std::string& method, const std::string& target, int status,
                            const std::string& fields = kDavid) {
    const uint32_t before = application_.requests();
    EXPECT_EQ(Ask(method, target, fields).status, status) << method << " " << target;
    EXPECT_EQ(application_.requests(), before) << method << " " << target;
  }

  server::TestWorld world_;
  server::Server::Options options_;
  std::unique_ptr<server::Server> portvakt_;
  Application application_;
  Folder folder_;
  uint16_t port_ = 0;
  std::unique_ptr<Process> gateway_;
};

void GatewaysTest::ExpectAllowedAndDenied() {
  struct Row {
    std::string method;
    std::string target;
  };
  for (const Row& row : {Row{"GET", "/clients/alfa/books"}, Row{"POST", "/clients/alfa/books"},
                         Row{"GET", "/clients/alfa/books/2026/11?page=2"}}) {
    const TestResponse allowed = Ask(row.method, row.target,
                                     std::string(kDavid) +
                                         "X-Auth-Subject: root\r\nX-Auth-User: cia\r\n"
                                         "X-Original-URI: /public\r\nX-Forwarded-Uri: /public\r\n");
    ASSERT_EQ(allowed.status, 200) << row.method << " " << row.target << " " << allowed.body;
    EXPECT_THAT(allowed.body, HasSubstr(row.method + " " + row.target + " HTTP/1."));
    EXPECT_THAT(allowed.body, HasSubstr("X-Auth-Subject: david\r\n"));
    EXPECT_THAT(allowed.body, Not(HasSubstr("root")));
    EXPECT_THAT(allowed.body, Not(HasSubstr("cia")));
    EXPECT_THAT(allowed.body, Not(HasSubstr("ZGF2aWQ6ZGVtbw==")));
  }
  ExpectNothingReached("GET", "/clients/delta/books", 403);
  ExpectNothingReached("POST", "/clients/delta/books", 403);
  ExpectNothingReached("DELETE", "/clients/alfa/books", 403);
  ExpectNothingReached("GET", "/", 403);
  ExpectNothingReached("GET", "/clients/alfa/books/%252e%252e/%252e%252e/delta", 403);
  ExpectNothingReached("GET", "/clients/alfa/books;x=1", 403);
  ExpectNothingReached("GET", "/clients/alfa/books", 401, "");
  ExpectNothingReached("GET", "/clients/alfa/books", 401, kWrongPassword);
  ExpectNothingReached("GET", "/clients/alfa/books", 401,
                       std::string(kWrongPassword) + "X-Auth-User: david\r\n");
}

TEST_F(GatewaysTest, NginxLetsThroughWhatIsPermittedAndNothingElse) {
  StartNginx();
  ExpectAllowedAndDenied();
  ExpectNothingReached("GET", "/clients/alfa/books/..%2f..%2fdelta/books", 403);
  ExpectNothingReached("GET", "/clients/delta/../alfa/books", 403);
  ExpectNothingReached("GET", "/clients//alfa/books", 403);
  // The question itself is not for users.
  EXPECT_EQ(Ask("GET", "/_portvakt", kDavid).status, 404);
  portvakt_.reset();
  ExpectNothingReached("GET", "/clients/alfa/books", 500);
}

TEST_F(GatewaysTest, CaddyLetsThroughWhatIsPermittedAndNothingElse) {
  StartCaddy();
  ExpectAllowedAndDenied();
  ExpectNothingReached("GET", "/clients/alfa/books/..%2f..%2fdelta/books", 403);
  // The answer of a deny is the user's.
  const TestResponse denied = Ask("GET", "/clients/delta/books", kDavid);
  EXPECT_EQ(denied.Field("Content-Type"), "application/problem+json");
  EXPECT_THAT(denied.body, HasSubstr(R"("code":"denied")"));
  portvakt_.reset();
  ExpectNothingReached("GET", "/clients/alfa/books", 502);
}

// ---- the user's own token -----------------------------------------------------------------------

// {"sub": subject} of an issuer, good for ten minutes or over since then.
std::string Token(const std::string& subject, const server::SigningKey& key, bool is_over = false) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  const std::string claims = R"({"iss":"https://login.example","aud":"books","sub":")" + subject +
                             R"(","nbf":)" + std::to_string(now - 1200) + R"(,"exp":)" +
                             std::to_string(is_over ? now - 600 : now + 600) + "}";
  return "Authorization: Bearer " + server::HonestToken(claims, key) + "\r\n";
}

// The gateway passes the token on, and nobody has to believe it.
TEST_F(GatewaysTest, NginxPassesTheUsersTokenOn) {
  const auto signer = server::SigningKey::P256("a");
  const auto stranger = server::SigningKey::P256("a");
  WriteText(folder_.path() / "login.jwks.json", server::KeySet(signer.Jwk()));
  server::TokenIssuerOptions issuer;
  issuer.issuer = "https://login.example";
  issuer.audience = "books";
  issuer.jwks_file = (folder_.path() / "login.jwks.json").string();
  issuer.scopes = {server::Scope::kDecide};
  issuer.actor_claim = "sub";
  issuer.actor_type = "user";
  options_.callers.issuers = {issuer};
  options_.gateway->subject = {};
  const auto reloaded = portvakt_->Reload(options_);
  ASSERT_TRUE(reloaded.ok()) << reloaded.error().message;
  // As in the example, but for the password, which nobody is asked for.
  port_ = FreePort();
  std::string site = Configured("nginx.conf");
  site = Replaced(site, "auth_basic           \"Books\";", "");
  site = Replaced(site, "auth_basic_user_file users;", "");
  site = Replaced(site, "proxy_set_header        Authorization     \"\";", "");
  StartNginxWith(site);

  const TestResponse allowed =
      Ask("GET", "/clients/alfa/books", Token("david", signer) + "X-Auth-User: cia\r\n");
  ASSERT_EQ(allowed.status, 200) << allowed.body;
  EXPECT_THAT(allowed.body, HasSubstr("X-Auth-Subject: david\r\n"));
  EXPECT_THAT(allowed.body, Not(HasSubstr("Bearer")));
  ExpectNothingReached("GET", "/clients/delta/books", 403, Token("david", signer));
  ExpectNothingReached("GET", "/clients/alfa/books", 403, Token("nobody", signer));
  ExpectNothingReached("GET", "/clients/alfa/books", 401, Token("david", signer, true));
  ExpectNothingReached("GET", "/clients/alfa/books", 401, Token("david", stranger));
  ExpectNothingReached("GET", "/clients/alfa/books", 401, "");
  ExpectNothingReached("GET", "/clients/alfa/books", 401, kDavid);
}

}  // namespace
}  // namespace portvakt::gateways
