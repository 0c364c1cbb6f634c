#include "engine/missing_search.h"

#include <algorithm>

#include "engine/missing_costs.h"

namespace portvakt::engine::missing {
namespace {

bool Contains(const std::vector<uint32_t>& sorted, uint32_t element) {
  return std::binary_search(sorted.begin(), sorted.end(), element);
}

}  // namespace

Search::Search(Formula& formula, Evaluator& evaluator, Deadline deadline)
    : formula_(formula), evaluator_(evaluator), deadline_(deadline) {
  Push({}, {formula.root}, false);
}

uint64_t Search::PriceOfSteps(const Steps& steps) const {
  uint64_t price = 0;
  for (uint32_t step : steps) price += formula_.literals[step].price;
  return price;
}

bool Search::Useless(const Steps& steps) const {
  return std::any_of(found_.begin(), found_.end(), [&](const Steps& answer) {
    return std::includes(steps.begin(), steps.end(), answer.begin(), answer.end());
  });
}

void Search::Push(Steps steps, Goals goals, bool weighed) {
  if (steps.size() > kMaxPlanSteps) {
    complete_ = false;
    return;
  }
  if (Useless(steps)) return;
  std::sort(goals.begin(), goals.end());
  goals.erase(std::unique(goals.begin(), goals.end()), goals.end());
  State state;
  state.steps = std::move(steps);
  state.goals = std::move(goals);
  state.price = PriceOfSteps(state.steps);
  state.order = pushed_++;
  uint64_t least = 0;
  if (!weighed) Weigh(state.steps);
  for (PartId goal : state.goals) least = std::max(least, lacks_[goal]);
  if (least == kHopeless) return;
  state.least = state.price + least;
  if (!seen_.emplace(state.steps, state.goals).second) return;
  waiting_.push(std::move(state));
}

void Search::PushWith(const State& state, uint32_t literal) {
  if (Contains(state.steps, literal) || formula_.literals[literal].price == kHopeless) return;
  Steps steps = state.steps;
  steps.insert(std::lower_bound(steps.begin(), steps.end(), literal), literal);
  Push(std::move(steps), state.goals, false);
}

std::optional<Solution> Search::Next() {
  while (!waiting_.empty()) {
    if (seen_.size() >= kMaxStates || std::chrono::steady_clock::now() >= deadline_) {
      complete_ = false;
      return std::nullopt;
    }
    State state = waiting_.top();
    waiting_.pop();
    if (Useless(state.steps)) continue;
    PartId choice = Formula::kNever;
    if (!Settle(state, choice)) continue;
    if (choice != Formula::kNever) {
      Branch(state, choice);
      continue;
    }
    // Dearer than thought: others may come first.
    if (state.price > state.least) {
      Push(state.steps, state.goals, true);
      continue;
    }
    if (Useless(state.steps)) continue;
    found_.push_back(state.steps);
    return Solution{state.steps, state.price};
  }
  return std::nullopt;
}

// Takes the steps that the goals leave no choice about. False when they cannot all be reached. The
// goal with the fewest ways of holding is the choice; kNever when all hold.
bool Search::Settle(State& state, PartId& choice) {
  for (;;) {
    Weigh(state.steps);
    Goals goals;
    uint32_t forced = kNoIndex;
    std::vector<PartId> open(state.goals.rbegin(), state.goals.rend());
    while (!open.empty()) {
      const PartId goal = open.back();
      open.pop_back();
      if (lacks_[goal] == kHopeless) return false;
      const Part& part = formula_.parts[goal];
      if (lacks_[goal] > 0 && part.op == Part::Op::kAnd) {
        const auto first = formula_.children.begin() + part.first;
        open.insert(open.end(), first, first + part.count);
        continue;
      }
      if (lacks_[goal] > 0 && part.op == Part::Op::kLiteral) forced = part.index;
      goals.push_back(goal);
    }
    state.goals = std::move(goals);
    if (forced == kNoIndex) break;
    if (state.steps.size() >= kMaxPlanSteps) {
      complete_ = false;
      return false;
    }
    state.steps.insert(std::lower_bound(state.steps.begin(), state.steps.end(), forced), forced);
    state.price += formula_.literals[forced].price;
  }
  size_t fewest = SIZE_MAX;
  for (PartId goal : state.goals) {
    if (lacks_[goal] == 0) continue;
    const Part& part = formula_.parts[goal];
    size_t ways = SIZE_MAX - 1;
    if (part.op == Part::Op::kOr) {
      const auto first = formula_.children.begin() + part.first;
      ways = static_cast<size_t>(std::count_if(
          first, first + part.count, [&](PartId child) { return lacks_[child] != kHopeless; }));
    }
    if (ways >= fewest) continue;
    fewest = ways;
    choice = goal;
  }
  return true;
}

void Search::Branch(const State& state, PartId choice) {
  const Part part = formula_.parts[choice];
  if (part.op == Part::Op::kSeatFree) return BranchOnSeat(state, part);
  if (part.op == Part::Op::kReaches) return BranchOnPath(state, part);
  if (part.op == Part::Op::kAny) return BranchOnAny(state, choice);
  std::vector<PartId> ways;
  for (uint32_t i = part.first; i < part.first + part.count; ++i) {
    if (lacks_[formula_.children[i]] != kHopeless) ways.push_back(formula_.children[i]);
  }
  for (PartId way : ways) {
    Goals goals = state.goals;
    std::replace(goals.begin(), goals.end(), choice, way);
    Push(state.steps, std::move(goals), true);
  }
}

// A seat is free after one more is ordered or a holder gives his back; it is not when others take
// those that are left.
void Search::BranchOnSeat(const State& state, const Part& part) {
  const SeatPart seats = formula_.seats[part.index];
  const Program& program = evaluator_.program();
  const LicenceRecord& licence =
      program.licences[program.SymbolOfNumber(kLicenceSpace, seats.licence)];
  std::vector<EntityId> holders = seats.holders;
  if (part.wanted) {
    PushWith(state, seats.literal);
  } else {
    holders.clear();
    for (uint32_t type : program.List(licence.held_by)) {
      evaluator_.reader().view().Entities(static_cast<uint16_t>(type), holders);
    }
    if (holders.size() > kMaxTriedEntities) {
      holders.resize(kMaxTriedEntities);
      complete_ = false;
    }
  }
  for (EntityId holder : holders) {
    const FactKey key{static_cast<uint16_t>(program.header().holds_relation),
                      static_cast<uint16_t>(seats.licence), holder, seats.pool};
    ProposedChange change;
    change.target = ProposedChange::Target::kHolds;
    change.subject = holder;
    change.object = seats.pool;
    change.symbol = seats.licence;
    const bool holds = evaluator_.reader().Holds(key.relation, key.symbol, key.subject, key.object);
    if (holds == part.wanted) PushWith(state, formula_.FindFact(program, change, key, holds));
  }
}

// From here on it is the `or` over its literals.
void Search::BranchOnAny(const State& state, PartId choice) {
  const uint32_t index = formula_.parts[choice].index;
  if (formula_.any[index].literals == Formula::kNever) {
    std::vector<PartId> parts;
    for (uint32_t symbol : formula_.any[index].symbols) {
      ProposedChange change = formula_.any[index].change;
      change.symbol = symbol;
      const FactKey key{static_cast<uint16_t>(change.relation), static_cast<uint16_t>(symbol),
                        change.subject, change.object};
      const bool holds = evaluator_.reader().Holds(key.relation, symbol, key.subject, key.object);
      const uint32_t literal = formula_.FindFact(evaluator_.program(), change, key, holds);
      parts.push_back(formula_.AddLiteral(literal, true));
    }
    formula_.any[index].literals = formula_.Join(false, parts);
  }
  Goals goals = state.goals;
  std::replace(goals.begin(), goals.end(), choice, formula_.any[index].literals);
  Push(state.steps, std::move(goals), false);
}

void Search::Weigh(const Steps& steps) {
  stepped_.assign(formula_.literals.size(), 0);
  supposed_.assign(formula_.inputs.size(), kNoIndex);
  for (uint32_t step : steps) {
    stepped_[step] = 1;
    const Literal& literal = formula_.literals[step];
    if (literal.kind == Literal::Kind::kInput) supposed_[literal.input] = step;
  }
  lacks_.resize(formula_.parts.size());
  for (size_t i = 0; i < formula_.parts.size(); ++i) {
    const Part& part = formula_.parts[i];
    const auto first = formula_.children.begin() + part.first;
    uint64_t lacks = 0;
    switch (part.op) {
      case Part::Op::kFalse: lacks = kHopeless; break;
      case Part::Op::kTrue: break;
      case Part::Op::kAnd:
        for (auto child = first; child != first + part.count; ++child) {
          lacks = std::max(lacks, lacks_[*child]);
        }
        break;
      case Part::Op::kOr:
        lacks = kHopeless;
        for (auto child = first; child != first + part.count; ++child) {
          lacks = std::min(lacks, lacks_[*child]);
        }
        break;
      case Part::Op::kLiteral: lacks = WeighLiteral(part); break;
      case Part::Op::kSeatFree: lacks = WeighSeat(part, steps); break;
      case Part::Op::kAny: lacks = WeighAny(part, steps); break;
      case Part::Op::kReaches: lacks = WeighPath(part, steps); break;
    }
    lacks_[i] = lacks;
  }
}

uint64_t Search::WeighLiteral(const Part& part) const {
  const Literal& literal = formula_.literals[part.index];
  if (literal.kind == Literal::Kind::kInput) {
    const uint32_t supposed = supposed_[literal.input];
    if (supposed != kNoIndex) return supposed == part.index ? 0 : kHopeless;
    return literal.holds ? 0 : literal.price;
  }
  const bool stepped = stepped_[part.index] != 0;
  if ((literal.holds != stepped) == part.wanted) return 0;
  return stepped ? kHopeless : literal.price;
}

uint64_t Search::WeighAny(const Part& part, const Steps& steps) const {
  const AnyPart& any = formula_.any[part.index];
  int64_t held = any.held;
  for (uint32_t step : steps) {
    const Literal& literal = formula_.literals[step];
    if (literal.kind == Literal::Kind::kFact && literal.key.relation == any.change.relation &&
        literal.key.subject == any.change.subject && literal.key.object == any.change.object &&
        Contains(any.symbols, literal.key.symbol)) {
      held += literal.change.adds ? 1 : -1;
    }
  }
  if (held <= 0 && any.change.subject == formula_.helped) return kHopeless;
  // At least: whichever it is, and whoever may make it.
  return held > 0 ? 0 : PriceOf(kFactCost);
}

uint64_t Search::WeighSeat(const Part& part, const Steps& steps) const {
  const SeatPart& seats = formula_.seats[part.index];
  const bool ordered = stepped_[seats.literal] != 0;
  size_t taken = seats.holders.size();
  for (uint32_t step : steps) {
    const ProposedChange& change = formula_.literals[step].change;
    if (formula_.literals[step].kind != Literal::Kind::kFact ||
        change.target != ProposedChange::Target::kHolds || change.object != seats.pool ||
        change.symbol != seats.licence) {
      continue;
    }
    taken += change.adds ? 1 : SIZE_MAX;
  }
  const bool free = ordered || seats.owned > taken;
  if (free == part.wanted) return 0;
  // At least: whoever may make it.
  if (part.wanted) return formula_.helped != kNoEntity ? kHopeless : PriceOf(kSeatCost);
  return ordered ? kHopeless : PriceOf(kHoldCost);
}

}  // namespace portvakt::engine::missing
