// Small values as JSON, one function each.
#include "server/names_json.h"

#include "engine/calendar.h"

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

JsonValue EntityJson(const engine::EntityName& entity) {
  return JsonValue::Object({{"type", entity.type}, {"id", entity.id}});
}

JsonValue EntitiesJson(const std::vector<engine::EntityName>& entities) {
  JsonValue array = JsonValue::Array();
  for (const engine::EntityName& entity : entities) array.Append(EntityJson(entity));
  return array;
}

JsonValue TextsJson(const std::vector<std::string>& texts) {
  JsonValue array = JsonValue::Array();
  for (const std::string& text : texts) array.Append(text);
  return array;
}

JsonValue ReasonsJson(const std::vector<engine::ReasonText>& reasons, std::string_view code_name) {
  JsonValue array = JsonValue::Array();
  for (const engine::ReasonText& reason : reasons) {
    array.Append(JsonValue::Object({{std::string(code_name), reason.code}, {"text", reason.text}}));
  }
  return array;
}

JsonValue RulesJson(const std::vector<engine::RuleReport>& rules) {
  JsonValue array = JsonValue::Array();
  for (const engine::RuleReport& rule : rules) array.Append(RuleJson(rule));
  return array;
}

JsonValue InstantJson(int64_t instant_us) { return engine::FormatInstant(instant_us); }

void SetValidity(const engine::Validity& validity, JsonValue& object) {
  if (validity.from_us != engine::Validity::kAlways) {
    object.Set("from", InstantJson(validity.from_us));
  }
  if (validity.until_us != engine::Validity::kForEver) {
    object.Set("until", InstantJson(validity.until_us));
  }
}

// Recursion is bounded by the depth that the JSON reader allowed.
JsonValue InputJson(const engine::InputValue& value) {
  switch (value.kind) {
    case engine::InputValue::Kind::kBool: return value.boolean;
    case engine::InputValue::Kind::kInteger: return value.integer;
    case engine::InputValue::Kind::kDouble: return value.number;
    case engine::InputValue::Kind::kString: return value.text;
    case engine::InputValue::Kind::kList: {
      JsonValue array = JsonValue::Array();
      for (const engine::InputValue& element : value.list) array.Append(InputJson(element));
      return array;
    }
    case engine::InputValue::Kind::kNull:
    case engine::InputValue::Kind::kObject: break;
  }
  return {};
}

JsonValue InputsJson(const engine::InputValues& values) {
  JsonValue object = JsonValue::Object();
  for (const auto& [name, value] : values) object.Set(name, InputJson(value));
  return object;
}

std::string_view AnswerName(engine::Tri verdict) {
  switch (verdict) {
    case engine::Tri::kFalse: return "no";
    case engine::Tri::kUnknown: return "depends";
    case engine::Tri::kTrue: return "yes";
  }
  return "";
}

}  // namespace portvakt::server
