// TLS: who may connect, what is known of the other end, renewed certificates, and how connections
// end.
#include "server/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "server/log.h"
#include "tests/server/http_fixture.h"
#include "tests/server/test_certificates.h"

namespace portvakt::server {
namespace {

using ClientCertificates = TlsOptions::ClientCertificates;
using testing::HasSubstr;

// Answers with what is known of the peer.
Reply AnswerPeer(const HttpRequest&, Answering& answering) {
  HttpResponse response;
  response.body = answering.peer.address + (answering.peer.over_tls ? " tls " : " plain ") +
                  answering.peer.certificate_subject;
  return response;
}

class TlsTest : public HttpTest {
 protected:
  void SetUp() override {
    HttpTest::SetUp();
    authority_.Write(Path("authority.pem"));
    options_.tls.certificate_path = Path("server.crt");
    options_.tls.key_path = Path("server.key");
    options_.workers = 2;
    Renew("first");
  }
  std::string Path(const std::string& name) const { return world_.directory() + "/" + name; }
  void Renew(const std::string& name) { authority_.Issue(Path("server"), {{"CN", name}}); }
  void StartTls() {
    server_ = world_.Serve(options_);
    ASSERT_NE(server_, nullptr);
  }
  void AskForClients(ClientCertificates how) {
    options_.tls.client_ca_path = Path("authority.pem");
    options_.tls.client_certificates = how;
  }

  TestAuthority authority_{"the authority"};
  Server::Options options_;
};

std::string ServerName(const TestConnection& connection) {
  const X509* certificate = SSL_get0_peer_certificate(connection.tls());
  char name[100] = "";
  if (certificate == nullptr) return name;
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  return name;
}

TEST_F(TlsTest, ServesRequestsAfterAHandshake) {
  StartTls();
  const TestTls client(Path("authority.pem"));
  TestConnection connection(port(), &client);
  ASSERT_TRUE(connection.connected());
  for (int turn = 0; turn < 3; ++turn) {
    connection.Send(RequestText("POST", kEvaluation, EvaluationBody("read")));
    const auto response = connection.Read();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, R"({"decision":true})");
  }
  // Large bodies and answers cross the bounds of records.
  std::string batch = R"({"evaluations":[)";
  for (int item = 0; item < 1000; ++item) batch += (item > 0 ? "," : "") + EvaluationBody("read");
  connection.Send(RequestText("POST", "/access/v1/evaluations", batch + "]}"));
  const auto answers = connection.Read();
  ASSERT_TRUE(answers);
  EXPECT_GT(answers->body.size(), 17'000u);
  EXPECT_EQ(answers->status, 200);
}

TEST_F(TlsTest, RefusesWhatIsNotTlsAndServesTheNext) {
  StartTls();
  TestConnection plain(port());
  plain.Send(RequestText("GET", "/healthz"));
  EXPECT_FALSE(plain.Read());
  const TestTls client(Path("authority.pem"));
  EXPECT_TRUE(Fetch(port(), "GET", "/healthz", "", "", &client));
}

TEST_F(TlsTest, RefusesVersionsBeforeOnePointTwo) {
  StartTls();
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION}) {
    const TestTls client(Path("authority.pem"));
    SSL_CTX_set_security_level(client.context(), 0);
    SSL_CTX_set_cipher_list(client.context(), "ALL:@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(client.context(), version);
    SSL_CTX_set_max_proto_version(client.context(), version);
    EXPECT_EQ(TestConnection(port(), &client).connected(), version >= TLS1_2_VERSION) << version;
  }
}

TEST_F(TlsTest, SpeaksNoOtherProtocolThanHttp11) {
  StartTls();
  const TestTls client(Path("authority.pem"));
  const std::pair<std::string, bool> rows[] = {
      {"\x02h2\x08http/1.1", true}, {"\x08http/1.1", true}, {"\x02h2", false}, {"\x04smtp", false}};
  for (const auto& [names, is_spoken] : rows) {
    SSL_CTX_set_alpn_protos(client.context(), reinterpret_cast<const unsigned char*>(names.data()),
                            static_cast<unsigned>(names.size()));
    const TestConnection connection(port(), &client);
    ASSERT_EQ(connection.connected(), is_spoken) << names;
    if (!is_spoken) continue;
    const unsigned char* chosen = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(connection.tls(), &chosen, &length);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), length), "http/1.1");
  }
}

// ---- who is on the other end --------------------------------------------------------------------

TEST_F(TlsTest, TellsHandlersWhoIsOnTheOtherEnd) {
  options_.answer = AnswerPeer;
  AskForClients(ClientCertificates::kOptional);
  StartTls();
  const TestTls nameless(Path("authority.pem"));
  EXPECT_EQ(Fetch(port(), "GET", "/", "", "", &nameless)->body, "127.0.0.1 tls ");
  // The order of RFC 4514 is the reverse of the certificate's; what means something is escaped, and
  // letters beyond ASCII are themselves.
  const std::pair<TestAuthority::Subject, std::string> rows[] = {
      {{{"O", "Norr"}, {"CN", "gateway"}}, "CN=gateway,O=Norr"},
      {{{"CN", "Norr, Byrå & Co"}}, "CN=Norr\\, Byrå & Co"},
      {{{"CN", "a=b+c"}}, "CN=a=b\\+c"},
      {{{"CN", "line\nbreak"}}, "CN=line\\0Abreak"},
  };
  for (const auto& [subject, text] : rows) {
    const auto files = authority_.Issue(Path("client"), subject);
    const TestTls client(Path("authority.pem"), files.certificate_path, files.key_path);
    const auto response = Fetch(port(), "GET", "/", "", "", &client);
    ASSERT_TRUE(response) << text;
    EXPECT_EQ(response->body, "127.0.0.1 tls " + text);
  }
}

TEST_F(TlsTest, KnowsTheAddressWithoutTls) {
  options_.answer = AnswerPeer;
  options_.tls = {};
  StartTls();
  EXPECT_EQ(Fetch(port(), "GET", "/")->body, "127.0.0.1 plain ");
}

// With TLS 1.3 a client learns of its refusal only when it reads.
TEST_F(TlsTest, TakesOnlyCertificatesOfItsAuthorities) {
  const TestAuthority other("another authority");
  const auto good = authority_.Issue(Path("good"), {{"CN", "good"}});
  const auto foreign = other.Issue(Path("foreign"), {{"CN", "good"}});
  const auto expired = authority_.Issue(Path("expired"), {{"CN", "good"}}, -1);
  for (const auto how : {ClientCertificates::kOptional, ClientCertificates::kRequired}) {
    AskForClients(how);
    StartTls();
    const auto is_served = [&](const TestTls& client) {
      return Fetch(port(), "GET", "/healthz", "", "", &client).has_value();
    };
    const std::string authority = Path("authority.pem");
    EXPECT_TRUE(is_served(TestTls(authority, good.certificate_path, good.key_path)));
    EXPECT_FALSE(is_served(TestTls(authority, foreign.certificate_path, foreign.key_path)));
    EXPECT_FALSE(is_served(TestTls(authority, expired.certificate_path, expired.key_path)));
    EXPECT_EQ(is_served(TestTls(authority)), how == ClientCertificates::kOptional);
  }
}

// ---- renewal ------------------------------------------------------------------------------------

// Until a new connection is shown a certificate of that name.
bool ShowsWithin10Seconds(uint16_t port, const TestTls& client, const std::string& name) {
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < patience) {
    TestConnection connection(port, &client);
    if (connection.connected() && ServerName(connection) == name) return true;
    connection.HasInput(20);
  }
  return false;
}

TEST_F(TlsTest, TakesNewCertificatesAndDropsNoConnection) {
  StartTls();
  const TestTls client(Path("authority.pem"));
  TestConnection old(port(), &client);
  ASSERT_TRUE(old.connected());
  EXPECT_EQ(ServerName(old), "first");
  Renew("second");
  EXPECT_TRUE(ShowsWithin10Seconds(port(), client, "second"));
  old.Send(RequestText("GET", "/healthz"));
  EXPECT_TRUE(old.Read());
}

TEST_F(TlsTest, KeepsWhatItHasWhileNewFilesCannotBeUsed) {
  const auto tls = Tls::Open(options_.tls);
  ASSERT_TRUE(tls.ok()) << tls.error().message;
  const auto shown_after_a_look = [&] {
    (*tls)->Look();
    ssl_st* const connection = (*tls)->NewConnection();
    char name[100] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get_certificate(connection)),
                              NID_commonName, name, sizeof name);
    SSL_free(connection);
    return std::string(name);
  };
  EXPECT_EQ(shown_after_a_look(), "first");
  const auto second = authority_.Issue(Path("second"), {{"CN", "second"}});
  SetLogLevel(LogLevel::kOff);
  // Of a pair that is replaced, one file comes first.
  std::filesystem::rename(second.certificate_path, options_.tls.certificate_path);
  EXPECT_EQ(shown_after_a_look(), "first");
  std::filesystem::rename(second.key_path, options_.tls.key_path);
  EXPECT_EQ(shown_after_a_look(), "second");
  std::ofstream(options_.tls.certificate_path) << "nonsense";
  EXPECT_EQ(shown_after_a_look(), "second");
  std::filesystem::remove(options_.tls.key_path);
  EXPECT_EQ(shown_after_a_look(), "second");
  SetLogLevel(LogLevel::kError);
  Renew("third");
  EXPECT_EQ(shown_after_a_look(), "third");
}

TEST_F(TlsTest, SaysWhichFileItCannotUse) {
  std::ofstream(Path("nonsense")) << "nonsense";
  authority_.Issue(Path("other"), {{"CN", "other"}});
  struct Row {
    TlsOptions options;
    std::string message;
  };
  const std::string good = Path("server.crt");
  const std::string key = Path("server.key");
  const Row rows[] = {
      {{good, "", "", ClientCertificates::kNone}, "both a certificate and its key"},
      {{"", key, "", ClientCertificates::kNone}, "both a certificate and its key"},
      {{Path("absent"), key, "", ClientCertificates::kNone}, Path("absent")},
      {{Path("nonsense"), key, "", ClientCertificates::kNone}, Path("nonsense")},
      {{good, Path("absent"), "", ClientCertificates::kNone}, Path("absent")},
      {{good, Path("nonsense"), "", ClientCertificates::kNone}, Path("nonsense")},
      {{good, Path("other.key"), "", ClientCertificates::kNone}, "key values mismatch"},
      {{good, key, "", ClientCertificates::kRequired}, "need a file of the authorities"},
      {{good, key, Path("absent"), ClientCertificates::kRequired}, Path("absent")},
      {{good, key, Path("authority.pem"), ClientCertificates::kNone}, "not asked for"},
  };
  for (const Row& row : rows) {
    options_.tls = row.options;
    options_.listen = "127.0.0.1:0";
    const auto server = Server::Start(world_.engine(), options_);
    ASSERT_FALSE(server.ok()) << row.message;
    EXPECT_THAT(server.error().message, HasSubstr(row.message));
  }
}

// ---- how connections end ------------------------------------------------------------------------

TEST_F(TlsTest, SaysThatNothingWasCutOff) {
  options_.limits.idle_ms = 200;
  StartTls();
  const TestTls client(Path("authority.pem"));
  TestConnection last(port(), &client);
  last.Send(RequestText("GET", "/healthz", "", "Connection: close\r\n"));
  ASSERT_TRUE(last.Read());
  EXPECT_TRUE(last.AtEnd());
  TestConnection idle(port(), &client);
  ASSERT_TRUE(idle.connected());
  EXPECT_TRUE(idle.AtEnd());
  TestConnection drained(port(), &client);
  drained.Send(RequestText("GET", "/healthz"));
  ASSERT_TRUE(drained.Read());
  server_->Stop();
  EXPECT_TRUE(drained.AtEnd());
  server_->Wait();
}

TEST_F(TlsTest, EndsHandshakesThatTakeTooLong) {
  options_.limits.handshake_ms = 200;
  StartTls();
  TestConnection silent(port());
  EXPECT_TRUE(silent.AtEnd());
  TestConnection begun(port());
  begun.Send(std::string("\x16\x03\x01\x02\x00\x01\x00", 7));
  EXPECT_TRUE(begun.AtEnd());
  const TestTls client(Path("authority.pem"));
  EXPECT_TRUE(Fetch(port(), "GET", "/healthz", "", "", &client));
}

TEST_F(TlsTest, OutlivesPeersThatGoWithoutAWord) {
  StartTls();
  const TestTls client(Path("authority.pem"));
  const std::string whole = RequestText("POST", kEvaluation, EvaluationBody("read"));
  for (const size_t sent : {size_t{0}, size_t{20}, whole.size() - 1, whole.size()}) {
    TestConnection connection(port(), &client);
    ASSERT_TRUE(connection.connected());
    connection.Send(whole.substr(0, sent));
    connection.Abort();
    EXPECT_TRUE(Fetch(port(), "GET", "/healthz", "", "", &client)) << sent;
  }
}

}  // namespace
}  // namespace portvakt::server
