// The decision interface as tables: bodies in, statuses and bodies out, over a scripted decider.
// Batches are in authzen_batch_test.cpp.
#include "server/authzen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/json.h"
#include "tests/server/scripted_decider.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;

TEST(Evaluate, AnswersWithTheDecisionAlone) {
  for (const Handler handler : {Evaluate, EvaluateBatch}) {
    EXPECT_EQ(Ask(handler, About("yes")).body, R"({"decision":true})");
    EXPECT_EQ(Ask(handler, About("no")).body, R"({"decision":false})");
    EXPECT_EQ(Ask(handler, About("no")).status, 200);
    EXPECT_EQ(Ask(handler, About("no")).content_type, "application/json");
  }
}

TEST(Evaluate, TellsThePolicysObligations) {
  EXPECT_EQ(Ask(Evaluate, About("yes, with duties")).body,
            R"({"decision":true,"context":{"obligations":)"
            R"([{"id":"log","text":"write it down"},{"id":"tell","text":""}]}})");
}

TEST(Evaluate, ExplainsOnlyWhenAsked) {
  const std::string explained =
      R"({"decision":false,"context":{)"
      R"("reasons":[{"code":"not_linked","text":"norr and alfa are not linked"},)"
      R"({"code":"no_grant","text":""}],)"
      R"("decided_by":[],"notes":[{"code":"dormant","text":"it sleeps"}],)"
      R"("rules":[{"kind":"permit","name":"work","place":"byra.vakt:10:1","verdict":"false",)"
      R"("codes":["not_linked"],"conditions":[)"
      R"({"place":"byra.vakt:12:5","text":"user.home serves client","verdict":"false",)"
      R"("found":"no","wanted":"yes","code":"not_linked"},)"
      R"({"place":"byra.vakt:13:5","text":"context.login is at least bankid",)"
      R"("verdict":"unknown","found":"","wanted":"at least bankid"}]}],)"
      R"("missing_context":["login"]}})";
  ScriptedDecider decider;
  for (const std::string_view wish : {"true", "True", "TRUE"}) {
    EXPECT_EQ(Ask(Evaluate, About("no"), decider, "application/json", wish).body, explained);
  }
  for (const std::string_view wish : {"false", "1", "yes", "true, true"}) {
    EXPECT_EQ(Ask(Evaluate, About("no"), decider, "application/json", wish).body,
              R"({"decision":false})");
  }
  EXPECT_EQ(Ask(Evaluate, About("yes, with duties"), decider, "application/json", "true").body,
            R"({"decision":true,"context":{"obligations":[{"id":"log","text":"write it down"},)"
            R"({"id":"tell","text":""}],"reasons":[],"decided_by":["work"],"notes":[],)"
            R"("rules":[],"missing_context":[]}})");
}

TEST(Evaluate, TakesTheContentTypeForWhatItIs) {
  ScriptedDecider decider;
  for (const std::string_view good :
       {"application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8",
        "Application/JSON", "application/json ; x=y"}) {
    EXPECT_EQ(Ask(Evaluate, About("yes"), decider, good).status, 200) << good;
  }
  for (const std::string_view bad :
       {"", "text/plain", "application/jsonx", "application/json+x", "application/x-json",
        "text/json", "application/problem+json", ";application/json"}) {
    const HttpResponse response = Ask(Evaluate, About("yes"), decider, bad);
    EXPECT_EQ(response.status, 400) << bad;
    EXPECT_THAT(response.body, HasSubstr(R"("code":"wrong_content_type")"));
  }
}

// What no decision can be made of, whichever endpoint gets it.
TEST(Evaluate, RefusesAndSaysWhatWhereAndWhatToDo) {
  const std::string subject = R"("subject":{"type":"user","id":"ada"})";
  const std::string action = R"("action":{"name":"read"})";
  const std::string resource = R"("resource":{"type":"doc","id":"yes"})";
  const auto whole = [](const std::string& one, const std::string& two, const std::string& three) {
    return "{" + one + "," + two + "," + three + "}";
  };
  const Bad cases[] = {
      {"", "malformed_json", "the body is empty"},
      {"{", "malformed_json", "ends before its value does, at byte 1"},
      {"nonsense", "malformed_json", "unexpected `n`, at byte 0"},
      {"[]", "malformed_json", "the body is an array; send a JSON object"},
      {"\"text\"", "malformed_json", "the body is a string"},
      {"null", "malformed_json", "the body is null"},
      {About("yes") + "x", "malformed_json", "something follows the value"},
      {R"({"subject":{},"subject":{}})", "malformed_json", "the name `subject` stands twice"},
      {"{}", "missing_member", "`/subject` is missing"},
      {whole("\"x\":1", action, resource), "missing_member", "`/subject` is missing"},
      {whole(subject, "\"x\":1", resource), "missing_member", "`/action` is missing"},
      {whole(subject, action, "\"x\":1"), "missing_member", "`/resource` is missing"},
      {whole(R"("subject":null)", action, resource), "missing_member", "`/subject` is missing"},
      {whole(R"("subject":"ada")", action, resource), "wrong_type", "`/subject` is a string"},
      {whole(R"("subject":[])", action, resource), "wrong_type", "`/subject` is an array"},
      {whole(R"("subject":{"id":"ada"})", action, resource), "missing_member", "`/subject/type`"},
      {whole(R"("subject":{"type":"user"})", action, resource), "missing_member", "`/subject/id`"},
      {whole(R"("subject":{"type":"user","id":null})", action, resource), "missing_member",
       "`/subject/id` is missing; send a string"},
      {whole(R"("subject":{"type":"user","id":7})", action, resource), "wrong_type",
       "`/subject/id` is a number; it must be a string"},
      {whole(R"("subject":{"type":true,"id":"a"})", action, resource), "wrong_type",
       "`/subject/type` is a boolean"},
      {whole(R"("subject":{"type":"user","id":"a\u0000b"})", action, resource), "control_character",
       "`/subject/id` holds a control character"},
      {whole(R"("subject":{"type":"user","id":"a","properties":5})", action, resource),
       "wrong_type", "`/subject/properties` is a number; it must be an object"},
      {whole(subject, R"("action":{})", resource), "missing_member", "`/action/name`"},
      {whole(subject, R"("action":"read")", resource), "wrong_type", "`/action` is a string"},
      {whole(subject, R"("action":{"name":1.5})", resource), "wrong_type", "`/action/name`"},
      {whole(subject, R"("action":{"name":"a\n"})", resource), "control_character",
       "`/action/name`"},
      {whole(subject, R"("action":{"name":"a","properties":[]})", resource), "wrong_type",
       "`/action/properties` is an array"},
      {whole(subject, action, R"("resource":{"type":"doc"})"), "missing_member", "`/resource/id`"},
      {whole(subject, action, R"("resource":{"id":"doc"})"), "missing_member", "`/resource/type`"},
      {whole(subject, action, resource + R"(,"context":[])"), "wrong_type",
       "`/context` is an array; it must be an object"},
      {whole(subject, action, resource + R"(,"context":"x")"), "wrong_type", "`/context`"},
  };
  for (const Handler handler : {Evaluate, EvaluateBatch}) {
    for (const Bad& one : cases) {
      ScriptedDecider decider;
      const HttpResponse response = Ask(handler, one.body, decider);
      EXPECT_EQ(response.status, 400) << one.body;
      EXPECT_EQ(response.content_type, "application/problem+json");
      const JsonRead problem = ReadJson(response.body);
      ASSERT_TRUE(problem.value) << response.body;
      ASSERT_NE(problem.value->Find("code"), nullptr) << response.body;
      EXPECT_EQ(problem.value->Find("code")->text(), one.code) << one.body;
      EXPECT_THAT(problem.value->Find("detail")->text(), HasSubstr(one.detail)) << one.body;
      EXPECT_EQ(problem.value->Find("status")->integer(), 400);
      EXPECT_EQ(problem.value->Find("title")->text(), "Bad Request");
      EXPECT_TRUE(decider.asked.empty()) << one.body;
    }
  }
}

TEST(Evaluate, IgnoresWhatItDoesNotKnowAndTheOrderOfMembers) {
  const char* const cases[] = {
      R"({"resource":{"id":"yes","type":"doc"},"action":{"name":"read"},)"
      R"("subject":{"id":"ada","type":"user"}})",
      R"({"x":1,"subject":{"type":"user","id":"ada","x":[{}]},"y":{"a":null},)"
      R"("action":{"name":"read","x":0},"resource":{"type":"doc","id":"yes","ownerID":"b"}})",
      R"({"subject":{"type":"user","id":"ada","properties":null},"context":null,)"
      R"("action":{"name":"read","properties":{}},"resource":{"type":"doc","id":"yes"}})",
      R"({"subject":{"type":"user","id":"ada"},"action":{"name":"read"},"context":{},)"
      R"("resource":{"type":"doc","id":"yes"},"options":{"evaluations_semantic":"any"}})",
  };
  for (const Handler handler : {Evaluate, EvaluateBatch}) {
    for (const char* body : cases) {
      ScriptedDecider decider;
      const HttpResponse response = Ask(handler, body, decider);
      EXPECT_EQ(response.body, R"({"decision":true})") << body;
      ASSERT_EQ(decider.asked.size(), 1u);
      EXPECT_EQ(decider.asked[0].subject.type, "user");
      EXPECT_EQ(decider.asked[0].subject.id, "ada");
      EXPECT_EQ(decider.asked[0].action, "read");
      EXPECT_EQ(decider.asked[0].resource.type, "doc");
    }
  }
}

TEST(Evaluate, SingleIgnoresABatch) {
  EXPECT_EQ(Ask(Evaluate, R"({"evaluations":[{}],)" + About("yes").substr(1)).body,
            R"({"decision":true})");
}

// Empty and odd ids are legal: they match nothing.
TEST(Evaluate, TakesAnyStringAsId) {
  for (const std::string id : {"", " ", "å", "a/b:c#d", "101", "\\u00e5", "\\\\", "\\\""}) {
    EXPECT_EQ(Ask(Evaluate, About(id)).body, R"({"decision":false})") << id;
  }
  EXPECT_EQ(Ask(Evaluate, About(std::string(5000, 'x'))).body, R"({"decision":false})");
}

TEST(Evaluate, HandsValuesOnAsTheyAre) {
  ScriptedDecider decider;
  Ask(Evaluate,
      R"({"subject":{"type":"user","id":"ada","properties":{"b":true,"n":null}},)"
      R"("action":{"name":"pay","properties":{"amount":12,"share":0.5}},)"
      R"("resource":{"type":"doc","id":"1","properties":{"tags":["a",["b"]],"o":{"x":1}}},)"
      R"("context":{"login":"bankid","large":1e300}})",
      decider);
  ASSERT_EQ(decider.asked.size(), 1u);
  const engine::Request& asked = decider.asked[0];
  using InputKind = engine::InputValue::Kind;
  ASSERT_EQ(asked.subject_properties.size(), 2u);
  EXPECT_EQ(asked.subject_properties[0].first, "b");
  EXPECT_EQ(asked.subject_properties[0].second.kind, InputKind::kBool);
  EXPECT_TRUE(asked.subject_properties[0].second.boolean);
  EXPECT_EQ(asked.subject_properties[1].second.kind, InputKind::kNull);
  ASSERT_EQ(asked.action_properties.size(), 2u);
  EXPECT_EQ(asked.action_properties[0].second.kind, InputKind::kInteger);
  EXPECT_EQ(asked.action_properties[0].second.integer, 12);
  EXPECT_EQ(asked.action_properties[1].second.kind, InputKind::kDouble);
  EXPECT_EQ(asked.action_properties[1].second.number, 0.5);
  ASSERT_EQ(asked.resource_properties.size(), 2u);
  EXPECT_EQ(asked.resource_properties[0].second.kind, InputKind::kList);
  ASSERT_EQ(asked.resource_properties[0].second.list.size(), 2u);
  EXPECT_EQ(asked.resource_properties[0].second.list[0].text, "a");
  EXPECT_EQ(asked.resource_properties[0].second.list[1].list[0].text, "b");
  EXPECT_EQ(asked.resource_properties[1].second.kind, InputKind::kObject);
  ASSERT_EQ(asked.context.size(), 2u);
  EXPECT_EQ(asked.context[0].first, "login");
  EXPECT_EQ(asked.context[0].second.text, "bankid");
  EXPECT_EQ(asked.context[1].second.number, 1e300);
  EXPECT_FALSE(asked.now_us.has_value());
}

}  // namespace
}  // namespace portvakt::server
