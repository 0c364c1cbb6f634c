// What is stored about one entity, as changes that give another the same, or take it away. Below
// engine/transfer.h.
#pragma once

#include <optional>
#include <vector>

#include "engine/change.h"
#include "engine/data_names.h"
#include "engine/store.h"
#include "engine/transfer.h"

namespace portvakt::engine {

// A stored fact by its names; nullopt when the policy has no such fact.
std::optional<FactName> NameFact(const DataNames& names, const View& view, const FactKey& fact);

// Held licences first, then the rest in the order of the store. What is over already is left out.
std::vector<ChangeItem> OnboardItems(const DataNames& names, const View& view, int64_t now_us,
                                     EntityId like, const OnboardQuery& query);
// Without the closing changes.
std::vector<ChangeItem> OffboardItems(const DataNames& names, const View& view, int64_t now_us,
                                      EntityId subject, const OffboardQuery& query);

}  // namespace portvakt::engine
