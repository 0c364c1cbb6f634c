// From a checked module to a decision program.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "dsl/module.h"
#include "dsl/source.h"
#include "engine/result.h"
#include "engine/store.h"

namespace portvakt::engine {

// The store's number of a name, given now if need be.
using Numberer = std::function<Result<uint32_t>(Space, std::string_view)>;

// Numbers every name that data can mention, and returns the program's bytes. kFull when a kind of
// symbol has outgrown its masks or the program its size.
Result<std::string> CompileProgram(const dsl::SourceSet& sources, const dsl::Module& module,
                                   const Numberer& number);

// The relation that facts of a role held for programs are kept under.
std::string ProgramRoleRelation(std::string_view role);

}  // namespace portvakt::engine
