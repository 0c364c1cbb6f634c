// Small values out of JSON, one function each.
#include "cli/json_members.h"

#include "engine/calendar.h"
#include "server/request_json.h"

namespace portvakt::cli {

using server::JsonValue;
using Kind = server::JsonValue::Kind;

const JsonValue& In(const JsonValue& object, std::string_view name) {
  static const JsonValue nothing;
  const JsonValue* found = object.Find(name);
  return found == nullptr ? nothing : *found;
}

std::string TextIn(const JsonValue& object, std::string_view name) {
  const JsonValue& value = In(object, name);
  return value.is(Kind::kString) ? value.text() : "";
}

int64_t NumberIn(const JsonValue& object, std::string_view name) {
  const JsonValue& value = In(object, name);
  return value.is(Kind::kInteger) ? value.integer() : 0;
}

bool FlagIn(const JsonValue& object, std::string_view name) {
  const JsonValue& value = In(object, name);
  return value.is(Kind::kBool) && value.boolean();
}

int64_t InstantIn(const JsonValue& object, std::string_view name) {
  return engine::ParseInstant(TextIn(object, name)).value_or(0);
}

const JsonValue::Elements& ListIn(const JsonValue& object, std::string_view name) {
  static const JsonValue::Elements none;
  const JsonValue& value = In(object, name);
  return value.is(Kind::kArray) ? value.elements() : none;
}

std::vector<std::string> TextsIn(const JsonValue& object, std::string_view name) {
  std::vector<std::string> texts;
  for (const JsonValue& element : ListIn(object, name)) {
    texts.push_back(element.is(Kind::kString) ? element.text() : "");
  }
  return texts;
}

engine::EntityName EntityOf(const JsonValue& object) {
  return {TextIn(object, "type"), TextIn(object, "id")};
}

std::vector<engine::EntityName> EntitiesIn(const JsonValue& object, std::string_view name) {
  std::vector<engine::EntityName> entities;
  for (const JsonValue& element : ListIn(object, name)) entities.push_back(EntityOf(element));
  return entities;
}

std::vector<engine::ReasonText> ReasonsIn(const JsonValue& object, std::string_view name,
                                          std::string_view code_name) {
  std::vector<engine::ReasonText> reasons;
  for (const JsonValue& element : ListIn(object, name)) {
    reasons.push_back({TextIn(element, code_name), TextIn(element, "text")});
  }
  return reasons;
}

std::vector<engine::RuleReport> RulesIn(const JsonValue& object, std::string_view name) {
  const auto verdict = [](const JsonValue& holder) {
    const std::string text = TextIn(holder, "verdict");
    if (text == "true") return engine::Tri::kTrue;
    return text == "unknown" ? engine::Tri::kUnknown : engine::Tri::kFalse;
  };
  std::vector<engine::RuleReport> rules;
  for (const JsonValue& element : ListIn(object, name)) {
    engine::RuleReport& rule = rules.emplace_back();
    const std::string kind = TextIn(element, "kind");
    if (kind == "forbid") rule.kind = engine::RuleReport::Kind::kForbid;
    if (kind == "required") rule.kind = engine::RuleReport::Kind::kRequired;
    rule.name = TextIn(element, "name");
    rule.place = TextIn(element, "place");
    rule.verdict = verdict(element);
    rule.codes = TextsIn(element, "codes");
    for (const JsonValue& one : ListIn(element, "conditions")) {
      rule.conditions.push_back({TextIn(one, "place"), TextIn(one, "text"), verdict(one),
                                 TextIn(one, "found"), TextIn(one, "wanted"), TextIn(one, "code")});
    }
  }
  return rules;
}

engine::FactName ReadFact(const JsonValue& object) {
  engine::FactName fact;
  fact.subject = EntityOf(In(object, "subject"));
  fact.relation = TextIn(object, "relation");
  fact.symbol = TextIn(object, "symbol");
  fact.program = TextIn(object, "program");
  if (const JsonValue* other = object.Find("object")) fact.object = EntityOf(*other);
  return fact;
}

engine::Validity ReadValidity(const JsonValue& object) {
  engine::Validity validity;
  if (const auto from = engine::ParseInstant(TextIn(object, "from"))) validity.from_us = *from;
  if (const auto until = engine::ParseInstant(TextIn(object, "until"))) validity.until_us = *until;
  return validity;
}

engine::ChangeItem ReadChangeItem(const JsonValue& object) {
  using ItemKind = engine::ChangeItem::Kind;
  engine::ChangeItem item;
  if (!object.is(Kind::kObject) || object.members().empty()) return item;
  const auto& [name, value] = object.members().front();
  if (name == "remove") item.kind = ItemKind::kRemove;
  if (name == "seats") item.kind = ItemKind::kSeats;
  if (name == "create") item.kind = ItemKind::kCreate;
  if (name == "set") item.kind = ItemKind::kSet;
  if (name == "delete") item.kind = ItemKind::kDelete;
  switch (item.kind) {
    case ItemKind::kAdd: item.validity = ReadValidity(value); [[fallthrough]];
    case ItemKind::kRemove: item.fact = ReadFact(value); break;
    case ItemKind::kSeats:
      item.entity = EntityOf(In(value, "pool"));
      item.licence = TextIn(value, "licence");
      item.seats = static_cast<uint32_t>(NumberIn(value, "seats"));
      break;
    case ItemKind::kCreate:
    case ItemKind::kSet:
      if (const JsonValue* given = value.Find("attributes"); given != nullptr) {
        if (given->is(Kind::kObject)) item.attributes = server::ToInputs(*given);
      }
      [[fallthrough]];
    case ItemKind::kDelete: item.entity = EntityOf(value); break;
  }
  return item;
}

}  // namespace portvakt::cli
