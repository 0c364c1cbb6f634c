// Members of JSON objects that may be missing or of another type: then they are empty.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/change.h"
#include "server/json.h"

namespace portvakt::cli {

std::string TextIn(const server::JsonValue& object, std::string_view name);
int64_t NumberIn(const server::JsonValue& object, std::string_view name);
bool FlagIn(const server::JsonValue& object, std::string_view name);
int64_t InstantIn(const server::JsonValue& object, std::string_view name);
const server::JsonValue& In(const server::JsonValue& object, std::string_view name);
const server::JsonValue::Elements& ListIn(const server::JsonValue& object, std::string_view name);
std::vector<std::string> TextsIn(const server::JsonValue& object, std::string_view name);
engine::EntityName EntityOf(const server::JsonValue& object);
std::vector<engine::EntityName> EntitiesIn(const server::JsonValue& object, std::string_view name);
std::vector<engine::ReasonText> ReasonsIn(const server::JsonValue& object, std::string_view name,
                                          std::string_view code_name = "code");
std::vector<engine::RuleReport> RulesIn(const server::JsonValue& object, std::string_view name);
engine::ChangeItem ReadChangeItem(const server::JsonValue& object);
engine::FactName ReadFact(const server::JsonValue& object);
engine::Validity ReadValidity(const server::JsonValue& object);

}  // namespace portvakt::cli
