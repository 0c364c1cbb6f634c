// Runs the cases of one scenario file. cli/scenario.h is the door; this is behind it.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "cli/policy.h"
#include "cli/scenario.h"
#include "cli/scenario_file.h"

namespace portvakt::cli {

// Policies by path: the files of one folder mostly share theirs.
using PolicyCache = std::map<std::string, Policy>;

// Adds a result for each case whose name holds `filter`, and findings. What keeps the whole run
// from going on (no disk) is `report.error`.
void RunScenarioFile(const std::string& path, std::string_view filter, PolicyCache& policies,
                     ScenarioReport& report);

}  // namespace portvakt::cli
