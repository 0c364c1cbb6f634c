// What a hostile or broken peer does, as one table over real sockets: what its requests say, how
// they arrive, and how the connection ends. After each a good request on a new connection is
// served. Framing and heads have a table of their own in http_refusals_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/server/http_fixture.h"

namespace portvakt::server {
namespace {

using std::string_literals::operator""s;

enum class Arrival {
  kWhole,       // in one piece
  kBytewise,    // a packet a byte
  kHalfClosed,  // and no more will be sent, but answers are read
  kAborted,     // and then a reset
  kSilence,     // and then nothing, for longer than the server waits
};

struct Row {
  std::string name;
  std::string bytes;
  std::vector<int> statuses;  // of the answers, in turn
  std::string code;           // of the last; "": not looked at
  Arrival arrival = Arrival::kWhole;
};

class HostileTest : public HttpTest {
 protected:
  void SetUp() override {
    HttpTest::SetUp();
    limits_.header_ms = limits_.body_ms = 300;
    limits_.write_ms = 500;
    Start(limits_);
  }

  static std::vector<int> Statuses(TestConnection& connection, const Row& row, std::string& code) {
    std::vector<int> statuses;
    while (statuses.size() < row.statuses.size()) {
      const auto response = connection.Read();
      if (!response) break;
      statuses.push_back(response->status);
      code = CodeOf(*response);
    }
    return statuses;
  }

  void Run(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      TestConnection connection(port());
      ASSERT_TRUE(connection.connected()) << row.name;
      if (row.arrival == Arrival::kBytewise) {
        for (const char byte : row.bytes) connection.Send(std::string(1, byte));
      } else {
        connection.Send(row.bytes);
      }
      if (row.arrival == Arrival::kHalfClosed) connection.FinishSending();
      if (row.arrival == Arrival::kAborted) {
        connection.Abort();
      } else {
        std::string code;
        EXPECT_EQ(Statuses(connection, row, code), row.statuses) << row.name;
        if (!row.code.empty()) {
          EXPECT_EQ(code, row.code) << row.name;
        }
        // Whoever is told to go, or goes himself, is gone; nothing that follows was answered.
        const bool ends = row.arrival == Arrival::kHalfClosed || row.arrival == Arrival::kSilence;
        if (ends) {
          EXPECT_TRUE(connection.AtEnd()) << row.name << ": " << connection.received();
        }
      }
      ExpectServed(row.name);
    }
  }

  Limits limits_;
};

std::string Json(const std::string& body) { return Post(Length(body), body); }

// An evaluation whose resource has this id, as it stands between quotes.
std::string WithId(const std::string& id) {
  return Json(R"({"subject":{"type":"user","id":"ada"},"action":{"name":"read"},)"
              R"("resource":{"type":"doc","id":")" +
              id + "\"}}");
}

std::string WithContext(const std::string& value) {
  std::string body = EvaluationBody("read");
  body.back() = ',';
  return Json(body + R"("context":{"x":)" + value + "}}");
}

std::string Nested(int depth) {
  return std::string(static_cast<size_t>(depth), '[') +
         std::string(static_cast<size_t>(depth), ']');
}

std::string Members(int count) {
  std::string text = "{";
  for (int number = 0; number < count; ++number) {
    text += (number > 0 ? ",\"" : "\"") + std::to_string(number) + "\":0";
  }
  return text + "}";
}

TEST_F(HostileTest, OutlivesWhatRequestsSay) {
  const std::string good = EvaluationBody("read");
  const auto typed = [&](const std::string& field) {
    return "POST /access/v1/evaluation HTTP/1.1\r\nHost: a\r\n" + field + Length(good) + "\r\n" +
           good;
  };
  Run({
      {"a NUL in an id", WithId("a\0b"s), {400}, "malformed_json"},
      {"an escaped NUL in an id", WithId("a\\u0000b"), {400}, "control_character"},
      {"a line feed in an id", WithId("a\nb"), {400}, "malformed_json"},
      {"an escaped line feed in an id", WithId("a\\nb"), {400}, "control_character"},
      {"a DEL in an id", WithId("a\\u007fb"), {400}, "control_character"},
      {"a byte that is not UTF-8", WithId("\xFF"), {400}, "malformed_json"},
      {"a sequence that is cut off", WithId("\xC3"), {400}, "malformed_json"},
      {"a sequence longer than needed", WithId("\xC0\x80"), {400}, "malformed_json"},
      {"a surrogate in UTF-8", WithId("\xED\xA0\x80"), {400}, "malformed_json"},
      {"a letter beyond Unicode", WithId("\xF4\x90\x80\x80"), {400}, "malformed_json"},
      {"half of an escaped pair", WithId("\\ud800"), {400}, "malformed_json"},
      {"an unknown escape", WithId("\\x41"), {400}, "malformed_json"},
      {"an id of 100,000 letters", WithId(std::string(100'000, 'x')), {200}, ""},
      {"a path as id", WithId("../../etc/passwd"), {200}, ""},
      {"letters of all planes", WithId("\xF0\x9F\x92\xA9\xE2\x80\xAE"), {200}, ""},
      {"a name twice",
       Json(R"({"subject":{"type":"user","id":"ada","id":"eve"},"action":{"name":"read"},)"
            R"("resource":{"type":"doc","id":"1"}})"),
       {400},
       "malformed_json"},
      {"a name twice, once in escapes",
       Json(R"({"subject":{"type":"user","id":"ada","\u0069d":"eve"},"action":{"name":"read"},)"
            R"("resource":{"type":"doc","id":"1"}})"),
       {400},
       "malformed_json"},
      {"a name twice at the top", Json(R"({"action":{},"action":{}})"), {400}, "malformed_json"},
      {"a number beyond doubles", WithContext("1e999"), {400}, "malformed_json"},
      {"a number beyond doubles, negative", WithContext("-1e999"), {400}, "malformed_json"},
      {"a whole number beyond 64 bits", WithContext("123456789012345678901234567890"), {200}, ""},
      {"a number of 10,000 digits", WithContext(std::string(10'000, '9')), {400}, "malformed_json"},
      {"a huge exponent", WithContext("1e-99999999999999999999"), {400}, "malformed_json"},
      {"not a number", WithContext("NaN"), {400}, "malformed_json"},
      {"infinity", WithContext("Infinity"), {400}, "malformed_json"},
      {"a hexadecimal number", WithContext("0x10"), {400}, "malformed_json"},
      {"a leading zero", WithContext("007"), {400}, "malformed_json"},
      {"deep arrays", WithContext(Nested(1000)), {400}, "malformed_json"},
      {"deep arrays without an end",
       WithContext(std::string(100'000, '[')),
       {400},
       "malformed_json"},
      {"10,000 members", WithContext(Members(10'000)), {200}, ""},
      {"10,001 members", WithContext(Members(10'001)), {400}, "malformed_json"},
      {"a comment", Json("/* */" + good), {400}, "malformed_json"},
      {"a byte order mark", Json("\xEF\xBB\xBF" + good), {400}, "malformed_json"},
      {"UTF-16", Json("{\0\"\0}\0"s), {400}, "malformed_json"},
      {"two objects", Json(good + good), {400}, "malformed_json"},
      {"a trailing comma", Json("{\"subject\":{},}"), {400}, "malformed_json"},
      {"another content type", typed("Content-Type: text/plain\r\n"), {400}, "wrong_content_type"},
      {"an empty content type", typed("Content-Type:\r\n"), {400}, "wrong_content_type"},
      {"a content type with a tail",
       typed("Content-Type: application/json, text/html\r\n"),
       {400},
       "wrong_content_type"},
      {"1,000 fields",
       [&] {
         std::string fields;
         for (int number = 0; number < 1000; ++number) fields += "A: b\r\n";
         return typed("Content-Type: application/json\r\n" + fields);
       }(),
       {200},
       ""},
      {"a query of all signs", Get("/healthz?%00%ff&&==;..//\\\"'<>"), {200}, ""},
  });
}

TEST_F(HostileTest, OutlivesHowRequestsArrive) {
  const std::string good = Json(EvaluationBody("read"));
  const std::string health = Get("/healthz");
  const size_t head = good.find("\r\n\r\n") + 4;
  const std::string closing = Get("/healthz", "Host: a\r\nConnection: close\r\n");
  const auto repeated = [](const std::string& text, int times) {
    std::string all;
    for (int turn = 0; turn < times; ++turn) all += text;
    return all;
  };
  Run({
      {"byte by byte", good, {200}, "", Arrival::kBytewise},
      {"pipelined", good + health + good, {200, 200, 200}, ""},
      {"pipelined, byte by byte", health + good, {200, 200}, "", Arrival::kBytewise},
      {"300 pipelined", repeated(good, 300), std::vector<int>(300, 200), ""},
      {"300 pipelined, then a reset", repeated(good, 300), {}, "", Arrival::kAborted},
      {"pipelined after a refusal of a body", Json("{") + health, {400, 200}, ""},
      {"pipelined after a wrong method",
       "PUT /access/v1/evaluation HTTP/1.1\r\nHost: a\r\nContent-Length: " +
           std::to_string(health.size()) + "\r\n\r\n" + health + health,
       {405, 200},
       ""},
      {"nonsense after a good one",
       good + "\x01\x02\r\n\r\n" + health,
       {200, 400},
       "malformed_request",
       Arrival::kHalfClosed},
      {"a request after the last", closing + health, {200}, "", Arrival::kHalfClosed},
      {"empty lines first", "\r\n\r\n" + health, {400}, "malformed_request", Arrival::kHalfClosed},
      {"half-closed after a request", good, {200}, "", Arrival::kHalfClosed},
      {"half-closed at once", "", {}, "", Arrival::kHalfClosed},
      {"half-closed in the head",
       good.substr(0, 40),
       {400},
       "malformed_request",
       Arrival::kHalfClosed},
      {"half-closed in the body", good.substr(0, good.size() - 1), {}, "", Arrival::kHalfClosed},
      {"reset at once", "", {}, "", Arrival::kAborted},
      {"reset in the head", good.substr(0, 40), {}, "", Arrival::kAborted},
      {"reset in the body", good.substr(0, head + 5), {}, "", Arrival::kAborted},
      {"reset before the answer", good, {}, "", Arrival::kAborted},
      {"silence in the first line", "GET /hea", {408}, "too_slow", Arrival::kSilence},
      {"silence in the head", good.substr(0, head - 2), {408}, "too_slow", Arrival::kSilence},
      {"silence before the body", good.substr(0, head), {408}, "too_slow", Arrival::kSilence},
      {"silence in the body",
       good.substr(0, good.size() - 1),
       {408},
       "too_slow",
       Arrival::kSilence},
      {"silence after asking to go on",
       Post("Expect: 100-continue\r\nContent-Length: 10\r\n", ""),
       {100, 408},
       "too_slow",
       Arrival::kSilence},
  });
}

// Requests without an end, and nobody who reads the answers: the server stops reading when it
// cannot write, and closes when that lasts.
TEST_F(HostileTest, EndsConnectionsThatNeverRead) {
  std::string items = EvaluationBody("read");
  for (int item = 1; item < 200; ++item) items += "," + EvaluationBody("read");
  const std::string body = R"({"evaluations":[)" + items + "]}";
  const std::string batch = RequestText("POST", "/access/v1/evaluations", body);
  TestConnection greedy(port());
  size_t sent_bytes = 0;
  constexpr size_t kBoundBytes = size_t{256} << 20;
  while (sent_bytes < kBoundBytes && greedy.Send(batch)) sent_bytes += batch.size();
  EXPECT_LT(sent_bytes, kBoundBytes);
  ExpectServed("a connection that never reads");
}

}  // namespace
}  // namespace portvakt::server
