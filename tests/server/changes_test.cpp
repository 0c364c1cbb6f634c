// Changes over real HTTP: who may, what a refusal says, repeats, what a stopping server does with
// them, and many writers at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "server/json.h"
#include "tests/server/http_client.h"
#include "tests/server/test_world.h"

namespace portvakt::server {
namespace {

using Clock = std::chrono::steady_clock;
using testing::HasSubstr;

constexpr char kPolicy[] = R"(policy desk "A desk"

entity firm
entity user { home : firm }

permission look in firm

licence kh "The desk" held by user from firm covers look

permit looking
    user may look in firm
    if  user holds kh from firm

permit give_licence
    add user holds licence from firm
    by  user as actor
    if  actor.home is firm  else not_at_home "{actor} is not of {firm}"

limit no_free_licence "every {licence} of {firm} is in use"
    for every firm, licence
    at most seats of licence in firm user: user holds licence from firm
)";

constexpr int kUsers = 50;
constexpr int kSeats = 20;

std::string Data() {
  std::string text = "entities:\n  firm: { north: {}, south: {} }\n  user:\n";
  text += "    boss: { home: north }\n    stranger: { home: south }\n";
  for (int user = 0; user < kUsers; ++user) {
    text += "    u" + std::to_string(user) + ": { home: north }\n";
  }
  return text + "facts: [ seats of kh in north is " + std::to_string(kSeats) + " ]\n";
}

std::string User(const std::string& id) { return R"({"type":"user","id":")" + id + "\"}"; }

std::string Gives(const std::string& actor, const std::string& user, const std::string& more = "") {
  return R"({"actor":)" + User(actor) + R"(,"changes":[{"add":{"subject":)" + User(user) +
         R"(,"relation":"holds","symbol":"kh","object":{"type":"firm","id":"north"}}}])" + more +
         "}";
}

class ChangesTest : public testing::Test {
 protected:
  void SetUp() override { Fill(world_); }

  static void Fill(TestWorld& world) {
    world.InstallText(kPolicy);
    world.LoadYaml(Data());
  }
  static TestResponse Post(uint16_t port, const std::string& body, const std::string& fields = "") {
    const auto response = Fetch(port, "POST", "/v1/changes", body, fields);
    EXPECT_TRUE(response) << body;
    return response.value_or(TestResponse());
  }
  static bool MayLook(uint16_t port, const std::string& user) {
    const auto response =
        Fetch(port, "POST", "/access/v1/evaluation",
              R"({"subject":)" + User(user) +
                  R"(,"action":{"name":"look"},"resource":{"type":"firm","id":"north"}})");
    return response && response->body == R"({"decision":true})";
  }
  // Until the user may look, or half a minute is over.
  static bool ComesToLook(uint16_t port, const std::string& user) {
    const auto end = Clock::now() + std::chrono::seconds(30);
    while (Clock::now() < end) {
      if (MayLook(port, user)) return true;
      std::this_thread::yield();
    }
    return false;
  }

  TestWorld world_;
};

TEST_F(ChangesTest, AreMadeByWhomThePolicyAllows) {
  const auto server = world_.ServeChanges();
  EXPECT_FALSE(MayLook(server->port(), "u1"));
  const TestResponse applied = Post(server->port(), Gives("boss", "u1", R"(,"ticket":"T-1")"));
  EXPECT_EQ(applied.status, 200) << applied.body;
  EXPECT_THAT(applied.body, HasSubstr(R"("outcome":"applied")"));
  EXPECT_THAT(applied.body, HasSubstr(R"("decided_by":["give_licence"])"));
  EXPECT_TRUE(MayLook(server->port(), "u1"));
  const JsonRead read = ReadJson(applied.body);
  EXPECT_EQ(applied.Field("Portvakt-Revision"),
            std::to_string(read.value->Find("revision")->integer()));
  const TestResponse again = Post(server->port(), Gives("boss", "u1"));
  EXPECT_EQ(again.status, 200);
  EXPECT_THAT(again.body, HasSubstr(R"("outcome":"unchanged")"));
  EXPECT_THAT(Fetch(server->port(), "GET", "/metrics")->body,
              HasSubstr("portvakt_changes_total{outcome=\"applied\"} 1\n"));
}

TEST_F(ChangesTest, AreRefusedWithTheReason) {
  const auto server = world_.ServeChanges();
  const TestResponse refused = Post(server->port(), Gives("stranger", "u1"));
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(refused.Field("Content-Type"), "application/problem+json");
  EXPECT_THAT(refused.body, HasSubstr(R"("code":"refused")"));
  EXPECT_THAT(refused.body, HasSubstr("stranger is not of north"));
  EXPECT_THAT(refused.body, HasSubstr(R"("verdicts":[{"outcome":"refused")"));
  EXPECT_FALSE(MayLook(server->port(), "u1"));
}

TEST_F(ChangesTest, NameWhatIsNotThere) {
  const auto server = world_.ServeChanges();
  for (const std::string& body : {Gives("boss", "nobody"), Gives("nobody", "u1")}) {
    const TestResponse response = Post(server->port(), body);
    EXPECT_TRUE(response.status == 400 || response.status == 422) << response.body;
    EXPECT_THAT(response.body, HasSubstr("nobody"));
  }
}

TEST_F(ChangesTest, AreNotMadeInADryRun) {
  const auto server = world_.ServeChanges();
  const TestResponse dry = Post(server->port(), Gives("boss", "u1", R"(,"dry_run":true)"));
  EXPECT_EQ(dry.status, 200);
  EXPECT_THAT(dry.body, HasSubstr(R"("outcome":"dry_run")"));
  EXPECT_FALSE(MayLook(server->port(), "u1"));
}

TEST_F(ChangesTest, ConflictWhenTheStoreHasMovedOn) {
  const auto server = world_.ServeChanges();
  const TestResponse response =
      Post(server->port(), Gives("boss", "u1", R"(,"expected_revision":1)"));
  EXPECT_EQ(response.status, 409) << response.body;
  EXPECT_THAT(response.body, HasSubstr(R"("code":"conflict")"));
  EXPECT_FALSE(MayLook(server->port(), "u1"));
}

TEST_F(ChangesTest, GiveTheFirstResultToARepeat) {
  const auto server = world_.ServeChanges();
  const std::string key = "Idempotency-Key: one\r\n";
  const TestResponse first = Post(server->port(), Gives("boss", "u1"), key);
  const TestResponse repeat = Post(server->port(), Gives("boss", "u1"), key);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(repeat.status, 200);
  EXPECT_THAT(repeat.body, HasSubstr(R"("outcome":"applied","repeated":true)"));
  EXPECT_EQ(first.Field("Portvakt-Revision"), repeat.Field("Portvakt-Revision"));
  EXPECT_EQ(Post(server->port(), Gives("boss", "u2"), key).status, 409);
  EXPECT_EQ(Post(server->port(), Gives("boss", "u2"),
                 "Idempotency-Key: " + std::string(129, 'k') + "\r\n")
                .status,
            400);
}

// The answer has nowhere to go, and the change is made all the same.
TEST_F(ChangesTest, OutliveTheirConnection) {
  const auto server = world_.ServeChanges({}, 1);
  for (int user = 0; user < 10; ++user) {
    TestConnection gone(server->port());
    ASSERT_TRUE(
        gone.Send(RequestText("POST", "/v1/changes", Gives("boss", "u" + std::to_string(user)))));
  }
  for (int user = 0; user < 10; ++user) {
    EXPECT_TRUE(ComesToLook(server->port(), "u" + std::to_string(user)));
  }
}

TEST_F(ChangesTest, AreAnsweredByAServerThatStops) {
  const auto server = world_.ServeChanges({}, 1);
  std::vector<std::unique_ptr<TestConnection>> waiting;
  for (int user = 0; user < 10; ++user) {
    waiting.push_back(std::make_unique<TestConnection>(server->port()));
    ASSERT_TRUE(waiting.back()->Send(
        RequestText("POST", "/v1/changes", Gives("boss", "u" + std::to_string(user)))));
  }
  ASSERT_TRUE(Fetch(server->port(), "GET", "/healthz"));
  server->Stop();
  for (const auto& connection : waiting) {
    const auto response = connection->Read();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200) << response->body;
  }
  server->Wait();
}

// Fifty writers, one user each, and twenty seats: exactly twenty are acknowledged, and these are
// there when the server comes back.
TEST_F(ChangesTest, NeverGiveMoreSeatsThanThereAre) {
  const int rounds = std::getenv("PORTVAKT_LONG") != nullptr ? 100 : 3;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    TestWorld world;
    Fill(world);
    auto server = world.ServeChanges();
    std::vector<std::atomic<int>> statuses(kUsers);
    std::atomic<bool> go = false;
    std::vector<std::thread> writers;
    for (size_t user = 0; user < statuses.size(); ++user) {
      writers.emplace_back([&, user] {
        TestConnection connection(server->port());
        while (!go) std::this_thread::yield();
        connection.Send(
            RequestText("POST", "/v1/changes", Gives("boss", "u" + std::to_string(user))));
        const auto response = connection.Read();
        statuses[user] = response ? response->status : 0;
      });
    }
    go = true;
    for (std::thread& writer : writers) writer.join();
    server.reset();
    world.Reopen();
    server = world.ServeChanges();
    int given = 0;
    for (size_t user = 0; user < statuses.size(); ++user) {
      const int status = statuses[user];
      EXPECT_TRUE(status == 200 || status == 422) << status;
      given += status == 200 ? 1 : 0;
      EXPECT_EQ(MayLook(server->port(), "u" + std::to_string(user)), status == 200) << user;
    }
    EXPECT_EQ(given, kSeats);
  }
}

}  // namespace
}  // namespace portvakt::server
