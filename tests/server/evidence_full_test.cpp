// A queue of the decision log that is full, in both modes: every decision is either on the disk or
// told as lost, and a decision that must be logged and is lost was not answered. And logs of
// requests that come over TLS.
#include <gmock/gmock.h>

#include <chrono>
#include <deque>

#include "server/decision_line.h"
#include "tests/server/evidence_fixture.h"
#include "tests/server/test_certificates.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;

constexpr size_t kBatchItems = 500;

// Short, so that it is there at once: every item is the default.
std::string BatchBody() {
  std::string items = "{}";
  for (size_t i = 1; i < kBatchItems; ++i) items += ",{}";
  std::string body = EvaluationBody("read");
  body.pop_back();
  return body + R"(,"evaluations":[)" + items + "]}";
}

// A queue with room for one line: a batch fills it, and what comes before the next write has none.
class FullQueueTest : public EvidenceTest {
 protected:
  void StartWithSmallQueue(Mode mode) {
    Server::Options options;
    options.workers = 1;
    options.decision_log.queue_bytes = kMaxDecisionLineBytes;
    StartLogging(mode, {}, {}, std::move(options));
  }
  // Asks, again and again for at most ten seconds, until something was lost.
  template <class Ask>
  void AskUntilLost(Ask ask) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (Lost() == 0 && std::chrono::steady_clock::now() < end) ask();
    ASSERT_GT(Lost(), 0u) << "the queue was never full";
  }
  uint64_t Lost() {
    const std::string name = "\nportvakt_decision_log_lost_total ";
    const std::string page = Metrics();
    const size_t at = page.find(name);
    EXPECT_NE(at, std::string::npos);
    return std::stoull(page.substr(at + name.size()));
  }
};

TEST_F(FullQueueTest, BestEffortAnswersAndCounts) {
  StartWithSmallQueue(Mode::kBestEffort);
  const std::string body = BatchBody();
  size_t decisions = 0;
  AskUntilLost([&] {
    const auto response = Fetch(port(), "POST", "/access/v1/evaluations", body);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    decisions += kBatchItems;
  });
  const uint64_t lost = Lost();
  Stop();
  EXPECT_EQ(Decisions().size() + lost, decisions);
}

// Requests that come while a batch is being decided find the queue full of it.
TEST_F(FullQueueTest, WhatMustBeLoggedIsNotAnswered) {
  StartWithSmallQueue(Mode::kMustLog);
  TestConnection batches(port());
  std::deque<TestConnection> singles;
  for (int i = 0; i < 16; ++i) singles.emplace_back(port());
  const std::string batch = RequestText("POST", "/access/v1/evaluations", BatchBody());
  const std::string single = RequestText("POST", kEvaluation, EvaluationBody("read"));
  size_t answered = 0;
  uint64_t refused = 0;
  const auto read = [&](TestConnection& connection, size_t decisions) {
    const auto response = connection.Read();
    ASSERT_TRUE(response);
    if (response->status == 200) {
      answered += decisions;
    } else {
      EXPECT_EQ(response->status, 503);
      EXPECT_EQ(CodeOf(*response), "not_logged");
      refused += decisions;
    }
  };
  AskUntilLost([&] {
    ASSERT_TRUE(batches.Send(batch));
    for (TestConnection& connection : singles) ASSERT_TRUE(connection.Send(single));
    read(batches, kBatchItems);
    for (TestConnection& connection : singles) read(connection, 1);
  });
  EXPECT_EQ(Lost(), refused);
  EXPECT_EQ(Decisions().size(), answered) << "all of it is on the disk by now, and nothing else";
  EXPECT_EQ(StatusOf("read"), 200) << "there is room again";
}

TEST_F(EvidenceTest, LogsTellThatARequestCameOverTls) {
  const TestAuthority authority("the authority");
  authority.Write(folder_.Path("authority.pem"));
  const auto files = authority.Issue(folder_.Path("server"), {{"CN", "localhost"}});
  Server::Options options;
  options.tls.certificate_path = files.certificate_path;
  options.tls.key_path = files.key_path;
  StartLogging(Mode::kMustLog, {}, {}, std::move(options));
  const TestTls client(folder_.Path("authority.pem"));
  const auto response =
      Fetch(port(), "POST", kEvaluation, EvaluationBody("read"), "X-Request-ID: r-9\r\n", &client);
  ASSERT_TRUE(response);
  ASSERT_EQ(response->status, 200);
  // A handshake that fails is no request.
  EXPECT_FALSE(Fetch(port(), "POST", kEvaluation, EvaluationBody("read")));
  Stop();
  const std::vector<JsonValue> accesses = Accesses();
  ASSERT_EQ(accesses.size(), 1u);
  EXPECT_TRUE(accesses[0].Find("tls")->boolean());
  EXPECT_EQ(TextOfMember(accesses[0], "peer"), "127.0.0.1");
  EXPECT_EQ(TextOfMember(accesses[0], "endpoint"), kEvaluation);
  EXPECT_EQ(TextOfMember(accesses[0], "request_id"), "r-9");
  // What was sent, without the records of TLS around it.
  EXPECT_GT(accesses[0].Find("bytes")->integer(), static_cast<int64_t>(response->body.size()));
  ASSERT_EQ(Decisions().size(), 1u);
  EXPECT_EQ(TextOfMember(Decisions()[0], "request_id"), "r-9");
}

}  // namespace
}  // namespace portvakt::server
