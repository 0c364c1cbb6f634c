// The interface beside AuthZEN over a real engine: what each endpoint refuses and how it says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/json.h"
#include "tests/server/http_client.h"
#include "tests/server/test_world.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;

constexpr char kPolicy[] = R"(policy desk "A desk"

context { login : enum { password < bankid } }

entity person { boss : person optional }
entity paper { owner : person }

permission read, sign on paper

fact person trusted_with paper

permit own_papers
    person may any of { read, sign } on paper
    if  paper.owner is person  else not_owner "{paper} is not {person}'s"

permit trusted
    person may read on paper
    if  person trusted_with paper  else not_trusted

permit signing
    person may sign on paper
    if  person trusted_with paper
    and context.login is at least bankid  else weak_login

define person handles paper
    if  person may read on paper

permit hand_out
    change person trusted_with paper
    by  person as actor
    if  paper.owner is actor  else not_the_owner "only the owner hands out {paper}"
)";

constexpr char kData[] = R"(
entities:
  person: { ada: {}, bo: { boss: ada }, cy: {} }
  paper: { p1: { owner: ada }, p2: { owner: ada }, p3: { owner: bo } }
facts:
  - bo trusted_with p1
)";

class V1Test : public testing::Test {
 protected:
  void SetUp() override {
    world_.InstallText(kPolicy);
    world_.LoadYaml(kData);
    server_ = world_.ServeChanges();
  }

  TestResponse Ask(const std::string& method, const std::string& target,
                   const std::string& body = "", const std::string& fields = "") {
    auto response = Fetch(server_->port(), method, target, body, fields);
    EXPECT_TRUE(response) << target << " " << body;
    return response.value_or(TestResponse());
  }
  JsonValue AskJson(const std::string& target, const std::string& body) {
    const TestResponse response = Ask("POST", target, body);
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_TRUE(response.Field("Portvakt-Revision"));
    EXPECT_TRUE(response.Field("Portvakt-Policy"));
    const JsonRead read = ReadJson(response.body);
    return read.value ? *read.value : JsonValue::Object();
  }
  void ExpectRefused(const std::string& target, const std::string& body, const std::string& code,
                     const std::string& about) {
    const TestResponse response = Ask("POST", target, body);
    EXPECT_EQ(response.status, 400) << target << " " << body;
    EXPECT_EQ(response.Field("Content-Type"), "application/problem+json");
    EXPECT_THAT(response.body, HasSubstr("\"code\":\"" + code + "\"")) << target << " " << body;
    EXPECT_THAT(response.body, HasSubstr(about)) << target << " " << body;
  }

  TestWorld world_;
  std::unique_ptr<Server> server_;
};

const std::string kBo = R"({"type":"person","id":"bo"})";
const std::string kAda = R"({"type":"person","id":"ada"})";

std::string Paper(const std::string& id) { return R"({"type":"paper","id":")" + id + "\"}"; }

std::string Question(const std::string& subject, const std::string& action,
                     const std::string& paper, const std::string& more = "") {
  return R"({"subject":)" + subject + R"(,"action":{"name":")" + action + R"("},"resource":)" +
         Paper(paper) + more + "}";
}

std::string TrustChange(const std::string& kind, const std::string& paper) {
  return "{\"" + kind + R"(":{"subject":)" + kBo + R"(,"relation":"trusted_with","object":)" +
         Paper(paper) + "}}";
}

std::string ChangeBody(const std::string& actor, const std::string& changes,
                       const std::string& more = "") {
  return R"({"actor":)" + actor + R"(,"changes":[)" + changes + "]" + more + "}";
}

// Each endpoint refuses what it does not know, with the name that was meant, and what is missing or
// of another type, with its place.
TEST_F(V1Test, RefusesWhatItCannotUnderstand) {
  struct Row {
    const char* target;
    std::string body;
    const char* code;
    const char* about;
  };
  const std::vector<Row> rows = {
      {"/v1/explain", Question(kBo, "read", "p1", R"(,"contxt":{})"), "unknown_member",
       "did you mean `context`"},
      {"/v1/explain", Question(R"({"type":"person","id":"bo","nme":1})", "read", "p1"),
       "unknown_member", "/subject/nme"},
      {"/v1/explain", R"({"subject":{"type":"person"},"action":{"name":"read"}})", "missing_member",
       "/subject/id"},
      {"/v1/explain", Question("7", "read", "p1"), "wrong_type", "/subject"},
      {"/v1/explain", Question(kBo, "read", "p1", R"(,"context":7)"), "wrong_type", "/context"},
      {"/v1/explain", Question(kBo, "read", "p1", R"(,"as_of":{"revision":-1})"), "wrong_value",
       "/as_of/revision"},
      {"/v1/explain", Question(kBo, "read", "p1", R"(,"as_of":{"instant":"yesterday"})"),
       "wrong_value", "/as_of/instant"},
      {"/v1/explain", Question(kBo, "read", "p1", R"(,"as_of":{"revison":1})"), "unknown_member",
       "did you mean `revision`"},
      {"/v1/explain",
       Question(kBo, "read", "p1", R"(,"as_of":{"revision":1,"instant":"2026-01-01T00:00:00Z"})"),
       "wrong_value", "one of them"},
      {"/v1/missing", Question(kBo, "read", "p2", R"(,"max_plans":0)"), "wrong_value",
       "/max_plans"},
      {"/v1/missing", Question(kBo, "read", "p2", R"(,"actor":"ada")"), "wrong_type", "/actor"},
      {"/v1/missing", Question(kBo, "read", "p2", R"(,"plans":1)"), "unknown_member", "/plans"},
      {"/v1/search", R"({"through":"subject"})", "wrong_value", "`subjects`"},
      {"/v1/search", R"({"throgh":"subjects"})", "missing_member", "/through"},
      {"/v1/search", R"({"through":"define","define":{"verb":"handles","places":[{"typ":"x"}]}})",
       "unknown_member", "/define/places/0/typ"},
      {"/v1/search",
       R"({"through":"define","define":{"verb":"handles","places":[{"type":"person"}]}})",
       "wrong_value", "/define/places/0"},
      {"/v1/search", R"({"through":"define","define":{"verb":"juggles","places":[]}})", "bad_query",
       "juggles"},
      {"/v1/search", R"({"through":"change","change":{"kind":"set"}})", "wrong_value",
       "/change/kind"},
      {"/v1/matrix", R"({"format":"xml"})", "wrong_value", "/format"},
      {"/v1/matrix", R"({"subjects":[{"type":"person"}]})", "missing_member", "/subjects/0/id"},
      {"/v1/matrix", R"({"permission":["read"]})", "unknown_member", "did you mean `permissions`"},
      {"/v1/matrix", R"({"permissions":[7]})", "wrong_type", "/permissions/0"},
      {"/v1/entities", "{}", "missing_member", "/type"},
      {"/v1/entities", R"({"type":"persn"})", "bad_query", "did you mean `person`"},
      {"/v1/entities", R"({"type":"person","ids":[]})", "wrong_value", "/ids"},
      {"/v1/entities", R"({"type":"person","idds":[]})", "unknown_member", "did you mean `ids`"},
      {"/v1/entities", R"({"type":"person","page":{"limit":0}})", "wrong_value", "/page/limit"},
      {"/v1/facts", R"({"relation":"trusted_with"})", "missing_member", "/subject"},
      {"/v1/facts", R"({"subject":{"type":"person","id":"bo"},"relation":"juggles"})", "bad_query",
       "juggles"},
      {"/v1/facts", R"({"subject":{"type":"person"}})", "missing_member", "/subject/id"},
      {"/v1/facts", R"({"object":{"type":"paper","id":"p1"},"page":{"token":"forged"}})",
       "bad_page_token", "/page/token"},
      {"/v1/history", R"({"limit":0})", "wrong_value", "/limit"},
      {"/v1/history", R"({"fact":{"subject":{"type":"person","id":"bo"}}})", "missing_member",
       "/fact/relation"},
      {"/v1/history", R"({"enity":{"type":"person","id":"bo"}})", "unknown_member",
       "did you mean `entity`"},
      {"/v1/changes", R"({"changes":[]})", "missing_member", "/actor"},
      {"/v1/changes", ChangeBody(kAda, TrustChange("remve", "p1")), "unknown_member",
       "did you mean `remove`"},
      {"/v1/changes", ChangeBody(kAda, "{}"), "wrong_value", "exactly one of"},
      {"/v1/changes", ChangeBody(kAda, "7"), "wrong_type", "/changes/0"},
      {"/v1/changes",
       ChangeBody(kAda, R"({"seats":{"pool":{"type":"person","id":"bo"},"licence":"x",)"
                        R"("seats":-3}})"),
       "wrong_value", "/changes/0/seats/seats"},
      {"/v1/changes",
       ChangeBody(kAda, R"({"add":{"subject":{"type":"person","id":"bo"},)"
                        R"("relation":"trusted_with","until":"soon"}})"),
       "wrong_value", "/changes/0/add/until"},
      {"/v1/changes", ChangeBody(kAda, "", R"(,"dryrun":true)"), "unknown_member",
       "did you mean `dry_run`"},
      {"/v1/changes", ChangeBody(kAda, "", R"(,"dry_run":1)"), "wrong_type", "/dry_run"},
      {"/v1/changes", ChangeBody(kAda, "", R"(,"ticket":")" + std::string(201, 't') + "\""),
       "wrong_value", "200 bytes"},
      {"/v1/onboard", R"({"actor":{"type":"person","id":"ada"}})", "missing_member", "/subject"},
      {"/v1/offboard", R"({"subject":{"type":"person","id":"bo"}})", "missing_member", "/actor"},
      {"/v1/offboard",
       R"({"actor":{"type":"person","id":"ada"},"subject":{"type":"person","id":"bo"},)"
       R"("closing":[{"add":{}}]})",
       "missing_member", "/closing/0/add/subject"},
  };
  for (const Row& row : rows) ExpectRefused(row.target, row.body, row.code, row.about);
  for (const char* target :
       {"/v1/explain", "/v1/missing", "/v1/search", "/v1/matrix", "/v1/entities", "/v1/facts",
        "/v1/history", "/v1/changes", "/v1/onboard", "/v1/offboard"}) {
    ExpectRefused(target, "[]", "malformed_json", "an array");
    ExpectRefused(target, "{", "malformed_json", "at byte");
    EXPECT_EQ(Ask("PUT", target).status, 405) << target;
  }
}

TEST_F(V1Test, ExplainsInFull) {
  const JsonValue answer = AskJson("/v1/explain", Question(kBo, "read", "p2"));
  EXPECT_FALSE(answer.Find("decision")->boolean());
  const JsonValue& reasons = *answer.Find("context")->Find("reasons");
  ASSERT_FALSE(reasons.elements().empty());
  EXPECT_FALSE(answer.Find("context")->Find("rules")->elements().empty());
  EXPECT_TRUE(AskJson("/v1/explain", Question(kBo, "read", "p1")).Find("decision")->boolean());
  EXPECT_FALSE(AskJson("/v1/explain", Question(kBo, "juggle", "p1")).Find("decision")->boolean());
}

TEST_F(V1Test, SearchesWithTheUncertain) {
  const std::string body = R"({"through":"resources","subject":)" + kBo +
                           R"(,"action":{"name":"sign"},"resource":{"type":"paper"}})";
  const JsonValue answer = AskJson("/v1/search", body);
  EXPECT_EQ(WriteJson(*answer.Find("results")),
            R"([{"entity":{"type":"paper","id":"p1"},"verdict":"depends",)"
            R"("missing_context":["context.login"]},)"
            R"({"entity":{"type":"paper","id":"p3"},"verdict":"yes"}])");
  EXPECT_TRUE(answer.Find("complete")->boolean());
  EXPECT_EQ(answer.Find("page"), nullptr);
}

TEST_F(V1Test, SearchesThroughADefinition) {
  const JsonValue answer =
      AskJson("/v1/search", R"({"through":"define","define":{"verb":"handles","places":[)" + kBo +
                                R"(,{"hole":true,"type":"paper"}]},"page":{"limit":1}})");
  EXPECT_EQ(WriteJson(*answer.Find("results")),
            R"([{"entity":{"type":"paper","id":"p1"},"verdict":"yes"}])");
  EXPECT_FALSE(answer.Find("complete")->boolean());
  const std::string token = answer.Find("page")->Find("next_token")->text();
  const JsonValue next = AskJson(
      "/v1/search", R"({"through":"define","define":{"verb":"handles","places":[)" + kBo +
                        R"(,{"hole":true,"type":"paper"}]},"page":{"token":")" + token + "\"}}");
  EXPECT_EQ(WriteJson(*next.Find("results")),
            R"([{"entity":{"type":"paper","id":"p3"},"verdict":"yes"}])");
}

TEST_F(V1Test, TellsItsStatusAndPolicy) {
  const TestResponse status = Ask("GET", "/v1/status");
  EXPECT_EQ(status.status, 200);
  const JsonRead read = ReadJson(status.body);
  ASSERT_TRUE(read.value);
  EXPECT_EQ(read.value->Find("policy")->Find("name")->text(), "desk");
  EXPECT_GT(read.value->Find("revision")->integer(), 0);
  EXPECT_GT(read.value->Find("map")->Find("used_bytes")->integer(), 0);
  EXPECT_TRUE(read.value->Find("takes_changes")->boolean());

  const JsonRead policy = ReadJson(Ask("GET", "/v1/policies/active").body);
  ASSERT_TRUE(policy.value);
  ASSERT_EQ(policy.value->Find("files")->elements().size(), 1u);
  EXPECT_EQ(policy.value->Find("files")->elements()[0].Find("text")->text(), kPolicy);
  EXPECT_EQ(*policy.value->Find("digest"), *read.value->Find("policy")->Find("digest"));
}

TEST_F(V1Test, CountsForPrometheus) {
  const TestResponse response = Ask("GET", "/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Field("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(response.body, HasSubstr("\nportvakt_policy_version 1\n"));
  EXPECT_THAT(response.body, HasSubstr("portvakt_changes_total{outcome=\"applied\"} 0\n"));
}

TEST_F(V1Test, TakesNoChangesUnlessItTrustsItsCallers) {
  const auto careful = world_.Serve();
  for (const char* target : {"/v1/changes", "/v1/onboard", "/v1/offboard"}) {
    const auto response = Fetch(careful->port(), "POST", target, "{}");
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 403) << target;
    EXPECT_THAT(response->body, HasSubstr("\"code\":\"changes_off\""));
    EXPECT_THAT(response->body, HasSubstr("--trust-callers"));
  }
  EXPECT_EQ(Fetch(careful->port(), "GET", "/v1/changes")->status, 200);
}

}  // namespace
}  // namespace portvakt::server
