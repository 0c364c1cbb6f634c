// Decisions and explanations as JSON values, member for member as the engine tells them.
#include "server/decision_json.h"

#include <string>
#include <string_view>
#include <vector>

namespace portvakt::server {
namespace {

std::string_view NameOf(engine::Tri verdict) {
  switch (verdict) {
    case engine::Tri::kFalse: return "false";
    case engine::Tri::kUnknown: return "unknown";
    case engine::Tri::kTrue: return "true";
  }
  return "";
}

std::string_view NameOf(engine::RuleReport::Kind kind) {
  switch (kind) {
    case engine::RuleReport::Kind::kPermit: return "permit";
    case engine::RuleReport::Kind::kForbid: return "forbid";
    case engine::RuleReport::Kind::kRequired: return "required";
  }
  return "";
}

JsonValue TextsJson(const std::vector<std::string>& texts) {
  JsonValue array = JsonValue::Array();
  for (const std::string& text : texts) array.Append(text);
  return array;
}

JsonValue ReasonsJson(const std::vector<engine::ReasonText>& reasons, const char* code_name) {
  JsonValue array = JsonValue::Array();
  for (const engine::ReasonText& reason : reasons) {
    JsonValue one = JsonValue::Object();
    array.Append(std::move(one.Set(code_name, reason.code).Set("text", reason.text)));
  }
  return array;
}

JsonValue RuleJson(const engine::RuleReport& rule) {
  JsonValue conditions = JsonValue::Array();
  for (const engine::ConditionReport& condition : rule.conditions) {
    JsonValue one = JsonValue::Object();
    one.Set("place", condition.place).Set("text", condition.text);
    one.Set("verdict", NameOf(condition.verdict));
    one.Set("found", condition.found).Set("wanted", condition.wanted);
    if (!condition.code.empty()) one.Set("code", condition.code);
    conditions.Append(std::move(one));
  }
  JsonValue report = JsonValue::Object();
  report.Set("kind", NameOf(rule.kind)).Set("name", rule.name).Set("place", rule.place);
  report.Set("verdict", NameOf(rule.verdict)).Set("codes", TextsJson(rule.codes));
  report.Set("conditions", std::move(conditions));
  return report;
}

}  // namespace

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

JsonValue ExplanationJson(const engine::Explanation& explanation) {
  JsonValue answer = DecisionJson(explanation.decision);
  const JsonValue* told = answer.Find("context");
  JsonValue context = told == nullptr ? JsonValue::Object() : *told;
  context.Set("reasons", ReasonsJson(explanation.reasons, "code"));
  context.Set("decided_by", TextsJson(explanation.decided_by));
  context.Set("notes", ReasonsJson(explanation.notes, "code"));
  JsonValue rules = JsonValue::Array();
  for (const engine::RuleReport& rule : explanation.rules) rules.Append(RuleJson(rule));
  context.Set("rules", std::move(rules));
  context.Set("missing_context", TextsJson(explanation.missing_context));
  answer.Set("context", std::move(context));
  return answer;
}

}  // namespace portvakt::server
