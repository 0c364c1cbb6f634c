// The AuthZEN searches over real HTTP: what is ignored, what is refused, and pages.
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

const char kRecords[] = PORTVAKT_SOURCE_DIR "/policies/records";
constexpr char kSubject[] = "/access/v1/search/subject";
constexpr char kResource[] = "/access/v1/search/resource";
constexpr char kAction[] = "/access/v1/search/action";

class AuthzenSearchTest : public testing::Test {
 protected:
  void SetUp() override {
    world_.InstallPath(kRecords);
    world_.LoadData(std::string(kRecords) + "/data.yaml");
    server_ = world_.Serve();
    connection_ = std::make_unique<TestConnection>(server_->port());
  }

  TestResponse Ask(const std::string& target, const std::string& body) {
    connection_->Send(RequestText("POST", target, body));
    auto response = connection_->Read();
    EXPECT_TRUE(response) << body;
    return response.value_or(TestResponse());
  }
  JsonValue AskJson(const std::string& target, const std::string& body) {
    const TestResponse response = Ask(target, body);
    EXPECT_EQ(response.status, 200) << response.body;
    const JsonRead read = ReadJson(response.body);
    return read.value ? *read.value : JsonValue::Object();
  }
  void ExpectRefused(const std::string& target, const std::string& body, const std::string& code,
                     const std::string& about) {
    const TestResponse response = Ask(target, body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_EQ(response.Field("Content-Type"), "application/problem+json");
    EXPECT_THAT(response.body, HasSubstr("\"code\":\"" + code + "\"")) << body;
    EXPECT_THAT(response.body, HasSubstr(about)) << body;
  }

  static std::string Views(const std::string& more = "") {
    return R"({"subject":{"type":"user","id":"alice"},"action":{"name":"view"},)"
           R"("resource":{"type":"record"})" +
           more + "}";
  }

  TestWorld world_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<TestConnection> connection_;
};

TEST_F(AuthzenSearchTest, IgnoresWhatIsSearchedFor) {
  EXPECT_EQ(Ask(kSubject, R"({"subject":{"type":"user","id":"nobody"},"action":{"name":"delete"},)"
                          R"("resource":{"type":"record","id":"101"},"what":[]})")
                .body,
            R"({"results":[{"type":"user","id":"alice"}]})");
  EXPECT_EQ(Ask(kSubject, R"({"subject":{"type":"user","id":5},"action":{"name":"delete"},)"
                          R"("resource":{"type":"record","id":"101"}})")
                .body,
            R"({"results":[{"type":"user","id":"alice"}]})");
  EXPECT_EQ(Ask(kAction, R"({"subject":{"type":"user","id":"alice"},"action":"view",)"
                         R"("resource":{"type":"record","id":"102"}})")
                .body,
            R"({"results":[{"name":"view"}]})");
}

TEST_F(AuthzenSearchTest, FindsNothingForNamesThatNobodyKnows) {
  for (const auto& [target, body] : std::vector<std::pair<const char*, const char*>>{
           {kSubject, R"({"subject":{"type":"robot"},"action":{"name":"view"},)"
                      R"("resource":{"type":"record","id":"101"}})"},
           {kSubject, R"({"subject":{"type":"user"},"action":{"name":"juggle"},)"
                      R"("resource":{"type":"record","id":"101"}})"},
           {kSubject, R"({"subject":{"type":"user"},"action":{"name":"view"},)"
                      R"("resource":{"type":"record","id":"999"}})"},
           {kResource, R"({"subject":{"type":"user","id":"zoe"},"action":{"name":"view"},)"
                       R"("resource":{"type":"record"}})"},
           {kResource, R"({"subject":{"type":"user","id":""},"action":{"name":""},)"
                       R"("resource":{"type":""}})"},
           {kAction, R"({"subject":{"type":"user","id":"zoe"},)"
                     R"("resource":{"type":"record","id":"101"}})"}}) {
    EXPECT_EQ(WriteJson(AskJson(target, body)), R"({"results":[]})") << body;
  }
}

TEST_F(AuthzenSearchTest, RefusesWhatIsMissingOrOfAnotherType) {
  ExpectRefused(kSubject,
                R"({"subject":{"id":"a"},"action":{"name":"view"},)"
                R"("resource":{"type":"record","id":"101"}})",
                "missing_member", "/subject/type");
  ExpectRefused(kSubject, R"({"subject":{"type":"user"},"resource":{"type":"record","id":"101"}})",
                "missing_member", "/action");
  ExpectRefused(kSubject,
                R"({"subject":{"type":"user"},"action":{"name":"view"},)"
                R"("resource":{"type":"record"}})",
                "missing_member", "/resource/id");
  ExpectRefused(kResource,
                R"({"subject":{"type":"user"},"action":{"name":"view"},)"
                R"("resource":{"type":"record"}})",
                "missing_member", "/subject/id");
  ExpectRefused(kResource, R"({"subject":{"type":"user","id":"a"},"action":{"name":"view"}})",
                "missing_member", "/resource");
  ExpectRefused(kAction, R"({"subject":{"type":"user","id":"a"},"resource":{"type":"record"}})",
                "missing_member", "/resource/id");
  ExpectRefused(kResource, Views(R"(,"context":[])"), "wrong_type", "/context");
  ExpectRefused(kResource, Views(R"(,"page":7)"), "wrong_type", "/page");
  ExpectRefused(kResource, Views(R"(,"page":{"limit":"2"})"), "wrong_type", "/page/limit");
  ExpectRefused(kResource, Views(R"(,"page":{"limit":-1})"), "wrong_value", "/page/limit");
  ExpectRefused(kResource, Views(R"(,"page":{"limit":1.5})"), "wrong_value", "/page/limit");
  ExpectRefused(kResource, Views(R"(,"page":{"token":7})"), "wrong_type", "/page/token");
}

TEST_F(AuthzenSearchTest, TellsThePageFirstAndOnlyWhenAsked) {
  const JsonValue all = AskJson(kResource, Views());
  ASSERT_EQ(all.members().size(), 1u);
  const size_t count = all.Find("results")->elements().size();
  EXPECT_GT(count, 10u);
  const JsonValue asked = AskJson(kResource, Views(R"(,"page":{"properties":{"x":1}})"));
  EXPECT_EQ(asked.members()[0].first, "page");
  EXPECT_EQ(*asked.Find("results"), *all.Find("results"));
  EXPECT_EQ(WriteJson(*asked.Find("page")),
            R"({"next_token":"","count":)" + std::to_string(count) + "}");
  const JsonValue none = AskJson(kResource, Views(R"(,"page":{"limit":0})"));
  EXPECT_EQ(WriteJson(none), R"({"page":{"next_token":"","count":0,"total":)" +
                                 std::to_string(count) + R"(},"results":[]})");
}

TEST_F(AuthzenSearchTest, PagesOfEverySizeAddUpToTheWhole) {
  const JsonValue all = AskJson(kResource, Views());
  for (int limit = 1; limit <= 22; ++limit) {
    for (const bool repeats_limit : {false, true}) {
      JsonValue found = JsonValue::Array();
      const std::string size = "\"limit\":" + std::to_string(limit);
      std::string page = "{" + size + "}";
      for (int turn = 0; turn < 30; ++turn) {
        const JsonValue answer = AskJson(kResource, Views(",\"page\":" + page));
        const auto& results = answer.Find("results")->elements();
        EXPECT_LE(results.size(), static_cast<size_t>(limit));
        for (const JsonValue& result : results) found.Append(result);
        const std::string token = answer.Find("page")->Find("next_token")->text();
        if (token.empty()) break;
        page = "{\"token\":\"" + token + "\"" + (repeats_limit ? "," + size : "") + "}";
      }
      EXPECT_EQ(found, *all.Find("results")) << limit;
    }
  }
}

TEST_F(AuthzenSearchTest, TakesATokenForItsOwnSearchAlone) {
  const JsonValue first = AskJson(kResource, Views(R"(,"page":{"limit":2})"));
  const std::string token = first.Find("page")->Find("next_token")->text();
  const std::string page = R"(,"page":{"token":")" + token + "\"";
  ASSERT_FALSE(token.empty());
  // The order of members and what is ignored do not matter.
  const std::string again = R"({"page":{"token":")" + token +
                            R"("},"resource":{"id":"x","type":"record"},)"
                            R"("action":{"name":"view"},"subject":{"id":"alice","type":"user"}})";
  EXPECT_EQ(Ask(kResource, again).status, 200);
  EXPECT_EQ(Ask(kResource, Views(page + R"(,"limit":2})")).status, 200);
  for (const std::string& body :
       {Views(page + R"(,"limit":3})"), Views(page + R"(},"context":{"a":1})"),
        Views(page + R"(,"properties":{"sort":"id"}})"),
        R"({"subject":{"type":"user","id":"bob"},"action":{"name":"view"},)"
        R"("resource":{"type":"record"})" +
            page + "}}",
        Views(R"(,"page":{"token":"AAAA"})"),
        Views(R"(,"page":{"token":"Z)" + token.substr(1) + "\"}")}) {
    ExpectRefused(kResource, body, "bad_page_token", "/page/");
  }
  ExpectRefused(
      kAction,
      R"({"subject":{"type":"user","id":"alice"},"resource":{"type":"record","id":"101"})" + page +
          "}}",
      "bad_page_token", "/page/token");
}

TEST_F(AuthzenSearchTest, WantsANewSearchAfterANewPolicy) {
  const JsonValue first = AskJson(kResource, Views(R"(,"page":{"limit":2})"));
  const std::string token = first.Find("page")->Find("next_token")->text();
  world_.InstallText(kOpenPolicy);
  ExpectRefused(kResource, Views(R"(,"page":{"token":")" + token + "\"}"), "bad_page_token",
                "policy has changed");
}

TEST_F(AuthzenSearchTest, NamesItsRevisionAndPolicy) {
  const TestResponse response = Ask(kResource, Views());
  EXPECT_TRUE(response.Field("Portvakt-Revision"));
  EXPECT_EQ(response.Field("Portvakt-Policy"), "1");
}

}  // namespace
}  // namespace portvakt::server
