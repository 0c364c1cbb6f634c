// Findings about files other than policies, as policies' are shown.
#pragma once

#include <ostream>
#include <vector>

#include "dsl/render.h"

namespace portvakt::cli {

// Each followed by an empty line.
void PrintNotices(const std::vector<dsl::Notice>& notices, const dsl::SourceSet& sources,
                  std::ostream& stream, bool color);

}  // namespace portvakt::cli
