// What is missing as a JSON value, member for member as the engine tells it.
#include "server/missing_json.h"

#include "server/change_json.h"
#include "server/names_json.h"

namespace portvakt::server {
namespace {

JsonValue StepJson(const engine::MissingStep& step) {
  JsonValue one = JsonValue::Object();
  one.Set("kind", StepName(step.kind)).Set("text", step.text);
  if (step.kind == engine::MissingStep::Kind::kContext) {
    one.Set("context", step.context).Set("wanted", step.wanted);
  } else {
    one.Set("change", ChangeItemJson(step.change));
  }
  one.Set("rules", TextsJson(step.rules)).Set("actor_may", step.actor_may);
  one.Set("actor_reasons", ReasonsJson(step.actor_reasons)).Set("who", EntitiesJson(step.who));
  one.Set("more_who", step.more_who).Set("operator_only", step.operator_only);
  return one;
}

}  // namespace

std::string_view StepName(engine::MissingStep::Kind kind) {
  switch (kind) {
    case engine::MissingStep::Kind::kOrderSeat: return "order_seat";
    case engine::MissingStep::Kind::kHoldLicence: return "hold_licence";
    case engine::MissingStep::Kind::kAssign: return "assign";
    case engine::MissingStep::Kind::kActivate: return "activate";
    case engine::MissingStep::Kind::kGrant: return "grant";
    case engine::MissingStep::Kind::kAppoint: return "appoint";
    case engine::MissingStep::Kind::kWithdraw: return "withdraw";
    case engine::MissingStep::Kind::kContext: return "context";
  }
  return "";
}

JsonValue MissingJson(const engine::MissingAnswer& answer) {
  JsonValue plans = JsonValue::Array();
  for (const engine::MissingPlan& plan : answer.plans) {
    JsonValue steps = JsonValue::Array();
    for (const engine::MissingStep& step : plan.steps) steps.Append(StepJson(step));
    plans.Append(JsonValue::Object({{"cost", plan.cost}, {"steps", std::move(steps)}}));
  }
  JsonValue unmendable = JsonValue::Array();
  for (const engine::Unmendable& one : answer.unmendable) {
    unmendable.Append(JsonValue::Object(
        {{"rule", one.rule}, {"place", one.place}, {"reasons", ReasonsJson(one.reasons)}}));
  }
  JsonValue object = JsonValue::Object();
  object.Set("permitted", answer.permitted).Set("reasons", ReasonsJson(answer.reasons));
  object.Set("plans", std::move(plans)).Set("unmendable", std::move(unmendable));
  object.Set("complete", answer.complete).Set("more_plans", answer.more_plans);
  object.Set("revision", answer.revision).Set("policy", answer.policy_version);
  return object;
}

}  // namespace portvakt::server
