// The story of examples/new-consultant over real sockets: a new consultant is brought in by those
// who may do each step, and by nobody else; after each step the server tells what he sees, what the
// buttons are, and what is still missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "server/json.h"
#include "tests/server/http_client.h"
#include "tests/server/test_world.h"

namespace portvakt::server {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

using Texts = std::vector<std::string>;

std::string Entity(const std::string& id) {
  std::string type = "user";
  if (id == "norr" || id == "syd") type = "agency";
  if (id == "alfa" || id == "beta" || id == "gamma" || id == "delta") type = "client";
  return R"({"type":")" + type + R"(","id":")" + id + R"("})";
}

std::string Add(const std::string& subject, const std::string& relation, const std::string& object,
                const std::string& symbol = "") {
  return R"({"add":{"subject":)" + Entity(subject) + R"(,"relation":")" + relation + "\"" +
         (symbol.empty() ? "" : R"(,"symbol":")" + symbol + "\"") + R"(,"object":)" +
         Entity(object) + "}}";
}

std::string Tick(const std::string& permission, const std::string& client) {
  return Add("david", "granted", client, permission);
}

// What is stored: the names of entities, the facts, and the seats as the history adds them up.
std::set<std::string> Stored(engine::Engine& engine) {
  auto session = engine.NewSession();
  if (!session.ok() || !session->Refresh().ok()) return {"cannot be read"};
  std::set<std::string> stored;
  for (const char* type : {"person", "agency", "client", "user"}) {
    engine::EntityQuery entities;
    entities.type = type;
    const engine::EntityPage page = session->ListEntities(entities);
    if (!page.error.empty() || page.next) stored.insert("unread: " + page.error);
    for (const engine::ListedEntity& listed : page.entities) {
      stored.insert(std::string(type) + " " + listed.entity.id);
      engine::FactQuery query;
      query.subject = listed.entity;
      query.with_made = false;
      const engine::FactPage facts = session->ListFacts(query);
      if (!facts.error.empty() || facts.next) stored.insert("unread: " + facts.error);
      for (const engine::ListedFact& fact : facts.facts) stored.insert(fact.text);
    }
  }
  engine::HistoryQuery query;
  query.limit = engine::kMaxHistoryPage;
  const engine::HistoryPage history = session->History(query);
  if (!history.error.empty() || history.next) stored.insert("unread: " + history.error);
  std::map<std::string, uint32_t> seats;
  for (const engine::HistoryEntry& entry : history.entries) {
    if (entry.change.kind != engine::PastChange::Kind::kSeats) continue;
    seats[entry.change.licence + " in " + entry.change.entity.id] = entry.change.seats;
  }
  for (const auto& [pool, count] : seats) {
    stored.insert("seats of " + pool + " is " + std::to_string(count));
  }
  return stored;
}

class NewConsultant : public testing::Test {
 protected:
  void SetUp() override {
    const std::string root = PORTVAKT_SOURCE_DIR;
    world_.InstallPath(root + "/policies/byra");
    world_.LoadData(root + "/examples/norr/before.yaml");
    Server::Options options;
    options.listen = "127.0.0.1:0";
    options.workers = 2;
    options.trust_callers = true;
    auto server = Server::Start(world_.engine(), options);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
  }

  JsonValue Post(const std::string& path, const std::string& body, int status = 200) {
    const auto response = Fetch(server_->port(), "POST", path, body);
    EXPECT_TRUE(response.has_value()) << path;
    if (!response) return {};
    EXPECT_EQ(response->status, status) << path << " " << body << "\n" << response->body;
    auto read = ReadJson(response->body);
    EXPECT_TRUE(read.value.has_value()) << response->body;
    return read.value ? *read.value : JsonValue();
  }

  // "applied", or the primary code of the first change that is refused.
  std::string Change(const std::string& actor, const Texts& changes) {
    std::string list;
    for (const std::string& change : changes) list += (list.empty() ? "" : ",") + change;
    const std::string body = R"({"actor":)" + Entity(actor) + R"(,"changes":[)" + list + "]}";
    const auto response = Fetch(server_->port(), "POST", "/v1/changes", body);
    if (!response) return "no answer";
    const auto read = ReadJson(response->body);
    if (!read.value || read.value->Find("outcome") == nullptr) return response->body;
    for (const JsonValue& verdict : read.value->Find("verdicts")->elements()) {
      const auto& reasons = verdict.Find("reasons")->elements();
      if (!reasons.empty()) return reasons.front().Find("code")->text();
    }
    return read.value->Find("outcome")->text();
  }

  Texts Results(const std::string& query, const char* member) {
    const JsonValue answer = Post("/v1/search", query);
    Texts texts;
    const JsonValue* results = answer.Find("results");
    if (results == nullptr) return {"no results"};
    for (const JsonValue& result : results->elements()) {
      const JsonValue* found = result.Find(member);
      if (found == nullptr) continue;
      texts.push_back(found->Find("id") != nullptr ? found->Find("id")->text() : found->text());
    }
    return texts;
  }
  Texts ClientList(const std::string& viewer = "") {
    return Results(R"({"through":"define","define":{"verb":"listed","places":[)" + Entity("david") +
                       R"(,{"hole":true,"type":"client"}]})" +
                       (viewer.empty() ? "" : R"(,"actor":)" + Entity(viewer)) + "}",
                   "entity");
  }
  Texts Actions(const std::string& user, const std::string& client) {
    return Results(R"({"through":"actions","subject":)" + Entity(user) + R"(,"resource":)" +
                       Entity(client) + "}",
                   "symbol");
  }
  // The cheapest plan, step by step with the first who can do it; "nothing" when he may already.
  Texts Missing(const std::string& permission, const std::string& client) {
    const JsonValue answer =
        Post("/v1/missing", R"({"subject":)" + Entity("david") + R"(,"action":{"name":")" +
                                permission + R"("},"resource":)" + Entity(client) + "}");
    if (answer.Find("permitted") == nullptr) return {"no answer"};
    if (answer.Find("permitted")->boolean()) return {"nothing"};
    Texts steps;
    const auto& plans = answer.Find("plans")->elements();
    if (plans.empty()) return {"no plan"};
    for (const JsonValue& step : plans.front().Find("steps")->elements()) {
      const auto& who = step.Find("who")->elements();
      steps.push_back(step.Find("kind")->text() + " by " +
                      (who.empty() ? "operator" : who.front().Find("id")->text()));
    }
    return steps;
  }
  bool Can(const std::string& permission, const std::string& client) {
    const JsonValue answer = Post("/access/v1/evaluation",
                                  R"({"subject":)" + Entity("david") + R"(,"action":{"name":")" +
                                      permission + R"("},"resource":)" + Entity(client) + "}");
    return answer.Find("decision") != nullptr && answer.Find("decision")->boolean();
  }

  void AgencySide();

  TestWorld world_;
  std::unique_ptr<Server> server_;
};

const char* const kButton = "administration.konsult.lagg_till";
const char* const kRead = "bokforing.verifikation.las";
const char* const kWrite = "bokforing.verifikation.skapa";
const char* const kInvoices = "fakturering.faktura.las";

// Licence, account, licence given, clients ticked.
void NewConsultant::AgencySide() {
  const Texts seats = {R"({"seats":{"pool":)" + Entity("norr") + R"(,"licence":"kh","seats":3}})"};
  EXPECT_EQ(Change("cia", seats), "no_admin_role");
  EXPECT_EQ(Change("bo", seats), "applied");

  const Texts account = {R"({"create":{"type":"person","id":"david_dahl"}})",
                         R"({"create":{"type":"user","id":"david","attributes":)"
                         R"({"person":"david_dahl","home":"norr"}}})"};
  EXPECT_EQ(Change("cia", account), "no_admin_role");
  EXPECT_EQ(Change("anna", account), "applied");
  EXPECT_THAT(ClientList(), IsEmpty());

  const Texts both = {Add("david", "assigned_to", "alfa"), Add("david", "assigned_to", "beta")};
  EXPECT_EQ(Change("bo", both), "not_consultant");
  EXPECT_EQ(Change("anna", {Add("david", "holds", "norr", "kh")}), "applied");
  EXPECT_EQ(Change("eva", both), "wrong_program_admin");
  EXPECT_EQ(Change("stina", both), "no_admin_role");
  EXPECT_EQ(Change("bo", {Add("david", "assigned_to", "delta")}), "not_linked");
  // All or nothing.
  EXPECT_EQ(Change("bo", {both[0], Add("david", "assigned_to", "delta")}), "not_linked");
  EXPECT_THAT(ClientList(), IsEmpty());
  EXPECT_EQ(Change("bo", both), "applied");
}

TEST_F(NewConsultant, IsBroughtInByThoseWhoMayDoEachStep) {
  AgencySide();
  EXPECT_THAT(ClientList(), UnorderedElementsAre("alfa", "beta"));
  EXPECT_THAT(ClientList("anna"), UnorderedElementsAre("alfa", "beta"));
  EXPECT_THAT(ClientList("sven"), IsEmpty());
  EXPECT_THAT(Actions("david", "alfa"), ElementsAre("enter"));

  // Way A: somebody of the agency runs the client.
  EXPECT_THAT(Actions("anna", "alfa"), Contains(kButton));
  EXPECT_THAT(Actions("bo", "alfa"), Not(Contains(kButton)));
  const Texts mark = {Add("david", "switched_on", "alfa")};
  EXPECT_EQ(Change("bo", mark), "not_client_admin");
  EXPECT_EQ(Change("anna", mark), "applied");
  EXPECT_THAT(Missing(kWrite, "alfa"), ElementsAre("grant by anna"));
  EXPECT_EQ(Change("anna", {Tick("lager.lagerlista.las", "alfa")}), "no_licence");
  EXPECT_EQ(Change("anna", {Tick(kRead, "alfa"), Tick(kWrite, "alfa")}), "applied");
  EXPECT_THAT(Missing(kWrite, "alfa"), ElementsAre("nothing"));
  EXPECT_TRUE(Can(kWrite, "alfa"));
  EXPECT_FALSE(Can("bokforing.verifikation.attestera", "alfa"));

  // Way B: the client does it itself.
  EXPECT_THAT(Actions("anna", "beta"), Not(Contains(kButton)));
  EXPECT_THAT(Actions("berit", "beta"), Contains(kButton));
  EXPECT_EQ(Change("anna", {Add("david", "switched_on", "beta")}), "not_client_admin");
  EXPECT_EQ(Change("anna", {Tick(kInvoices, "beta")}), "not_client_admin");
  EXPECT_EQ(Change("fia", {Tick("lon.personal.las", "beta")}), "wrong_program_admin");
  EXPECT_EQ(Change("berit", {Add("sven", "granted", "beta", kInvoices)}), "not_visible");
  EXPECT_EQ(Change("berit", {Tick(kInvoices, "alfa")}), "not_client_admin");
  EXPECT_FALSE(Can(kInvoices, "beta"));
  EXPECT_EQ(Change("berit", {Tick(kInvoices, "beta")}), "applied");
  EXPECT_TRUE(Can(kInvoices, "beta"));

  // The end.
  EXPECT_THAT(ClientList(), UnorderedElementsAre("alfa", "beta"));
  EXPECT_THAT(Actions("david", "alfa"),
              UnorderedElementsAre("enter", "bokforing.oppna", kRead, kWrite));
  EXPECT_THAT(Actions("david", "beta"),
              UnorderedElementsAre("enter", "fakturering.oppna", kInvoices));
  EXPECT_THAT(Actions("david", "gamma"), IsEmpty());
  EXPECT_THAT(Actions("david", "delta"), IsEmpty());

  TestWorld after;
  after.InstallPath(std::string(PORTVAKT_SOURCE_DIR) + "/policies/byra");
  after.LoadData(std::string(PORTVAKT_SOURCE_DIR) + "/examples/norr/after.yaml");
  const std::set<std::string> left = Stored(world_.engine());
  EXPECT_THAT(left, Contains("seats of kh in norr is 3"));
  EXPECT_EQ(left, Stored(after.engine()));
}

}  // namespace
}  // namespace portvakt::server
