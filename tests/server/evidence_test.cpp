// What is left behind of decisions and requests, over a real socket: the decision log in both its
// modes, the access log, and what is never in any of them.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <map>
#include <thread>

#include "server/log.h"
#include "tests/server/evidence_fixture.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kTraceparent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

// Files of this process cannot grow while one of these is there: as on a full disk.
class FullDisk {
 public:
  FullDisk() {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit none = before_;
    none.rlim_cur = 0;
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
};

TEST_F(EvidenceTest, EveryDecisionIsLogged) {
  StartLogging(Mode::kBestEffort);
  const std::string body = R"({"subject":{"type":"user","id":"ada"},"action":{"name":"read"},)"
                           R"("resource":{"type":"doc","id":"1"},"context":{"login":"bankid"}})";
  ASSERT_EQ(Fetch(port(), "POST", kEvaluation, body,
                  "X-Request-ID: r-7\r\ntraceparent: " + std::string(kTraceparent) + "\r\n")
                ->status,
            200);
  ASSERT_EQ(Fetch(port(), "POST", "/access/v1/evaluations",
                  R"({"subject":{"type":"user","id":"ada"},"resource":{"type":"doc","id":"2"},)"
                  R"("evaluations":[{"action":{"name":"read"}},{"action":{"name":"write"}},)"
                  R"({"action":{}},{"action":{"name":"fly"}}]})",
                  "Portvakt-Explain: true\r\n")
                ->status,
            200);
  Stop();

  const std::vector<JsonValue> lines = Decisions();
  ASSERT_EQ(lines.size(), 4u) << "one that could not be read is no decision";
  const JsonValue& single =
      TextOfMember(lines[0], "request_id").empty() ? lines.back() : lines.front();
  EXPECT_EQ(TextOfMember(single, "verdict"), "permit");
  EXPECT_EQ(TextOfMember(single, "decided_by"), "everyone");
  EXPECT_EQ(WriteJson(*single.Find("subject")), R"({"type":"user","id":"ada"})");
  EXPECT_EQ(WriteJson(*single.Find("action")), R"({"name":"read"})");
  EXPECT_EQ(WriteJson(*single.Find("resource")), R"({"type":"doc","id":"1"})");
  EXPECT_EQ(WriteJson(*single.Find("context")), R"({"login":"bankid"})");
  EXPECT_EQ(single.Find("policy")->integer(), 1);
  EXPECT_EQ(single.Find("revision")->integer(), 1);
  EXPECT_EQ(TextOfMember(single, "caller"), "anonymous");
  EXPECT_EQ(TextOfMember(single, "endpoint"), kEvaluation);
  EXPECT_EQ(TextOfMember(single, "request_id"), "r-7");
  EXPECT_EQ(TextOfMember(single, "trace_id"), "4bf92f3577b34da6a3ce929d0e0e4736");
  std::vector<std::string> of_batch;
  for (const JsonValue& line : lines) {
    if (TextOfMember(line, "endpoint") != "/access/v1/evaluations") continue;
    of_batch.push_back(TextOfMember(line, "verdict") + " " + TextOfMember(line, "decided_by"));
  }
  EXPECT_THAT(of_batch,
              testing::ElementsAre("permit everyone", "deny no_rule", "deny unknown_permission"));
}

TEST_F(EvidenceTest, RulesSayWhichAreLogged) {
  StartLogging(Mode::kBestEffort, {{.permissions = {"wr*e"}, .permit = std::nullopt, .share = 0},
                                   {.permissions = {}, .permit = true, .share = 0.25}});
  for (int i = 0; i < 8; ++i) {
    ASSERT_EQ(StatusOf("read"), 200);   // permitted: every fourth
    ASSERT_EQ(StatusOf("write"), 200);  // denied, but left out by name
    ASSERT_EQ(StatusOf("fly"), 200);    // denied
  }
  Stop();
  std::map<std::string, int> logged;
  for (const JsonValue& line : Decisions()) ++logged[TextOfMember(*line.Find("action"), "name")];
  EXPECT_EQ(logged, (std::map<std::string, int>{{"read", 2}, {"fly", 8}}));
}

TEST_F(EvidenceTest, AnAnswerThatMustBeLoggedWaitsForTheDisk) {
  StartLogging(Mode::kMustLog);
  for (int64_t i = 1; i <= 20; ++i) {
    ASSERT_EQ(StatusOf("read"), 200);
    EXPECT_EQ(static_cast<int64_t>(Decisions().size()), i) << "the answer is here";
  }
  EXPECT_EQ(Fetch(port(), "POST", kEvaluation, "{}")->status, 400) << "nothing to log";
}

TEST_F(EvidenceTest, WhatMustBeLoggedAndCannotBeIsNotAnswered) {
  StartLogging(Mode::kMustLog);
  ASSERT_EQ(StatusOf("read"), 200);
  std::optional<TestResponse> refused;
  {
    const FullDisk full;
    refused = Fetch(port(), "POST", kEvaluation, EvaluationBody("read"));
  }
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(CodeOf(*refused), "not_logged");
  EXPECT_EQ(StatusOf("read"), 200) << "there is room again";
  EXPECT_THAT(Metrics(), HasSubstr("\nportvakt_decision_log_lost_total 1\n"));
  EXPECT_THAT(Metrics(), HasSubstr("\nportvakt_decision_log_lines_total 2\n"));
  EXPECT_EQ(Decisions().size(), 2u);
}

TEST_F(EvidenceTest, BestEffortAnswersAndCountsWhatIsLost) {
  StartLogging(Mode::kBestEffort);
  ASSERT_EQ(StatusOf("read"), 200);
  ASSERT_TRUE(WaitForMetric("portvakt_decision_log_lines_total 1"));
  int status = 0;
  bool was_counted = false;
  {
    const FullDisk full;
    status = StatusOf("read");
    was_counted = WaitForMetric("portvakt_decision_log_lost_total 1");
  }
  EXPECT_EQ(status, 200);
  EXPECT_TRUE(was_counted);
  EXPECT_EQ(StatusOf("write"), 200);
  Stop();
  EXPECT_EQ(Decisions().size(), 2u);
}

TEST_F(EvidenceTest, AServerThatCannotLogDoesNotStart) {
  Server::Options options;
  options.listen = "127.0.0.1:0";
  options.decision_log.directory = folder_.Path("no/such/folder");
  const auto server = Server::Start(world_.engine(), options);
  ASSERT_FALSE(server.ok());
  EXPECT_THAT(server.error().message, HasSubstr(folder_.Path("no/such/folder")));
  options.decision_log.directory = folder_.Path("decisions");
  options.decision_log.mask = {"pnr"};
  const auto unmasked = Server::Start(world_.engine(), options);
  ASSERT_FALSE(unmasked.ok());
  EXPECT_THAT(unmasked.error().message, HasSubstr("`pnr`"));
}

TEST_F(EvidenceTest, RequestsAreLoggedWithTheirPathsTemplate) {
  StartLogging(Mode::kBestEffort);
  const auto evaluated =
      Fetch(port(), "POST", kEvaluation, EvaluationBody("read"),
            "X-Request-ID: r-8\r\ntraceparent: " + std::string(kTraceparent) + "\r\n");
  ASSERT_TRUE(evaluated);
  Fetch(port(), "GET", "/v1/status?what=ever");
  Fetch(port(), "GET", "/nowhere/secret");
  Fetch(port(), "SECRET", kEvaluation);
  Stop();
  const std::vector<JsonValue> lines = Accesses();
  ASSERT_EQ(lines.size(), 4u);
  std::vector<std::string> told;
  for (const JsonValue& line : lines) {
    told.push_back(TextOfMember(line, "method") + " " + TextOfMember(line, "endpoint") + " " +
                   std::to_string(line.Find("status")->integer()));
    EXPECT_EQ(TextOfMember(line, "peer"), "127.0.0.1");
    EXPECT_FALSE(line.Find("tls")->boolean());
    EXPECT_EQ(TextOfMember(line, "time").size(), 27u);
  }
  EXPECT_THAT(told,
              testing::UnorderedElementsAre("POST /access/v1/evaluation 200", "GET /v1/status 200",
                                            "GET  404", "other /access/v1/evaluation 405"));
  for (const JsonValue& line : lines) {
    if (TextOfMember(line, "request_id") != "r-8") continue;
    EXPECT_EQ(TextOfMember(line, "trace_id"), "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(TextOfMember(line, "caller"), "anonymous");
    EXPECT_GT(line.Find("bytes")->integer(), static_cast<int64_t>(evaluated->body.size()));
  }
}

TEST_F(EvidenceTest, TheAccessLogGoesOnInANewFileWhenItWasMovedAway) {
  StartLogging(Mode::kBestEffort);
  Fetch(port(), "GET", "/healthz");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (Accesses().empty() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  std::filesystem::rename(folder_.Path("access.jsonl"), folder_.Path("access.jsonl.1"));
  server_->ReopenLogs();
  Fetch(port(), "GET", "/readyz");
  Stop();
  ASSERT_EQ(Accesses("access.jsonl.1").size(), 1u);
  EXPECT_EQ(TextOfMember(Accesses("access.jsonl.1")[0], "endpoint"), "/healthz");
  ASSERT_EQ(Accesses().size(), 1u);
  EXPECT_EQ(TextOfMember(Accesses()[0], "endpoint"), "/readyz");
}

TEST_F(EvidenceTest, NoSecretIsWrittenAnywhere) {
  testing::internal::CaptureStderr();
  SetLogLevel(LogLevel::kInfo);
  StartLogging(Mode::kBestEffort, {}, {"context.pnr", "subject.properties.*"});
  const std::string body =
      R"({"subject":{"type":"user","id":"ada","properties":{"key":"swordfish"}},)"
      R"("action":{"name":"read"},"resource":{"type":"doc","id":"1"},)"
      R"("context":{"pnr":"swordfish"},"password":"swordfish"})";
  const std::string fields =
      "Authorization: Bearer swordfish\r\nCookie: a=swordfish\r\nX-Api-Key: swordfish\r\n"
      "traceparent: swordfish\r\nPortvakt-Explain: true\r\n";
  EXPECT_EQ(
      Fetch(port(), "POST", std::string(kEvaluation) + "?token=swordfish", body, fields)->status,
      200);
  EXPECT_EQ(Fetch(port(), "POST", "/swordfish", body, fields)->status, 404);
  EXPECT_EQ(Fetch(port(), "POST", kEvaluation, "{\"swordfish\"", fields)->status, 400);
  Fetch(port(), "SWORDFISH", "/swordfish", "", fields);
  const std::string metrics = Metrics();
  Stop();
  SetLogLevel(LogLevel::kError);
  std::string all = metrics + testing::internal::GetCapturedStderr();
  all += TextOf(folder_.Path("access.jsonl"));
  for (const std::string& path : ListSegments(folder_.Path("decisions"))) all += TextOf(path);
  EXPECT_THAT(all, HasSubstr("[masked]"));
  EXPECT_THAT(all, HasSubstr("\"status\":404"));
  EXPECT_THAT(all, Not(HasSubstr("swordfish")));
  EXPECT_THAT(all, Not(HasSubstr("SWORDFISH")));
}

}  // namespace
}  // namespace portvakt::server
