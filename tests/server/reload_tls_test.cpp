// Certificates that change with the configuration, and a server that stays guarded meanwhile.
#include <gmock/gmock.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "tests/server/reload_fixture.h"
#include "tests/server/test_certificates.h"

namespace portvakt::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ReloadTlsTest : public ReloadTest {
 protected:
  void SetUp() override {
    ReloadTest::SetUp();
    authority_.Write(Path("authority.pem"));
    for (const char* name : {"first", "second"}) authority_.Issue(Path(name), {{"CN", name}});
    authority_.Issue(Path("client"), {{"CN", "gateway"}});
    tls_.certificate_path = Path("first.crt");
    tls_.key_path = Path("first.key");
  }
  static std::string ServerName(const TestConnection& connection) {
    const X509* certificate =
        connection.connected() ? SSL_get0_peer_certificate(connection.tls()) : nullptr;
    char name[100] = "";
    if (certificate == nullptr) return name;
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
                              sizeof name);
    return name;
  }

  TestAuthority authority_{"the authority"};
  TlsOptions tls_;
};

TEST_F(ReloadTlsTest, FilesChangeAndConnectionsStay) {
  Server::Options options;
  options.listen = "127.0.0.1:0";
  options.tls = tls_;
  StartWith(options);
  const TestTls client(Path("authority.pem"), Path("client.crt"), Path("client.key"));
  TestConnection old(server_->port(), &client);
  EXPECT_EQ(ServerName(old), "first");
  Server::Options next = options_;
  next.tls.certificate_path = Path("second.crt");
  next.tls.key_path = Path("second.key");
  next.tls.client_ca_path = Path("authority.pem");
  next.tls.client_certificates = TlsOptions::ClientCertificates::kOptional;
  next.callers.certificates = {{"CN=gateway", Decider()}};
  EXPECT_THAT(Reload(next), IsEmpty());
  old.Send(RequestText("GET", "/healthz"));
  EXPECT_TRUE(old.Read());
  TestConnection renewed(server_->port(), &client);
  EXPECT_EQ(ServerName(renewed), "second");
  renewed.Send(RequestText("POST", kEvaluation, EvaluationBody("read")));
  EXPECT_EQ(renewed.Read()->status, 200);
  const TestTls nameless(Path("authority.pem"));
  EXPECT_EQ(
      Fetch(server_->port(), "POST", kEvaluation, EvaluationBody("read"), "", &nameless)->status,
      401);
}

TEST_F(ReloadTlsTest, AServerThatOthersReachStaysGuarded) {
  Server::Options options;
  options.listen = "0.0.0.0:0";
  options.tls = tls_;
  options.callers.keys_file = Path("keys.json");
  const std::string key = PutKey("keys.json", Decider());
  StartWith(options);
  const TestTls client(Path("authority.pem"));
  const auto status = [&](const std::string& fields) {
    const auto response =
        Fetch(server_->port(), "POST", kEvaluation, EvaluationBody("read"), fields, &client);
    return response ? response->status : 0;
  };
  // Good for the next start, when nobody else reaches the server.
  Server::Options next;
  next.listen = "127.0.0.1:0";
  EXPECT_THAT(Refusal(next), HasSubstr("`callers`"));
  EXPECT_EQ(status(""), 401);
  EXPECT_EQ(status("Authorization: " + key + "\r\n"), 200);
  // Guarded now, and open at the next start.
  next = options_;
  next.tls = {};
  EXPECT_THAT(Refusal(next), HasSubstr("`tls`"));
  EXPECT_EQ(status(""), 401);
  next = options_;
  next.listen = "127.0.0.1:0";
  next.tls = {};
  EXPECT_THAT(Reload(next), ElementsAre("listen", "tls"));
  EXPECT_EQ(status("Authorization: " + key + "\r\n"), 200);
}

}  // namespace
}  // namespace portvakt::server
