#include "engine/missing_formula.h"

#include <algorithm>

#include "engine/missing_costs.h"

namespace portvakt::engine::missing {

PartId Formula::Add(Part::Op op, uint32_t index, bool wanted) {
  parts.push_back({op, wanted, index, 0, 0});
  return static_cast<PartId>(parts.size() - 1);
}

uint32_t Formula::FindFact(const Program& program, ProposedChange change, const FactKey& key,
                           bool holds) {
  const auto [at, is_new] = facts.emplace(key, static_cast<uint32_t>(literals.size()));
  if (!is_new) return at->second;
  change.adds = !holds;
  change.removes = holds;
  Literal literal;
  literal.holds = holds;
  literal.change = change;
  literal.key = key;
  literal.price = PriceOf(program, change);
  if (helped != kNoEntity &&
      (holds || change.subject == helped || PermitsOf(program, change).empty())) {
    literal.price = kHopeless;
  }
  literals.push_back(literal);
  return at->second;
}

uint32_t Formula::FindSeats(const Program& program, EntityId pool, uint32_t licence,
                            uint32_t owned) {
  for (uint32_t i = 0; i < literals.size(); ++i) {
    const Literal& each = literals[i];
    if (each.kind == Literal::Kind::kSeats && each.change.subject == pool &&
        each.change.symbol == licence) {
      return i;
    }
  }
  Literal literal;
  literal.kind = Literal::Kind::kSeats;
  literal.change.target = ProposedChange::Target::kSeats;
  literal.change.adds = true;
  literal.change.subject = pool;
  literal.change.symbol = licence;
  literal.price = PriceOf(program, literal.change) + (owned == 0 ? PriceOf(kFirstSeatCost) : 0);
  if (helped != kNoEntity) literal.price = kHopeless;
  literals.push_back(literal);
  return static_cast<uint32_t>(literals.size() - 1);
}

PartId Formula::AddLiteral(uint32_t literal, bool wanted) {
  uint32_t& part = literals[literal].parts[wanted ? 1 : 0];
  if (part == kNoIndex) part = Add(Part::Op::kLiteral, literal, wanted);
  return part;
}

PartId Formula::Join(bool is_and, std::vector<PartId>& list) {
  const PartId decided = Constant(!is_and);
  std::erase(list, Constant(is_and));
  if (std::find(list.begin(), list.end(), decided) != list.end()) return decided;
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  if (list.empty()) return Constant(is_and);
  if (list.size() == 1) return list.front();
  const auto first = static_cast<uint32_t>(children.size());
  children.insert(children.end(), list.begin(), list.end());
  parts.push_back({is_and ? Part::Op::kAnd : Part::Op::kOr, true, 0, first,
                   static_cast<uint32_t>(list.size())});
  return static_cast<PartId>(parts.size() - 1);
}

}  // namespace portvakt::engine::missing
