// The life of a policy over HTTP: upload, findings, list, differences, impact, activation, and
// back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/json.h"
#include "server/limits.h"
#include "tests/server/http_client.h"
#include "tests/server/http_fixture.h"
#include "tests/server/test_world.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;

constexpr char kFirst[] = R"(policy desk "A desk"
entity person
entity paper
permission read, sign on paper
fact person trusted_with paper
permit trusted
    person may read on paper
    if  person trusted_with paper
)";
constexpr char kSecond[] = R"(policy desk "A desk"
entity person
entity paper
permission read, sign on paper
fact person trusted_with paper
permit trusted
    person may any of { read, sign } on paper
    if  person trusted_with paper
)";
constexpr char kData[] =
    "entities:\n  person: { ada: {}, bo: {} }\n  paper: { p1: {} }\n"
    "facts:\n  - ada trusted_with p1\n";

class PoliciesTest : public testing::Test {
 protected:
  void SetUp() override {
    world_.InstallText(kFirst);
    world_.LoadYaml(kData);
    server_ = world_.Serve();
    ASSERT_NE(server_, nullptr);
  }
  TestResponse Ask(std::string_view method, std::string_view target, const JsonValue& body = {}) {
    const std::string text = body == JsonValue() ? "" : WriteJson(body);
    const auto response = Fetch(server_->port(), method, target, text);
    EXPECT_TRUE(response) << target;
    return response.value_or(TestResponse());
  }
  JsonValue Read(const TestResponse& response, int status) {
    EXPECT_EQ(response.status, status) << response.body;
    return ReadJson(response.body).value.value_or(JsonValue());
  }
  static JsonValue Files(const char* text) {
    return JsonValue::Object(
        {{"files", JsonValue::Array({JsonValue::Object({{"name", "a.vakt"}, {"text", text}})})},
         {"reason", "a try"}});
  }
  // Its number as text.
  std::string Upload(const char* text) {
    const JsonValue stored = Read(Ask("POST", "/v1/policies", Files(text)), 201);
    const JsonValue* version = stored.Find("version");
    return version == nullptr ? "" : std::to_string(version->integer());
  }
  std::string DigestOf(const std::string& version) {
    return Read(Ask("GET", "/v1/policies/" + version), 200).Find("digest")->text();
  }
  bool MaySign(const char* person) {
    const JsonValue body =
        JsonValue::Object({{"subject", JsonValue::Object({{"type", "person"}, {"id", person}})},
                           {"action", JsonValue::Object({{"name", "sign"}})},
                           {"resource", JsonValue::Object({{"type", "paper"}, {"id", "p1"}})}});
    return Read(Ask("POST", "/access/v1/evaluation", body), 200).Find("decision")->boolean();
  }
  static JsonValue Activation(const std::string& expected) {
    return JsonValue::Object({{"expected", expected}, {"reason", "why not"}});
  }

  TestWorld world_;
  std::unique_ptr<Server> server_;
};

TEST_F(PoliciesTest, AnUploadIsACandidateUntilItIsActivated) {
  const std::string version = Upload(kSecond);
  EXPECT_EQ(version, "2");
  EXPECT_FALSE(MaySign("ada"));
  const JsonValue shown = Read(Ask("GET", "/v1/policies/2"), 200);
  EXPECT_EQ(shown.Find("files")->elements().at(0).Find("text")->text(), kSecond);
  EXPECT_EQ(shown.Find("uploaded")->Find("by")->text(), "anonymous");
  EXPECT_EQ(shown.Find("uploaded")->Find("reason")->text(), "a try");
  EXPECT_TRUE(shown.Find("activated")->is(JsonValue::Kind::kNull));

  const TestResponse conflict = Ask("POST", "/v1/policies/2/activate", Activation(DigestOf("2")));
  EXPECT_EQ(conflict.status, 409);
  EXPECT_EQ(CodeOf(conflict), "another_policy");
  EXPECT_FALSE(MaySign("ada"));

  const JsonValue active =
      Read(Ask("POST", "/v1/policies/2/activate", Activation(DigestOf("active"))), 200);
  EXPECT_TRUE(active.Find("active")->boolean());
  EXPECT_EQ(active.Find("activated")->Find("reason")->text(), "why not");
  EXPECT_TRUE(MaySign("ada"));
  EXPECT_FALSE(MaySign("bo"));

  Read(Ask("POST", "/v1/policies/1/activate", Activation(DigestOf("2"))), 200);
  EXPECT_FALSE(MaySign("ada"));
  const JsonValue list = Read(Ask("GET", "/v1/policies"), 200);
  ASSERT_EQ(list.Find("policies")->elements().size(), 2u);
  EXPECT_TRUE(list.Find("policies")->elements()[0].Find("active")->boolean());
  EXPECT_EQ(list.Find("policies")->elements()[1].Find("title")->text(), "A desk");
}

TEST_F(PoliciesTest, WhatDoesNotCheckIsRefusedWithItsFindings) {
  const JsonValue problem = Read(
      Ask("POST", "/v1/policies", Files("policy p\nentity user\npermission see on usr\n")), 422);
  EXPECT_EQ(problem.Find("code")->text(), "policy_does_not_check");
  const JsonValue& finding = problem.Find("findings")->elements().at(0);
  EXPECT_EQ(finding.Find("code")->text(), "PV0201");
  EXPECT_EQ(finding.Find("file")->text(), "a.vakt");
  EXPECT_EQ(finding.Find("line")->integer(), 3);
  EXPECT_EQ(finding.Find("suggestions")->elements().at(0).text(), "user");
  EXPECT_EQ(Read(Ask("GET", "/v1/policies"), 200).Find("policies")->elements().size(), 1u);
}

TEST_F(PoliciesTest, RefusesBodiesThatAreNoPolicies) {
  const auto code = [&](const char* body) {
    const auto response = Fetch(server_->port(), "POST", "/v1/policies", body);
    EXPECT_EQ(response->status, 400) << body;
    return CodeOf(*response);
  };
  EXPECT_EQ(code("{}"), "missing_member");
  EXPECT_EQ(code(R"({"files":[]})"), "wrong_value");
  EXPECT_EQ(code(R"({"files":[1]})"), "wrong_type");
  EXPECT_EQ(code(R"({"files":[{"name":"a"}]})"), "missing_member");
  EXPECT_EQ(code(R"({"files":[{"name":"a","text":""},{"name":"a","text":""}]})"), "wrong_value");
  EXPECT_EQ(code(R"({"files":[{"name":"a","text":"","more":1}]})"), "unknown_member");
  std::string many = R"({"files":[)";
  for (size_t i = 0; i <= kMaxPolicyFiles; ++i) {
    many += (i == 0 ? "" : ",") + (R"({"name":"f)" + std::to_string(i) + R"(","text":""})");
  }
  EXPECT_EQ(code((many + "]}").c_str()), "wrong_value");
}

TEST_F(PoliciesTest, TellsTheDifference) {
  Upload(kSecond);
  const JsonValue diff = Read(Ask("GET", "/v1/policies/active/diff?to=2"), 200);
  ASSERT_EQ(diff.Find("changes")->elements().size(), 1u);
  const JsonValue& change = diff.Find("changes")->elements()[0];
  EXPECT_EQ(change.Find("kind")->text(), "changed");
  EXPECT_EQ(change.Find("what")->text(), "rule");
  EXPECT_EQ(change.Find("name")->text(), "trusted");
  EXPECT_THAT(change.Find("after")->text(), HasSubstr("any of { read, sign }"));
  EXPECT_EQ(Ask("GET", "/v1/policies/1/diff").status, 400);
  EXPECT_EQ(Ask("GET", "/v1/policies/1/diff?to=x").status, 400);
  EXPECT_EQ(CodeOf(Ask("GET", "/v1/policies/1/diff?to=9")), "no_such_policy");
}

TEST_F(PoliciesTest, TellsTheImpactWhenItIsReckoned) {
  Upload(kSecond);
  EXPECT_EQ(CodeOf(Ask("GET", "/v1/policies/2/impact")), "no_comparison");
  const JsonValue answer = Read(Ask("POST", "/v1/policies/2/impact", JsonValue::Object()), 200);
  EXPECT_EQ(answer.Find("state")->text(), "done");
  const JsonValue& impact = *answer.Find("impact");
  EXPECT_EQ(impact.Find("gained")->Find("decisions")->integer(), 1);
  const JsonValue& permission = impact.Find("permissions")->elements().at(0);
  EXPECT_EQ(permission.Find("name")->text(), "sign");
  const JsonValue& example = permission.Find("gained")->Find("examples")->elements().at(0);
  EXPECT_EQ(example.Find("subject")->Find("id")->text(), "ada");
  EXPECT_EQ(example.Find("before")->text(), "no");
  EXPECT_EQ(example.Find("after")->text(), "yes");
  EXPECT_EQ(impact.Find("holders")->elements().at(0).Find("gained")->integer(), 1);
  EXPECT_EQ(Read(Ask("GET", "/v1/policies/2/impact"), 200), answer);
  EXPECT_EQ(CodeOf(Ask("POST", "/v1/policies/9/impact", JsonValue::Object())), "no_such_policy");
}

TEST_F(PoliciesTest, WhoDoesNotWaitForTheImpactComesBack) {
  Upload(kSecond);
  const JsonValue begun = Read(
      Ask("POST", "/v1/policies/2/impact", JsonValue::Object({{"wait", false}, {"before", 1}})),
      202);
  EXPECT_EQ(begun.Find("state")->text(), "running");
  JsonValue seen = begun;
  for (int look = 0; look < 10'000 && seen.Find("state")->text() == "running"; ++look) {
    seen = Read(Ask("GET", "/v1/policies/2/impact"), 200);
  }
  EXPECT_EQ(seen.Find("state")->text(), "done");
}

TEST_F(PoliciesTest, KnowsItsPathsAndMethods) {
  EXPECT_EQ(Ask("GET", "/v1/policies/9").status, 404);
  EXPECT_EQ(CodeOf(Ask("GET", "/v1/policies/none")), "no_such_endpoint");
  EXPECT_EQ(CodeOf(Ask("GET", "/v1/policies/")), "no_such_endpoint");
  EXPECT_EQ(CodeOf(Ask("GET", "/v1/policies/1/")), "no_such_endpoint");
  EXPECT_EQ(CodeOf(Ask("GET", "/v1/policies/1/other")), "no_such_endpoint");
  const TestResponse wrong = Ask("GET", "/v1/policies/1/activate");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.Field("Allow"), "POST");
  EXPECT_EQ(Ask("POST", "/v1/policies/1", JsonValue::Object()).Field("Allow"), "GET, HEAD");
  EXPECT_EQ(CodeOf(Ask("POST", "/v1/policies/1/activate", JsonValue::Object())), "missing_member");
}

}  // namespace
}  // namespace portvakt::server
