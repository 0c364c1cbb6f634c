// Pages of searches as JSON values, shared with the command line.
#pragma once

#include "engine/search.h"
#include "server/json.h"

namespace portvakt::server {

// {"results": [{"entity": {..}, "symbol": "..", "verdict": "yes" | "depends",
//    "missing_context": [..], "obligations": [{"id", "text"}]}],
//  "complete": false when there may be more, "revision", "policy"}
// `entity` and `symbol` only where the search is for one; the two lists only when not empty. With
// an error, {"error": {"code", "message"}} besides.
JsonValue SearchPageJson(const engine::SearchPage& page);

}  // namespace portvakt::server
