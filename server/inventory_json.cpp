// What is stored, member for member as the engine tells it.
#include "server/inventory_json.h"

#include <utility>

#include "server/audit_json.h"
#include "server/change_json.h"
#include "server/names_json.h"

namespace portvakt::server {

JsonValue ListedEntityJson(const engine::ListedEntity& entity) {
  JsonValue object = EntityJson(entity.entity);
  object.Set("attributes", InputsJson(entity.attributes));
  return object;
}

JsonValue ListedFactJson(const engine::ListedFact& fact) {
  JsonValue object = FactJson(fact.fact);
  SetValidity(fact.validity, object);
  object.Set("holds", fact.holds).Set("text", fact.text);
  if (!fact.made) return object;
  JsonValue made = JsonValue::Object();
  SetStamp(*fact.made, made);
  object.Set("made", std::move(made));
  return object;
}

}  // namespace portvakt::server
