// Whether the rules permit a change: (some permit is true) and (no forbid is true), for each of
// what it adds and what it removes.
#include "engine/decide_change.h"

#include "dsl/module.h"

namespace portvakt::engine {
namespace {

using Operation = dsl::ChangeRule::Operation;

// Whether the change is one that the head describes; types of the ends and the symbol are known to
// fit by the table that the rule came from.
bool IsRuleOf(const Evaluator& evaluator, const ChangeRuleRecord& rule,
              const ProposedChange& change, EntityId actor, Operation operation) {
  const auto covered = static_cast<Operation>(rule.operation);
  if (covered != Operation::kChange && covered != operation) return false;
  const Program& program = evaluator.program();
  const auto variable = [&](uint32_t index) -> const VariableRecord& {
    return program.variables[rule.rule.variables.first + index];
  };
  const auto symbol_fits = [&](uint32_t index, uint32_t symbol) {
    return index == kNoIndex || symbol < size_t{program.mask_words(variable(index).space)} * 64;
  };
  return evaluator.Admits(variable(rule.actor).types, actor) &&
         evaluator.Admits(variable(rule.subject).types, change.subject) &&
         (rule.object == kNoIndex ||
          evaluator.Admits(variable(rule.object).types, change.object)) &&
         symbol_fits(rule.symbol, change.symbol) && symbol_fits(rule.program, change.program);
}

}  // namespace

ChangeRules::ChangeRules(const Evaluator& evaluator, const ProposedChange& change, EntityId actor,
                         bool adds) {
  const Program& program = evaluator.program();
  using Target = ProposedChange::Target;
  ChangeDispatchSlot key;
  key.target = static_cast<uint32_t>(change.target);
  if (change.target == Target::kFact) key.number = change.relation;
  if (change.target == Target::kAttribute) key.number = change.attribute;
  key.symbol = change.symbol;
  key.subject_type = TypeOf(change.subject);
  if (change.object != kNoEntity) key.object_type = TypeOf(change.object);
  asked_.subject = actor;
  asked_.change = &change;
  const DispatchRecord* dispatch = program.FindChangeDispatch(key);
  if (dispatch == nullptr) return;
  const Operation operation = adds ? Operation::kAdd : Operation::kRemove;
  const auto choose = [&](Range range, std::vector<uint32_t>& out) {
    for (uint32_t rule : program.List(range)) {
      if (IsRuleOf(evaluator, program.change_rules[rule], change, actor, operation)) {
        out.push_back(rule);
      }
    }
    return std::span<const uint32_t>(out);
  };
  asked_.permits = choose(dispatch->permits, permits_);
  asked_.forbids = choose(dispatch->forbids, forbids_);
  asked_.notes = choose(dispatch->notes, notes_);
}

uint64_t* Evaluator::PushChangeRule(const ChangeRuleRecord& rule, const ProposedChange& change,
                                    EntityId actor) {
  uint64_t* frame = PushFrame(rule.rule.variables.count);
  if (frame == nullptr) return nullptr;
  frame[rule.actor] = actor;
  frame[rule.subject] = change.subject;
  if (rule.object != kNoIndex) frame[rule.object] = change.object;
  if (rule.symbol != kNoIndex) frame[rule.symbol] = change.symbol;
  if (rule.program != kNoIndex) frame[rule.program] = change.program;
  return frame;
}

Tri VerdictOf(Explainer& explainer, const Asked& asked, std::vector<uint32_t>* held) {
  Tri verdict = Tri::kFalse;
  for (uint32_t rule : asked.permits) {
    const Tri value = explainer.Test(asked, rule);
    verdict = Or(verdict, value);
    if (value != Tri::kTrue) continue;
    if (held == nullptr) break;
    held->push_back(rule);
  }
  for (uint32_t rule : asked.forbids) {
    if (verdict == Tri::kFalse) break;
    verdict = And(verdict, Not(explainer.Test(asked, rule)));
  }
  return verdict;
}

}  // namespace portvakt::engine
