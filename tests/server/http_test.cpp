// HTTP as clients, proxies and attackers speak it, over real sockets: what is sent, what comes
// back, and that the next request is served whatever came before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "server/json.h"
#include "tests/server/http_client.h"
#include "tests/server/test_world.h"

namespace portvakt::server {
namespace {

using std::string_literals::operator""s;
using testing::HasSubstr;

class HttpTest : public testing::Test {
 protected:
  void SetUp() override { world_.InstallText(kOpenPolicy); }

  void Start(const Limits& limits = {}) {
    server_ = world_.Serve(limits);
    ASSERT_NE(server_, nullptr);
  }
  uint16_t port() const { return server_->port(); }
  void ExpectServed(const std::string& after) {
    const auto response = Fetch(port(), "POST", "/access/v1/evaluation", EvaluationBody("read"));
    ASSERT_TRUE(response) << after;
    EXPECT_EQ(response->status, 200) << after;
    EXPECT_EQ(response->body, R"({"decision":true})") << after;
  }

  TestWorld world_;
  std::unique_ptr<Server> server_;
};

std::string CodeOf(const TestResponse& response) {
  const JsonRead read = ReadJson(response.body);
  const JsonValue* code = read.value ? read.value->Find("code") : nullptr;
  return code == nullptr ? "" : code->text();
}

constexpr char kEvaluation[] = "/access/v1/evaluation";

TEST_F(HttpTest, AnswersWithTheFieldsThatClientsNeed) {
  Start();
  const auto response =
      Fetch(port(), "POST", kEvaluation, EvaluationBody("write"), "X-Request-ID: a-1\r\n");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, R"({"decision":false})");
  EXPECT_EQ(response->Field("Content-Type"), "application/json");
  EXPECT_EQ(response->Field("X-Request-ID"), "a-1");
  EXPECT_EQ(response->Field("Cache-Control"), "no-store");
  EXPECT_EQ(response->Field("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(response->Field("Portvakt-Policy"), "1");
  EXPECT_TRUE(response->Field("Portvakt-Revision"));
  EXPECT_TRUE(response->Field("Date"));
  EXPECT_EQ(response->Field("Connection"), std::nullopt);
}

// ---- one request a connection: bytes in, status out ---------------------------------------------

struct Row {
  std::string name;
  std::string bytes;
  std::vector<int> statuses;  // any of these; 0: closed without an answer
  std::string code;           // "": not looked at
};

std::string Post(std::string_view fields, std::string_view body) {
  return "POST /access/v1/evaluation HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" +
         std::string(fields) + "\r\n" + std::string(body);
}

std::string Get(std::string_view target, std::string_view fields = "Host: a\r\n") {
  return "GET " + std::string(target) + " HTTP/1.1\r\n" + std::string(fields) + "\r\n";
}

std::string Length(std::string_view body) {
  return "Content-Length: " + std::to_string(body.size()) + "\r\n";
}

std::vector<Row> FramingRows(const std::string& body) {
  const std::string length = Length(body);
  const std::string chunked = "5\r\nhello\r\n0\r\n\r\n";
  return {
      {"a good one", Post(length, body), {200}, ""},
      {"chunked", Post("Transfer-Encoding: chunked\r\n", chunked), {411}, "length_required"},
      {"chunked, oddly written", Post("transfer-ENCODING:  Chunked \r\n", chunked), {411}, ""},
      {"gzip coding", Post("Transfer-Encoding: gzip\r\n", body), {411}, "length_required"},
      {"identity coding", Post("Transfer-Encoding: identity\r\n", body), {411}, ""},
      {"chunked, identity", Post("Transfer-Encoding: chunked, identity\r\n", chunked), {411}, ""},
      {"gzip, chunked", Post("Transfer-Encoding: gzip, chunked\r\n", chunked), {411}, ""},
      {"empty coding", Post("Transfer-Encoding:\r\n" + length, body), {400, 411}, ""},
      {"unknown coding and length",
       Post("Transfer-Encoding: xchunked\r\n" + length, body),
       {411},
       ""},
      {"length, then chunked",
       Post(length + "Transfer-Encoding: chunked\r\n", chunked),
       {400, 411},
       ""},
      {"chunked, then length",
       Post("Transfer-Encoding: chunked\r\n" + length, chunked),
       {400, 411},
       ""},
      {"chunked twice",
       Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunked),
       {400, 411},
       ""},
      {"a space before the colon",
       Post("Transfer-Encoding : chunked\r\n" + length, body),
       {400},
       ""},
      {"two different lengths", Post(length + "Content-Length: 1\r\n", body), {400}, ""},
      {"the same length twice", Post(length + length, body), {400}, ""},
      {"a list of lengths", Post("Content-Length: 5, 5\r\n", "hello"), {400}, ""},
      {"a negative length", Post("Content-Length: -1\r\n", body), {400}, ""},
      {"a signed length", Post("Content-Length: +5\r\n", "hello"), {400}, ""},
      {"a hexadecimal length", Post("Content-Length: 0x5\r\n", "hello"), {400}, ""},
      {"an empty length", Post("Content-Length:\r\n", body), {400}, ""},
      {"a length beyond 64 bits",
       Post("Content-Length: 99999999999999999999\r\n", body),
       {400, 413},
       ""},
      {"a length over the limit",
       Post("Content-Length: 1048577\r\n", body),
       {413},
       "body_too_large"},
      {"no length", Post("", ""), {400}, "malformed_json"},
      {"length zero", Post("Content-Length: 0\r\n", ""), {400}, "malformed_json"},
  };
}

std::vector<Row> HeadRows(const std::string& body) {
  const std::string length = Length(body);
  return {
      {"no Host", Get("/healthz", ""), {400}, "bad_host"},
      {"two Hosts", Get("/healthz", "Host: a\r\nHost: a\r\n"), {400}, "bad_host"},
      {"an empty Host", Get("/healthz", "Host:\r\n"), {400}, "bad_host"},
      {"a Host with a space", Get("/healthz", "Host: a b\r\n"), {400}, "bad_host"},
      {"a Host with a path", Get("/healthz", "Host: a/b\r\n"), {400}, "bad_host"},
      {"a Host with a user", Get("/healthz", "Host: b@a\r\n"), {400}, "bad_host"},
      {"a Host with a port", Get("/healthz", "Host: [::1]:80\r\n"), {200}, ""},
      {"HTTP/1.0 without Host", "GET /healthz HTTP/1.0\r\n\r\n", {200}, ""},
      {"HTTP/1.0 with two Hosts",
       "GET /healthz HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
       {400},
       "bad_host"},
      {"HTTP/1.0 with a body",
       "POST /access/v1/evaluation HTTP/1.0\r\n" + length +
           "Content-Type: application/json\r\n\r\n" + body,
       {200},
       ""},
      {"HTTP/1.0 chunked",
       "POST /access/v1/evaluation HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       {400, 411},
       ""},
      {"HTTP/1.2", "GET /healthz HTTP/1.2\r\nHost: a\r\n\r\n", {505}, "http_version"},
      {"HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {505}, "http_version"},
      {"HTTP/0.9", "GET /healthz\r\n\r\n", {400, 505}, ""},
      {"no version", "GET /healthz \r\nHost: a\r\n\r\n", {400, 505}, ""},
      {"lower-case version", "GET /healthz http/1.1\r\nHost: a\r\n\r\n", {400, 505}, ""},
      {"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"s, {400}, ""},
      {"nonsense", "\r\n\x01\x02\x03\r\n\r\n", {400}, ""},
      {"line feeds alone", "GET /healthz HTTP/1.1\nHost: a\n\n", {400, 505}, ""},
      {"NUL in the target", "GET /heal\0thz HTTP/1.1\r\nHost: a\r\n\r\n"s, {400}, ""},
      {"NUL in a field", "GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"s, {400}, ""},
      {"a control character in a field", Get("/healthz", "Host: a\r\nX: a\x01\r\n"), {400}, ""},
      {"a carriage return in a field", Get("/healthz", "Host: a\r\nX: a\rb\r\n"), {400}, ""},
      {"a field without a name", Get("/healthz", "Host: a\r\n: x\r\n"), {400}, ""},
      {"a field without a colon", Get("/healthz", "Host: a\r\nnothing\r\n"), {400}, ""},
      {"a space in a field's name", Get("/healthz", "Host: a\r\nX Y: z\r\n"), {400}, ""},
      {"a tab in the request line", "GET\t/healthz HTTP/1.1\r\nHost: a\r\n\r\n", {400}, ""},
      {"two spaces in the request line", "GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n", {400}, ""},
      {"a target without a slash", Get("healthz"), {400}, "bad_target"},
      {"an absolute target", Get("http://a/healthz"), {400}, "bad_target"},
      {"a star", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", {400}, "bad_target"},
      {"CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", {400}, "bad_target"},
      {"a head over the limit",
       Get("/healthz", "Host: a\r\nX: " + std::string(20'000, 'x') + "\r\n"),
       {431},
       "header_too_large"},
      {"a target over the limit", Get("/" + std::string(20'000, 'x')), {431}, "header_too_large"},
      {"fields over the limit",
       Get("/healthz",
           [] {
             std::string fields = "Host: a\r\n";
             for (int number = 0; number < 2000; ++number) fields += "X: y12345678\r\n";
             return fields;
           }()),
       {431},
       "header_too_large"},
      {"an expectation we do not know",
       Post("Expect: 200-ok\r\n" + length, body),
       {417},
       "bad_expectation"},
  };
}

std::vector<Row> RoutingRows(const std::string& body) {
  const std::string length = Length(body);
  const auto with = [&](const char* method, const char* target) {
    return std::string(method) + " " + target + " HTTP/1.1\r\nHost: a\r\n" + length + "\r\n" + body;
  };
  return {
      {"the root", Get("/"), {404}, "no_such_endpoint"},
      {"a trailing slash", Get("/healthz/"), {404}, ""},
      {"a doubled slash", Get("//healthz"), {404}, ""},
      {"dots", Get("/x/../healthz"), {404}, ""},
      {"percent signs", Get("/%68ealthz"), {404}, ""},
      {"other letter case", Get("/Healthz"), {404}, ""},
      {"a query", Get("/healthz?x=1"), {200}, ""},
      {"a fragment", Get("/healthz#x"), {400, 404}, ""},
      {"GET where POST is", Get("/access/v1/evaluation"), {405}, "method_not_allowed"},
      {"PUT where POST is", with("PUT", "/access/v1/evaluations"), {405}, "method_not_allowed"},
      {"DELETE where POST is", with("DELETE", "/access/v1/evaluation"), {405}, ""},
      {"a method of one's own", with("EVALUATE", "/access/v1/evaluation"), {405}, ""},
      {"a lower-case method", with("post", "/access/v1/evaluation"), {405}, ""},
      {"POST where GET is", with("POST", "/healthz"), {405}, "method_not_allowed"},
      {"GET with a body", with("GET", "/healthz"), {200}, ""},
      {"no content type", with("POST", "/access/v1/evaluation"), {400}, "wrong_content_type"},
      {"a batch",
       "POST /access/v1/evaluations HTTP/1.1\r\nHost: a\r\nContent-Type: "
       "application/json\r\n" +
           length + "\r\n" + body,
       {200},
       ""},
  };
}

TEST_F(HttpTest, TakesAnythingAndServesTheNext) {
  Start();
  const std::string body = EvaluationBody("read");
  for (const auto& rows : {FramingRows(body), HeadRows(body), RoutingRows(body)}) {
    for (const Row& row : rows) {
      TestConnection connection(port());
      connection.Send(row.bytes);
      const auto response = connection.Read();
      ASSERT_TRUE(response) << row.name << ": " << connection.received();
      EXPECT_THAT(row.statuses, testing::Contains(response->status))
          << row.name << ": " << response->body;
      if (!row.code.empty()) {
        EXPECT_EQ(CodeOf(*response), row.code) << row.name;
      }
      if (response->status >= 400) {
        EXPECT_EQ(response->Field("Content-Type"), "application/problem+json") << row.name;
      }
      if (response->status == 405) {
        EXPECT_TRUE(response->Field("Allow")) << row.name;
      }
      // After a refusal of the framing nothing that follows may be read as a request.
      const bool is_framing = response->status == 411 || response->status == 413 ||
                              response->status == 431 || response->status == 505;
      if (is_framing || response->Field("Connection")) {
        EXPECT_EQ(response->Field("Connection"), "close") << row.name;
        EXPECT_TRUE(connection.AtEnd()) << row.name << ": " << connection.received();
      }
      ExpectServed(row.name);
    }
  }
}

// A request hidden behind another must not be answered, unless the first is done with for sure.
TEST_F(HttpTest, AnswersNoRequestThatIsHiddenInABody) {
  Start();
  const std::string hidden = Get("/healthz");
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"gzip hides", Post("Transfer-Encoding: gzip\r\n", hidden)},
      {"identity hides", Post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n" + hidden)},
      {"chunked hides", Post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n" + hidden)},
      {"length and chunked",
       Post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + hidden)},
      {"two lengths", Post("Content-Length: 0\r\nContent-Length: 44\r\n", hidden)},
      {"a list of lengths", Post("Content-Length: 0, 44\r\n", hidden)},
      {"no Host", "POST /access/v1/evaluation HTTP/1.1\r\nContent-Length: 0\r\n\r\n" + hidden},
      {"too long", Post("Content-Length: 9999999\r\n", hidden)},
      {"too long a head",
       Get("/healthz", "Host: a\r\nX: " + std::string(20'000, 'x') + "\r\n") + hidden},
      {"HTTP/1.0", "POST /access/v1/evaluation HTTP/1.0\r\nContent-Length: 0\r\n\r\n" + hidden},
  };
  for (const auto& [name, bytes] : rows) {
    TestConnection connection(port());
    connection.Send(bytes);
    const auto response = connection.Read();
    ASSERT_TRUE(response) << name;
    EXPECT_EQ(response->Field("Connection"), "close") << name;
    EXPECT_TRUE(connection.AtEnd()) << name << ": " << connection.received();
  }
}

// ---- connections --------------------------------------------------------------------------------

TEST_F(HttpTest, KeepsConnectionsAndAnswersPipelinedRequestsInOrder) {
  Start();
  TestConnection connection(port());
  std::string many;
  for (int turn = 0; turn < 50; ++turn) {
    const std::string id = "X-Request-ID: " + std::to_string(turn) + "\r\n";
    many += RequestText("POST", kEvaluation, EvaluationBody(turn % 2 == 0 ? "read" : "write"), id);
  }
  ASSERT_TRUE(connection.Send(many));
  for (int turn = 0; turn < 50; ++turn) {
    const auto response = connection.Read();
    ASSERT_TRUE(response) << turn;
    EXPECT_EQ(response->Field("X-Request-ID"), std::to_string(turn));
    EXPECT_EQ(response->body, turn % 2 == 0 ? R"({"decision":true})" : R"({"decision":false})");
  }
}

TEST_F(HttpTest, ReadsTheBodyOfARequestItRefuses) {
  Start();
  TestConnection connection(port());
  const std::string body = EvaluationBody("read");
  for (const char* target : {"/healthz", "/nowhere"}) {
    ASSERT_TRUE(connection.Send(RequestText("POST", target, Get("/readyz"))));
    const auto refused = connection.Read();
    ASSERT_TRUE(refused);
    EXPECT_TRUE(refused->status == 405 || refused->status == 404);
    ASSERT_TRUE(connection.Send(RequestText("POST", kEvaluation, body)));
    const auto response = connection.Read();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, R"({"decision":true})");
  }
}

TEST_F(HttpTest, AnswersHeadWithoutABody) {
  Start();
  TestConnection connection(port());
  for (const char* target : {"/healthz", "/readyz", "/nowhere", kEvaluation}) {
    ASSERT_TRUE(connection.Send(RequestText("HEAD", target)));
    const auto head = connection.Read(true);
    ASSERT_TRUE(head) << target;
    ASSERT_TRUE(connection.Send(RequestText("GET", target)));
    const auto get = connection.Read();
    ASSERT_TRUE(get) << target;
    EXPECT_EQ(head->status, get->status) << target;
    EXPECT_EQ(head->Field("Content-Length"), std::to_string(get->body.size())) << target;
  }
}

TEST_F(HttpTest, ClosesWhenAskedTo) {
  Start();
  const std::vector<std::string> requests = {
      RequestText("GET", "/healthz", "", "Connection: close\r\n"),
      RequestText("GET", "/healthz", "", "Connection: x, Close\r\n"),
      "GET /healthz HTTP/1.0\r\n\r\n",
      "GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
  };
  for (const std::string& request : requests) {
    TestConnection connection(port());
    ASSERT_TRUE(connection.Send(request));
    const auto response = connection.Read();
    ASSERT_TRUE(response) << request;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->Field("Connection"), "close");
    EXPECT_TRUE(connection.AtEnd()) << request;
  }
}

TEST_F(HttpTest, AnswersAClientThatHasFinishedSending) {
  Start();
  TestConnection connection(port());
  connection.Send(RequestText("POST", kEvaluation, EvaluationBody("read")));
  connection.FinishSending();
  const auto response = connection.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, R"({"decision":true})");
  EXPECT_TRUE(connection.AtEnd());
}

TEST_F(HttpTest, SurvivesClientsThatVanish) {
  Start();
  const std::string whole = RequestText("POST", kEvaluation, EvaluationBody("read"));
  for (size_t length = 0; length <= whole.size(); length += 7) {
    TestConnection connection(port());
    connection.Send(whole.substr(0, length));
  }
  ExpectServed("vanished clients");
}

TEST_F(HttpTest, TakesRequestsInAnyPieces) {
  Start();
  const std::string whole = RequestText("POST", kEvaluation, EvaluationBody("read"));
  TestConnection connection(port());
  for (const char byte : whole) ASSERT_TRUE(connection.Send({&byte, 1}));
  const auto response = connection.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, R"({"decision":true})");
}

TEST_F(HttpTest, InvitesABodyThatWaits) {
  Start();
  const std::string body = EvaluationBody("read");
  const std::string head = "Host: a\r\nContent-Type: application/json\r\nExpect: 100-Continue\r\n";
  {
    TestConnection connection(port());
    connection.Send("POST /access/v1/evaluation HTTP/1.1\r\n" + head + Length(body) + "\r\n");
    const auto invitation = connection.Read();
    ASSERT_TRUE(invitation);
    EXPECT_EQ(invitation->status, 100);
    connection.Send(body);
    const auto response = connection.Read();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, R"({"decision":true})");
  }
  struct Declined {
    std::string request_line;
    std::string length;
    int status;
  };
  const Declined rows[] = {
      {"POST /nowhere HTTP/1.1", Length(body), 404},
      {"PUT /access/v1/evaluation HTTP/1.1", Length(body), 405},
      {"POST /access/v1/evaluation HTTP/1.1", "Content-Length: 2000000\r\n", 413},
  };
  for (const Declined& row : rows) {
    TestConnection connection(port());
    connection.Send(row.request_line + "\r\n" + head + row.length + "\r\n");
    const auto response = connection.Read();
    ASSERT_TRUE(response) << row.request_line;
    EXPECT_EQ(response->status, row.status) << row.request_line;
    EXPECT_EQ(response->Field("Connection"), "close");
  }
}

TEST_F(HttpTest, EchoesTheRequestIdUnchangedOnEveryStatus) {
  Start();
  struct Echo {
    std::string value;
    std::optional<std::string> echoed;
  };
  const Echo rows[] = {
      {"1", "1"},
      {"MiXeD-{}\"'\\;,=~", "MiXeD-{}\"'\\;,=~"},
      {std::string(200, 'x'), std::string(200, 'x')},
      {std::string(201, 'x'), std::nullopt},
      {"with space", std::nullopt},
      {"å", std::nullopt},
      {"", std::nullopt},
  };
  struct Place {
    const char* method;
    const char* target;
    const char* body;
    int status;
  };
  const Place places[] = {
      {"POST", kEvaluation, "{}", 400},
      {"GET", "/healthz", "", 200},
      {"GET", "/nowhere", "", 404},
      {"GET", kEvaluation, "", 405},
      {"POST", "/access/v1/evaluations", "", 400},
  };
  for (const Place& place : places) {
    for (const Echo& row : rows) {
      const auto response = Fetch(port(), place.method, place.target, place.body,
                                  "x-request-id: " + row.value + "\r\n");
      ASSERT_TRUE(response) << row.value;
      EXPECT_EQ(response->status, place.status);
      EXPECT_EQ(response->Field("X-Request-ID"), row.echoed) << row.value << " " << place.target;
    }
  }
  for (const std::string fields : {"Transfer-Encoding: gzip\r\n", "Content-Length: 5000000\r\n",
                                   "Expect: nothing\r\n", "Host: b\r\n"}) {
    TestConnection connection(port());
    connection.Send(Post("X-Request-ID: here\r\n" + fields, ""));
    const auto response = connection.Read();
    ASSERT_TRUE(response) << fields;
    EXPECT_GE(response->status, 400);
    EXPECT_EQ(response->Field("X-Request-ID"), "here") << fields;
  }
}

TEST_F(HttpTest, TakesABodyOfTheFullSize) {
  Start();
  std::string body = EvaluationBody("read");
  body.insert(body.size() - 1, ",\"x\":\"\"");
  body.insert(body.size() - 2, std::string((1u << 20) - body.size(), 'x'));
  ASSERT_EQ(body.size(), 1u << 20);
  const auto response = Fetch(port(), "POST", kEvaluation, body);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, R"({"decision":true})");
}

// ---- limits -------------------------------------------------------------------------------------

TEST_F(HttpTest, KeepsSlowClientsFromHoldingOn) {
  Limits limits;
  limits.header_ms = 200;
  limits.body_ms = 200;
  limits.idle_ms = 200;
  Start(limits);
  const std::string whole = RequestText("POST", kEvaluation, EvaluationBody("read"));
  const size_t head_end = whole.find("\r\n\r\n") + 4;
  for (const size_t length : {size_t{1}, size_t{30}, head_end - 1, head_end, whole.size() - 1}) {
    TestConnection connection(port());
    connection.Send(whole.substr(0, length));
    const auto response = connection.Read();
    ASSERT_TRUE(response) << length;
    EXPECT_EQ(response->status, 408) << length;
    EXPECT_TRUE(connection.AtEnd()) << length;
  }
  // Trickling does not reset the clock.
  TestConnection trickle(port());
  size_t sent = 0;
  while (sent < limits.header_bytes && !trickle.HasInput(2)) sent += trickle.Send("x") ? 1 : 0;
  EXPECT_LT(sent, 2000u);
  const auto response = trickle.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 408);
  // Silence is ended without a word.
  TestConnection silent(port());
  EXPECT_TRUE(silent.AtEnd());
  ExpectServed("slow clients");
}

TEST_F(HttpTest, EndsAConnectionAfterItsShareOfRequests) {
  Limits limits;
  limits.requests_per_connection = 3;
  Start(limits);
  TestConnection connection(port());
  for (int turn = 1; turn <= 3; ++turn) {
    connection.Send(RequestText("GET", "/healthz"));
    const auto response = connection.Read();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->Field("Connection").has_value(), turn == 3);
  }
  EXPECT_TRUE(connection.AtEnd());
}

TEST_F(HttpTest, TellsConnectionsOverTheLimit) {
  Limits limits;
  limits.connections = 4;
  Start(limits);
  std::vector<std::unique_ptr<TestConnection>> held;
  for (int turn = 0; turn < 4; ++turn) {
    held.push_back(std::make_unique<TestConnection>(port()));
    held.back()->Send(RequestText("GET", "/healthz"));
    ASSERT_TRUE(held.back()->Read());
  }
  TestConnection extra(port());
  const auto refused = extra.Read();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(CodeOf(*refused), "too_many_connections");
  EXPECT_TRUE(extra.AtEnd());
  // Those that are in are served; and when one leaves there is room again.
  held.front()->Send(RequestText("GET", "/healthz"));
  EXPECT_TRUE(held.front()->Read());
  held.clear();
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  bool is_served = false;
  while (!is_served && std::chrono::steady_clock::now() < patience) {
    const auto response = Fetch(port(), "GET", "/healthz");
    is_served = response && response->status == 200;
  }
  EXPECT_TRUE(is_served);
}

TEST_F(HttpTest, HonoursItsSizes) {
  Limits limits;
  limits.header_bytes = 1000;
  limits.body_bytes = 200;
  Start(limits);
  const std::string body = EvaluationBody("read");
  ASSERT_LE(body.size(), 200u);
  EXPECT_EQ(Fetch(port(), "POST", kEvaluation, body)->status, 200);
  EXPECT_EQ(Fetch(port(), "POST", kEvaluation, body + std::string(200 - body.size(), ' '))->status,
            200);
  EXPECT_EQ(Fetch(port(), "POST", kEvaluation, body + std::string(201 - body.size(), ' '))->status,
            413);
  EXPECT_EQ(Fetch(port(), "GET", "/healthz", "", "X: " + std::string(800, 'x') + "\r\n")->status,
            200);
  EXPECT_EQ(Fetch(port(), "GET", "/healthz", "", "X: " + std::string(1000, 'x') + "\r\n")->status,
            431);
}

// ---- readiness ----------------------------------------------------------------------------------

TEST(Readiness, FollowsThePolicy) {
  TestWorld world;
  const auto server = world.Serve();
  EXPECT_EQ(Fetch(server->port(), "GET", "/healthz")->status, 200);
  EXPECT_EQ(Fetch(server->port(), "GET", "/readyz")->status, 503);
  const auto early = Fetch(server->port(), "POST", kEvaluation, EvaluationBody("read"));
  ASSERT_TRUE(early);
  EXPECT_EQ(early->status, 503);
  EXPECT_EQ(CodeOf(*early), "no_policy");
  world.InstallText(kOpenPolicy);
  EXPECT_EQ(Fetch(server->port(), "GET", "/readyz")->status, 200);
  EXPECT_EQ(Fetch(server->port(), "POST", kEvaluation, EvaluationBody("read"))->status, 200);
}

}  // namespace
}  // namespace portvakt::server
