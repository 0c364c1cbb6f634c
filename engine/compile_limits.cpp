// Limits in the program: their conditions, the bindings that each change can touch (triggers.h) and
// where those come from that do not follow from the change itself.
#include <algorithm>

#include "engine/compiler.h"
#include "engine/triggers.h"

namespace portvakt::engine {
namespace {

using dsl::Condition;
using Count = dsl::Limit::Count;

}  // namespace

// Candidates for which the condition may not be true.
std::optional<Compiler::Tie> Compiler::FindTieOfFalse(dsl::ConditionId id, uint32_t target,
                                                      Known& known) {
  const Condition& condition = module_.conditions[id];
  switch (condition.kind) {
    case Condition::Kind::kNot: return FindTie(condition.children[0], target, known);
    case Condition::Kind::kOr: {
      std::optional<Tie> best;
      for (dsl::ConditionId child : condition.children) {
        const std::optional<Tie> tie = FindTieOfFalse(child, target, known);
        if (tie && (!best || tie->rank < best->rank)) best = tie;
      }
      return best;
    }
    case Condition::Kind::kAnd: {
      SourceRecord record;
      record.op = SourceRecord::Op::kUnion;
      std::vector<uint32_t> children;
      uint32_t rank = 1;
      for (dsl::ConditionId child : condition.children) {
        const std::optional<Tie> tie = FindTieOfFalse(child, target, known);
        if (!tie) return std::nullopt;
        children.push_back(tie->source);
        rank += tie->rank;
      }
      record.children = builder_.AddList(children);
      record.types = AddTypeNumbers((*owner_)[target].types);
      return AddSource(record, rank);
    }
    default: return std::nullopt;
  }
}

Compiler::Order Compiler::OrderOf(const dsl::Limit& limit, Known known, bool of_true) {
  Order order;
  first_tie_ = false;
  const auto find = [&](uint32_t variable) {
    tie_steps_ = 0;
    const auto tie = of_true ? FindTie(limit.condition, variable, known)
                             : FindTieOfFalse(limit.condition, variable, known);
    if (!tie) return false;
    order.pairs.insert(order.pairs.end(), {variable, tie->source});
    known[variable] = true;
    return true;
  };
  const bool counted = limit.count != Count::kUncounted;
  const auto missing = [&] {
    std::vector<uint32_t> result;
    for (uint32_t v = 0; v < limit.for_every_count; ++v) {
      if (!known[v] && !limit.variables[v].is_symbol) result.push_back(v);
    }
    return result;
  };
  for (auto left = missing(); !left.empty(); left = missing()) {
    if (std::any_of(left.begin(), left.end(), find)) continue;
    // The counted one may lead to the others.
    if (counted && !known[limit.for_every_count] && find(limit.for_every_count)) continue;
    SourceRecord all;
    all.op = SourceRecord::Op::kAll;
    all.types = AddTypeNumbers(limit.variables[left.front()].types);
    order.pairs.insert(order.pairs.end(), {left.front(), AddSource(all, 0).source});
    known[left.front()] = true;
    ++order.whole_types;
  }
  order.counted = counted && known[limit.for_every_count];
  return order;
}

Range Compiler::AddTriggers(const dsl::Limit& limit) {
  const auto first = static_cast<uint32_t>(builder_.triggers.size());
  for (const Trigger& trigger : TriggersOf(module_, limit)) {
    TriggerRecord record;
    record.target = trigger.every_change ? kAnyTarget : static_cast<uint32_t>(trigger.target);
    uint32_t space = kLicenceSpace;
    if (trigger.target == dsl::ChangeTarget::Kind::kRole) space = kRoleSpace;
    if (trigger.fact != dsl::kNone) {
      record.number = numbers_.relations[trigger.fact];
      const dsl::Fact& fact = module_.facts[trigger.fact];
      if (fact.symbol_slot != dsl::kNone) {
        space = static_cast<uint32_t>(fact.shape.slots[fact.symbol_slot].symbol_kind);
      }
    }
    if (!trigger.attribute.empty()) record.number = numbers_.attributes.at(trigger.attribute);
    if (trigger.symbol != dsl::kNone) record.symbol = numbers_.symbols[space][trigger.symbol];
    if (trigger.program != dsl::kNone) {
      record.program = numbers_.symbols[kProgramSpace][trigger.program];
    }
    record.placed = trigger.placed ? 1 : 0;
    Known known(limit.variables.size(), false);
    record.ends = {static_cast<uint32_t>(builder_.trigger_ends.size()),
                   static_cast<uint32_t>(trigger.bindings.size())};
    for (const Trigger::Binding& binding : trigger.bindings) {
      std::vector<uint32_t> path;
      for (const std::string& step : binding.path) path.push_back(numbers_.attributes.at(step));
      builder_.trigger_ends.push_back({static_cast<TriggerEndRecord::End>(binding.end),
                                       binding.variable, builder_.AddList(path)});
      known[binding.variable] = true;
    }
    // A limit goes further away where its condition was true and is no more, or became true for one
    // who is counted too many. Either state shows every binding whose value differs.
    record.after = limit.count == Count::kAtMost ? 1 : 0;
    Order order = OrderOf(limit, known, true);
    if (limit.count == Count::kUncounted) {
      const Order other = OrderOf(limit, known, false);
      if (other.whole_types < order.whole_types) {
        order = other;
        record.after = 1;
      }
    }
    record.counts_one = order.counted ? 1 : 0;
    record.searches = builder_.AddList(order.pairs);
    builder_.triggers.push_back(record);
  }
  return {first, static_cast<uint32_t>(builder_.triggers.size()) - first};
}

LimitRecord Compiler::CompileLimit(const dsl::Limit& limit) {
  LimitRecord record;
  record.name = builder_.AddText(limit.name);
  record.title = AddPieces(limit.title);
  record.variables = AddVariables(limit.variables);
  record.for_every_count = limit.for_every_count;
  record.count = static_cast<uint32_t>(limit.count);
  record.condition = limit.condition;
  record.place = AddPlace(limit.span);
  owner_ = &limit.variables;
  for (const dsl::TextPiece& piece : limit.title) OwnTerm(limit.variables, piece.term);
  const bool counted = limit.count != Count::kUncounted;
  Known known(limit.variables.size(), false);
  std::fill_n(known.begin(), limit.for_every_count, true);
  if (counted) {
    OwnTerm(limit.variables, limit.bound);
    record.bound = limit.bound;
    record.count_source = AddSearch(limit.condition, limit.for_every_count, known);
    known[limit.for_every_count] = true;
  }
  Own(limit.variables, limit.condition, known);
  // Fewer than asked for may be none at all: those are found by no tie.
  Known nothing(limit.variables.size(), false);
  Order order;
  if (limit.count == Count::kAtLeast) {
    for (uint32_t v = 0; v < limit.for_every_count; ++v) {
      if (limit.variables[v].is_symbol) continue;
      SourceRecord all;
      all.op = SourceRecord::Op::kAll;
      all.types = AddTypeNumbers(limit.variables[v].types);
      order.pairs.insert(order.pairs.end(), {v, AddSource(all, 0).source});
    }
  } else {
    order = OrderOf(limit, nothing, counted);
  }
  record.searches = builder_.AddList(order.pairs);
  record.triggers = AddTriggers(limit);
  return record;
}

void Compiler::AddLimits() {
  for (const dsl::Limit& limit : module_.limits) builder_.limits.push_back(CompileLimit(limit));
}

}  // namespace portvakt::engine
