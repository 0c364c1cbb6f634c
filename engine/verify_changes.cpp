// Rules about changes: their heads, and the table of what touches what.
#include <bit>

#include "dsl/module.h"
#include "engine/store.h"
#include "engine/verifier.h"

namespace portvakt::engine {

void Verifier::CheckChangeRule(const ChangeRuleRecord& record, uint32_t owner) {
  const RuleRecord& rule = record.rule;
  if (!Inside(rule.variables, program_.variables.size(), "variables")) return;
  if (record.operation > static_cast<uint32_t>(dsl::ChangeRule::Operation::kChange)) {
    return Fail("a change");
  }
  if (record.target > static_cast<uint32_t>(dsl::ChangeTarget::Kind::kAttribute)) {
    return Fail("what is changed");
  }
  Index(record.target_place, program_.places.size(), "a place");
  std::vector<uint32_t> head;
  const auto variable = [&](uint32_t v, bool symbol, bool optional) {
    if (v == kNoIndex && optional) return;
    if (v >= rule.variables.count ||
        (program_.variables[rule.variables.first + v].is_symbol != 0) != symbol) {
      return Fail("the head of a change rule");
    }
    head.push_back(v);
  };
  variable(record.actor, false, false);
  variable(record.subject, false, false);
  variable(record.object, false, true);
  variable(record.symbol, true, true);
  variable(record.program, true, true);
  if (failure_.empty()) CheckRule(rule, owner, head);
  if (!failure_.empty()) return;
  Scope scope{rule.variables, owner, std::vector<bool>(rule.variables.count, false)};
  for (uint32_t each : head) scope.bound[each] = true;
  const bool permits = rule.effect == static_cast<uint32_t>(dsl::Effect::kPermit);
  const auto search = [&](uint32_t source, uint32_t v) {
    if ((source != kNoIndex) != (permits && v != kNoIndex)) return Fail("a rule's searches");
    if (source != kNoIndex) WalkSearch(source, scope, v);
  };
  search(record.actor_source, record.actor);
  search(rule.subject_source, record.subject);
  search(rule.object_source, record.object);
}

void Verifier::CheckChangeDispatch() {
  const auto& slots = program_.change_dispatch_slots;
  if (!std::has_single_bit(slots.size())) return Fail("the table of change rules");
  size_t used = 0;
  for (const ChangeDispatchSlot& slot : slots) {
    if (slot.dispatch == kNoIndex) continue;
    ++used;
    Index(slot.dispatch, program_.change_dispatches.size(), "a list of change rules");
  }
  if (used * 2 > slots.size()) Fail("the table of change rules");
  const auto rules = [&](Range range, dsl::Effect effect) {
    if (!List(range, program_.change_rules.size(), "a change rule")) return;
    for (uint32_t rule : program_.List(range)) {
      if (program_.change_rules[rule].rule.effect != static_cast<uint32_t>(effect)) {
        Fail("a change rule's effect");
      }
    }
  };
  for (const DispatchRecord& dispatch : program_.change_dispatches) {
    rules(dispatch.permits, dsl::Effect::kPermit);
    rules(dispatch.forbids, dsl::Effect::kForbid);
    rules(dispatch.notes, dsl::Effect::kNote);
  }
}

void Verifier::CheckChanges() {
  const auto first = static_cast<uint32_t>(program_.defines.size() + program_.rules.size());
  for (uint32_t i = 0; i < program_.change_rules.size() && failure_.empty(); ++i) {
    CheckChangeRule(program_.change_rules[i], first + i);
  }
  if (failure_.empty()) CheckChangeDispatch();
}

}  // namespace portvakt::engine
