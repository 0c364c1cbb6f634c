// Decisions and explanations as JSON values, member for member as the engine tells them.
#include "server/decision_json.h"

#include <utility>

#include "server/names_json.h"

namespace portvakt::server {

JsonValue DecisionJson(const engine::Decision& decision) {
  JsonValue answer = JsonValue::Object();
  answer.Set("decision", decision.permit);
  if (decision.permit && !decision.obligations.empty()) {
    JsonValue context = JsonValue::Object();
    context.Set("obligations", ReasonsJson(decision.obligations, "id"));
    answer.Set("context", std::move(context));
  }
  return answer;
}

void AppendDecision(const engine::Decision& decision, std::string& out) {
  if (!decision.permit) {
    out += R"({"decision":false})";
  } else if (decision.obligations.empty()) {
    out += R"({"decision":true})";
  } else {
    out += WriteJson(DecisionJson(decision));
  }
}

JsonValue ExplanationJson(const engine::Explanation& explanation) {
  JsonValue answer = DecisionJson(explanation.decision);
  const JsonValue* told = answer.Find("context");
  JsonValue context = told == nullptr ? JsonValue::Object() : *told;
  context.Set("reasons", ReasonsJson(explanation.reasons));
  context.Set("decided_by", TextsJson(explanation.decided_by));
  context.Set("notes", ReasonsJson(explanation.notes));
  context.Set("rules", RulesJson(explanation.rules));
  context.Set("missing_context", TextsJson(explanation.missing_context));
  answer.Set("context", std::move(context));
  return answer;
}

}  // namespace portvakt::server
