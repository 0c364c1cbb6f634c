// The server's limits over real sockets: slow clients, connections, sizes, and readiness.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
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
