// The small values that all our JSON is made of: entities, texts, reasons, instants, verdicts.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/decision.h"
#include "engine/store.h"
#include "server/json.h"

namespace portvakt::server {

// {"type": "user", "id": "david"}
JsonValue EntityJson(const engine::EntityName& entity);
JsonValue EntitiesJson(const std::vector<engine::EntityName>& entities);
JsonValue TextsJson(const std::vector<std::string>& texts);
// [{"code": "not_linked", "text": ".."}]; `code_name` is "id" for obligations.
JsonValue ReasonsJson(const std::vector<engine::ReasonText>& reasons,
                      std::string_view code_name = "code");
// [{"kind", "name", "place", "verdict", "codes", "conditions"}], as in server/decision_json.h.
JsonValue RulesJson(const std::vector<engine::RuleReport>& rules);
// "2026-01-31T12:00:00Z" of microseconds since 1970.
JsonValue InstantJson(int64_t instant_us);
// Sets `from` and `until`, where there are such.
void SetValidity(const engine::Validity& validity, JsonValue& object);
// A value that a request supplied, as it came. Objects inside become null.
JsonValue InputJson(const engine::InputValue& value);
JsonValue InputsJson(const engine::InputValues& values);
// "yes", "no", "depends"
std::string_view AnswerName(engine::Tri verdict);

}  // namespace portvakt::server
