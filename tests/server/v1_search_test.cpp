// Searches over real HTTP while the world is changed over HTTP: through a change with a hole, and
// page by page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/json.h"
#include "tests/server/http_client.h"
#include "tests/server/test_world.h"

namespace portvakt::server {
namespace {

constexpr char kPolicy[] = R"(policy desk "A desk"

entity person
entity paper { owner : person }

permission read on paper

fact person trusted_with paper

permit trusted
    person may read on paper
    if  person trusted_with paper

permit hand_out
    change person trusted_with paper
    by  person as actor
    if  paper.owner is actor
)";

constexpr int kSteady = 10;

std::string Steady(int number) { return "steady" + std::to_string(number); }
std::string Fleeting(int number) { return "fleeting" + std::to_string(number); }

std::string Entity(const std::string& type, const std::string& id) {
  return R"({"type":")" + type + R"(","id":")" + id + "\"}";
}
std::string Hole(const std::string& type) { return R"({"hole":true,"type":")" + type + "\"}"; }

class V1SearchTest : public testing::Test {
 protected:
  // Ada's papers, steady and fleeting ones in turn; bo is trusted with the steady ones.
  void SetUp() override {
    world_.InstallText(kPolicy);
    std::string papers;
    std::string facts;
    for (int i = 0; i < kSteady; ++i) {
      papers += "    " + Steady(i) + ": { owner: ada }\n    " + Fleeting(i) + ": { owner: ada }\n";
      facts += "  - bo trusted_with " + Steady(i) + "\n";
    }
    world_.LoadYaml("entities:\n  person: { ada: {}, bo: {}, cy: {} }\n  paper:\n" + papers +
                    "    cys: { owner: cy }\nfacts:\n" + facts);
    server_ = world_.ServeChanges();
  }

  JsonValue Ask(const std::string& target, const std::string& body, int status = 200) {
    const auto response = Fetch(server_->port(), "POST", target, body);
    EXPECT_TRUE(response) << body;
    if (!response) return JsonValue::Object();
    EXPECT_EQ(response->status, status) << body << "\n" << response->body;
    const JsonRead read = ReadJson(response->body);
    return read.value ? *read.value : JsonValue::Object();
  }
  static std::string Trust(const std::string& kind, const std::string& paper) {
    return "{\"" + kind + R"(":{"subject":)" + Entity("person", "bo") +
           R"(,"relation":"trusted_with","object":)" + Entity("paper", paper) + "}}";
  }
  // Whether the actor may trust bo with the paper, by trying it.
  bool MayTrust(const std::string& actor, const std::string& paper) {
    const auto response = Fetch(server_->port(), "POST", "/v1/changes",
                                R"({"actor":)" + Entity("person", actor) + R"(,"changes":[)" +
                                    Trust("add", paper) + R"(],"dry_run":true})");
    EXPECT_TRUE(response);
    return response && response->status == 200;
  }
  // All fleeting ones at once.
  void Change(const std::string& kind) {
    std::string changes;
    for (int i = 0; i < kSteady; ++i) {
      changes += (i == 0 ? "" : ",") + Trust(kind, Fleeting(i));
    }
    Ask("/v1/changes",
        R"({"actor":)" + Entity("person", "ada") + R"(,"changes":[)" + changes + "]}");
  }

  TestWorld world_;
  std::unique_ptr<Server> server_;
};

TEST_F(V1SearchTest, FindsThroughAChangeWithAHole) {
  const auto search = [&](const std::string& object, const std::string& actor) {
    const JsonValue answer =
        Ask("/v1/search",
            R"({"through":"change","change":{"kind":"add","relation":"trusted_with","subject":)" +
                Entity("person", "bo") + R"(,"object":)" + object + R"(,"actor":)" + actor + "}}");
    EXPECT_TRUE(answer.Find("complete")->boolean());
    std::vector<std::string> ids;
    for (const JsonValue& result : answer.Find("results")->elements()) {
      EXPECT_EQ(result.Find("verdict")->text(), "yes");
      ids.push_back(result.Find("entity")->Find("id")->text());
    }
    return ids;
  };
  for (const char* actor : {"ada", "bo", "cy"}) {
    const auto papers = search(Hole("paper"), Entity("person", actor));
    for (const std::string& paper : {Steady(0), Fleeting(3), std::string("cys")}) {
      const bool found = std::find(papers.begin(), papers.end(), paper) != papers.end();
      EXPECT_EQ(found, MayTrust(actor, paper)) << actor << " " << paper;
    }
    EXPECT_EQ(papers.size(), actor == std::string("ada")  ? 2u * kSteady
                             : actor == std::string("cy") ? 1u
                                                          : 0u);
  }
  EXPECT_THAT(search(Entity("paper", "cys"), Hole("person")), testing::ElementsAre("cy"));
}

// What holds from the first page to the last is told exactly once; what comes and goes at most
// once.
TEST_F(V1SearchTest, PagesTellWhatHoldsThroughoutOnceWhileOtherFactsChange) {
  const std::string question = R"("subject":)" + Entity("person", "bo") +
                               R"(,"action":{"name":"read"},"resource":{"type":"paper"})";
  struct Way {
    const char* target;
    std::string body;
  };
  for (const Way& way : {Way{"/access/v1/search/resource", question},
                         Way{"/v1/search", R"("through":"resources",)" + question}}) {
    for (int limit : {1, 2, 3, 7}) {
      std::map<std::string, int> told;
      std::string page = R"({"limit":)" + std::to_string(limit) + "}";
      bool are_there = false;
      int pages = 0;
      while (!page.empty()) {
        ASSERT_LE(++pages, 2 * kSteady + 1) << way.target;
        const JsonValue answer = Ask(way.target, "{" + way.body + R"(,"page":)" + page + "}");
        for (const JsonValue& result : answer.Find("results")->elements()) {
          const JsonValue* entity = result.Find("entity");
          ++told[(entity == nullptr ? result : *entity).Find("id")->text()];
        }
        const JsonValue* next = answer.Find("page");
        const std::string token = next == nullptr ? "" : next->Find("next_token")->text();
        page = token.empty() ? "" : R"({"token":")" + token + "\"}";
        Change(are_there ? "remove" : "add");
        are_there = !are_there;
      }
      if (are_there) Change("remove");
      for (const auto& [id, times] : told) EXPECT_EQ(times, 1) << id << ", pages of " << limit;
      for (int i = 0; i < kSteady; ++i) {
        EXPECT_EQ(told.count(Steady(i)), 1u) << Steady(i) << ", pages of " << limit;
      }
      EXPECT_GT(told.size(), static_cast<size_t>(kSteady)) << "some of the others were met";
    }
  }
}

}  // namespace
}  // namespace portvakt::server
