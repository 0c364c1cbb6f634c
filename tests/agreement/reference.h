// The reference evaluator: the meaning of a policy written down as plainly as possible. It walks
// the checked module over a list of facts, tries every entity and every symbol, remembers nothing
// and shares no code with the engine. Slow, and obviously right.
#pragma once

#include "dsl/module.h"
#include "tests/agreement/world.h"

namespace portvakt::agreement {

enum class Truth { kFalse = 0, kUnknown = 1, kTrue = 2 };

Truth Decide(const dsl::Module& module, const World& world, const Question& question);

}  // namespace portvakt::agreement
