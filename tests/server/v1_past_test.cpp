// What is stored and what was, over HTTP: lists, answers as of a past moment, the history.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/json.h"
#include "tests/server/http_client.h"
#include "tests/server/test_world.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr char kPolicy[] = R"(policy desk "A desk"

entity person { boss : person optional  height : decimal optional }
entity paper { owner : person }
permission read on paper
fact person trusted_with paper
permit own_papers
    person may read on paper
    if  paper.owner is person  else not_owner
permit trusted
    person may read on paper
    if  person trusted_with paper  else not_trusted
define person sees paper
    if  person may read on paper
permit hand_out
    change person trusted_with paper
    by  person as actor
    if  paper.owner is actor  else not_the_owner
)";
constexpr char kData[] = R"(
entities:
  person: { ada: { height: 1.75 }, bo: { boss: ada }, cy: }
  paper: { p1: { owner: ada }, p2: { owner: ada }, p3: { owner: cy } }
facts:
  - bo trusted_with p1
)";
constexpr char kReads[] = R"({"subject":{"type":"person","id":"bo"},"action":{"name":"read"},)"
                          R"("resource":{"type":"paper","id":"p1"})";

class PastTest : public testing::Test {
 protected:
  // Ada takes p1 away from bo, and gives him p2 instead.
  void SetUp() override {
    world_.InstallText(kPolicy);
    world_.LoadYaml(kData);
    server_ = world_.ServeChanges();
    before_ = AskJson("GET", "/v1/status").Find("revision")->integer();
    Change("remove", "p1", "T-1");
    between_ = AskJson("POST", "/v1/history", "{\"newest_first\":true,\"limit\":1}");
    Change("add", "p2", "T-2");
  }

  JsonValue AskJson(const std::string& method, const std::string& target,
                    const std::string& body = "") {
    const auto response = Fetch(server_->port(), method, target, body);
    EXPECT_TRUE(response) << target;
    if (!response) return JsonValue::Object();
    EXPECT_EQ(response->status, 200) << target << " " << body << " " << response->body;
    const JsonRead read = ReadJson(response->body);
    return read.value ? *read.value : JsonValue::Object();
  }
  std::string Asked(const std::string& target, const std::string& body, const char* member) {
    const JsonValue answer = AskJson("POST", target, body);
    const JsonValue* value = answer.Find(member);
    return value == nullptr ? "" : WriteJson(*value);
  }
  void Change(const std::string& kind, const std::string& paper, const std::string& ticket) {
    AskJson("POST", "/v1/changes",
            R"({"actor":{"type":"person","id":"ada"},"changes":[{")" + kind +
                R"(":{"subject":{"type":"person","id":"bo"},"relation":"trusted_with",)" +
                R"("object":{"type":"paper","id":")" + paper +
                R"("}}}],"reason":"work","ticket":")" + ticket + "\"}");
  }
  std::string Before() const { return R"("as_of":{"revision":)" + std::to_string(before_) + "}"; }

  TestWorld world_;
  std::unique_ptr<Server> server_;
  int64_t before_ = 0;
  JsonValue between_;  // the history's newest entry after the first change
};

TEST_F(PastTest, ExplainsAsOfARevisionAndAnInstant) {
  EXPECT_EQ(Asked("/v1/explain", std::string(kReads) + "}", "decision"), "false");
  EXPECT_EQ(Asked("/v1/explain", std::string(kReads) + "," + Before() + "}", "decision"), "true");
  // At its own instant the first change has happened.
  const std::string instant = between_.Find("entries")->elements().at(0).Find("instant")->text();
  EXPECT_EQ(Asked("/v1/explain",
                  std::string(kReads) + R"(,"as_of":{"instant":")" + instant + "\"}}", "decision"),
            "false");
  const auto never = Fetch(server_->port(), "POST", "/v1/explain",
                           std::string(kReads) + R"(,"as_of":{"revision":999}})");
  ASSERT_TRUE(never);
  EXPECT_EQ(never->status, 400);
  EXPECT_THAT(never->body, HasSubstr("no_such_moment"));
}

TEST_F(PastTest, SearchesAsOfARevision) {
  const std::string search = R"({"through":"resources","subject":{"type":"person","id":"bo"},)"
                             R"("action":{"name":"read"},"resource":{"type":"paper"})";
  EXPECT_EQ(Asked("/v1/search", search + "}", "results"),
            R"([{"entity":{"type":"paper","id":"p2"},"verdict":"yes"}])");
  const auto past = Fetch(server_->port(), "POST", "/v1/search", search + "," + Before() + "}");
  ASSERT_TRUE(past);
  EXPECT_THAT(past->body, HasSubstr(R"([{"entity":{"type":"paper","id":"p1"},"verdict":"yes"}])"));
  EXPECT_EQ(past->Field("Portvakt-Revision"), std::to_string(before_));
}

TEST_F(PastTest, TellsTheLifeOfAFactAndWhatSomebodyDid) {
  const JsonValue life =
      AskJson("POST", "/v1/history",
              R"({"fact":{"subject":{"type":"person","id":"bo"},"relation":"trusted_with",)"
              R"("object":{"type":"paper","id":"p1"}}})");
  const JsonValue::Elements& entries = life.Find("entries")->elements();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].Find("kind")->text(), "added");
  EXPECT_EQ(entries[0].Find("operator")->text(), "operator");
  EXPECT_EQ(entries[1].Find("kind")->text(), "removed");
  EXPECT_EQ(WriteJson(*entries[1].Find("actor")), R"({"type":"person","id":"ada"})");
  EXPECT_EQ(entries[1].Find("ticket")->text(), "T-1");
  EXPECT_EQ(entries[1].Find("text")->text(), "bo trusted_with p1");

  const std::string by_ada = R"({"actor":{"type":"person","id":"ada"},"limit":1)";
  const JsonValue first = AskJson("POST", "/v1/history", by_ada + "}");
  ASSERT_EQ(first.Find("entries")->elements().size(), 1u);
  const JsonValue& next = *first.Find("next");
  const JsonValue second =
      AskJson("POST", "/v1/history",
              by_ada + R"(,"after_revision":)" + WriteJson(*next.Find("after_revision")) +
                  R"(,"after_index":)" + WriteJson(*next.Find("after_index")) + "}");
  ASSERT_EQ(second.Find("entries")->elements().size(), 1u);
  EXPECT_EQ(second.Find("entries")->elements()[0].Find("ticket")->text(), "T-2");
  EXPECT_EQ(second.Find("next"), nullptr);
}

TEST_F(PastTest, FillsAMatrixAsCsvNowAndThen) {
  const std::string body = R"({"subject_type":"person","resource_type":"paper","format":"csv")";
  const auto now = Fetch(server_->port(), "POST", "/v1/matrix", body + "}");
  ASSERT_TRUE(now);
  EXPECT_EQ(now->status, 200) << now->body;
  EXPECT_EQ(now->Field("Content-Type"), "text/csv; charset=utf-8");
  EXPECT_EQ(now->Field("Portvakt-Complete"), "true");
  EXPECT_THAT(now->body, HasSubstr("bo"));
  EXPECT_THAT(now->body, HasSubstr("p2"));
  const auto past = Fetch(server_->port(), "POST", "/v1/matrix",
                          R"({"subjects":[{"type":"person","id":"bo"}],"resource_type":"paper",)" +
                              Before() + R"(,"format":"csv"})");
  ASSERT_TRUE(past);
  EXPECT_THAT(past->body, HasSubstr("p1"));
  EXPECT_THAT(past->body, testing::Not(HasSubstr("p2")));
}

TEST_F(PastTest, ListsEntitiesWithAttributesInPages) {
  const std::string body = R"({"type":"person","page":{"limit":2}})";
  const JsonValue first = AskJson("POST", "/v1/entities", body);
  EXPECT_EQ(WriteJson(*first.Find("entities")),
            R"([{"type":"person","id":"ada","attributes":{"height":"1.75"}},)"
            R"({"type":"person","id":"bo","attributes":{"boss":"ada"}}])");
  const std::string token = first.Find("page")->Find("next_token")->text();
  EXPECT_EQ(
      Asked("/v1/entities", R"({"type":"person","page":{"token":")" + token + "\"}}", "entities"),
      R"([{"type":"person","id":"cy","attributes":{}}])");
  // The token is good for this list alone.
  const auto other = Fetch(server_->port(), "POST", "/v1/entities",
                           R"({"type":"paper","page":{"token":")" + token + "\"}}");
  ASSERT_TRUE(other);
  EXPECT_EQ(other->status, 400);
  EXPECT_THAT(other->body, HasSubstr("bad_page_token"));
}

TEST_F(PastTest, ListsEntitiesThatTheActorSees) {
  EXPECT_EQ(
      Asked("/v1/entities", R"({"type":"paper","actor":{"type":"person","id":"bo"}})", "entities"),
      R"([{"type":"paper","id":"p2","attributes":{"owner":"ada"}}])");
}

TEST_F(PastTest, ListsFactsWithWhoMadeThemNowAndThen) {
  const std::string of_bo = R"({"subject":{"type":"person","id":"bo"})";
  const JsonValue now = AskJson("POST", "/v1/facts", of_bo + "}");
  ASSERT_EQ(now.Find("facts")->elements().size(), 1u);
  const JsonValue& fact = now.Find("facts")->elements()[0];
  EXPECT_THAT(WriteJson(fact),
              StartsWith(R"({"subject":{"type":"person","id":"bo"},"relation":"trusted_with",)"
                         R"("object":{"type":"paper","id":"p2"},"holds":true,)"
                         R"("text":"bo trusted_with p2","made":{"revision":)"));
  const JsonValue& made = *fact.Find("made");
  EXPECT_EQ(WriteJson(*made.Find("actor")), R"({"type":"person","id":"ada"})");
  EXPECT_EQ(made.Find("reason")->text(), "work");
  EXPECT_EQ(made.Find("ticket")->text(), "T-2");
  const std::string then =
      Asked("/v1/facts", of_bo + R"(,"with_made":false,)" + Before() + "}", "facts");
  EXPECT_EQ(then, R"([{"subject":{"type":"person","id":"bo"},"relation":"trusted_with",)"
                  R"("object":{"type":"paper","id":"p1"},"holds":true,)"
                  R"("text":"bo trusted_with p1"}])");
}

}  // namespace
}  // namespace portvakt::server
