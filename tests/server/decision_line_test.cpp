// Lines of decisions: what is in them, what is masked out of them, and how long they may be.
#include "server/decision_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/json.h"
#include "server/json_text.h"
#include "server/request_json.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;
using testing::Not;

engine::InputValues Inputs(std::string_view json) { return ToInputs(*ReadJson(json).value); }

engine::Request Question() {
  engine::Request request;
  request.subject = {"user", "ada"};
  request.action = "read";
  request.resource = {"doc", "budget \"2026\""};
  return request;
}

std::string LineOf(const engine::Request& request, const std::vector<std::string>& mask = {}) {
  const auto masks = Masks::Of(mask);
  EXPECT_TRUE(masks.ok()) << (masks.ok() ? "" : masks.error().message);
  const LoggedDecision decision{.request = request,
                                .instant_us = 1'795'452'000'123'456,
                                .verdict = engine::Tri::kTrue,
                                .decided_by = "shelf",
                                .policy_version = 3,
                                .revision = 17,
                                .caller = "ledger",
                                .endpoint = "/access/v1/evaluation",
                                .duration_ns = 2'050,
                                .request_id = "r-1",
                                .trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"};
  std::string line;
  AppendDecisionLine(decision, *masks, line);
  return line;
}

TEST(DecisionLine, SaysAllThatTheDecisionCameFrom) {
  engine::Request request = Question();
  request.subject_properties = Inputs(R"({"level":2.5})");
  request.action_properties = Inputs(R"({"soft":true})");
  request.context = Inputs(R"({"login":"bankid","ids":[1,null,"x"],"geo":{"lat":[59.3],"ö":"å"}})");
  EXPECT_EQ(LineOf(request),
            R"({"time":"2026-11-23T16:40:00.123456Z","verdict":"permit","decided_by":"shelf",)"
            R"("subject":{"type":"user","id":"ada","properties":{"level":2.5}},)"
            R"("action":{"name":"read","properties":{"soft":true}},)"
            R"("resource":{"type":"doc","id":"budget \"2026\""},)"
            R"("context":{"login":"bankid","ids":[1,null,"x"],"geo":{"lat":[59.3],"ö":"å"}},)"
            R"("policy":3,"revision":17,"caller":"ledger","endpoint":"/access/v1/evaluation",)"
            R"("duration_us":2.050,"request_id":"r-1",)"
            R"("trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"})"
            "\n");
}

TEST(DecisionLine, LeavesOutWhatIsMasked) {
  engine::Request request = Question();
  request.subject_properties = Inputs(R"({"pnr":"19121212-1212","level":1})");
  request.resource_properties = Inputs(R"({"owner":{"name":"Ada","pnr":"19121212-1212"}})");
  request.context = Inputs(
      R"({"pnr":"19121212-1212","who":[{"pnr":"19121212-1212","role":"x"}],"login":"bankid"})");
  const std::string line = LineOf(request, {"context.pnr", "context.who.pnr", "subject.id",
                                            "subject.properties.*", "resource.properties.*.pnr"});
  EXPECT_THAT(line, Not(HasSubstr("1212")));
  EXPECT_THAT(line, Not(HasSubstr("ada")));
  EXPECT_THAT(line, HasSubstr(R"("subject":{"type":"user","id":"[masked]","properties":)"
                              R"({"pnr":"[masked]","level":"[masked]"}})"));
  EXPECT_THAT(line, HasSubstr(R"("owner":{"name":"Ada","pnr":"[masked]"})"));
  EXPECT_THAT(line, HasSubstr(R"("who":[{"pnr":"[masked]","role":"x"}],"login":"bankid")"));
}

TEST(DecisionLine, RefusesPathsThatMaskNothing) {
  for (const char* path : {"", "contex.pnr", "context", "context.", "context..a", "subject.type",
                           "subject.properties", "*", "subject.properties.a."}) {
    const auto masks = Masks::Of({"context.fine", path});
    ASSERT_FALSE(masks.ok()) << path;
    EXPECT_THAT(masks.error().message, HasSubstr("`" + std::string(path) + "`"));
    EXPECT_THAT(masks.error().message, HasSubstr("subject.properties."));
  }
}

TEST(DecisionLine, IsCutWhenItWouldBeTooLong) {
  engine::Request request = Question();
  request.context = Inputs(R"({"note":")" + std::string(kMaxDecisionLineBytes, 'x') + R"("})");
  request.subject.id = std::string(kMaxLoggedNameBytes - 1, 'y') + "åäö";
  const std::string line = LineOf(request);
  EXPECT_LE(line.size(), kMaxDecisionLineBytes);
  const JsonRead read = ReadJson(line);
  ASSERT_TRUE(read.value) << read.error.message;
  EXPECT_EQ(read.value->Find("cut")->boolean(), true);
  EXPECT_EQ(read.value->Find("context"), nullptr);
  EXPECT_EQ(read.value->Find("subject")->Find("id")->text(),
            std::string(kMaxLoggedNameBytes - 1, 'y'));
}

TEST(JsonText, WritesWhatTheReaderReads) {
  const std::string text = "a\"b\\c\n\t\x01 å \xF0\x9F\x94\x91 \x7f";
  std::string out;
  AppendJsonText(text, out);
  EXPECT_EQ(ReadJson(out).value->text(), text);
  std::string odd;
  AppendJsonText("a\xFF", odd);
  EXPECT_EQ(odd, "\"a\xEF\xBF\xBD\"");
  std::string instant;
  AppendJsonInstant(-1, instant);
  EXPECT_EQ(instant, "\"1969-12-31T23:59:59.999999Z\"");
}

}  // namespace
}  // namespace portvakt::server
