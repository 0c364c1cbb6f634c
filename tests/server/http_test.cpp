// HTTP as clients and proxies speak it, over real sockets: what a connection carries and when it
// ends. Refusals are in http_refusals_test.cpp, limits in http_limits_test.cpp.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/server/http_fixture.h"

namespace portvakt::server {
namespace {

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

}  // namespace
}  // namespace portvakt::server
