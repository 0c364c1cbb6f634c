// Asking a server: structured JSON out, the engine's values back. Names and sentences are read
// here, by the policy that the server hands out.
#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "cli/answer_read.h"
#include "cli/asker.h"
#include "cli/http_client.h"
#include "cli/http_json.h"
#include "cli/json_members.h"
#include "dsl/dsl.h"
#include "server/change_json.h"
#include "server/names_json.h"

namespace portvakt::cli {

namespace {

using engine::Result;
using server::JsonValue;

engine::Error Wrong(std::string message) {
  return {engine::Error::Code::kInvalid, std::move(message)};
}

JsonValue WithProperties(JsonValue object, const engine::InputValues& properties) {
  if (!properties.empty()) object.Set("properties", server::InputsJson(properties));
  return object;
}

// An entity that is searched for has no id.
JsonValue NameJson(const engine::EntityName& name) {
  if (!name.id.empty()) return server::EntityJson(name);
  return JsonValue::Object({{"type", name.type}});
}

void SetQuestion(const engine::Request& request, JsonValue& body) {
  body.Set("subject", WithProperties(NameJson(request.subject), request.subject_properties));
  if (!request.action.empty()) {
    body.Set("action", WithProperties(JsonValue::Object({{"name", request.action}}),
                                      request.action_properties));
  }
  body.Set("resource", WithProperties(NameJson(request.resource), request.resource_properties));
}

void SetEntity(const char* name, const std::optional<engine::EntityName>& entity, JsonValue& body) {
  if (entity) body.Set(name, server::EntityJson(*entity));
}

void SetContext(const engine::InputValues& context, JsonValue& body) {
  if (!context.empty()) body.Set("context", server::InputsJson(context));
}

bool IsEmpty(const engine::Place& place) {
  return !place.hole && place.entity.type.empty() && place.symbol.empty();
}

JsonValue PlaceJson(const engine::Place& place) {
  JsonValue object = JsonValue::Object();
  if (place.hole) {
    object.Set("hole", true);
    if (!place.entity.type.empty()) object.Set("type", place.entity.type);
    return object;
  }
  if (!place.symbol.empty()) return object.Set("symbol", place.symbol);
  return server::EntityJson(place.entity);
}

JsonValue ChangeSearchJson(const engine::SearchQuery& query) {
  static constexpr std::pair<engine::ChangeItem::Kind, const char*> kKinds[] = {
      {engine::ChangeItem::Kind::kAdd, "add"},
      {engine::ChangeItem::Kind::kRemove, "remove"},
      {engine::ChangeItem::Kind::kSeats, "seats"},
      {engine::ChangeItem::Kind::kCreate, "create"},
      {engine::ChangeItem::Kind::kDelete, "delete"}};
  JsonValue change = JsonValue::Object();
  for (const auto& [kind, name] : kKinds) {
    if (query.change == kind) change.Set("kind", name);
  }
  if (!query.relation.empty()) change.Set("relation", query.relation);
  for (const auto& [name, place] :
       {std::pair("subject", &query.subject), std::pair("symbol", &query.symbol),
        std::pair("program", &query.program), std::pair("object", &query.object),
        std::pair("actor", &query.actor)}) {
    if (!IsEmpty(*place)) change.Set(name, PlaceJson(*place));
  }
  return change;
}

JsonValue SearchJson(const engine::SearchQuery& query) {
  using Through = engine::SearchQuery::Through;
  JsonValue body = JsonValue::Object();
  switch (query.through) {
    case Through::kSubjects: body.Set("through", "subjects"); break;
    case Through::kActions: body.Set("through", "actions"); break;
    case Through::kResources: body.Set("through", "resources"); break;
    case Through::kDefine: {
      JsonValue places = JsonValue::Array();
      for (const engine::Place& place : query.places) places.Append(PlaceJson(place));
      body.Set("through", "define");
      body.Set("define", JsonValue::Object({{"verb", query.verb}, {"places", std::move(places)}}));
      break;
    }
    case Through::kChange:
      body.Set("through", "change").Set("change", ChangeSearchJson(query));
      break;
  }
  if (query.through != Through::kDefine && query.through != Through::kChange) {
    SetQuestion(query.request, body);
  }
  SetContext(query.request.context, body);
  SetEntity("actor", query.viewer, body);
  if (!query.with_depends) body.Set("with_depends", false);
  return body;
}

class ServerAsker final : public Asker {
 public:
  explicit ServerAsker(std::unique_ptr<HttpClient> client)
      : client_(std::move(client)),
        known_([this](const std::string& type, std::string_view id) { return Exists(type, id); },
               [](const std::string&, size_t) { return std::vector<std::string>(); }) {}

  engine::Status ReadPolicy();
  void AsOf(const engine::Moment& moment);

  const dsl::Module& module() const override { return *module_; }
  const Known& known() const override { return known_; }
  std::string policy_root() const override { return ""; }

  Result<engine::Explanation> Explain(const engine::Request& request) override;
  Result<engine::SearchPage> Search(const engine::SearchQuery& query) override;
  Result<engine::Matrix> FillMatrix(const engine::MatrixQuery& query) override;
  Result<engine::MissingAnswer> Missing(const engine::MissingQuery& query) override;
  Result<engine::HistoryPage> History(const engine::HistoryQuery& query) override;
  Result<engine::ChangeResult> Change(const engine::ChangeRequest& request) override;
  Result<engine::TransferResult> Onboard(const engine::OnboardQuery& query) override;
  Result<engine::TransferResult> Offboard(const engine::OffboardQuery& query) override;
  Result<engine::AuditReport> Verify(const engine::AuditOptions& options) override;
  Result<StatusReport> Status() override;

 private:
  Result<JsonValue> Exchange(const HttpExchange& exchange) {
    return ExchangeJson(*client_, exchange);
  }
  Result<JsonValue> Get(const std::string& target) { return Exchange({"GET", target, "", {}}); }
  Result<JsonValue> Post(const std::string& target, const JsonValue& body) {
    return Exchange({"POST", target, server::WriteJson(body), {}});
  }
  // A question, which may be as of a past moment.
  Result<JsonValue> Question(const std::string& target, JsonValue body) {
    if (as_of_) body.Set("as_of", *as_of_);
    return Post(target, body);
  }
  bool Exists(const std::string& type, std::string_view id);
  Result<engine::HistoryPage> OnePage(const engine::HistoryQuery& query);
  template <class Query>
  Result<engine::TransferResult> Transfer(const std::string& target, const Query& query,
                                          JsonValue body);

  std::unique_ptr<HttpClient> client_;
  std::optional<dsl::Module> module_;
  std::optional<JsonValue> as_of_;
  Known known_;
};

engine::Status ServerAsker::ReadPolicy() {
  const auto policy = Get("/v1/policies/active");
  if (!policy) return policy.error();
  dsl::SourceSet sources;
  for (const JsonValue& file : ListIn(policy.value(), "files")) {
    sources.Add(TextIn(file, "name"), TextIn(file, "text"));
  }
  dsl::Diagnostics findings;
  module_ = dsl::Compile(sources, findings);
  if (!module_) return Wrong("the server's policy does not check here: it has another version");
  return engine::Done{};
}

void ServerAsker::AsOf(const engine::Moment& moment) {
  as_of_ = JsonValue::Object();
  if (moment.revision) as_of_->Set("revision", *moment.revision);
  if (moment.instant_us) as_of_->Set("instant", server::InstantJson(*moment.instant_us));
}

// The history knows who is there: what was last said of an entity is not that it was deleted.
bool ServerAsker::Exists(const std::string& type, std::string_view id) {
  engine::HistoryQuery query;
  query.entity = engine::EntityName{type, std::string(id)};
  query.newest_first = true;
  query.limit = 1;
  const auto page = OnePage(query);
  return page && !page.value().entries.empty() &&
         page.value().entries.front().change.kind != engine::PastChange::Kind::kDeleted;
}

Result<engine::Explanation> ServerAsker::Explain(const engine::Request& request) {
  JsonValue body = JsonValue::Object();
  SetQuestion(request, body);
  SetContext(request.context, body);
  const auto json = Question("/v1/explain", std::move(body));
  if (!json) return json.error();
  return ReadExplanation(json.value());
}

Result<engine::SearchPage> ServerAsker::Search(const engine::SearchQuery& query) {
  engine::SearchPage whole;
  std::string token;
  while (true) {
    JsonValue body = SearchJson(query);
    JsonValue page = JsonValue::Object();
    if (query.limit != 0) page.Set("limit", query.limit);
    if (!token.empty()) page.Set("token", token);
    if (!page.members().empty()) body.Set("page", std::move(page));
    const auto json = Question("/v1/search", std::move(body));
    if (!json) return json.error();
    engine::SearchPage next = ReadSearchPage(json.value());
    whole.revision = next.revision;
    whole.policy_version = next.policy_version;
    whole.error_code = std::move(next.error_code);
    whole.error = std::move(next.error);
    std::move(next.results.begin(), next.results.end(), std::back_inserter(whole.results));
    token = TextIn(In(json.value(), "page"), "next_token");
    if (token.empty() || query.limit != 0) return whole;
  }
}

Result<engine::Matrix> ServerAsker::FillMatrix(const engine::MatrixQuery& query) {
  JsonValue body = JsonValue::Object();
  if (!query.subjects.empty()) body.Set("subjects", server::EntitiesJson(query.subjects));
  if (!query.subject_type.empty()) body.Set("subject_type", query.subject_type);
  if (!query.resources.empty()) body.Set("resources", server::EntitiesJson(query.resources));
  if (!query.resource_type.empty()) body.Set("resource_type", query.resource_type);
  if (!query.permissions.empty()) body.Set("permissions", server::TextsJson(query.permissions));
  SetContext(query.context, body);
  SetEntity("actor", query.viewer, body);
  const auto json = Question("/v1/matrix", std::move(body));
  if (!json) return json.error();
  return ReadMatrix(json.value());
}

Result<engine::MissingAnswer> ServerAsker::Missing(const engine::MissingQuery& query) {
  JsonValue body = JsonValue::Object();
  SetQuestion(query.request, body);
  SetContext(query.request.context, body);
  SetEntity("actor", query.actor, body);
  body.Set("max_plans", query.max_plans).Set("max_who", query.max_who);
  const auto json = Question("/v1/missing", std::move(body));
  if (!json) return json.error();
  return ReadMissing(json.value());
}

Result<engine::HistoryPage> ServerAsker::OnePage(const engine::HistoryQuery& query) {
  JsonValue body = JsonValue::Object();
  if (query.fact) body.Set("fact", server::FactJson(*query.fact));
  SetEntity("entity", query.entity, body);
  SetEntity("actor", query.actor, body);
  if (query.by_operator) body.Set("by_operator", true);
  if (query.after_revision != 0) body.Set("after_revision", query.after_revision);
  if (query.after_index != 0) body.Set("after_index", query.after_index);
  if (query.from_us) body.Set("from", server::InstantJson(*query.from_us));
  if (query.until_us) body.Set("until", server::InstantJson(*query.until_us));
  if (query.newest_first) body.Set("newest_first", true);
  body.Set("limit", query.limit);
  const auto json = Post("/v1/history", body);
  if (!json) return json.error();
  return ReadHistory(json.value());
}

Result<engine::HistoryPage> ServerAsker::History(const engine::HistoryQuery& query) {
  return WholeHistory(query, [this](const engine::HistoryQuery& page) { return OnePage(page); });
}

constexpr const char* kNoOperator =
    "a server knows no operator: name an actor, or change the store itself with --store";

Result<engine::ChangeResult> ServerAsker::Change(const engine::ChangeRequest& request) {
  if (!request.actor) return Wrong(kNoOperator);
  JsonValue changes = JsonValue::Array();
  for (const engine::ChangeItem& change : request.changes) {
    changes.Append(server::ChangeItemJson(change));
  }
  JsonValue body = JsonValue::Object();
  SetEntity("actor", request.actor, body);
  SetEntity("second", request.second, body);
  body.Set("changes", std::move(changes));
  SetContext(request.context, body);
  if (request.expected_revision) body.Set("expected_revision", *request.expected_revision);
  if (!request.reason.empty()) body.Set("reason", request.reason);
  if (!request.ticket.empty()) body.Set("ticket", request.ticket);
  if (request.dry_run) body.Set("dry_run", true);
  HttpExchange exchange{"POST", "/v1/changes", server::WriteJson(body), {}};
  if (!request.idempotency_key.empty()) {
    exchange.fields.emplace_back("Idempotency-Key", request.idempotency_key);
  }
  const auto json = Exchange(exchange);
  if (!json) return json.error();
  return ReadChangeResult(json.value());
}

template <class Query>
Result<engine::TransferResult> ServerAsker::Transfer(const std::string& target, const Query& query,
                                                     JsonValue body) {
  if (!query.actor) return Wrong(kNoOperator);
  SetEntity("actor", query.actor, body);
  body.Set("subject", server::EntityJson(query.subject));
  if (!query.relations.empty()) body.Set("relations", server::TextsJson(query.relations));
  SetContext(query.context, body);
  if (!query.reason.empty()) body.Set("reason", query.reason);
  if (!query.ticket.empty()) body.Set("ticket", query.ticket);
  if (query.dry_run) body.Set("dry_run", true);
  const auto json = Post(target, body);
  if (!json) return json.error();
  return ReadTransfer(json.value());
}

Result<engine::TransferResult> ServerAsker::Onboard(const engine::OnboardQuery& query) {
  JsonValue body = JsonValue::Object();
  body.Set("like", server::EntityJson(query.like));
  if (!query.objects.empty()) body.Set("objects", server::EntitiesJson(query.objects));
  return Transfer("/v1/onboard", query, std::move(body));
}

Result<engine::TransferResult> ServerAsker::Offboard(const engine::OffboardQuery& query) {
  JsonValue body = JsonValue::Object();
  SetEntity("successor", query.successor, body);
  JsonValue closing = JsonValue::Array();
  for (const engine::ChangeItem& change : query.closing) {
    closing.Append(server::ChangeItemJson(change));
  }
  if (!query.closing.empty()) body.Set("closing", std::move(closing));
  return Transfer("/v1/offboard", query, std::move(body));
}

Result<engine::AuditReport> ServerAsker::Verify(const engine::AuditOptions&) {
  return Wrong("an audit reads the store itself: run it with --store where the store lies");
}

Result<StatusReport> ServerAsker::Status() {
  const auto json = Get("/v1/status");
  if (!json) return json.error();
  return ReadStatus(json.value());
}

}  // namespace

std::unique_ptr<Asker> OpenServerAsker(const Asked& asked,
                                       const std::optional<engine::Moment>& as_of,
                                       Console& console) {
  auto client = OpenClient(asked.server);
  if (!client) {
    Complain(console, client.error().message);
    return nullptr;
  }
  auto asker = std::make_unique<ServerAsker>(std::move(*client));
  if (const auto read = asker->ReadPolicy(); !read) {
    Complain(console, read.error().message);
    return nullptr;
  }
  if (as_of) asker->AsOf(*as_of);
  return asker;
}

}  // namespace portvakt::cli
