// Programs of stored versions. Internal to the room.
#pragma once

#include <string>
#include <vector>

#include "dsl/module.h"
#include "dsl/source.h"
#include "engine/compile.h"
#include "engine/store.h"

namespace portvakt::engine {

std::vector<PolicyFile> FilesOf(const dsl::SourceSet& sources);

// The numbers that names have in the snapshot, and for new ones those that would come next: good
// for that snapshot alone. No fact there has such a number, so no sentence with a new name holds.
Numberer NumbersOfTheMoment(const Snapshot& snapshot);

// The program of a version that is stored without one, or with one of another format.
Result<std::string> CompileForTheMoment(const Snapshot& snapshot, uint32_t version);

// Compiled against the writer's numbers, and verified.
Result<std::string> CompileForGood(const dsl::SourceSet& sources, const dsl::Module& module,
                                   Writer& writer);

}  // namespace portvakt::engine
