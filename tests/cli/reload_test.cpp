// A configuration that changes under a server that runs, by SIGHUP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "tests/cli/serving.h"
#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

using testing::HasSubstr;

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
  // A keys file with one key more, and that key.
  std::string AddKey(const std::string& file, const std::string& name,
                     const std::string& scope = "decide") {
    KeyCommand command;
    command.what = KeyCommand::What::kCreate;
    command.keys_file = folder_.Path(file);
    command.name = name;
    command.scopes = {scope};
    const std::string key = RunHere(command).out;
    return key.substr(0, key.find('\n'));
  }
  static std::string Status(int port, const std::string& target, const std::string& fields) {
    return Exchange(port, "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" +
                              "Connection: close\r\n" + fields + "\r\n")
        .substr(0, 12);
  }
  static std::string Bearer(const std::string& key) {
    return "Authorization: Bearer " + key + "\r\n";
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
                "listen: 127.0.0.1:1\nstore: other\nworkers: 2\nwatch: true\npolicy: " +
                    folder_.Write("p/p.vakt", "policy p \"P\"\n") + "\n");
  ASSERT_TRUE(Reload(server, "config_reloaded")) << server.err();
  EXPECT_THAT(server.err(), HasSubstr("\"at_next_start\":[\"data\",\"listen\",\"policy\",\"store\","
                                      "\"workers\"]"));
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

TEST_F(ReloadTest, CallersComeAndGo) {
  const std::string first = AddKey("first.json", "first", "operate");
  const std::string second = AddKey("second.json", "second", "operate");
  Write("callers: { keys_file: first.json }\n");
  Child server(folder_, {"serve", "--config", "serve.yaml"});
  const int port = PortOf(server.WaitForLine("listening on http://"));
  ASSERT_NE(port, 0) << server.err();
  EXPECT_EQ(Status(port, "/v1/status", Bearer(first)), "HTTP/1.1 200");
  EXPECT_EQ(Status(port, "/v1/status", Bearer(second)), "HTTP/1.1 401");
  Write("callers: { keys_file: second.json }\n");
  ASSERT_TRUE(Reload(server, "config_reloaded")) << server.err();
  EXPECT_THAT(server.err(), HasSubstr("\"at_next_start\":[]"));
  EXPECT_EQ(Status(port, "/v1/status", Bearer(first)), "HTTP/1.1 401");
  EXPECT_EQ(Status(port, "/v1/status", Bearer(second)), "HTTP/1.1 200");
}

TEST_F(ReloadTest, TheGatewaysRoutesChange) {
  const auto write = [&](const std::string& path) {
    Write(
        "gateway:\n  subject: { header: X-User, type: reader, callers: [anonymous] }\n"
        "  routes:\n    - { path: \"" +
        path + "\", permission: reserve, resource: { type: book, id: \"{book}\" } }\n");
  };
  const auto ask = [](int port, const std::string& path) {
    return Status(port, "/authz/ext-authz" + path, "X-User: ada\r\n");
  };
  write("/books/{book}");
  Child server(folder_, {"serve", "--config", "serve.yaml"});
  const int port = PortOf(server.WaitForLine("listening on http://"));
  ASSERT_NE(port, 0) << server.err();
  EXPECT_EQ(ask(port, "/books/atlas"), "HTTP/1.1 200");
  EXPECT_EQ(ask(port, "/shelf/atlas"), "HTTP/1.1 403");
  write("/shelf/{book}");
  ASSERT_TRUE(Reload(server, "config_reloaded")) << server.err();
  EXPECT_EQ(ask(port, "/books/atlas"), "HTTP/1.1 403");
  EXPECT_EQ(ask(port, "/shelf/atlas"), "HTTP/1.1 200");
}

// Each key is right; together with what they name they are not.
TEST_F(ReloadTest, WhatDoesNotGoTogetherChangesNothing) {
  Write("limits: {body_bytes: 1024}\n");
  Child server(folder_, {"serve", "--config", "serve.yaml"});
  const int port = PortOf(server.WaitForLine("listening on http://"));
  ASSERT_NE(port, 0) << server.err();
  Write("limits: {body_bytes: 9999}\ncallers:\n  keys_file: none.json\n");
  ASSERT_TRUE(Reload(server, "config_refused")) << server.err();
  EXPECT_THAT(server.err(), HasSubstr("serve.yaml:7:14: none.json: No such file"));
  EXPECT_EQ(Post(port, 2000), "HTTP/1.1 413");
  EXPECT_THAT(Ask(port, "ada", "atlas"), HasSubstr(R"({"decision":true)"));
}

TEST_F(ReloadTest, TheWatchOfThePolicyBegins) {
  const auto policy = [&](const std::string& what) {
    folder_.Write("p/p.vakt",
                  "policy p \"P\"\n\nopen entity reader\nopen entity book\n\n"
                  "permission look, reserve on book\n\npermit readers\n    reader may " +
                      what + " on book\n");
  };
  const auto write = [&](const std::string& watch) {
    folder_.Write("serve.yaml", "listen: 127.0.0.1:0\npolicy: p\nwatch: " + watch + "\n");
  };
  policy("look");
  write("false");
  Child server(folder_, {"serve", "--config", "serve.yaml"});
  const int port = PortOf(server.WaitForLine("listening on http://"));
  ASSERT_NE(port, 0) << server.err();
  EXPECT_THAT(Ask(port, "ada", "atlas"), HasSubstr(R"({"decision":false)"));
  write("true");
  ASSERT_TRUE(Reload(server, "config_reloaded")) << server.err();
  EXPECT_THAT(server.err(), HasSubstr("\"at_next_start\":[]"));
  const size_t from = server.err().size();
  policy("reserve");
  ASSERT_TRUE(server.WaitForErr("\"event\":\"policy_activated\"", from)) << server.err();
  EXPECT_THAT(Ask(port, "ada", "atlas"), HasSubstr(R"({"decision":true)"));
  write("false");
  ASSERT_TRUE(Reload(server, "config_reloaded")) << server.err();
  EXPECT_THAT(server.err(), testing::Not(HasSubstr("\"watch\"")));
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
