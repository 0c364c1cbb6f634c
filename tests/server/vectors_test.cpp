// The public vectors of the AuthZEN working group over real HTTP, against the shipped policies.
// Stricter than the public runners: statuses, fields and whole bodies are compared.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "server/json.h"
#include "tests/server/http_client.h"
#include "tests/server/test_world.h"

namespace portvakt::server {
namespace {

const char kVectors[] = PORTVAKT_SOURCE_DIR "/tests/vectors/authzen/";
const char kPolicies[] = PORTVAKT_SOURCE_DIR "/policies/";

JsonValue ReadVectors(const std::string& name) {
  std::ifstream file(kVectors + name);
  std::stringstream text;
  text << file.rdbuf();
  JsonRead read = ReadJson(text.str());
  if (read.value) return std::move(*read.value);
  ADD_FAILURE() << name << ": " << read.error.message;
  return JsonValue::Object();
}

const JsonValue::Elements& Cases(const JsonValue& vectors, const char* list) {
  static const JsonValue::Elements kNone;
  const JsonValue* cases = vectors.Find(list);
  if (cases != nullptr) return cases->elements();
  ADD_FAILURE() << "no list `" << list << "`";
  return kNone;
}

// A server over one of the shipped policies with its fixture, and one connection to it.
class Vectors {
 public:
  explicit Vectors(const std::string& policy) {
    world_.InstallPath(kPolicies + policy);
    world_.LoadData(kPolicies + policy + "/data.yaml");
    server_ = world_.Serve();
    connection_ = std::make_unique<TestConnection>(server_->port());
  }

  void Expect(const std::string& target, const JsonValue& request, const std::string& body) {
    const std::string sent = WriteJson(request);
    const std::string id = "X-Request-ID: " + std::to_string(++count_) + "\r\n";
    connection_->Send(RequestText("POST", target, sent, id));
    const auto response = connection_->Read();
    ASSERT_TRUE(response) << sent;
    EXPECT_EQ(response->status, 200) << sent;
    EXPECT_EQ(response->Field("Content-Type"), "application/json");
    EXPECT_EQ(response->Field("X-Request-ID"), std::to_string(count_));
    EXPECT_EQ(response->body, body) << sent;
  }
  void ExpectDecision(const JsonValue& request, bool permit) {
    Expect("/access/v1/evaluation", request,
           permit ? R"({"decision":true})" : R"({"decision":false})");
  }
  int count() const { return count_; }

 private:
  TestWorld world_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<TestConnection> connection_;
  int count_ = 0;
};

TEST(PublicVectors, Todo) {
  const JsonValue file = ReadVectors("todo/decisions-authorization-api-1_0-02.json");
  Vectors vectors("todo");
  for (const JsonValue& one : Cases(file, "evaluation")) {
    vectors.ExpectDecision(*one.Find("request"), one.Find("expected")->boolean());
  }
  EXPECT_EQ(vectors.count(), 40);
  for (const JsonValue& one : Cases(file, "evaluations")) {
    JsonValue answer = JsonValue::Object();
    vectors.Expect("/access/v1/evaluations", *one.Find("request"),
                   WriteJson(answer.Set("evaluations", *one.Find("expected"))));
  }
  EXPECT_EQ(vectors.count(), 43);
}

// The live application sends an empty context too, and both must get the same answer.
TEST(PublicVectors, TodoWithAnEmptyContext) {
  const JsonValue file = ReadVectors("todo/decisions-authorization-api-1_0-02.json");
  Vectors vectors("todo");
  for (const JsonValue& one : Cases(file, "evaluation")) {
    JsonValue request = *one.Find("request");
    vectors.ExpectDecision(request.Set("context", JsonValue::Object()),
                           one.Find("expected")->boolean());
  }
}

TEST(PublicVectors, Gateway) {
  const JsonValue file = ReadVectors("gateway/decisions.json");
  Vectors vectors("gateway");
  for (const JsonValue& one : Cases(file, "evaluation")) {
    vectors.ExpectDecision(*one.Find("request"), one.Find("expected")->boolean());
  }
  EXPECT_EQ(vectors.count(), 25);
}

// ---- searches ---------------------------------------------------------------------------------

// The whole body is compared: no page that nobody asked for, `type` before `id`, store order.
void ExpectFound(const std::string& name, const std::string& target, int cases) {
  const JsonValue file = ReadVectors("search/" + name);
  Vectors vectors("records");
  for (const JsonValue& one : Cases(file, "evaluation")) {
    vectors.Expect(target, *one.Find("request"), WriteJson(*one.Find("expected")));
  }
  EXPECT_EQ(vectors.count(), cases);
}

TEST(PublicVectors, SearchesForSubjects) {
  ExpectFound("subject-results.json", "/access/v1/search/subject", 60);
}

TEST(PublicVectors, SearchesForResources) {
  ExpectFound("resource-results.json", "/access/v1/search/resource", 18);
}

TEST(PublicVectors, SearchesForActions) {
  ExpectFound("action-results.json", "/access/v1/search/action", 120);
}

// ---- searches, asked as one evaluation for each candidate ---------------------------------------

JsonValue Entity(const char* type, const std::string& id) {
  JsonValue entity = JsonValue::Object();
  return entity.Set("type", type).Set("id", id);
}

bool Contains(const JsonValue& expected, const JsonValue& candidate) {
  for (const JsonValue& result : expected.Find("results")->elements()) {
    if (result == candidate) return true;
  }
  return false;
}

void ExpectSearch(const std::string& name, const char* member,
                  const std::vector<JsonValue>& candidates, int cases, size_t hits) {
  const JsonValue file = ReadVectors("search/" + name);
  Vectors vectors("records");
  size_t found = 0;
  for (const JsonValue& one : Cases(file, "evaluation")) {
    found += one.Find("expected")->Find("results")->elements().size();
    for (const JsonValue& candidate : candidates) {
      JsonValue request = *one.Find("request");
      request.Set(member, candidate);
      vectors.ExpectDecision(request, Contains(*one.Find("expected"), candidate));
    }
  }
  EXPECT_EQ(vectors.count(), cases);
  EXPECT_EQ(found, hits);
}

TEST(PublicVectors, SubjectSearches) {
  std::vector<JsonValue> users;
  for (const char* id : {"alice", "bob", "carol", "dan", "erin", "felix"}) {
    users.push_back(Entity("user", id));
  }
  ExpectSearch("subject-results.json", "subject", users, 60 * 6, 116);
}

TEST(PublicVectors, ResourceSearches) {
  std::vector<JsonValue> records;
  for (int number = 101; number <= 120; ++number) {
    records.push_back(Entity("record", std::to_string(number)));
  }
  ExpectSearch("resource-results.json", "resource", records, 18 * 20, 116);
}

TEST(PublicVectors, ActionSearches) {
  std::vector<JsonValue> actions;
  for (const char* name : {"view", "edit", "delete"}) {
    JsonValue action = JsonValue::Object();
    actions.push_back(action.Set("name", name));
  }
  ExpectSearch("action-results.json", "action", actions, 120 * 3, 116);
}

}  // namespace
}  // namespace portvakt::server
