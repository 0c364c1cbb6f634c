// Decisions and explanations as JSON values. The server puts them into answers, the command line
// prints them, so that both say the same.
#pragma once

#include "engine/decision.h"
#include "server/json.h"

namespace portvakt::server {

// {"decision": true}, with {"context": {"obligations": [{"id", "text"}]}} when the policy's notes
// give some.
JsonValue DecisionJson(const engine::Decision& decision);
// Appends the same as it is written; most decisions have nothing to tell but themselves.
void AppendDecision(const engine::Decision& decision, std::string& out);

// The same with the reasons in `context`:
//   {"decision": false, "context": {
//     "reasons": [{"code", "text"}], "decided_by": [".."], "notes": [{"code", "text"}],
//     "rules": [{"kind": "permit" | "forbid" | "required", "name", "place", "verdict",
//                "codes": [".."], "conditions": [{"place", "text", "verdict", "found",
//                "wanted"}]}],
//     "missing_context": [".."]}}
// `verdict` is "true", "false" or "unknown". Every member is always there, empty lists included;
// a condition's `code` only when it has one of its own.
JsonValue ExplanationJson(const engine::Explanation& explanation);

}  // namespace portvakt::server
