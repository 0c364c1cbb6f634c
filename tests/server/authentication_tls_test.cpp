// Callers by client certificates over real connections, and a server that other machines reach.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "server/authentication.h"
#include "tests/server/http_fixture.h"
#include "tests/server/scratch_folder.h"
#include "tests/server/test_certificates.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;

class AuthenticationTlsTest : public HttpTest {
 protected:
  void SetUp() override {
    HttpTest::SetUp();
    authority_.Write(Path("authority.pem"));
    authority_.Issue(Path("server"), {{"CN", "server"}});
    options_.tls.certificate_path = Path("server.crt");
    options_.tls.key_path = Path("server.key");
    options_.tls.client_ca_path = Path("authority.pem");
    options_.tls.client_certificates = TlsOptions::ClientCertificates::kOptional;
    options_.callers.certificates = {
        {"CN=gateway,O=Norr", {"gateway", {Scope::kDecide}, false, std::nullopt}}};
    options_.workers = 2;
  }
  std::string Path(const std::string& name) const { return world_.directory() + "/" + name; }
  void StartTls() {
    server_ = world_.Serve(options_);
    ASSERT_NE(server_, nullptr);
  }
  int Status(const TestTls& client, std::string_view target, std::string_view body) {
    const auto response = Fetch(port(), body.empty() ? "GET" : "POST", target, body, "", &client);
    EXPECT_TRUE(response);
    return response ? response->status : 0;
  }
  TestTls Client(const TestAuthority::Subject& subject) {
    const auto files = authority_.Issue(Path("client"), subject);
    return TestTls(Path("authority.pem"), files.certificate_path, files.key_path);
  }

  TestAuthority authority_{"the authority"};
  Server::Options options_;
};

TEST_F(AuthenticationTlsTest, CertificatesAreCallersWithTheirScopes) {
  StartTls();
  const TestTls gateway = Client({{"O", "Norr"}, {"CN", "gateway"}});
  EXPECT_EQ(Status(gateway, kEvaluation, EvaluationBody("read")), 200);
  EXPECT_EQ(Status(gateway, "/metrics", ""), 403);
  const TestTls stranger = Client({{"O", "Norr"}, {"CN", "stranger"}});
  EXPECT_EQ(Status(stranger, kEvaluation, EvaluationBody("read")), 401);
  EXPECT_EQ(Status(stranger, "/healthz", ""), 200);
  // Of the right name in the wrong place.
  const TestTls forger = Client({{"O", "Norr"}, {"CN", "x,O=Norr"}, {"OU", "CN=gateway"}});
  EXPECT_EQ(Status(forger, kEvaluation, EvaluationBody("read")), 401);
  EXPECT_EQ(Status(TestTls(Path("authority.pem")), kEvaluation, EvaluationBody("read")), 401);
}

TEST_F(AuthenticationTlsTest, TheAccessLogTellsWhoCalledOverTls) {
  options_.access_log = {AccessLogOptions::To::kFile, Path("access.jsonl")};
  StartTls();
  const TestTls gateway = Client({{"O", "Norr"}, {"CN", "gateway"}});
  EXPECT_EQ(Status(gateway, kEvaluation, EvaluationBody("read")), 200);
  EXPECT_EQ(Status(gateway, "/metrics", ""), 403);
  const TestTls stranger = Client({{"O", "Norr"}, {"CN", "stranger"}});
  EXPECT_EQ(Status(stranger, kEvaluation, EvaluationBody("read")), 401);
  server_.reset();
  std::map<std::string, std::string> callers;  // by endpoint and status
  for (const std::string& text : LinesOf(TextOf(Path("access.jsonl")))) {
    const JsonRead read = ReadJson(text);
    ASSERT_TRUE(read.value) << text;
    const auto member = [&](const char* name) { return read.value->Find(name)->text(); };
    EXPECT_THAT(text, HasSubstr(R"("tls":true)"));
    EXPECT_EQ(member("peer"), "127.0.0.1");
    callers[member("endpoint") + (text.find("\"status\":401") == text.npos ? "" : " 401")] =
        member("caller");
  }
  const std::map<std::string, std::string> expected = {
      {kEvaluation, "gateway"}, {"/metrics", "gateway"}, {kEvaluation + std::string(" 401"), ""}};
  EXPECT_EQ(callers, expected);
}

TEST_F(AuthenticationTlsTest, AGuardedServerListensOnEveryAddress) {
  options_.listen = "0.0.0.0:0";
  auto server = Server::Start(world_.engine(), options_);
  ASSERT_TRUE(server.ok()) << server.error().message;
  server_ = std::move(*server);
  const TestTls gateway = Client({{"O", "Norr"}, {"CN", "gateway"}});
  EXPECT_EQ(Status(gateway, kEvaluation, EvaluationBody("read")), 200);
}

TEST_F(AuthenticationTlsTest, CertificatesThatNobodyIsAskedForKeepItFromStarting) {
  options_.tls.client_ca_path.clear();
  options_.tls.client_certificates = TlsOptions::ClientCertificates::kNone;
  const auto server = Server::Start(world_.engine(), options_);
  ASSERT_FALSE(server.ok());
  EXPECT_THAT(server.error().message, HasSubstr("`tls.client_certificates`"));
}

}  // namespace
}  // namespace portvakt::server
