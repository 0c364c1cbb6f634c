// What is missing as a JSON value, shared with the command line.
#pragma once

#include <string_view>

#include "engine/missing.h"
#include "server/json.h"

namespace portvakt::server {

// "order_seat", "hold_licence", "assign", "activate", "grant", "appoint", "withdraw", "context"
std::string_view StepName(engine::MissingStep::Kind kind);

// {"permitted", "reasons": [{"code", "text"}],
//  "plans": [{"cost", "steps": [{"kind", "text", "change": {..}, "rules": [..], "actor_may",
//    "actor_reasons": [..], "who": [{..}], "more_who", "operator_only"}]}],
//  "unmendable": [{"rule", "place", "reasons"}], "complete", "revision", "policy"}
// A step of context has "context" and "wanted" in place of "change".
JsonValue MissingJson(const engine::MissingAnswer& answer);

}  // namespace portvakt::server
