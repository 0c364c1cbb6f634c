// The attributes of a text line: `{ status: active, tags: [a, b] }`. Reads what YAML would read of
// such a line, and no more of YAML than that.
#pragma once

#include <optional>
#include <string_view>

#include "engine/data_findings.h"
#include "engine/data_node.h"

namespace portvakt::engine {

// `text` begins with the brace at `place`. Empty after a finding.
std::optional<DataNode> ReadFlow(std::string_view text, DataPlace place, DataFindings& findings);

}  // namespace portvakt::engine
