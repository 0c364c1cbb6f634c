// Changes and what came of them as JSON values, shared with the command line. Names of members are
// part of what users build on: they are added to, never renamed.
#pragma once

#include "engine/change.h"
#include "engine/transfer.h"
#include "server/json.h"

namespace portvakt::server {

// {"subject": {..}, "relation": "granted", "symbol": "lon.las", "program": "lon", "object": {..}};
// what the fact has not is left out.
JsonValue FactJson(const engine::FactName& fact);
// As requests write it, so that a change that is shown can be asked for:
//   {"add": {fact.., "from": "..", "until": ".."}}    {"remove": {fact..}}
//   {"seats": {"pool": {..}, "licence": "kh", "seats": 3}}
//   {"create": {"type", "id", "attributes": {..}}}    {"set": {..}}    {"delete": {"type", "id"}}
JsonValue ChangeItemJson(const engine::ChangeItem& change);

// {"limit", "text", "place", "binding": {"tenant": "norr"},
//  "kind": "at_least" | "at_most" | "condition", "count", "bound", "conflicting": [{..}],
//  "all_conflicting", "remedy"}
JsonValue LimitJson(const engine::LimitReport& limit);
JsonValue LimitsJson(const std::vector<engine::LimitReport>& limits);

// "done", "already", "refused", "invalid"
std::string_view OutcomeName(engine::ChangeVerdict::Outcome outcome);
// "applied", "unchanged", "dry_run", "refused", "invalid", "conflict", "failed"
std::string_view OutcomeName(engine::ChangeResult::Outcome outcome);

// {"outcome", "reasons", "decided_by", "obligations": [{"id", "text"}], "rules", "limits",
//  "missing_context"}; every member is always there.
JsonValue ChangeVerdictJson(const engine::ChangeVerdict& verdict);
JsonValue ChangeVerdictsJson(const std::vector<engine::ChangeVerdict>& verdicts);
// {"outcome", "repeated", "revision", "instant" (of the revision, when there is one), "policy",
//  "verdicts": [..], "error" (when there is one)}
JsonValue ChangeResultJson(const engine::ChangeResult& result);

// {"result": {as above}, "changes": [{"change", "text"}],
//  "todo": [{"change", "text", "verdict": {..}, "who": [{..}], "more_who"}]}
JsonValue TransferJson(const engine::TransferResult& transfer);

}  // namespace portvakt::server
