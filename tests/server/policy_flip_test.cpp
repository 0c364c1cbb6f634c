// Activation is atomic: while policies flip, each answer is of the one policy that it names, and a
// batch is of one from its first evaluation to its last.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "server/json.h"
#include "tests/server/http_client.h"
#include "tests/server/test_world.h"

namespace portvakt::server {
namespace {

// Each permits one of the two actions, so every answer tells which policy made it.
std::string Policy(const char* permitted) {
  return "policy flip\nopen entity user\nopen entity doc\npermission read, write on doc\n"
         "permit one\n    user may " +
         std::string(permitted) + " on doc\n";
}

constexpr char kEnds[] =
    R"("subject":{"type":"user","id":"ada"},"resource":{"type":"doc","id":"1"})";

std::string Single() { return "{" + std::string(kEnds) + R"(,"action":{"name":"read"}})"; }

// reads and writes in turn.
std::string Batch(size_t count) {
  std::string body = "{" + std::string(kEnds) + R"(,"evaluations":[)";
  for (size_t i = 0; i < count; ++i) {
    body += std::string(i == 0 ? "" : ",") + R"({"action":{"name":")" +
            (i % 2 == 0 ? "read" : "write") + R"("}})";
  }
  return body + "]}";
}

struct Seen {
  std::atomic<uint64_t> answers = 0;
  std::atomic<uint64_t> by_policy[2] = {0, 0};
  std::atomic<uint64_t> wrong = 0;
};

void Check(const TestResponse& response, Seen& seen) {
  const auto version = response.Field("Portvakt-Policy");
  const JsonRead read = ReadJson(response.body);
  if (response.status != 200 || !version || !read.value) {
    ++seen.wrong;
    return;
  }
  const bool reads = *version == "1";
  ++seen.by_policy[reads ? 0 : 1];
  ++seen.answers;
  const JsonValue* batch = read.value->Find("evaluations");
  if (batch == nullptr) {
    if (read.value->Find("decision")->boolean() != reads) ++seen.wrong;
    return;
  }
  for (size_t i = 0; i < batch->elements().size(); ++i) {
    const bool permit = batch->elements()[i].Find("decision")->boolean();
    if (permit != (reads == (i % 2 == 0))) ++seen.wrong;
  }
}

TEST(PolicyFlip, NoAnswerIsAMixture) {
  TestWorld world;
  world.InstallText(Policy("read"));
  world.InstallText(Policy("write"));
  const auto server = world.Serve();
  ASSERT_NE(server, nullptr);
  Seen seen;
  std::atomic<bool> stop = false;
  std::vector<std::thread> askers;
  for (int asker = 0; asker < 3; ++asker) {
    askers.emplace_back([&, asker] {
      TestConnection connection(server->port());
      const std::string request = asker == 0
                                      ? RequestText("POST", "/access/v1/evaluation", Single())
                                      : RequestText("POST", "/access/v1/evaluations", Batch(200));
      while (!stop) {
        connection.Send(request);
        const auto response = connection.Read();
        if (!response) {
          ++seen.wrong;
          return;
        }
        Check(*response, seen);
      }
    });
  }
  // Until both were seen often: the flips are what is tested, not how fast they are.
  uint32_t active = 2;
  for (int flips = 0; flips < 5'000; ++flips) {
    const bool enough = flips >= 50 && seen.by_policy[0] >= 50 && seen.by_policy[1] >= 50;
    if (enough || seen.wrong > 0) break;
    active = 3 - active;
    const bool flipped = world.engine().ActivatePolicy(active, std::nullopt, {}).ok();
    EXPECT_TRUE(flipped);
    if (!flipped) break;
  }
  stop = true;
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(seen.wrong, 0u);
  EXPECT_GT(seen.by_policy[0], 0u);
  EXPECT_GT(seen.by_policy[1], 0u);
}

}  // namespace
}  // namespace portvakt::server
