// The decision interface as tables: bodies in, statuses and bodies out. A scripted decider stands
// for the engine: it permits by the resource's id and records what it was asked.
#include "server/authzen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/json.h"
#include "server/limits.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;

// Permits everything about resources whose id begins with "yes".
class ScriptedDecider : public Decider {
 public:
  engine::Decision Decide(const engine::Request& request) override {
    asked.push_back(request);
    engine::Decision decision;
    decision.permit = request.resource.id.starts_with("yes");
    decision.verdict = engine::From(decision.permit);
    if (request.resource.id == "yes, with duties") {
      decision.obligations = {{"log", "write it down"}, {"tell", ""}};
    }
    return decision;
  }
  engine::Explanation Explain(const engine::Request& request) override {
    engine::Explanation explanation;
    explanation.decision = Decide(request);
    if (explanation.decision.permit) {
      explanation.decided_by = {"work"};
    } else {
      explanation.reasons = {{"not_linked", "norr and alfa are not linked"}, {"no_grant", ""}};
      explanation.notes = {{"dormant", "it sleeps"}};
      engine::RuleReport rule;
      rule.name = "work";
      rule.place = "byra.vakt:10:1";
      rule.codes = {"not_linked"};
      rule.conditions = {{"byra.vakt:12:5", "user.home serves client", engine::Tri::kFalse, "no",
                          "yes", "not_linked"},
                         {"byra.vakt:13:5", "context.login is at least bankid",
                          engine::Tri::kUnknown, "", "at least bankid", ""}};
      explanation.rules = {rule};
      explanation.missing_context = {"login"};
    }
    return explanation;
  }

  std::vector<engine::Request> asked;
};

using Handler = HttpResponse (*)(const HttpRequest&, Decider&);

HttpResponse Ask(Handler handler, std::string_view body, Decider& decider,
                 std::string_view content_type = "application/json",
                 std::string_view explain = "") {
  HttpRequest request;
  request.method = "POST";
  request.target = "/";
  if (!content_type.empty()) request.fields.emplace_back("content-type", content_type);
  if (!explain.empty()) request.fields.emplace_back("portvakt-explain", explain);
  request.body = body;
  return handler(request, decider);
}

HttpResponse Ask(Handler handler, std::string_view body) {
  ScriptedDecider decider;
  return Ask(handler, body, decider);
}

// A whole request about a resource.
std::string About(std::string_view id) {
  return R"({"subject":{"type":"user","id":"ada"},"action":{"name":"read"},)"
         R"("resource":{"type":"doc","id":")" +
         std::string(id) + R"("}})";
}

// ---- both ways of asking ------------------------------------------------------------------------

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

struct Bad {
  std::string body;
  std::string code;
  std::string detail;  // a part of it
};

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

// ---- batches ------------------------------------------------------------------------------------

const char kSubject[] = R"("subject":{"type":"user","id":"ada"})";
const char kAction[] = R"("action":{"name":"read"})";

// A batch about the resources of these ids, with subject and action as defaults.
std::string Batch(const std::vector<std::string>& ids, const std::string& semantic = "") {
  std::string text = "{" + std::string(kSubject) + "," + kAction + ",\"evaluations\":[";
  for (size_t index = 0; index < ids.size(); ++index) {
    if (index > 0) text += ',';
    text += ids[index] == "bad" ? "{\"resource\":{}}"
                                : R"({"resource":{"type":"doc","id":")" + ids[index] + "\"}}";
  }
  text += "]";
  if (!semantic.empty()) text += R"(,"options":{"evaluations_semantic":")" + semantic + "\"}";
  return text + "}";
}

// The decisions as one letter each: t, f, and e for an item error.
std::string Letters(const HttpResponse& response) {
  const JsonRead read = ReadJson(response.body);
  if (response.status != 200 || !read.value || read.value->Find("evaluations") == nullptr) {
    return std::to_string(response.status) + " " + response.body;
  }
  EXPECT_EQ(read.value->members().size(), 1u);
  std::string letters;
  for (const JsonValue& item : read.value->Find("evaluations")->elements()) {
    const bool permit = item.Find("decision")->boolean();
    const JsonValue* context = item.Find("context");
    if (context != nullptr && context->Find("error") != nullptr) {
      EXPECT_FALSE(permit);
      letters += 'e';
    } else {
      letters += permit ? 't' : 'f';
    }
  }
  return letters;
}

struct Semantics {
  std::vector<std::string> ids;
  std::string semantic;
  std::string letters;
};

TEST(EvaluateBatch, StopsAfterTheTrigger) {
  const Semantics cases[] = {
      {{"yes", "no", "yes"}, "", "tft"},
      {{"yes", "no", "yes"}, "execute_all", "tft"},
      {{"yes", "no", "yes"}, "deny_on_first_deny", "tf"},
      {{"yes", "no", "yes"}, "permit_on_first_permit", "t"},
      {{"no", "no", "yes", "no"}, "permit_on_first_permit", "fft"},
      {{"no", "no"}, "permit_on_first_permit", "ff"},
      {{"yes", "yes"}, "deny_on_first_deny", "tt"},
      {{"no"}, "deny_on_first_deny", "f"},
      {{"yes", "bad", "yes"}, "execute_all", "tet"},
      {{"yes", "bad", "yes"}, "deny_on_first_deny", "te"},
      {{"bad", "yes", "no"}, "permit_on_first_permit", "et"},
      {{"bad", "bad"}, "execute_all", "ee"},
      {{"bad"}, "permit_on_first_permit", "e"},
  };
  for (const Semantics& one : cases) {
    EXPECT_EQ(Letters(Ask(EvaluateBatch, Batch(one.ids, one.semantic))), one.letters)
        << one.semantic << " " << Batch(one.ids);
  }
}

TEST(EvaluateBatch, StopsAskingToo) {
  ScriptedDecider decider;
  Ask(EvaluateBatch, Batch({"no", "yes", "yes"}, "deny_on_first_deny"), decider);
  EXPECT_EQ(decider.asked.size(), 1u);
}

TEST(EvaluateBatch, WritesNothingBesideTheDecisions) {
  EXPECT_EQ(Ask(EvaluateBatch, Batch({"yes", "no"})).body,
            R"({"evaluations":[{"decision":true},{"decision":false}]})");
  EXPECT_EQ(Ask(EvaluateBatch, Batch({"bad"})).body,
            R"({"evaluations":[{"decision":false,"context":{"error":{"status":400,)"
            R"("message":"`/evaluations/0/resource/type` is missing; send a string"}}}]})");
}

TEST(EvaluateBatch, AnEmptyListIsASingleEvaluation) {
  EXPECT_EQ(Ask(EvaluateBatch, R"({"evaluations":[],)" + About("yes").substr(1)).body,
            R"({"decision":true})");
  EXPECT_EQ(Ask(EvaluateBatch, R"({"evaluations":[]})").status, 400);
}

struct Defaults {
  std::string body;
  std::string letters;
};

TEST(EvaluateBatch, ReplacesDefaultsWholeAndChecksAfterwards) {
  const std::string entities = R"("subject":{"type":"user","id":"ada"},"action":{"name":"read"},)";
  const std::string yes = R"("resource":{"type":"doc","id":"yes"})";
  const Defaults cases[] = {
      // Every item brings all: no defaults needed.
      {R"({"evaluations":[{)" + entities + yes + "}]}", "t"},
      // A default that is incomplete is no fault where it is replaced, and one where it is not.
      {"{" + entities + R"("resource":{},"evaluations":[{)" + yes + "}]}", "t"},
      {"{" + entities + R"("resource":{},"evaluations":[{)" + yes + "},{}]}", "te"},
      {R"({"subject":{"type":7},"evaluations":[{)" + entities + yes + "}]}", "t"},
      // Nothing is merged: an item's resource without a type gets none from the default.
      {"{" + entities + yes + R"(,"evaluations":[{"resource":{"id":"yes"}},{}]})", "et"},
      // null is absent.
      {"{" + entities + yes + R"(,"evaluations":[{"resource":null}]})", "t"},
      // Items that are no objects, and wrong types inside.
      {"{" + entities + yes + R"(,"evaluations":[1,"x",null,[],{}]})", "eeeet"},
      {"{" + entities + yes + R"(,"evaluations":[{"context":[]},{"subject":"ada"}]})", "ee"},
      {"{" + entities + yes + R"(,"evaluations":[{"x":1}],"y":2})", "t"},
      {R"({"evaluations":[{},{}]})", "ee"},
      {"{" + entities + yes + R"(,"options":null,"evaluations":[{}]})", "t"},
      {"{" + entities + yes + R"(,"options":{"x":1},"evaluations":[{}]})", "t"},
      {"{" + entities + yes + R"(,"options":{"evaluations_semantic":null},"evaluations":[{}]})",
       "t"},
  };
  for (const Defaults& one : cases) {
    EXPECT_EQ(Letters(Ask(EvaluateBatch, one.body)), one.letters) << one.body;
  }
}

TEST(EvaluateBatch, LeaksNothingOfADefaultIntoAnItem) {
  ScriptedDecider decider;
  Ask(EvaluateBatch,
      R"({"subject":{"type":"user","id":"ada","properties":{"vip":true}},)"
      R"("action":{"name":"read"},"context":{"login":"bankid"},"evaluations":[)"
      R"({"subject":{"type":"user","id":"bo"},"resource":{"type":"doc","id":"1"}},)"
      R"({"context":{},"resource":{"type":"doc","id":"2"}}]})",
      decider);
  ASSERT_EQ(decider.asked.size(), 2u);
  EXPECT_TRUE(decider.asked[0].subject_properties.empty());
  EXPECT_EQ(decider.asked[0].context.size(), 1u);
  EXPECT_EQ(decider.asked[1].subject_properties.size(), 1u);
  EXPECT_TRUE(decider.asked[1].context.empty());
}

TEST(EvaluateBatch, SaysWhereAFaultStood) {
  const HttpResponse response =
      Ask(EvaluateBatch, R"({"subject":{"type":"user"},"action":{"name":"a"},"evaluations":[)"
                         R"({"resource":{"type":"d","id":"1"}},)"
                         R"({"subject":{"type":"u","id":"a"},"resource":{"type":"d","id":5}},7]})");
  EXPECT_THAT(response.body, HasSubstr("`/subject/id` is missing"));
  EXPECT_THAT(response.body, HasSubstr("`/evaluations/1/resource/id` is a number"));
  EXPECT_THAT(response.body, HasSubstr("`/evaluations/2` is a number; it must be an object"));
}

TEST(EvaluateBatch, RefusesWhatIsWrongWithTheWhole) {
  const std::string items = R"("evaluations":[{}])";
  const Bad cases[] = {
      {R"({"evaluations":null})", "wrong_type", "`/evaluations` is null"},
      {R"({"evaluations":{}})", "wrong_type", "`/evaluations` is an object"},
      {R"({"evaluations":"x"})", "wrong_type", "`/evaluations` is a string"},
      {R"({"subject":"ada",)" + items + "}", "wrong_type", "`/subject` is a string"},
      {R"({"action":1,)" + items + "}", "wrong_type", "`/action` is a number"},
      {R"({"resource":[],)" + items + "}", "wrong_type", "`/resource` is an array"},
      {R"({"context":true,)" + items + "}", "wrong_type", "`/context` is a boolean"},
      {R"({"options":[],)" + items + "}", "wrong_type", "`/options` is an array"},
      {R"({"options":{"evaluations_semantic":1},)" + items + "}", "wrong_type",
       "`/options/evaluations_semantic` is a number"},
      {R"({"options":{"evaluations_semantic":"any"},)" + items + "}", "unknown_semantic",
       "`/options/evaluations_semantic` must be `execute_all`"},
      {R"({"options":{"evaluations_semantic":"Execute_All"},)" + items + "}", "unknown_semantic",
       "`deny_on_first_deny`"},
      {R"({"options":{"evaluations_semantic":""},)" + items + "}", "unknown_semantic", "execute"},
  };
  for (const Bad& one : cases) {
    const HttpResponse response = Ask(EvaluateBatch, one.body);
    EXPECT_EQ(response.status, 400) << one.body;
    EXPECT_THAT(response.body, HasSubstr("\"code\":\"" + one.code + "\"")) << one.body;
    EXPECT_THAT(response.body, HasSubstr(one.detail)) << one.body;
  }
}

TEST(EvaluateBatch, TakesAThousandItemsAndNoMore) {
  EXPECT_EQ(kMaxEvaluations, 1000u);
  std::vector<std::string> ids(kMaxEvaluations, "yes");
  EXPECT_EQ(Letters(Ask(EvaluateBatch, Batch(ids))), std::string(kMaxEvaluations, 't'));
  ids.push_back("yes");
  const HttpResponse response = Ask(EvaluateBatch, Batch(ids));
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("`/evaluations` has 1001 items; send at most 1000"));
}

TEST(EvaluateBatch, ExplainsEachItemWhenAsked) {
  ScriptedDecider decider;
  const HttpResponse response =
      Ask(EvaluateBatch, Batch({"yes", "no"}), decider, "application/json", "true");
  const JsonRead read = ReadJson(response.body);
  ASSERT_TRUE(read.value);
  const JsonValue::Elements& items = read.value->Find("evaluations")->elements();
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].Find("context")->Find("decided_by")->elements().size(), 1u);
  EXPECT_EQ(items[1].Find("context")->Find("reasons")->elements().size(), 2u);
}

TEST(Evaluate, AnswersTheSameBytesAgain) {
  ScriptedDecider decider;
  for (const std::string_view explain : {"", "true"}) {
    const std::string first =
        Ask(EvaluateBatch, Batch({"yes", "no", "bad"}), decider, "application/json", explain).body;
    for (int repeat = 0; repeat < 3; ++repeat) {
      EXPECT_EQ(
          Ask(EvaluateBatch, Batch({"yes", "no", "bad"}), decider, "application/json", explain)
              .body,
          first);
    }
  }
}

}  // namespace
}  // namespace portvakt::server
