// Findings about data and test files as JSON, for `--format json`.
#pragma once

#include <vector>

#include "engine/load.h"
#include "server/json.h"

namespace portvakt::cli {

// [{"file": "a.yaml", "line": 3, "column": 5, "message": "..", "help": ".."}]
server::JsonValue DataFindingsJson(const std::vector<engine::DataFinding>& findings);

}  // namespace portvakt::cli
