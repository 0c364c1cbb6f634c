// Limits and what touches them: each search reads only variables that have a value by then.
#include "dsl/module.h"
#include "engine/store.h"
#include "engine/verifier.h"

namespace portvakt::engine {

void Verifier::CheckSearches(Range searches, const LimitRecord& limit, Scope& scope) {
  if (!Inside(searches, program_.lists.size(), "searches")) return;
  if (searches.count % 2 != 0) return Fail("searches");
  const auto list = program_.List(searches);
  for (size_t i = 0; i < list.size() && failure_.empty(); i += 2) {
    if (!Index(list[i], scope.bound.size(), "a variable that is searched for") ||
        !Index(list[i + 1], program_.sources.size(), "a source")) {
      return;
    }
    if (program_.variables[limit.variables.first + list[i]].is_symbol != 0) {
      return Fail("a search for a symbol");
    }
    WalkSource(list[i + 1], scope, 0);
    scope.bound[list[i]] = true;
  }
  for (uint32_t v = 0; v < limit.for_every_count && failure_.empty(); ++v) {
    const bool symbol = program_.variables[limit.variables.first + v].is_symbol != 0;
    if (!symbol && !scope.bound[v]) Fail("a variable of a limit that is not found");
  }
}

void Verifier::CheckTrigger(const TriggerRecord& trigger, const LimitRecord& limit,
                            uint32_t owner) {
  if (trigger.target > kAnyTarget) return Fail("a trigger");
  if (!Inside(trigger.ends, program_.trigger_ends.size(), "the ends of a trigger")) return;
  Scope scope{limit.variables, owner, std::vector<bool>(limit.variables.count, false)};
  for (uint32_t i = trigger.ends.first; i < trigger.ends.first + trigger.ends.count; ++i) {
    const TriggerEndRecord& end = program_.trigger_ends[i];
    if (end.end > TriggerEndRecord::End::kProgram ||
        !Index(end.variable, limit.variables.count, "the end of a trigger")) {
      return Fail("the end of a trigger");
    }
    List(end.path, 0x10000, "a path");
    const bool symbol = end.end >= TriggerEndRecord::End::kSymbol;
    if (symbol != (program_.variables[limit.variables.first + end.variable].is_symbol != 0)) {
      return Fail("the end of a trigger");
    }
    scope.bound[end.variable] = true;
  }
  CheckSearches(trigger.searches, limit, scope);
  if (!failure_.empty() || trigger.counts_one == 0) return;
  if (limit.for_every_count >= scope.bound.size() || !scope.bound[limit.for_every_count]) {
    Fail("a trigger that counts none");
  }
}

void Verifier::CheckLimit(const LimitRecord& limit, uint32_t owner) {
  Text(limit.name);
  Index(limit.place, program_.places.size(), "a place");
  if (limit.count > static_cast<uint32_t>(dsl::Limit::Count::kAtMost)) return Fail("a limit");
  const bool counted = limit.count != static_cast<uint32_t>(dsl::Limit::Count::kUncounted);
  if (!Inside(limit.variables, program_.variables.size(), "variables")) return;
  if (limit.variables.count < limit.for_every_count + (counted ? 1 : 0)) {
    return Fail("a limit's variables");
  }
  Scope scope{limit.variables, owner, std::vector<bool>(limit.variables.count, false)};
  for (uint32_t v = 0; v < limit.for_every_count; ++v) scope.bound[v] = true;
  Pieces(limit.title, scope);
  if (counted) {
    const uint32_t variable = limit.for_every_count;
    if (program_.variables[limit.variables.first + variable].is_symbol != 0) {
      return Fail("what a limit counts");
    }
    ValueTerm(limit.bound, scope);
    WalkSearch(limit.count_source, scope, variable);
    scope.bound[variable] = true;
  }
  if (failure_.empty()) Walk(limit.condition, scope, 0);
  Scope empty{limit.variables, owner, std::vector<bool>(limit.variables.count, false)};
  if (failure_.empty()) CheckSearches(limit.searches, limit, empty);
  if (!Inside(limit.triggers, program_.triggers.size(), "triggers")) return;
  for (uint32_t i = 0; i < limit.triggers.count && failure_.empty(); ++i) {
    CheckTrigger(program_.triggers[limit.triggers.first + i], limit, owner);
  }
}

void Verifier::CheckLimits() {
  const auto first = static_cast<uint32_t>(program_.defines.size() + program_.rules.size() +
                                           program_.change_rules.size());
  for (uint32_t i = 0; i < program_.limits.size() && failure_.empty(); ++i) {
    CheckLimit(program_.limits[i], first + i);
  }
}

}  // namespace portvakt::engine
