// The three questions of gateways over real sockets, byte for byte as the gateways ask them, and
// whom the answers believe.
#include "server/gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/handlers.h"
#include "tests/server/gateway_world.h"
#include "tests/server/http_fixture.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kRun[] = "/clients/alfa/payroll/2026-11";

class GatewayTest : public testing::Test {
 protected:
  void Start(const std::optional<GatewayOptions>& gateway) {
    Server::Options options;
    options.listen = "127.0.0.1:0";
    options.workers = 1;
    options.gateway = gateway;
    auto server = Server::Start(world_.engine(), options);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
  }
  void StartPayroll(bool tell_reasons = false) {
    world_.InstallText(kPayrollPolicy);
    world_.LoadYaml(kPayrollData);
    GatewayOptions options = PayrollGateway();
    options.tell_reasons = tell_reasons;
    Start(options);
  }

  TestResponse Get(const std::string& target, const std::string& fields) {
    return Fetched("GET", target, fields);
  }
  // As nginx asks: HTTP/1.0, GET, the original request in fields.
  TestResponse Nginx(const std::string& method, const std::string& uri, const std::string& user) {
    TestConnection connection(server_->port());
    connection.Send(
        "GET /authz/auth-request HTTP/1.0\r\nHost: portvakt\r\nX-Original-Method: " + method +
        "\r\nX-Original-URI: " + uri + "\r\nX-Auth-User: " + user + "\r\n\r\n");
    return connection.Read().value_or(TestResponse{});
  }
  // As Traefik and Caddy ask.
  TestResponse Forward(const std::string& method, const std::string& uri, const std::string& user) {
    return Get("/authz/forward-auth", "X-Forwarded-Method: " + method +
                                          "\r\nX-Forwarded-Uri: " + uri +
                                          "\r\nX-Forwarded-Host: app.example.com\r\n"
                                          "X-Forwarded-Proto: https\r\nX-Auth-User: " +
                                          user + "\r\n");
  }
  // As Envoy asks: the user's own method, path and query, without a body.
  TestResponse Envoy(const std::string& method, const std::string& uri, const std::string& user) {
    TestConnection connection(server_->port());
    connection.Send(method + " /authz/ext-authz" + uri +
                    " HTTP/1.1\r\nhost: app.example.com\r\ncontent-length: 0\r\n"
                    "x-envoy-expected-rq-timeout-ms: 200\r\nx-auth-user: " +
                    user + "\r\n\r\n");
    return connection.Read(method == "HEAD").value_or(TestResponse{});
  }

  TestResponse Fetched(const std::string& method, const std::string& target,
                       const std::string& fields) {
    return Fetch(server_->port(), method, target, "", fields).value_or(TestResponse{});
  }

  TestWorld world_;
  std::unique_ptr<Server> server_;
};

TEST_F(GatewayTest, AnswersEachGatewayByTheSameRoutes) {
  StartPayroll();
  struct Row {
    std::string method;
    std::string uri;
    std::string user;
    int status;
  };
  const Row rows[] = {
      {"GET", kRun, "ada", 200},
      {"GET", std::string(kRun) + "?page=2&x=/../..", "ada", 200},
      {"HEAD", kRun, "ada", 200},
      {"GET", kRun, "bo", 403},
      {"GET", kRun, "nobody", 403},
      {"PUT", kRun, "ada", 200},
      {"DELETE", kRun, "ada", 200},
      {"PROPFIND", kRun, "ada", 200},
      {"DELETE", kRun, "bo", 403},
      {"PUT", "/clients/alfa/payroll/closed", "ada", 403},
      {"GET", "/clients/beta/payroll/2026-11", "ada", 403},
      {"GET", "/clients/r%C3%A4ksm%c3%b6rg%C3%A5s%20%26%20co/payroll/1", "ada", 200},
      {"POST", kRun, "ada", 403},     // no route takes it
      {"OPTIONS", kRun, "ada", 403},  // nor this
      {"GET", "/", "ada", 403},
      {"GET", "/clients/alfa/payroll/2026-11/", "ada", 403},
      {"GET", "/clients/alfa/payroll/..%2f2026-11", "ada", 403},
      {"GET", "/clients//alfa/payroll/2026-11", "ada", 403},
      {"GET", "/x/../clients/alfa/payroll/2026-11", "ada", 403},
      {"GET", "/clients/alfa/payroll/%2e%2e", "ada", 403},
      {"GET", kRun, "", 401},
  };
  for (const Row& row : rows) {
    const std::vector<std::pair<std::string, TestResponse>> answers = {
        {"nginx", Nginx(row.method, row.uri, row.user)},
        {"forward", Forward(row.method, row.uri, row.user)},
        {"envoy", Envoy(row.method, row.uri, row.user)}};
    for (const auto& [gateway, answer] : answers) {
      SCOPED_TRACE(gateway + " " + row.method + " " + row.uri + " " + row.user);
      EXPECT_EQ(answer.status, row.status) << answer.body;
      const bool is_allowed = row.status == 200;
      EXPECT_EQ(answer.Field("X-Auth-Subject"),
                is_allowed ? std::optional<std::string>(row.user) : std::nullopt);
      EXPECT_EQ(answer.Field("WWW-Authenticate").has_value(), row.status == 401);
      EXPECT_EQ(answer.Field("Cache-Control"), "no-store");
      if (is_allowed) {
        EXPECT_EQ(answer.Field("Portvakt-Policy"), "1");
      }
    }
  }
}

TEST_F(GatewayTest, SaysInTheBodyWhatRefused) {
  StartPayroll();
  const auto code = [&](const std::string& method, const std::string& uri) {
    return CodeOf(Forward(method, uri, "ada"));
  };
  EXPECT_EQ(code("GET", "/clients/beta/payroll/1"), "denied");
  EXPECT_EQ(code("GET", "/nowhere"), "no_route");
  EXPECT_EQ(code("POST", kRun), "no_route");
  EXPECT_EQ(code("GET", "/a/%2e%2e"), "unclear_path");
  EXPECT_EQ(code("GET", "https://app.example.com/clients"), "unclear_path");
  const auto denied = Forward("GET", kRun, "bo");
  EXPECT_EQ(denied.Field("Content-Type"), "application/problem+json");
  EXPECT_THAT(denied.body, Not(HasSubstr("not_assigned")));
}

TEST_F(GatewayTest, TellsReasonsWhenItMay) {
  StartPayroll(true);
  const auto denied = Forward("GET", kRun, "bo");
  EXPECT_EQ(denied.status, 403);
  EXPECT_THAT(denied.body, HasSubstr(R"("reasons":[{"code":"not_assigned",)"
                                     R"("text":"alfa is not for bo to see"}])"));
  EXPECT_EQ(Forward("GET", kRun, "ada").status, 200);
}

TEST_F(GatewayTest, RefusesWhatTwoCouldHaveSaid) {
  StartPayroll();
  const std::string path = "X-Forwarded-Uri: " + std::string(kRun) + "\r\n";
  const std::string method = "X-Forwarded-Method: GET\r\n";
  const std::string user = "X-Auth-User: ada\r\n";
  const std::string target = "/authz/forward-auth";
  EXPECT_EQ(Get(target, path + method + user).status, 200);
  for (const std::string& fields :
       {method + user, path + user, path + path + method + user, path + method + method + user}) {
    const auto answer = Get(target, fields);
    EXPECT_EQ(answer.status, 403) << fields;
    EXPECT_EQ(CodeOf(answer), "no_original") << fields;
  }
  for (const std::string& fields : {path + method, path + method + user + "x-auth-user: bo\r\n"}) {
    EXPECT_EQ(Get(target, fields).status, 401) << fields;
  }
  // What one gateway is told, another does not hear.
  const std::string nginx =
      "X-Original-Method: GET\r\nX-Original-URI: " + std::string(kRun) + "\r\n";
  EXPECT_EQ(CodeOf(Get(target, nginx + user)), "no_original");
  EXPECT_EQ(CodeOf(Get("/authz/auth-request", path + method + user)), "no_original");
  EXPECT_EQ(CodeOf(Get("/authz/ext-authz/nowhere", path + method + nginx + user)), "no_route");
}

TEST_F(GatewayTest, RefusesSubjectsThatNoFieldCouldCarry) {
  StartPayroll();
  EXPECT_EQ(CodeOf(Forward("GET", kRun, std::string(kMaxSubjectBytes + 1, 'a'))), "bad_subject");
  EXPECT_EQ(CodeOf(Forward("GET", kRun, std::string(kMaxSubjectBytes, 'a'))), "denied");
  EXPECT_EQ(CodeOf(Forward("GET", kRun, "a\xff")), "bad_subject");
}

TEST_F(GatewayTest, KnowsTheAddressOfItsPeer) {
  world_.InstallText(kPayrollPolicy);
  world_.LoadYaml(kPayrollData);
  GatewayOptions options = PayrollGateway();
  options.subject = {"X-Auth-User", "user", {}, {"127.0.0.1"}};
  Start(options);
  EXPECT_EQ(Forward("GET", kRun, "ada").status, 200);
  options.subject.addresses = {"127.0.0.2", "::1"};
  Start(options);
  EXPECT_EQ(CodeOf(Forward("GET", kRun, "ada")), "untrusted_gateway");
}

TEST_F(GatewayTest, TakesForwardedPostsWithABody) {
  StartPayroll();
  const auto answer =
      Fetch(server_->port(), "POST", "/authz/forward-auth", R"({"any": "body"})",
            "X-Forwarded-Method: PUT\r\nX-Auth-User: ada\r\nX-Forwarded-Uri: " + std::string(kRun) +
                "\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
}

TEST_F(GatewayTest, RefusesWithoutConfigurationAndWithoutPolicy) {
  Start(std::nullopt);
  EXPECT_EQ(CodeOf(Nginx("GET", kRun, "ada")), "no_gateway");
  EXPECT_EQ(CodeOf(Forward("GET", kRun, "ada")), "no_gateway");
  EXPECT_EQ(CodeOf(Envoy("GET", kRun, "ada")), "no_gateway");
  Start(PayrollGateway());
  for (const TestResponse& answer :
       {Nginx("GET", kRun, "ada"), Forward("GET", kRun, "ada"), Envoy("GET", kRun, "ada")}) {
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(CodeOf(answer), "no_policy");
  }
}

// ---- whom it believes ---------------------------------------------------------------------------

class GivenCaller : public Authenticator {
 public:
  explicit GivenCaller(Caller caller) : caller_(std::make_shared<Caller>(std::move(caller))) {}
  std::variant<std::shared_ptr<const Caller>, HttpResponse> Identify(const HttpRequest&,
                                                                     const Peer&) override {
    return caller_;
  }

 private:
  std::shared_ptr<const Caller> caller_;
};

class GatewayTrustTest : public testing::Test {
 protected:
  void SetUp() override {
    world_.InstallText(kPayrollPolicy);
    world_.LoadYaml(kPayrollData);
    session_ = std::make_unique<engine::Session>(std::move(*world_.engine().NewSession()));
  }

  // The answer to a caller at an address who says that the user is ada.
  HttpResponse Ask(const GatewaySubjectOptions& subject, const Caller& caller,
                   const std::string& address) {
    GatewayOptions options = PayrollGateway();
    options.subject = subject;
    auto gateway = Gateway::Make(options);
    EXPECT_TRUE(gateway.ok()) << gateway.error().message;
    GivenCaller authenticator(caller);
    Service service(world_.engine());
    service.gateway = std::move(*gateway);
    service.authenticator = &authenticator;
    Peer peer;
    peer.address = address;
    HttpRequest request;
    request.method = "GET";
    request.target = "/authz/ext-authz/clients/alfa/payroll/7";
    request.fields = {{"X-Auth-User", "ada"}};
    Answering answering{*session_, service, peer, false, nullptr, {}};
    return std::get<HttpResponse>(Answer(request, answering));
  }

  TestWorld world_;
  std::unique_ptr<engine::Session> session_;
};

Caller Named(const std::string& name) { return {name, {Scope::kDecide}, false, std::nullopt}; }

TEST_F(GatewayTrustTest, BelievesTheHeaderOfConfiguredGatewaysAlone) {
  const GatewaySubjectOptions by_caller{"X-Auth-User", "user", {"edge", "edge2"}, {}};
  const GatewaySubjectOptions by_address{"X-Auth-User", "user", {}, {"10.0.0.7", "FD00:0::1"}};
  const GatewaySubjectOptions by_both{"X-Auth-User", "user", {"edge"}, {"10.0.0.7"}};
  EXPECT_EQ(Ask(by_caller, Named("edge2"), "10.9.9.9").status, 200);
  EXPECT_EQ(Ask(by_caller, Named("reports"), "10.0.0.7").status, 403);
  EXPECT_EQ(Ask(by_address, Named("any"), "10.0.0.7").status, 200);
  EXPECT_EQ(Ask(by_address, Named("any"), "fd00::1").status, 200);
  EXPECT_EQ(Ask(by_address, Named("any"), "10.0.0.70").status, 403);
  EXPECT_EQ(Ask(by_address, Named("any"), "").status, 403);
  EXPECT_EQ(Ask(by_both, Named("edge"), "10.0.0.7").status, 200);
  EXPECT_EQ(Ask(by_both, Named("edge"), "10.0.0.8").status, 403);
  EXPECT_EQ(Ask(by_both, Named("other"), "10.0.0.7").status, 403);
  EXPECT_THAT(Ask(by_both, Named("other"), "10.0.0.7").body, HasSubstr("untrusted_gateway"));
}

TEST_F(GatewayTrustTest, TakesTheCallersOwnEntityWhereNoHeaderIsConfigured) {
  Caller caller = Named("token");
  EXPECT_EQ(Ask({}, caller, "10.0.0.7").status, 401);
  caller.actor = engine::EntityName{"user", "bo"};  // whatever the header says
  EXPECT_EQ(Ask({}, caller, "10.0.0.7").status, 403);
  caller.actor = engine::EntityName{"user", "ada"};
  const HttpResponse allowed = Ask({}, caller, "10.0.0.7");
  EXPECT_EQ(allowed.status, 200);
  caller.actor = engine::EntityName{"client", "ada"};
  EXPECT_EQ(Ask({}, caller, "10.0.0.7").status, 403);
}

TEST_F(GatewayTrustTest, NeedsTheScopeToDecide) {
  Caller caller = Named("edge");
  caller.scopes = {Scope::kSearch, Scope::kOperate};
  const HttpResponse answer = Ask({"X-Auth-User", "user", {"edge"}, {}}, caller, "10.0.0.7");
  EXPECT_EQ(answer.status, 403);
  EXPECT_THAT(answer.body, HasSubstr("outside_scope"));
}

TEST(Gateway, RefusesToStartOnHeadersOfAnybody) {
  const std::pair<GatewaySubjectOptions, std::string> rows[] = {
      {{"X-Auth-User", "user", {}, {}}, "of anybody"},
      {{"X-Auth-User", "", {"edge"}, {}}, "no `type`"},
      {{"X Auth", "user", {"edge"}, {}}, "name of a field"},
      {{"X-Auth-User", "user", {}, {"localhost"}}, "address in numbers"},
      {{"X-Auth-User", "user", {}, {"10.0.0.0/8"}}, "address in numbers"},
      {{"", "user", {}, {}}, "no `header`"},
      {{"", "", {"edge"}, {}}, "no `header`"},
  };
  for (const auto& [subject, reason] : rows) {
    GatewayOptions options;
    options.subject = subject;
    const auto gateway = Gateway::Make(options);
    ASSERT_FALSE(gateway.ok()) << reason;
    EXPECT_THAT(gateway.error().message, HasSubstr(reason));
  }
}

}  // namespace
}  // namespace portvakt::server
