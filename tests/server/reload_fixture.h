// A server that gets another configuration while it runs, for the tests of that.
#pragma once

#include <string>
#include <vector>

#include "tests/server/authentication_fixture.h"

namespace portvakt::server {

class ReloadTest : public AuthenticationTest {
 protected:
  void StartWith(const Server::Options& options) {
    auto server = Server::Start(world_.engine(), options);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
    options_ = options;
  }
  void StartPlain() {
    Server::Options options;
    options.listen = "127.0.0.1:0";
    options.workers = 2;
    StartWith(options);
  }
  // What waits for the next start.
  std::vector<std::string> Reload(const Server::Options& options) {
    const auto reloaded = server_->Reload(options);
    EXPECT_TRUE(reloaded.ok()) << reloaded.error().message;
    return reloaded.ok() ? *reloaded : std::vector<std::string>{"refused"};
  }
  std::string Refusal(const Server::Options& options) {
    const auto reloaded = server_->Reload(options);
    return reloaded.ok() ? "" : reloaded.error().message;
  }
  // A file with a key of this caller alone; the key.
  std::string PutKey(const std::string& file, const Caller& caller) {
    const NewApiKey made = MakeKey(caller);
    Put(file, KeyFileText({made.key}));
    return "Bearer " + made.text;
  }
  int Anonymous() { return Ask("").status; }
  int GatewayStatus(const std::string& path, const std::string& fields = "") {
    const auto response = Fetch(
        server_->port(), "GET", "/authz/auth-request", "",
        "X-Original-Method: GET\r\nX-Original-URI: " + path + "\r\nX-Auth-User: ada\r\n" + fields);
    return response ? response->status : 0;
  }

  Server::Options options_;  // that it was started with
};

}  // namespace portvakt::server
