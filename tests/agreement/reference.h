// The reference evaluator: the meaning of a policy written down as plainly as possible. It walks
// the checked module over a list of facts, tries every entity and every symbol, remembers nothing
// and shares no code with the engine. Slow, and obviously right.
#pragma once

#include "dsl/module.h"
#include "tests/agreement/world.h"

namespace portvakt::agreement {

enum class Truth { kFalse = 0, kUnknown = 1, kTrue = 2 };

inline Truth Not(Truth x) { return static_cast<Truth>(2 - static_cast<int>(x)); }
inline Truth And(Truth x, Truth y) { return x < y ? x : y; }
inline Truth Or(Truth x, Truth y) { return x < y ? y : x; }
inline Truth From(bool x) { return x ? Truth::kTrue : Truth::kFalse; }

// What a name stands for: an entity, a symbol, or nothing that the request told us.
struct Bound {
  std::optional<size_t> entity;
  uint32_t symbol = dsl::kNone;
};
using Scope = std::vector<Bound>;

// One condition of a rule or limit, with values for its variables.
Truth Evaluate(const dsl::Module& module, const World& world, const Question& question,
               dsl::ConditionId condition, const Scope& scope,
               const std::vector<dsl::Variable>& variables);

Truth Decide(const dsl::Module& module, const World& world, const Question& question);

}  // namespace portvakt::agreement
