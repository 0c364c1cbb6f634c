// Out of file descriptors: the server waits, goes on, and serves whoever it has room for. It runs
// in a process of its own, so that its limit is not the test's.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <vector>

#include "server/log.h"
#include "tests/server/http_fixture.h"

namespace portvakt::server {
namespace {

// Enough for the store, the workers and a few connections.
constexpr rlim_t kDescriptors = 48;

// Serves until `stop` ends, and writes its port to `told`.
[[noreturn]] void ServeWithFewDescriptors(int told, int stop) {
  const rlimit few{kDescriptors, kDescriptors};
  int status = 1;
  if (setrlimit(RLIMIT_NOFILE, &few) == 0) {
    TestWorld world;
    world.InstallText(kOpenPolicy);
    SetLogLevel(LogLevel::kOff);
    const auto server = world.Serve();
    const uint16_t port = server == nullptr ? uint16_t{0} : server->port();
    if (port != 0 && write(told, &port, sizeof port) == sizeof port) {
      char byte;
      while (read(stop, &byte, 1) > 0) {
      }
      status = 0;
    }
  }
  _exit(status);
}

TEST(Descriptors, WaitsForThemAndGoesOnServing) {
  int told[2];
  int stop[2];
  ASSERT_EQ(pipe(told), 0);
  ASSERT_EQ(pipe(stop), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    close(stop[1]);
    ServeWithFewDescriptors(told[1], stop[0]);
  }
  close(told[1]);
  close(stop[0]);
  uint16_t port = 0;
  ASSERT_EQ(read(told[0], &port, sizeof port), static_cast<ssize_t>(sizeof port));

  // The first is in; then come more than there can be, and wait.
  TestConnection first(port);
  ASSERT_TRUE(first.Send(RequestText("GET", "/healthz")));
  ASSERT_TRUE(first.Read());
  std::vector<std::unique_ptr<TestConnection>> many;
  for (rlim_t count = 0; count < 2 * kDescriptors; ++count) {
    many.push_back(std::make_unique<TestConnection>(port));
    ASSERT_TRUE(many.back()->connected());
    many.back()->Send(RequestText("POST", kEvaluation, EvaluationBody("read")));
  }
  // Who is in is served meanwhile.
  for (int turn = 0; turn < 20; ++turn) {
    ASSERT_TRUE(first.Send(RequestText("POST", kEvaluation, EvaluationBody("read"))));
    const auto response = first.Read();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
  }
  // As room is made, those who waited are served, to the last.
  for (auto& connection : many) {
    const auto response = connection->Read();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, R"({"decision":true})");
    connection.reset();
  }

  close(stop[1]);
  close(told[0]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace portvakt::server
