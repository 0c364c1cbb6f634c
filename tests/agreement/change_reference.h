// What a policy says of changes, as plainly as reference.h says it of acts: every rule is tried,
// every binding of every limit is counted anew. Shares no code with the engine.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "dsl/module.h"
#include "tests/agreement/reference.h"
#include "tests/agreement/world.h"

namespace portvakt::agreement {

// One change of a world.
struct WorldChange {
  enum class Kind { kFact, kSeats, kAttribute };
  Kind kind = Kind::kFact;
  bool add = true;             // kFact
  StoredFact fact;             // kFact
  size_t entity = 0;           // kSeats: the pool; kAttribute
  dsl::LicenceId licence = 0;  // kSeats
  int64_t seats = 0;           // kSeats
  std::string attribute;       // kAttribute
  Value value;                 // kAttribute
};

// Whether it would change anything, and makes it.
bool Changes(const World& world, const WorldChange& change);
void Make(World& world, const WorldChange& change);

// By the rules alone. `question` brings context and clock; `second` confirms, if anybody does.
Truth MayChange(const dsl::Module& module, const World& world, const Question& question,
                size_t actor, const WorldChange& change);

// How far each binding of each limit is from being kept; those that are kept are left out.
using Binding = std::pair<size_t, std::vector<size_t>>;  // the limit, and what `for every` bound
std::map<Binding, int64_t> Distances(const dsl::Module& module, const World& world, int64_t now_us);

}  // namespace portvakt::agreement
