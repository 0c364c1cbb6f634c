// What an import means for files that are in memory already: internal to the room.
#pragma once

#include <string>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/source.h"
#include "dsl/tree.h"

namespace portvakt::dsl {

// The name in a SourceSet of what `importer` calls `path`.
std::string ImportedName(const std::string& importer, const std::string& path);

// A finding for each import whose file is not among the sources. One that reading the files has
// told already is not told again.
void CheckImports(const std::vector<Tree>& trees, const SourceSet& sources, Diagnostics& findings);

}  // namespace portvakt::dsl
