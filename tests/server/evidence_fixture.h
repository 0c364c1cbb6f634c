// A server that logs its decisions and requests into a folder, and what stands in it.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/segments.h"
#include "tests/server/http_fixture.h"
#include "tests/server/scratch_folder.h"

namespace portvakt::server {

using Mode = DecisionLogOptions::Mode;

class EvidenceTest : public HttpTest {
 protected:
  void StartLogging(Mode mode, std::vector<DecisionLogRule> rules = {},
                    std::vector<std::string> mask = {}, Server::Options options = {}) {
    if (options.workers == 0) options.workers = 2;
    options.decision_log.directory = folder_.Path("decisions");
    options.decision_log.mode = mode;
    options.decision_log.rules = std::move(rules);
    options.decision_log.mask = std::move(mask);
    options.access_log.to = AccessLogOptions::To::kFile;
    options.access_log.file = folder_.Path("access.jsonl");
    server_ = world_.Serve(std::move(options));
    ASSERT_NE(server_, nullptr);
  }
  // What the log holds now.
  std::vector<JsonValue> Decisions() {
    std::vector<JsonValue> lines;
    for (const std::string& path : ListSegments(folder_.Path("decisions"))) {
      for (const std::string& line : LinesOf(TextOf(path))) lines.push_back(Read(line));
    }
    return lines;
  }
  std::vector<JsonValue> Accesses(const std::string& name = "access.jsonl") {
    std::vector<JsonValue> lines;
    for (const std::string& line : LinesOf(TextOf(folder_.Path(name)))) lines.push_back(Read(line));
    return lines;
  }
  // All that waits is written when the server has gone.
  void Stop() { server_.reset(); }

  static JsonValue Read(const std::string& line) {
    JsonRead read = ReadJson(line);
    EXPECT_TRUE(read.value) << line << ": " << read.error.message;
    return read.value ? *std::move(read.value) : JsonValue::Object();
  }
  static std::string TextOfMember(const JsonValue& line, const char* name) {
    const JsonValue* member = line.Find(name);
    return member != nullptr && member->is(JsonValue::Kind::kString) ? member->text() : "";
  }
  int StatusOf(std::string_view action) {
    const auto response = Fetch(port(), "POST", kEvaluation, EvaluationBody(action));
    return response ? response->status : 0;
  }
  std::string Metrics() { return Fetch(port(), "GET", "/metrics")->body; }
  // Until the page says so; false after ten seconds.
  bool WaitForMetric(const std::string& line) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < end) {
      if (Metrics().find("\n" + line + "\n") != std::string::npos) return true;
      std::this_thread::yield();
    }
    return false;
  }

  ScratchFolder folder_;
};

}  // namespace portvakt::server
