// The attributes of a text line: `{ status: active, tags: [a, b] }`. Reads what YAML would read of
// such a line, and no more of YAML than that.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "engine/data_findings.h"
#include "engine/data_node.h"

namespace portvakt::engine {

// `text` begins with the brace at `place`. Empty after a finding.
std::optional<DataNode> ReadFlow(std::string_view text, DataPlace place, DataFindings& findings);

// One byte of a text in double quotes: at a backslash it goes on to the sign behind it, when that
// is a quote, a backslash, or the n or r of a line break.
char TakeQuoted(std::string_view text, size_t& at);

}  // namespace portvakt::engine
