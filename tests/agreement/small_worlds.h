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

// Groups in groups, permissions that take others along, a forbid over what is not there.
inline const SmallWorld kGroups = {"groups",
                                   R"(policy groups
entity group
entity user
entity doc
entity party is user or group
permission read, write on doc
permission share on doc requires write
fact party inside group transitive
fact party reads doc
fact user tick permission
define user is_with group
    if user inside group
permit through_groups
    user may any of { read, share } on doc
    if some group: ( user is_with group and group reads doc )
    or user reads doc
permit writers
    user may write on doc
    if some permission as given: ( user tick given and given includes permission )
forbid never_both
    user may share on doc
    if not some group: ( user inside group and not group reads doc )
)",
                                   {"user u", "group g", "group h", "doc d"}};

// Its entities, without facts; references are to the first entity.
World StartOf(const dsl::Module& module, const SmallWorld& small);

// The stored entities of these types.
std::vector<std::optional<size_t>> OfTypes(const World& world,
                                           const std::vector<dsl::TypeId>& types);

// Every row that the policy's facts, roles and licences allow between the stored entities.
std::vector<StoredFact> AllFacts(const dsl::Module& module, const World& world);

}  // namespace portvakt::agreement
