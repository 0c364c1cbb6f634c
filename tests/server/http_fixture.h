// An open server on a free port, and requests written byte by byte, for tests of HTTP.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "server/json.h"
#include "tests/server/http_client.h"
#include "tests/server/test_world.h"

namespace portvakt::server {

class HttpTest : public testing::Test {
 protected:
  void SetUp() override { world_.InstallText(kOpenPolicy); }

  void Start(const Limits& limits = {}) {
    server_ = world_.Serve(limits);
    ASSERT_NE(server_, nullptr);
  }
  uint16_t port() const { return server_->port(); }
  void ExpectServed(const std::string& after) {
    const auto response = Fetch(port(), "POST", "/access/v1/evaluation", EvaluationBody("read"));
    ASSERT_TRUE(response) << after;
    EXPECT_EQ(response->status, 200) << after;
    EXPECT_EQ(response->body, R"({"decision":true})") << after;
  }
  // For when room must be made first.
  bool IsServedWithin10Seconds() {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < patience) {
      const auto response = Fetch(port(), "POST", "/access/v1/evaluation", EvaluationBody("read"));
      if (response && response->status == 200) return true;
    }
    return false;
  }

  TestWorld world_;
  std::unique_ptr<Server> server_;
};

inline std::string CodeOf(const TestResponse& response) {
  const JsonRead read = ReadJson(response.body);
  const JsonValue* code = read.value ? read.value->Find("code") : nullptr;
  return code == nullptr ? "" : code->text();
}

inline constexpr char kEvaluation[] = "/access/v1/evaluation";

inline std::string Post(std::string_view fields, std::string_view body) {
  return "POST /access/v1/evaluation HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" +
         std::string(fields) + "\r\n" + std::string(body);
}

inline std::string Get(std::string_view target, std::string_view fields = "Host: a\r\n") {
  return "GET " + std::string(target) + " HTTP/1.1\r\n" + std::string(fields) + "\r\n";
}

inline std::string Length(std::string_view body) {
  return "Content-Length: " + std::to_string(body.size()) + "\r\n";
}

}  // namespace portvakt::server
