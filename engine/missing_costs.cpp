#include "engine/missing_costs.h"

#include <bit>

#include "dsl/module.h"

namespace portvakt::engine::missing {
namespace {

using Operation = dsl::ChangeRule::Operation;
using Target = ProposedChange::Target;

// How many permissions stand in a symbol's row: what a step hands out.
uint64_t Width(const Program& program, Table table, uint32_t symbol) {
  const TableRecord& record = program.tables[static_cast<uint32_t>(table)];
  if (symbol >= record.rows) return 1;
  const uint64_t* row = program.Row(static_cast<uint32_t>(table), symbol);
  uint64_t width = 0;
  for (uint32_t word = 0; word < record.row_words; ++word) {
    width += static_cast<uint64_t>(std::popcount(row[word]));
  }
  return width;
}

uint64_t PriceOfFact(const Program& program, const ProposedChange& change) {
  for (const FactRecord& fact : program.facts) {
    if (fact.relation != change.relation) continue;
    const bool permission = fact.has_symbol != 0 && fact.symbol_space == kPermissionSpace;
    return PriceOf(kFactCost + (fact.lasting_us > 0 ? kPassingCost : 0)) +
           (permission ? Width(program, Table::kIncludes, change.symbol) : 1);
  }
  return PriceOf(kFactCost);
}

}  // namespace

std::vector<uint32_t> PermitsOf(const Program& program, const ProposedChange& change) {
  ChangeDispatchSlot key;
  key.target = static_cast<uint32_t>(change.target);
  if (change.target == Target::kFact) key.number = change.relation;
  key.symbol = change.symbol;
  key.subject_type = TypeOf(change.subject);
  if (change.object != kNoEntity) key.object_type = TypeOf(change.object);
  std::vector<uint32_t> permits;
  const DispatchRecord* dispatch = program.FindChangeDispatch(key);
  if (dispatch == nullptr) return permits;
  const Operation wanted = change.adds ? Operation::kAdd : Operation::kRemove;
  for (uint32_t rule : program.List(dispatch->permits)) {
    const auto covered = static_cast<Operation>(program.change_rules[rule].operation);
    if (covered == wanted || covered == Operation::kChange) permits.push_back(rule);
  }
  return permits;
}

uint64_t PriceOf(const Program& program, const ProposedChange& change) {
  const uint64_t nobody = PermitsOf(program, change).empty() ? PriceOf(kOperatorCost) : 0;
  if (change.removes) return nobody + PriceOf(kWithdrawCost);
  switch (change.target) {
    case Target::kRole:
      return nobody + PriceOf(kAppointCost) + Width(program, Table::kGives, change.symbol);
    case Target::kHolds:
      return nobody + PriceOf(kHoldCost) + Width(program, Table::kCovers, change.symbol);
    case Target::kSeats: return nobody + PriceOf(kSeatCost);
    default: return nobody + PriceOfFact(program, change);
  }
}

}  // namespace portvakt::engine::missing
