// The server's limits over real sockets: slow clients, connections, sizes, and readiness.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/server/http_fixture.h"

namespace portvakt::server {
namespace {

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
  EXPECT_TRUE(IsServedWithin10Seconds());
}

TEST_F(HttpTest, TellsConnectionsOverTheLimitOfTheirAddress) {
  Limits limits;
  limits.connections_by_address = 2;
  Start(limits);
  std::vector<std::unique_ptr<TestConnection>> held;
  for (int turn = 0; turn < 2; ++turn) {
    held.push_back(std::make_unique<TestConnection>(port()));
    held.back()->Send(RequestText("GET", "/healthz"));
    ASSERT_TRUE(held.back()->Read());
  }
  TestConnection extra(port());
  const auto refused = extra.Read();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(CodeOf(*refused), "too_many_connections_from_address");
  EXPECT_TRUE(extra.AtEnd());
  // Other addresses have their own share.
  TestConnection other(port(), nullptr, "127.0.0.2");
  other.Send(RequestText("GET", "/healthz"));
  const auto served = other.Read();
  ASSERT_TRUE(served);
  EXPECT_EQ(served->status, 200);
  held.clear();
  EXPECT_TRUE(IsServedWithin10Seconds());
}

// Requests whose bodies are on their way are in flight; those beyond the limit are told to come
// again, and the ones that wait are answered.
TEST_F(HttpTest, TellsRequestsOverTheLimitInFlight) {
  Limits limits;
  limits.requests_in_flight = 3;
  Start(limits);
  const std::string whole = RequestText("POST", kEvaluation, EvaluationBody("read"));
  std::vector<std::unique_ptr<TestConnection>> begun;
  for (int turn = 0; turn < 3; ++turn) {
    begun.push_back(std::make_unique<TestConnection>(port()));
    const std::string text =
        RequestText("POST", kEvaluation, EvaluationBody("read"), "Expect: 100-continue\r\n");
    begun.back()->Send(text.substr(0, text.find("\r\n\r\n") + 4));
    const auto go_on = begun.back()->Read();
    ASSERT_TRUE(go_on);
    ASSERT_EQ(go_on->status, 100);
  }
  TestConnection extra(port());
  extra.Send(whole);
  const auto refused = extra.Read();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(CodeOf(*refused), "too_busy");
  EXPECT_EQ(refused->Field("Retry-After"), "1");
  EXPECT_TRUE(extra.AtEnd());
  for (const auto& connection : begun) {
    connection->Send(EvaluationBody("read"));
    const auto response = connection->Read();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
  }
  EXPECT_TRUE(IsServedWithin10Seconds());
}

TEST_F(HttpTest, HoldsCallersToTheirRate) {
  Limits limits;
  limits.requests_per_second = 5;
  Start(limits);
  TestConnection connection(port());
  const auto ask = [&](const std::string& target, std::string_view body) {
    connection.Send(RequestText(body.empty() ? "GET" : "POST", target, body));
    return connection.Read();
  };
  int allowed = 0;
  std::optional<TestResponse> response;
  do {
    response = ask(kEvaluation, EvaluationBody("read"));
    ASSERT_TRUE(response);
  } while (response->status == 200 && ++allowed < 10'000);
  EXPECT_GE(allowed, 5);
  EXPECT_EQ(response->status, 429);
  EXPECT_EQ(CodeOf(*response), "too_many_requests");
  EXPECT_EQ(response->Field("Retry-After"), "1");
  // Whether the server lives may always be asked; and the connection goes on when time has passed.
  EXPECT_EQ(ask("/healthz", "")->status, 200);
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (response->status == 429 && std::chrono::steady_clock::now() < patience) {
    response = ask(kEvaluation, EvaluationBody("read"));
    ASSERT_TRUE(response);
  }
  EXPECT_EQ(response->status, 200);
}

TEST_F(HttpTest, HonoursItsSizes) {
  Limits limits;
  limits.header_bytes = 1000;
  limits.target_bytes = 300;
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
  const auto with_target = [&](size_t bytes) {
    return Fetch(port(), "GET", "/healthz?" + std::string(bytes - 9, 'x'))->status;
  };
  EXPECT_EQ(with_target(300), 200);
  EXPECT_EQ(with_target(301), 414);
  EXPECT_EQ(with_target(2000), 414);
  ExpectServed("sizes");
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
