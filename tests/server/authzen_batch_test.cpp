// Batches of the decision interface as tables: defaults, semantics, faults of items and of the
// whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/json.h"
#include "server/limits.h"
#include "tests/server/scripted_decider.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;

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

TEST(EvaluateBatch, AnswersTheSameBytesAgain) {
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
