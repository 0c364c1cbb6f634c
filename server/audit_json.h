// The history and its verification as JSON values, shared with the command line.
#pragma once

#include <string_view>

#include "engine/audit.h"
#include "server/json.h"

namespace portvakt::server {

// "added", "prolonged", "removed", "seats", "created", "set", "deleted", "installed", "activated",
// "dropped"
std::string_view PastChangeName(engine::PastChange::Kind kind);

// Sets "revision", "instant", "actor" or "operator", "second", "reason" and "ticket" in the object.
void SetStamp(const engine::RevisionStamp& stamp, JsonValue& object);

// {"revision", "index", "instant", "actor": {..}, "second": {..}, "operator": "..", "reason",
//  "ticket", "text", "kind", and what the kind has: "fact", "from", "until", "before": {..},
//  "entity", "licence", "seats", "attributes": {..}, "policy"}
// `operator` in place of `actor` for what operators did; `before` holds the members that the change
// replaced or took away; what is empty is left out.
JsonValue HistoryEntryJson(const engine::HistoryEntry& entry);
// {"entries": [..], "next": {"after_revision", "after_index"} when there are more, "revision"}
JsonValue HistoryPageJson(const engine::HistoryPage& page);

// {"ok", "revisions", "changes", "facts", "head", "faults": [{"revision", "what"}]}
JsonValue AuditReportJson(const engine::AuditReport& report);

}  // namespace portvakt::server
