// What is asked of a list of facts, by looking at all of them.
#include "tests/agreement/world.h"

#include <set>

namespace portvakt::agreement {

Found Look(const std::map<std::string, Value>& values, const dsl::Step& step, State otherwise) {
  const auto place = values.find(step.attribute);
  if (place == values.end()) return {otherwise, {}};
  return {State::kValue, place->second};
}

bool Compares(int64_t left, dsl::Comparison comparison, int64_t right) {
  switch (comparison) {
    case dsl::Comparison::kEqual: return left == right;
    case dsl::Comparison::kNotEqual: return left != right;
    case dsl::Comparison::kLess: return left < right;
    case dsl::Comparison::kAtMost: return left <= right;
    case dsl::Comparison::kMore: return left > right;
    case dsl::Comparison::kAtLeast: return left >= right;
    default: return false;  // sets are not generated
  }
}

bool World::Has(StoredFact::Kind kind, uint32_t which, size_t subject, std::optional<size_t> object,
                uint32_t symbol, bool any_symbol, int64_t now_us) const {
  return std::any_of(facts.begin(), facts.end(), [&](const StoredFact& fact) {
    return fact.kind == kind && fact.which == which && fact.subject == subject &&
           fact.object == object && (any_symbol || fact.symbol == symbol) && fact.ValidAt(now_us);
  });
}

bool World::Reaches(dsl::FactId fact, size_t from, size_t to, int64_t now_us) const {
  std::set<size_t> seen;
  std::vector<size_t> open{from};
  while (!open.empty()) {
    const size_t here = open.back();
    open.pop_back();
    for (const StoredFact& row : facts) {
      if (row.kind != StoredFact::Kind::kFact || row.which != fact || row.subject != here) continue;
      if (!row.ValidAt(now_us) || !seen.insert(*row.object).second) continue;
      open.push_back(*row.object);
    }
  }
  return seen.count(to) > 0;
}

int64_t World::FreeSeats(size_t tenant, dsl::LicenceId licence, int64_t now_us) const {
  int64_t held = 0;
  for (const StoredFact& fact : facts) {
    const bool holds = fact.kind == StoredFact::Kind::kHolds && fact.which == licence;
    if (holds && fact.object == tenant && fact.ValidAt(now_us)) ++held;
  }
  const auto owned = seats.find({tenant, licence});
  return (owned == seats.end() ? 0 : owned->second) - held;
}

}  // namespace portvakt::agreement
