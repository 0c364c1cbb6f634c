// Policy versions, their differences and their impact as JSON values. The server answers with them
// and the command line prints them, so that both say the same.
#pragma once

#include <vector>

#include "dsl/policy_diff.h"
#include "engine/impact.h"
#include "engine/policy_versions.h"
#include "server/json.h"

namespace portvakt::server {

// {"version", "name", "title", "digest", "active", "uploaded": {"revision", "instant", "by",
//  "reason"}, "activated": the same or null}
JsonValue PolicyVersionJson(const engine::PolicyVersion& version);
// The same with {"files": [{"name", "text"}]}.
JsonValue PolicyVersionJson(const engine::PolicyVersion& version, const dsl::SourceSet& sources);
// {"policies": [..]}, oldest first.
JsonValue PolicyVersionsJson(const std::vector<engine::PolicyVersion>& versions);
// {"from": 1, "to": 2, "changes": [{"kind": "added" | "removed" | "changed", "what", "name",
//  "before", "after"}]}; the texts are "" where there is none.
JsonValue PolicyDiffJson(uint32_t from, uint32_t to,
                         const std::vector<dsl::DeclarationChange>& changes);
// {"before": 1, "after": 2, "revision", "now", "subjects", "pairs", "undecided",
//  "gained": {"decisions", "subjects"}, "lost": .., "depends": ..,
//  "permissions": [{"name", "declared_before", "declared_after",
//    "gained": {"decisions", "subjects", "examples": [{"subject", "resource", "before", "after"}]},
//    "lost": .., "depends": ..}],
//  "holders": [{"subject", "gained": 3, "lost": 0, "depends": 1}]}
JsonValue ImpactJson(const engine::Impact& impact);

}  // namespace portvakt::server
