// From "expected X at this place" to a finding that teaches: what stands there instead, and the
// common mistakes (`=` for `is`, `&&`, a missing colon, a misspelt keyword ..) with their own help.
#pragma once

#include <string_view>

#include "dsl/diagnostic.h"
#include "dsl/scan.h"

namespace portvakt::dsl {

// `expected` is the grammar's message: a sentence with `%` for the declaration's first word, and
// after a line break a small example. `place` is where the grammar stopped.
Diagnostic ExplainSyntax(uint32_t file, std::string_view text, const Chunk& chunk,
                         std::string_view expected, uint32_t place, const Scan& scan);

}  // namespace portvakt::dsl
