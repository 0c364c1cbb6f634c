// Lists of what is stored as JSON values.
#pragma once

#include "engine/inventory.h"
#include "server/json.h"

namespace portvakt::server {

// {"type", "id", "attributes": {..}}
JsonValue ListedEntityJson(const engine::ListedEntity& entity);
// {fact.., "from", "until", "holds", "text", "made": {as of a history's entry}}; `from`, `until`
// and `made` where there are such.
JsonValue ListedFactJson(const engine::ListedFact& fact);

}  // namespace portvakt::server
