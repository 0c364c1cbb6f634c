// Waiting for changes: answered when the store moves on, when the time is over and when the server
// stops; and the workers serve others meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "server/json.h"
#include "tests/server/http_client.h"
#include "tests/server/test_world.h"

namespace portvakt::server {
namespace {

using Clock = std::chrono::steady_clock;
using testing::HasSubstr;

constexpr char kPolicy[] = R"(policy desk "A desk"

entity person
entity paper

permission read on paper

fact person trusted_with paper

permit trusted
    person may read on paper
    if  person trusted_with paper
)";

class LongPollTest : public testing::Test {
 protected:
  void SetUp() override {
    world_.InstallText(kPolicy);
    world_.LoadYaml("entities: { person: { bo: {} }, paper: { p1: {}, p2: {} } }\n");
  }

  int64_t Newest(uint16_t port) {
    const JsonRead read = ReadJson(Fetch(port, "GET", "/v1/status")->body);
    return read.value->Find("revision")->integer();
  }
  static std::string Target(int64_t since, int wait) {
    return "/v1/changes?since=" + std::to_string(since) + "&wait=" + std::to_string(wait);
  }
  static JsonValue Body(const std::optional<TestResponse>& response) {
    EXPECT_TRUE(response);
    if (!response) return JsonValue::Object();
    EXPECT_EQ(response->status, 200) << response->body;
    return ReadJson(response->body).value.value_or(JsonValue::Object());
  }
  static int64_t NextSince(const JsonValue& answer) {
    return answer.Find("next")->Find("since")->integer();
  }

  TestWorld world_;
};

TEST_F(LongPollTest, AnswersAtOnceWhatHasHappened) {
  const auto server = world_.Serve();
  const int64_t newest = Newest(server->port());
  const auto before = Clock::now();
  const JsonValue answer = Body(Fetch(server->port(), "GET", Target(newest - 1, 30)));
  EXPECT_LT(Clock::now() - before, std::chrono::seconds(10));
  EXPECT_EQ(NextSince(answer), newest);
}

TEST_F(LongPollTest, WaitsForTheNextRevision) {
  const auto server = world_.Serve({}, 2);
  const int64_t newest = Newest(server->port());
  std::vector<std::unique_ptr<TestConnection>> waiting;
  for (int count = 0; count < 20; ++count) {
    waiting.push_back(std::make_unique<TestConnection>(server->port()));
    ASSERT_TRUE(waiting.back()->Send(RequestText("GET", Target(newest, 50))));
  }
  // The workers are free for others, and nobody is answered before something happens.
  for (int turn = 0; turn < 50; ++turn) ASSERT_TRUE(Fetch(server->port(), "GET", "/healthz"));
  for (const auto& connection : waiting) EXPECT_FALSE(connection->HasInput(0));
  world_.LoadYaml("facts: [ bo trusted_with p1 ]\n");
  for (const auto& connection : waiting) {
    EXPECT_EQ(NextSince(Body(connection->Read())), newest + 1);
  }
}

TEST_F(LongPollTest, AnswersWhenTheTimeIsOver) {
  const auto server = world_.Serve();
  const int64_t newest = Newest(server->port());
  const auto before = Clock::now();
  const JsonValue answer = Body(Fetch(server->port(), "GET", Target(newest, 1)));
  EXPECT_GE(Clock::now() - before, std::chrono::milliseconds(900));
  EXPECT_EQ(NextSince(answer), newest);
  EXPECT_TRUE(answer.Find("entries")->elements().empty());
  EXPECT_EQ(NextSince(Body(Fetch(server->port(), "GET", Target(newest, 0)))), newest);
}

TEST_F(LongPollTest, AnswersWhenTheServerStops) {
  const auto server = world_.Serve({}, 1);
  const int64_t newest = Newest(server->port());
  TestConnection waiting(server->port());
  ASSERT_TRUE(waiting.Send(RequestText("GET", Target(newest, 50))));
  ASSERT_TRUE(Fetch(server->port(), "GET", "/healthz"));
  const auto before = Clock::now();
  server->Stop();
  const auto response = waiting.Read();
  EXPECT_EQ(NextSince(Body(response)), newest);
  EXPECT_EQ(response->Field("Connection"), "close");
  server->Wait();
  EXPECT_LT(Clock::now() - before, std::chrono::seconds(9));
}

TEST_F(LongPollTest, OutlivesConnectionsThatGoAway) {
  const auto server = world_.Serve({}, 1);
  const int64_t newest = Newest(server->port());
  for (int count = 0; count < 10; ++count) {
    TestConnection gone(server->port());
    ASSERT_TRUE(gone.Send(RequestText("GET", Target(newest, 50))));
  }
  world_.LoadYaml("facts: [ bo trusted_with p2 ]\n");
  EXPECT_EQ(NextSince(Body(Fetch(server->port(), "GET", Target(newest, 50)))), newest + 1);
}

TEST_F(LongPollTest, RefusesParametersThatItDoesNotKnow) {
  const auto server = world_.Serve();
  for (const auto& [query, about] :
       std::vector<std::pair<const char*, const char*>>{{"?since=x", "since"},
                                                        {"?since=-1", "since"},
                                                        {"?since=", "since"},
                                                        {"?since", "since"},
                                                        {"?wait=51", "0 to 50"},
                                                        {"?limit=0", "limit"},
                                                        {"?limit=1001", "1 to 1000"},
                                                        {"?sinse=1", "`sinse`"},
                                                        {"?since=1&&wait=1", "parameter"}}) {
    const auto response = Fetch(server->port(), "GET", std::string("/v1/changes") + query);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 400) << query;
    EXPECT_THAT(response->body, HasSubstr(about)) << query;
  }
}

// No worker holds more than so many; those beyond are told, and all others are still served.
TEST_F(LongPollTest, HasABound) {
  const auto server = world_.Serve({}, 1);
  const int64_t newest = Newest(server->port());
  std::vector<std::unique_ptr<TestConnection>> waiting;
  for (uint32_t count = 0; count < kMaxWaiting; ++count) {
    waiting.push_back(std::make_unique<TestConnection>(server->port()));
    ASSERT_TRUE(waiting.back()->Send(RequestText("GET", Target(newest, 50))));
  }
  // The worker has read what was sent before these.
  for (int turn = 0; turn < 3; ++turn) ASSERT_TRUE(Fetch(server->port(), "GET", "/healthz"));
  const auto response = Fetch(server->port(), "GET", Target(newest, 50));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 503);
  EXPECT_THAT(response->body, HasSubstr("too_many_waiting"));
  EXPECT_EQ(Fetch(server->port(), "GET", "/healthz")->status, 200);
  world_.LoadYaml("facts: [ bo trusted_with p2 ]\n");
  for (const auto& connection : waiting) ASSERT_TRUE(connection->Read());
}

}  // namespace
}  // namespace portvakt::server
