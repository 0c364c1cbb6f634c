// For tests only: what the parser library finds wrong with the grammar itself.
#pragma once

#include <cstddef>

namespace portvakt::dsl {

// Rules that could loop without reading anything; zero in a sound grammar.
size_t GrammarIssues();

}  // namespace portvakt::dsl
