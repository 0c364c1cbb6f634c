// Changes as JSON values, member for member as the engine tells them.
#include "server/change_json.h"

#include "server/names_json.h"

namespace portvakt::server {
namespace {

JsonValue WithAttributes(const engine::ChangeItem& change) {
  JsonValue entity = EntityJson(change.entity);
  entity.Set("attributes", InputsJson(change.attributes));
  return entity;
}

std::string_view KindName(const engine::LimitReport& limit) {
  if (!limit.counted) return "condition";
  return limit.at_least ? "at_least" : "at_most";
}

}  // namespace

JsonValue FactJson(const engine::FactName& fact) {
  JsonValue object = JsonValue::Object();
  object.Set("subject", EntityJson(fact.subject)).Set("relation", fact.relation);
  if (!fact.symbol.empty()) object.Set("symbol", fact.symbol);
  if (!fact.program.empty()) object.Set("program", fact.program);
  if (fact.object) object.Set("object", EntityJson(*fact.object));
  return object;
}

JsonValue ChangeItemJson(const engine::ChangeItem& change) {
  using Kind = engine::ChangeItem::Kind;
  JsonValue item = JsonValue::Object();
  switch (change.kind) {
    case Kind::kAdd: {
      JsonValue fact = FactJson(change.fact);
      SetValidity(change.validity, fact);
      item.Set("add", std::move(fact));
      return item;
    }
    case Kind::kRemove: return item.Set("remove", FactJson(change.fact));
    case Kind::kSeats:
      item.Set("seats", JsonValue::Object({{"pool", EntityJson(change.entity)},
                                           {"licence", change.licence},
                                           {"seats", change.seats}}));
      return item;
    case Kind::kCreate: return item.Set("create", WithAttributes(change));
    case Kind::kDelete: return item.Set("delete", EntityJson(change.entity));
    case Kind::kSet: return item.Set("set", WithAttributes(change));
  }
  return item;
}

JsonValue LimitJson(const engine::LimitReport& limit) {
  JsonValue binding = JsonValue::Object();
  for (const auto& [name, value] : limit.binding) binding.Set(name, value);
  JsonValue object = JsonValue::Object();
  object.Set("limit", limit.limit).Set("text", limit.text).Set("place", limit.place);
  object.Set("binding", std::move(binding)).Set("kind", KindName(limit));
  object.Set("count", limit.count).Set("bound", limit.bound);
  object.Set("conflicting", EntitiesJson(limit.conflicting));
  object.Set("all_conflicting", limit.all_conflicting).Set("remedy", limit.remedy);
  return object;
}

JsonValue LimitsJson(const std::vector<engine::LimitReport>& limits) {
  JsonValue array = JsonValue::Array();
  for (const engine::LimitReport& limit : limits) array.Append(LimitJson(limit));
  return array;
}

std::string_view OutcomeName(engine::ChangeVerdict::Outcome outcome) {
  switch (outcome) {
    case engine::ChangeVerdict::Outcome::kDone: return "done";
    case engine::ChangeVerdict::Outcome::kAlready: return "already";
    case engine::ChangeVerdict::Outcome::kRefused: return "refused";
    case engine::ChangeVerdict::Outcome::kInvalid: return "invalid";
  }
  return "";
}

std::string_view OutcomeName(engine::ChangeResult::Outcome outcome) {
  switch (outcome) {
    case engine::ChangeResult::Outcome::kApplied: return "applied";
    case engine::ChangeResult::Outcome::kUnchanged: return "unchanged";
    case engine::ChangeResult::Outcome::kDryRun: return "dry_run";
    case engine::ChangeResult::Outcome::kRefused: return "refused";
    case engine::ChangeResult::Outcome::kInvalid: return "invalid";
    case engine::ChangeResult::Outcome::kConflict: return "conflict";
    case engine::ChangeResult::Outcome::kFailed: return "failed";
  }
  return "";
}

JsonValue ChangeVerdictJson(const engine::ChangeVerdict& verdict) {
  JsonValue object = JsonValue::Object();
  object.Set("outcome", OutcomeName(verdict.outcome)).Set("reasons", ReasonsJson(verdict.reasons));
  object.Set("decided_by", TextsJson(verdict.decided_by));
  object.Set("obligations", ReasonsJson(verdict.obligations, "id"));
  object.Set("rules", RulesJson(verdict.rules)).Set("limits", LimitsJson(verdict.limits));
  object.Set("missing_context", TextsJson(verdict.missing_context));
  return object;
}

JsonValue ChangeVerdictsJson(const std::vector<engine::ChangeVerdict>& verdicts) {
  JsonValue array = JsonValue::Array();
  for (const engine::ChangeVerdict& verdict : verdicts) array.Append(ChangeVerdictJson(verdict));
  return array;
}

JsonValue ChangeResultJson(const engine::ChangeResult& result) {
  JsonValue object = JsonValue::Object();
  object.Set("outcome", OutcomeName(result.outcome)).Set("repeated", result.repeated);
  object.Set("revision", result.revision);
  if (result.outcome == engine::ChangeResult::Outcome::kApplied) {
    object.Set("instant", InstantJson(result.instant_us));
  }
  object.Set("policy", result.policy_version);
  object.Set("verdicts", ChangeVerdictsJson(result.verdicts));
  if (!result.error.empty()) object.Set("error", result.error);
  return object;
}

JsonValue TransferJson(const engine::TransferResult& transfer) {
  JsonValue changes = JsonValue::Array();
  for (size_t index = 0; index < transfer.changes.size(); ++index) {
    JsonValue one = JsonValue::Object();
    one.Set("change", ChangeItemJson(transfer.changes[index]));
    one.Set("text", index < transfer.texts.size() ? transfer.texts[index] : "");
    changes.Append(std::move(one));
  }
  JsonValue todo = JsonValue::Array();
  for (const engine::ToDo& item : transfer.todo) {
    JsonValue one = JsonValue::Object();
    one.Set("change", ChangeItemJson(item.change)).Set("text", item.text);
    one.Set("verdict", ChangeVerdictJson(item.verdict));
    one.Set("who", EntitiesJson(item.who)).Set("more_who", item.more_who);
    todo.Append(std::move(one));
  }
  JsonValue object = JsonValue::Object();
  object.Set("result", ChangeResultJson(transfer.result));
  object.Set("changes", std::move(changes)).Set("todo", std::move(todo));
  return object;
}

}  // namespace portvakt::server
