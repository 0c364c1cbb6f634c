// A server with callers over a folder of keys and issuers, for the tests of who may call.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "server/api_key.h"
#include "server/authentication.h"
#include "server/handlers.h"
#include "server/jwt.h"
#include "server/key_file.h"
#include "server/log.h"
#include "tests/server/http_fixture.h"
#include "tests/server/token_maker.h"

namespace portvakt::server {

inline int64_t NowSeconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

inline constexpr int64_t kMicroseconds = 1'000'000;

// A policy in which the boss may give the right to look, and the clerk may not.
inline constexpr std::string_view kOffice = R"(policy office "Who may look"

entity user
entity doc

fact user curates doc
fact user reads doc

permission look on doc

permit readers
    user may look on doc
    if  user reads doc

permit giving
    add user reads doc
    by  user as actor
    if  actor curates doc
)";

// Standard error into a file that can be read meanwhile, until the end of its life.
class ErrorsInFile {
 public:
  explicit ErrorsInFile(std::string path) : path_(std::move(path)), before_(dup(STDERR_FILENO)) {
    const int file = open(path_.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    dup2(file, STDERR_FILENO);
    close(file);
  }
  ~ErrorsInFile() {
    dup2(before_, STDERR_FILENO);
    close(before_);
  }
  ErrorsInFile(const ErrorsInFile&) = delete;
  ErrorsInFile& operator=(const ErrorsInFile&) = delete;

  std::string Read() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

 private:
  const std::string path_;
  const int before_;
};

class AuthenticationTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "portvakt-test-").string() + std::string(6, 'X');
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    world_.InstallText(Policy());
  }
  void TearDown() override {
    SetLogLevel(LogLevel::kError);
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  virtual std::string_view Policy() const { return kOpenPolicy; }
  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  // As `portvakt key` does: beside it, then in its place.
  void Put(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name + ".new"), std::ios::binary) << text;
    std::filesystem::rename(Path(name + ".new"), Path(name));
  }

  NewApiKey MakeKey(const Caller& caller, std::optional<int64_t> expires_us = std::nullopt) {
    const auto made = MakeApiKey(caller, NowSeconds() * kMicroseconds, expires_us);
    EXPECT_TRUE(made);
    return *made;
  }
  NewApiKey AddKey(const Caller& caller, std::optional<int64_t> expires_us = std::nullopt) {
    NewApiKey made = MakeKey(caller, expires_us);
    keys_.push_back(made.key);
    return made;
  }
  void PutKeys() { Put("keys.json", KeyFileText(keys_)); }

  void Start() {
    if (!keys_.empty()) {
      PutKeys();
      callers_.keys_file = Path("keys.json");
    }
    Server::Options options;
    options.listen = "127.0.0.1:0";
    options.workers = 2;
    options.callers = callers_;
    auto server = Server::Start(world_.engine(), options);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
  }

  TestResponse Ask(const std::string& fields) {
    const auto response =
        Fetch(server_->port(), "POST", kEvaluation, EvaluationBody("read"), fields);
    EXPECT_TRUE(response);
    return response.value_or(TestResponse());
  }
  int Status(const std::string& credential) {
    return Ask("Authorization: " + credential + "\r\n").status;
  }
  // Until the status is that, or a time far beyond what is promised is over.
  bool ComesTo(int status, const std::string& credential) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
      if (Status(credential) == status) return true;
      std::this_thread::yield();
    }
    return false;
  }

  void TrustIssuer(const SigningKey& key) {
    Put("jwks.json", KeySet(key.Jwk()));
    TokenIssuerOptions issuer;
    issuer.issuer = "https://login.example";
    issuer.audience = "portvakt";
    issuer.jwks_file = Path("jwks.json");
    issuer.scopes = {Scope::kDecide, Scope::kOperate};
    callers_.issuers.push_back(issuer);
  }
  static std::string Claims(const std::string& more = "") {
    return R"({"iss":"https://login.example","aud":"portvakt","sub":"app1","nbf":)" +
           std::to_string(NowSeconds() - 60) + R"(,"exp":)" + std::to_string(NowSeconds() + 600) +
           more + "}";
  }

  TestWorld world_;
  std::string folder_;
  std::vector<ApiKey> keys_;
  AuthenticationOptions callers_;
  std::unique_ptr<Server> server_;
};

inline Caller Decider(const std::string& name = "gateway") {
  return {name, {Scope::kDecide}, false, std::nullopt};
}

}  // namespace portvakt::server
