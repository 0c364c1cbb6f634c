// Small policies whose every world can be tried: their entities, and each fact that the policy
// allows between them.
#pragma once

#include <optional>
#include <vector>

#include "dsl/module.h"
#include "tests/agreement/world.h"

namespace portvakt::agreement {

struct SmallWorld {
  const char* name;
  const char* policy;
  std::vector<const char*> entities;  // "type id", in the order of their indexes
};

// Its entities, without facts; references are to the first entity.
World StartOf(const dsl::Module& module, const SmallWorld& small);

// The stored entities of these types.
std::vector<std::optional<size_t>> OfTypes(const World& world,
                                           const std::vector<dsl::TypeId>& types);

// Every row that the policy's facts, roles and licences allow between the stored entities.
std::vector<StoredFact> AllFacts(const dsl::Module& module, const World& world);

}  // namespace portvakt::agreement
