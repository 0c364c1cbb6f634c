#include "tests/agreement/small_worlds.h"

#include <algorithm>
#include <string>

namespace portvakt::agreement {

World StartOf(const dsl::Module& module, const SmallWorld& small) {
  World world;
  for (const std::string line : small.entities) {
    const std::string type = line.substr(0, line.find(' '));
    for (dsl::TypeId t = 0; t < module.types.size(); ++t) {
      if (module.types[t].name != type) continue;
      Entity entity{t, line.substr(line.find(' ') + 1), {}, true};
      for (const auto& attribute : module.types[t].attributes) {
        entity.attributes[attribute.name] = {0, ""};  // references: to the first entity
      }
      world.entities.push_back(entity);
    }
  }
  return world;
}

std::vector<std::optional<size_t>> OfTypes(const World& world,
                                           const std::vector<dsl::TypeId>& types) {
  std::vector<std::optional<size_t>> found;
  for (size_t i = 0; i < world.entities.size(); ++i) {
    if (world.entities[i].stored && Has(types, world.entities[i].type)) found.emplace_back(i);
  }
  return found;
}

std::vector<StoredFact> AllFacts(const dsl::Module& module, const World& world) {
  std::vector<StoredFact> all;
  const auto rows = [&](StoredFact row, const std::vector<dsl::TypeId>& subjects,
                        const std::vector<dsl::TypeId>& objects, bool about_two, size_t symbols) {
    for (const auto subject : OfTypes(world, subjects)) {
      row.subject = *subject;
      const auto others =
          about_two ? OfTypes(world, objects) : std::vector<std::optional<size_t>>{std::nullopt};
      for (const auto other : others) {
        row.object = other;
        for (uint32_t symbol = 0; symbol < std::max<size_t>(symbols, 1); ++symbol) {
          row.symbol = symbols == 0 ? dsl::kNone : symbol;
          all.push_back(row);
        }
      }
    }
  };
  StoredFact row;
  for (row.which = 0; row.which < module.facts.size(); ++row.which) {
    const dsl::Fact& fact = module.facts[row.which];
    const bool about_two = fact.object_slot != dsl::kNone;
    const auto& slots = fact.shape.slots;
    size_t symbols = 0;
    if (fact.symbol_slot != dsl::kNone) {
      symbols = slots[fact.symbol_slot].symbol_kind == dsl::SymbolKind::kPermission
                    ? module.permissions.size()
                    : module.programs.size();
    }
    rows(row, slots[fact.subject_slot].types,
         about_two ? slots[fact.object_slot].types : slots[0].types, about_two, symbols);
  }
  row.kind = StoredFact::Kind::kRole;
  for (row.which = 0; row.which < module.roles.size(); ++row.which) {
    const dsl::Role& role = module.roles[row.which];
    rows(row, role.held_by, role.on, !role.on.empty(),
         role.for_program ? module.programs.size() : 0);
  }
  row.kind = StoredFact::Kind::kHolds;
  for (row.which = 0; row.which < module.licences.size(); ++row.which) {
    const dsl::Licence& licence = module.licences[row.which];
    rows(row, licence.held_by, licence.from, !licence.from.empty(), 0);
  }
  return all;
}

}  // namespace portvakt::agreement
