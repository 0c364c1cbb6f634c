// AuthZEN 1.0 as a transport: every rule about methods, content types, request ids, bodies, batches
// and pages, over real sockets, with http and with https. What decisions mean is tested without
// sockets, beside their code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/server/http_fixture.h"
#include "tests/server/test_certificates.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const char kRecords[] = PORTVAKT_SOURCE_DIR "/policies/records";

const char kAlice[] = R"("subject":{"type":"user","id":"alice"})";
const char kBob[] = R"("subject":{"type":"user","id":"bob"})";
const char kView[] = R"("action":{"name":"view"})";
const char kDelete[] = R"("action":{"name":"delete"})";
const char kRecord[] = R"("resource":{"type":"record","id":"101"})";

std::string Object(const std::vector<std::string>& members) {
  std::string text = "{";
  for (const std::string& member : members) text += (text.size() > 1 ? "," : "") + member;
  return text + "}";
}

struct Api {
  std::string target;
  std::string body;    // a good one
  std::string answer;  // how its answer begins
};

std::vector<Api> Apis() {
  const std::string good = Object({kAlice, kView, kRecord});
  return {
      {"/access/v1/evaluation", good, R"({"decision":true})"},
      {"/access/v1/evaluations", Object({kAlice, kView, kRecord, R"("evaluations":[{},{}])"}),
       R"({"evaluations":[{"decision":true},{"decision":true}]})"},
      {"/access/v1/search/subject", good, R"({"results":[{"type":"user","id":")"},
      {"/access/v1/search/resource", good, R"({"results":[{"type":"record","id":")"},
      {"/access/v1/search/action", good, R"({"results":[{"name":")"},
  };
}

class AuthzenTransport : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    world_.InstallPath(kRecords);
    world_.LoadData(std::string(kRecords) + "/data.yaml");
    Server::Options options;
    options.workers = 2;
    if (GetParam()) {
      const TestAuthority authority("the authority");
      authority.Write(world_.directory() + "/authority.pem");
      const auto files = authority.Issue(world_.directory() + "/server", {{"CN", "server"}});
      options.tls.certificate_path = files.certificate_path;
      options.tls.key_path = files.key_path;
      tls_.emplace(world_.directory() + "/authority.pem");
    }
    server_ = world_.Serve(options);
    ASSERT_NE(server_, nullptr);
    Connect();
  }

  void Connect() {
    connection_ = std::make_unique<TestConnection>(server_->port(), tls_ ? &*tls_ : nullptr);
    ASSERT_TRUE(connection_->connected());
  }
  // On the one connection, which must stay: what is left unread would be taken for a request.
  TestResponse Send(const std::string& bytes, const std::string& what, bool to_head = false) {
    EXPECT_TRUE(connection_->Send(bytes)) << what;
    auto response = connection_->Read(to_head);
    EXPECT_TRUE(response) << what << ": " << connection_->received();
    if (!response) Connect();
    return response.value_or(TestResponse());
  }
  TestResponse Ask(const std::string& target, const std::string& body,
                   const std::string& fields = "") {
    return Send(RequestText("POST", target, body, fields), target + " " + body);
  }

  TestWorld world_;
  std::optional<TestTls> tls_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<TestConnection> connection_;
};

INSTANTIATE_TEST_SUITE_P(Schemes, AuthzenTransport, testing::Bool(),
                         [](const auto& scheme) { return scheme.param ? "https" : "http"; });

// ---- what holds for all five --------------------------------------------------------------------

TEST_P(AuthzenTransport, AnswersAnObjectAsJson) {
  for (const Api& api : Apis()) {
    const TestResponse response = Ask(api.target, api.body);
    EXPECT_EQ(response.status, 200) << api.target;
    EXPECT_EQ(response.Field("Content-Type"), "application/json") << api.target;
    EXPECT_THAT(response.body, StartsWith(api.answer)) << api.target;
    EXPECT_FALSE(response.Field("X-Request-ID")) << api.target;
  }
}

// A wrong method may bring a body; what follows it on the connection is read as what it is.
TEST_P(AuthzenTransport, TakesOnlyPost) {
  for (const Api& api : Apis()) {
    for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY"}) {
      for (const std::string& body : {std::string(), api.body}) {
        const TestResponse response =
            Send(RequestText(method, api.target, body, "X-Request-ID: w-1\r\n"),
                 method + api.target, std::string_view(method) == "HEAD");
        EXPECT_EQ(response.status, 405) << method << " " << api.target;
        EXPECT_EQ(response.Field("Allow"), "POST") << method;
        EXPECT_EQ(response.Field("X-Request-ID"), "w-1") << method;
        EXPECT_EQ(Ask(api.target, api.body).status, 200) << "after " << method;
      }
    }
  }
}

TEST_P(AuthzenTransport, TakesJsonAndNothingElse) {
  for (const Api& api : Apis()) {
    const auto with_type = [&](const std::string& type) {
      return Send("POST " + api.target + " HTTP/1.1\r\nHost: a\r\n" +
                      (type.empty() ? "" : "Content-Type: " + type + "\r\n") +
                      "Content-Length: " + std::to_string(api.body.size()) + "\r\n\r\n" + api.body,
                  api.target + " as " + type);
    };
    for (const char* good : {"application/json", "application/json; charset=utf-8",
                             "application/json;charset=UTF-8", "Application/JSON"}) {
      EXPECT_EQ(with_type(good).status, 200) << good;
    }
    for (const char* bad : {"", "text/plain", "application/x-www-form-urlencoded", "text/json",
                            "application/jsonp", "multipart/form-data; boundary=x"}) {
      const TestResponse response = with_type(bad);
      EXPECT_EQ(response.status, 400) << bad;
      EXPECT_EQ(CodeOf(response), "wrong_content_type") << bad;
    }
  }
}

TEST_P(AuthzenTransport, RefusesBodiesThatAreNoObject) {
  for (const Api& api : Apis()) {
    for (const char* body : {"", " ", "{", "[]", "[{}]", "null", "true", "17", "\"text\"", "{}{}",
                             "{\"subject\":}", "nonsense", "\xEF\xBB\xBF{}", "{'subject':1}"}) {
      const std::string text = body;
      const TestResponse response =
          Send("POST " + api.target +
                   " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nX-Request-ID: b\r\n" +
                   Length(text) + "\r\n" + text,
               api.target + " " + text);
      EXPECT_EQ(response.status, 400) << text;
      EXPECT_EQ(CodeOf(response), "malformed_json") << text;
      EXPECT_EQ(response.Field("X-Request-ID"), "b") << text;
    }
  }
}

TEST_P(AuthzenTransport, RefusesRequestsThatLackWhatTheyNeed) {
  const std::string type_alone = R"({"type":"record"})";
  const std::map<std::string, std::vector<std::string>> lacking = {
      {"/access/v1/evaluation",
       {Object({kView, kRecord}), Object({kAlice, kRecord}), Object({kAlice, kView}),
        Object({kAlice, kView, R"("resource":{"type":"record"})"}),
        Object({kAlice, R"("action":{})", kRecord}),
        Object({R"("subject":{"id":"alice"})", kView, kRecord})}},
      {"/access/v1/search/subject",
       {Object({kView, kRecord}), Object({R"("subject":{"id":"alice"})", kView, kRecord}),
        Object({kAlice, kRecord}), Object({kAlice, kView}),
        Object({kAlice, kView, R"("resource":{"type":"record"})"})}},
      {"/access/v1/search/resource",
       {Object({kView, kRecord}), Object({R"("subject":{"type":"user"})", kView, kRecord}),
        Object({kAlice, kRecord}), Object({kAlice, kView, R"("resource":{"id":"101"})"})}},
      {"/access/v1/search/action",
       {Object({kRecord}), Object({kAlice}), Object({kAlice, R"("resource":{"type":"record"})"}),
        Object({R"("subject":{"type":"user"})", kRecord})}},
  };
  for (const auto& [target, bodies] : lacking) {
    for (const std::string& body : bodies) {
      const TestResponse response = Ask(target, body, "X-Request-ID: l\r\n");
      EXPECT_EQ(response.status, 400) << body;
      EXPECT_EQ(CodeOf(response), "missing_member") << body;
      EXPECT_EQ(response.Field("X-Request-ID"), "l") << body;
    }
  }
}

TEST_P(AuthzenTransport, EchoesRequestIdsOfAnyKind) {
  const std::string ids[] = {"1", "bfe9eb29-ab87-4ca3-be83-a1d5d8305716", "a,b;c=d", "\"q\"",
                             std::string(kMaxRequestIdBytes, 'x')};
  for (const Api& api : Apis()) {
    for (const std::string& id : ids) {
      const std::string field = "x-request-id: " + id + "\r\n";
      EXPECT_EQ(Ask(api.target, api.body, field).Field("X-Request-ID"), id);
      EXPECT_EQ(Ask(api.target + "/none", api.body, field).Field("X-Request-ID"), id);
    }
  }
}

// No time, no id of a call: the same question has the same answer, byte by byte.
TEST_P(AuthzenTransport, AnswersTheSameBytesAgain) {
  for (const Api& api : Apis()) {
    const std::string first = Ask(api.target, api.body).body;
    for (const char* fields : {"", "X-Request-ID: other\r\n", "User-Agent: other\r\n"}) {
      EXPECT_EQ(Ask(api.target, api.body, fields).body, first) << api.target;
    }
    Connect();
    EXPECT_EQ(Ask(api.target, api.body).body, first) << api.target;
  }
}

TEST_P(AuthzenTransport, IgnoresWhatItDoesNotKnow) {
  for (const Api& api : Apis()) {
    const std::string first = Ask(api.target, api.body).body;
    // At the top and inside entities, before and after what it knows.
    const std::string more = R"({"unknown":[{"deep":null}],)" + api.body.substr(1);
    EXPECT_EQ(Ask(api.target, more).body, first) << more;
    std::string inside = api.body;
    inside.insert(inside.find("\"type\":\"record\""), R"("extra":{"a":1},)");
    EXPECT_EQ(Ask(api.target, inside).body, first) << inside;
    const std::string context = api.body.substr(0, api.body.size() - 1) + R"(,"context":{"x":1}})";
    EXPECT_EQ(Ask(api.target, context).body, first) << context;
    // A header that public runners send when they have no key.
    EXPECT_EQ(Ask(api.target, api.body, "Authorization: undefined\r\n").body, first);
  }
}

// ---- single and batch ---------------------------------------------------------------------------

TEST_P(AuthzenTransport, ADenyIsAnAnswerAndNoError) {
  for (const std::string& body :
       {Object({kBob, kDelete, kRecord}),
        Object({R"("subject":{"type":"robot","id":"r"})", kView, kRecord}),
        Object({kAlice, R"("action":{"name":"juggle"})", kRecord}),
        Object({kAlice, kView, R"("resource":{"type":"planet","id":"1"})"})}) {
    for (const char* target : {"/access/v1/evaluation", "/access/v1/evaluations"}) {
      const TestResponse response = Ask(target, body);
      EXPECT_EQ(response.status, 200) << body;
      EXPECT_EQ(response.body, R"({"decision":false})") << body;
    }
  }
}

TEST_P(AuthzenTransport, AnswersBatches) {
  const std::string alice = kAlice;
  const std::string no = Object({kBob, kDelete});
  const std::string bad = R"({"resource":{"type":"record"}})";
  const auto batch = [&](const std::string& semantic, const std::vector<std::string>& items) {
    std::string list = R"("evaluations":[)";
    for (size_t index = 0; index < items.size(); ++index)
      list += (index > 0 ? "," : "") + items[index];
    std::vector<std::string> members = {kAlice, kView, kRecord, list + "]"};
    if (!semantic.empty()) {
      members.push_back(R"("options":{"evaluations_semantic":")" + semantic + "\"}");
    }
    return Object(members);
  };
  struct Row {
    std::string semantic;
    std::vector<std::string> items;
    std::vector<bool> decisions;
  };
  const Row rows[] = {
      {"", {"{}", no, "{}"}, {true, false, true}},
      {"execute_all", {no, "{}", no}, {false, true, false}},
      {"deny_on_first_deny", {"{}", no, "{}"}, {true, false}},
      {"deny_on_first_deny", {"{}", "{}"}, {true, true}},
      {"permit_on_first_permit", {no, "{}", no}, {false, true}},
      {"permit_on_first_permit", {no, no}, {false, false}},
      // A bad item is denied beside good ones, and counts as a denial.
      {"", {"{}", bad, "{}"}, {true, false, true}},
      {"", {bad, bad}, {false, false}},
      {"deny_on_first_deny", {"{}", bad, "{}"}, {true, false}},
      {"permit_on_first_permit", {bad, "{}", "{}"}, {false, true}},
      // An item replaces a default as a whole.
      {"", {R"({"subject":{"id":"alice"}})"}, {false}},
  };
  for (const Row& row : rows) {
    const std::string body = batch(row.semantic, row.items);
    const TestResponse response = Ask("/access/v1/evaluations", body);
    ASSERT_EQ(response.status, 200) << body;
    const JsonRead read = ReadJson(response.body);
    ASSERT_TRUE(read.value && read.value->Find("evaluations")) << response.body;
    std::vector<bool> decisions;
    for (const JsonValue& item : read.value->Find("evaluations")->elements()) {
      ASSERT_NE(item.Find("decision"), nullptr) << response.body;
      decisions.push_back(item.Find("decision")->boolean());
    }
    EXPECT_EQ(decisions, row.decisions) << body;
    EXPECT_EQ(read.value->Find("decision"), nullptr) << response.body;
  }
  EXPECT_EQ(Ask("/access/v1/evaluations", batch("", {})).body, R"({"decision":true})");
  EXPECT_EQ(Ask("/access/v1/evaluations", batch("some", {"{}"})).status, 400);
}

// ---- searches and pages -------------------------------------------------------------------------

TEST_P(AuthzenTransport, FindsNothingForStrangers) {
  const std::string nobody = R"("subject":{"type":"user","id":"nobody"})";
  const std::string nowhere = R"("resource":{"type":"planet","id":"1"})";
  EXPECT_EQ(Ask("/access/v1/search/subject", Object({kAlice, kView, nowhere})).body,
            R"({"results":[]})");
  EXPECT_EQ(Ask("/access/v1/search/resource", Object({nobody, kView, kRecord})).body,
            R"({"results":[]})");
  EXPECT_EQ(Ask("/access/v1/search/action", Object({nobody, kRecord})).body, R"({"results":[]})");
}

TEST_P(AuthzenTransport, PagesEndAndHoldWhatOneAnswerHolds) {
  const std::string target = "/access/v1/search/resource";
  const auto results = [](const TestResponse& response) {
    const JsonRead read = ReadJson(response.body);
    const JsonValue* list = read.value ? read.value->Find("results") : nullptr;
    return list == nullptr ? JsonValue::Elements() : list->elements();
  };
  const auto whole = results(Ask(target, Object({kAlice, kView, kRecord})));
  ASSERT_GE(whole.size(), 3u);
  for (const size_t limit : {size_t{1}, size_t{2}, whole.size(), whole.size() + 1}) {
    JsonValue::Elements found;
    std::string token;
    for (size_t turn = 0; turn <= whole.size(); ++turn) {
      const std::string page = R"("page":{"limit":)" + std::to_string(limit) +
                               (token.empty() ? "" : R"(,"token":")" + token + "\"") + "}";
      const TestResponse response = Ask(target, Object({kAlice, kView, kRecord, page}));
      ASSERT_EQ(response.status, 200) << response.body;
      EXPECT_THAT(response.body, StartsWith(R"({"page":{"next_token":)")) << "the page goes first";
      const auto part = results(response);
      EXPECT_LE(part.size(), limit);
      found.insert(found.end(), part.begin(), part.end());
      const JsonRead read = ReadJson(response.body);
      token = read.value->Find("page")->Find("next_token")->text();
      if (token.empty()) break;
    }
    EXPECT_TRUE(token.empty()) << limit;
    EXPECT_EQ(found, whole) << limit;
  }
}

TEST_P(AuthzenTransport, RefusesTokensOfOtherQuestions) {
  const std::string target = "/access/v1/search/resource";
  const TestResponse first = Ask(target, Object({kAlice, kView, kRecord, R"("page":{"limit":1})"}));
  const JsonRead read = ReadJson(first.body);
  ASSERT_TRUE(read.value && read.value->Find("page")) << first.body;
  std::string token = read.value->Find("page")->Find("next_token")->text();
  ASSERT_FALSE(token.empty());
  const auto page = [](const std::string& text) {
    return R"("page":{"limit":1,"token":")" + text + "\"}";
  };
  EXPECT_EQ(Ask(target, Object({kBob, kView, kRecord, page(token)})).status, 400);
  EXPECT_EQ(Ask("/access/v1/search/subject", Object({kAlice, kView, kRecord, page(token)})).status,
            400);
  token[token.size() / 2] = token[token.size() / 2] == 'A' ? 'B' : 'A';
  EXPECT_EQ(Ask(target, Object({kAlice, kView, kRecord, page(token)})).status, 400);
  EXPECT_EQ(Ask(target, Object({kAlice, kView, kRecord, page("nonsense")})).status, 400);
}

}  // namespace
}  // namespace portvakt::server
