// What those who keep a server running meet: a configuration that is checked before it is used, and
// one that changes under a running server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "server/json.h"
#include "tests/cli/serving.h"
#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

Ran CheckConfig(const std::string& path, Format format = Format::kPretty) {
  return RunHere(ConfigCheckCommand{.path = path, .format = format});
}

TEST(ConfigCheck, SaysThatAFileIsGood) {
  const TestFolder folder;
  const std::string path =
      folder.Write("good.yaml", "store: made/later\npolicy: " + LibraryPath() +
                                    "\ndata: " + LibraryPath("data.yaml") + "\n");
  const Ran ran = CheckConfig(path);
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out, path + ": ok\n");
  EXPECT_THAT(folder.Names(), testing::ElementsAre("good.yaml")) << "looking makes nothing";
}

TEST(ConfigCheck, TellsAllMistakesAtTheirPlaces) {
  const TestFolder folder;
  folder.Write("bad/bad.vakt", "policy bad\npermit (\n");
  const std::string path = folder.Write("wrong.yaml",
                                        "lisen: 127.0.0.1:1\n"
                                        "store: wrong.yaml\n"
                                        "policy: bad\n"
                                        "data: [none.yaml, bad]\n"
                                        "workers: many\n");
  const Ran ran = CheckConfig(path);
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("did you mean `listen`?"));
  EXPECT_THAT(ran.out, HasSubstr("wrong.yaml:2:8\n"));
  EXPECT_THAT(ran.out, HasSubstr("wrong.yaml: a file, where a folder is needed"));
  EXPECT_THAT(ran.out, HasSubstr("bad: 1 error in this policy"));
  EXPECT_THAT(ran.out, HasSubstr("none.yaml: No such file or directory"));
  EXPECT_THAT(ran.out, HasSubstr("bad: a folder, where a file is needed"));
  EXPECT_THAT(ran.out, HasSubstr("`workers` must be a whole number"));
  EXPECT_THAT(ran.out, EndsWith("wrong.yaml: 6 errors\n"));
}

TEST(ConfigCheck, WarnsWhereAServerWouldNotStartAlone) {
  const TestFolder folder;
  const std::string path = folder.Write("empty.yaml", "# nothing\n");
  const Ran ran = CheckConfig(path);
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.out, HasSubstr("warning: neither a `store` nor a `policy` is named"));
  EXPECT_THAT(ran.out, EndsWith("empty.yaml: ok, 1 warning\n"));
}

TEST(ConfigCheck, TellsMachinesThePlaces) {
  const TestFolder folder;
  const std::string path = folder.Write("wrong.yaml", "policy: none\nworkers: 1000\n");
  const Ran ran = CheckConfig(path, Format::kJson);
  EXPECT_EQ(ran.exit_code, 1);
  const server::JsonRead read = server::ReadJson(ran.out);
  ASSERT_TRUE(read.value) << ran.out;
  ASSERT_EQ(read.value->elements().size(), 2u) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("\"line\": 2"));
  EXPECT_THAT(ran.out, HasSubstr("\"column\": 10"));
  EXPECT_THAT(ran.out, HasSubstr("\"severity\": \"error\""));
}

TEST(ConfigCheck, AFileThatIsNotThereIsWrongUsage) {
  const Ran ran = CheckConfig("/nowhere/portvakt.yaml");
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("/nowhere/portvakt.yaml: there is no such file"));
}

// ---- reading it again ---------------------------------------------------------------------------

class ReloadTest : public testing::Test {
 protected:
  void Write(const std::string& more) {
    folder_.Write("serve.yaml", "listen: 127.0.0.1:0\npolicy: " + LibraryPath() + "\ndata: [" +
                                    LibraryPath("data.yaml") + "]\nworkers: 1\n" + more);
  }
  // False when the log does not say so.
  bool Reload(Child& server, const std::string& event) {
    const size_t from = server.err().size();
    ::kill(server.pid(), SIGHUP);
    return server.WaitForErr("\"event\":\"" + event + "\"", from);
  }
  // The status of the answer to a body of so many bytes.
  static std::string Post(int port, size_t bytes) {
    const std::string body(bytes, ' ');
    return Exchange(port,
                    "POST /access/v1/evaluation HTTP/1.1\r\nHost: localhost\r\n"
                    "Connection: close\r\nContent-Type: application/json\r\nContent-Length: " +
                        std::to_string(body.size()) + "\r\n\r\n" + body)
        .substr(0, 12);
  }

  TestFolder folder_;
};

TEST_F(ReloadTest, LimitsTakeEffectForNewRequests) {
  Write("");
  Child server(folder_, {"serve", "--config", "serve.yaml"});
  const int port = PortOf(server.WaitForLine("listening on http://"));
  ASSERT_NE(port, 0) << server.err();
  EXPECT_EQ(Post(port, 2000), "HTTP/1.1 400");
  Write("limits: {body_bytes: 1024}\n");
  ASSERT_TRUE(Reload(server, "config_reloaded")) << server.err();
  EXPECT_THAT(server.err(), HasSubstr("\"at_next_start\":[]"));
  EXPECT_EQ(Post(port, 2000), "HTTP/1.1 413");
  Write("limits: {body_bytes: 3000000}\n");
  ASSERT_TRUE(Reload(server, "config_reloaded")) << server.err();
  EXPECT_EQ(Post(port, 2'900'000), "HTTP/1.1 400") << "more than the first buffers could hold";
  EXPECT_THAT(Ask(port, "ada", "atlas"), HasSubstr(R"({"decision":true)"));
  ::kill(server.pid(), SIGTERM);
  EXPECT_EQ(server.Wait(), 0);
}

TEST_F(ReloadTest, WhatCannotChangeIsNamed) {
  Write("");
  Child server(folder_, {"serve", "--config", "serve.yaml"});
  const int port = PortOf(server.WaitForLine("listening on http://"));
  ASSERT_NE(port, 0) << server.err();
  folder_.Write("serve.yaml",
                "listen: 127.0.0.1:1\nstore: other\nworkers: 2\ntrust_callers: true\n");
  ASSERT_TRUE(Reload(server, "config_reloaded")) << server.err();
  EXPECT_THAT(server.err(), HasSubstr("\"at_next_start\":[\"data\",\"listen\",\"policy\",\"store\","
                                      "\"trust_callers\",\"workers\"]"));
  EXPECT_THAT(Ask(port, "ada", "atlas"), HasSubstr(R"({"decision":true)"));
}

TEST_F(ReloadTest, ABrokenFileChangesNothing) {
  Write("limits: {body_bytes: 1024}\n");
  Child server(folder_, {"serve", "--config", "serve.yaml"});
  const int port = PortOf(server.WaitForLine("listening on http://"));
  ASSERT_NE(port, 0) << server.err();
  Write("limits: {body_bytes: 9999, idel_ms: 3}\n");
  ASSERT_TRUE(Reload(server, "config_refused")) << server.err();
  EXPECT_THAT(server.err(), HasSubstr("serve.yaml:5:28: no such key `idel_ms`; did you mean "
                                      "`idle_ms`?"));
  EXPECT_EQ(Post(port, 2000), "HTTP/1.1 413");
  ::unlink(folder_.Path("serve.yaml").c_str());
  ASSERT_TRUE(Reload(server, "config_refused")) << server.err();
  EXPECT_EQ(Post(port, 2000), "HTTP/1.1 413");
  EXPECT_THAT(Ask(port, "ada", "atlas"), HasSubstr(R"({"decision":true)"));
}

TEST_F(ReloadTest, WithoutAFileTheTerminalsEndIsTheServers) {
  const TestFolder temporary;
  Child server(folder_, ServeLibrary(), "", {"TMPDIR=" + temporary.path()});
  ASSERT_NE(server.WaitForLine("listening on http://"), "") << server.err();
  ::kill(server.pid(), SIGHUP);
  EXPECT_EQ(server.Wait(), 0);
  EXPECT_THAT(temporary.Names(), testing::IsEmpty());
}

}  // namespace
}  // namespace portvakt::cli
