// Ties: every entity that a `some` speaks of must be found from a known name by a fact, a role, a
// held licence or a reference, in each branch; then searching it never reads a whole type. Binders
// are put in an order in which each is tied to what stands outside it.
#include <algorithm>
#include <utility>

#include "dsl/checker.h"

namespace portvakt::dsl {
namespace {

std::set<uint32_t> FirstNumbers(uint32_t count) {
  std::set<uint32_t> numbers;
  for (uint32_t number = 0; number < count; ++number) numbers.insert(number);
  return numbers;
}

}  // namespace

void Checker::CheckTies() {
  for (Define& define : module_.defines) {
    CheckTies(define.variables, define.condition, FirstNumbers(define.parameter_count));
  }
  for (ActRule& rule : module_.acts) {
    CheckTies(rule.variables, rule.condition, FirstNumbers(3));
  }
  for (ChangeRule& rule : module_.changes) {
    CheckTies(rule.variables, rule.condition, FirstNumbers(rule.actor + 1));
  }
  for (Limit& limit : module_.limits) {
    const uint32_t counted = limit.count == Limit::Count::kUncounted ? 0 : 1;
    CheckTies(limit.variables, limit.condition, FirstNumbers(limit.for_every_count + counted));
  }
  // Promises are proved over every data set, never searched, so nothing in them need be tied.
}

// Depth is bounded by the nesting of conditions.
void Checker::CheckTies(const std::vector<Variable>& variables, ConditionId id,
                        std::set<uint32_t> known) {
  if (module_.conditions[id].kind == Condition::Kind::kSome) {
    id = TieChain(variables, id, known);
    if (id == kNone) return;
  }
  const std::vector<ConditionId> children = module_.conditions[id].children;
  for (ConditionId child : children) CheckTies(variables, child, known);
}

// A row of `some` inside each other is one binding of several names; orders it, and gives what
// stands under it. kNone when a name is untied.
ConditionId Checker::TieChain(const std::vector<Variable>& variables, ConditionId first,
                              std::set<uint32_t>& known) {
  std::vector<ConditionId> chain = {first};
  ConditionId body = module_.conditions[first].children.front();
  while (module_.conditions[body].kind == Condition::Kind::kSome &&
         !module_.conditions[body].reason) {
    chain.push_back(body);
    body = module_.conditions[body].children.front();
  }
  std::vector<uint32_t> left;
  for (ConditionId link : chain) left.push_back(module_.conditions[link].variable);
  std::vector<uint32_t> order;
  while (!left.empty()) {
    const auto next = std::find_if(left.begin(), left.end(), [&](uint32_t variable) {
      return variables[variable].is_symbol || Ties(body, variable, known);
    });
    if (next == left.end()) break;
    known.insert(*next);
    order.push_back(*next);
    left.erase(next);
  }
  for (uint32_t variable : left) {
    Report(DiagnosticKind::kUntied, variables[variable].span,
           Quoted(variables[variable].name) + " is not tied to a name that is known",
           "could be any " + TypeWords(variables[variable].types))
        .help.emplace_back(
            "in each branch, a sentence that is not under `not` must join it to a known name: a "
            "fact, a role, a held licence, or a reference");
  }
  if (!left.empty()) return kNone;
  for (size_t link = 0; link < chain.size(); ++link) {
    module_.conditions[chain[link]].variable = order[link];
  }
  // The body of a chain may itself begin with a `some` that carries a reason.
  if (module_.conditions[body].kind == Condition::Kind::kSome)
    return TieChain(variables, body, known);
  return body;
}

bool Checker::Known(TermId id, const std::set<uint32_t>& known) const {
  if (id == kNone) return false;
  const Term& term = module_.terms[id];
  switch (term.kind) {
    case Term::Kind::kVariable: return known.contains(term.variable);
    case Term::Kind::kContext:
    case Term::Kind::kAction:
    case Term::Kind::kChangeSecond:
    case Term::Kind::kEntityId: return true;
    default: return false;
  }
}

// One side is the variable or what its stored references lead to, and the other is known.
bool Checker::TiesPair(TermId first, TermId second, uint32_t variable,
                       const std::set<uint32_t>& known) const {
  if (first == kNone || second == kNone) return false;
  const auto found = [&](TermId sought, TermId other) {
    const Term& term = module_.terms[sought];
    if (term.kind != Term::Kind::kVariable || term.variable != variable) return false;
    const bool stored = std::none_of(term.steps.begin(), term.steps.end(),
                                     [](const Step& step) { return step.from_request; });
    return stored && Known(other, known);
  };
  return found(first, second) || found(second, first);
}

bool Checker::Ties(ConditionId id, uint32_t variable, const std::set<uint32_t>& known) {
  const Condition& condition = module_.conditions[id];
  const auto tied = [&](ConditionId child) { return Ties(child, variable, known); };
  switch (condition.kind) {
    case Condition::Kind::kAnd:
      return std::any_of(condition.children.begin(), condition.children.end(), tied);
    case Condition::Kind::kOr:
      return std::all_of(condition.children.begin(), condition.children.end(), tied);
    case Condition::Kind::kSome: return tied(condition.children.front());
    case Condition::Kind::kFact:
    case Condition::Kind::kRole:
    case Condition::Kind::kHolds:
      return TiesPair(condition.subject, condition.object, variable, known);
    case Condition::Kind::kCompare:
      return condition.comparison == Comparison::kEqual &&
             module_.terms[condition.subject].type.kind == ValueKind::kEntity &&
             TiesPair(condition.subject, condition.object, variable, known);
    case Condition::Kind::kDefine: return TiesCall(condition, variable, known);
    default: return false;
  }
}

// A call ties an argument when the definition's condition ties that parameter to those whose
// arguments are known. Definitions come after those that they lean on, so this ends.
bool Checker::TiesCall(const Condition& call, uint32_t variable, const std::set<uint32_t>& known) {
  const Define& define = module_.defines[call.define];
  std::set<uint32_t> given;
  std::string key = std::to_string(call.define) + ":";
  for (uint32_t parameter = 0; parameter < call.arguments.size(); ++parameter) {
    if (!define.variables[parameter].is_symbol && !Known(call.arguments[parameter], known))
      continue;
    given.insert(parameter);
    key += std::to_string(parameter) + ",";
  }
  for (uint32_t parameter = 0; parameter < call.arguments.size(); ++parameter) {
    const Term& term = module_.terms[call.arguments[parameter]];
    if (given.contains(parameter) || term.kind != Term::Kind::kVariable ||
        term.variable != variable || !term.steps.empty()) {
      continue;
    }
    const std::string memo = key + "?" + std::to_string(parameter);
    const auto found = tie_memo_.find(memo);
    const bool ties =
        found != tie_memo_.end() ? found->second : Ties(define.condition, parameter, given);
    tie_memo_[memo] = ties;
    if (ties) return true;
  }
  return false;
}

// Whether something that must be true speaks of the variable. Depth as in CheckTies.
bool Checker::SpeaksOf(ConditionId id, uint32_t variable) const {
  const Condition& condition = module_.conditions[id];
  if (condition.kind == Condition::Kind::kNot) return false;
  // A role without `on` is held everywhere, so every object is meant.
  if (condition.kind == Condition::Kind::kRole && condition.object == kNone) return true;
  const auto named = [&](TermId term) {
    return term != kNone && module_.terms[term].variable == variable;
  };
  return named(condition.subject) || named(condition.object) ||
         std::any_of(condition.arguments.begin(), condition.arguments.end(), named) ||
         std::any_of(condition.children.begin(), condition.children.end(),
                     [&](ConditionId child) { return SpeaksOf(child, variable); });
}

// A permit that says nothing of its object but has a condition permits every object of the type to
// whom it permits any: to list them, all are read. Without a condition that is what is meant.
void Checker::WarnUnanchored() {
  for (const ActRule& rule : module_.acts) {
    const Variable& object = rule.variables[2];
    if (rule.effect != Effect::kPermit ||
        module_.conditions[rule.condition].kind == Condition::Kind::kTrue ||
        SpeaksOf(rule.condition, 2)) {
      continue;
    }
    Report(DiagnosticKind::kNoAnchor, rule.span,
           "nothing in this permit leads to " + Quoted(object.name) +
               ", so a search reads every entity of " + TypeWords(object.types),
           "no way from who to where")
        .help.push_back("say what joins " + Quoted(object.name) +
                        " to who asks: a fact, a role, a licence or a reference");
  }
}

}  // namespace portvakt::dsl
